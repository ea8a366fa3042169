"""How a chair turns along paths between the codes of two of its pictures: which angle each decoded frame
shows.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ... import plots
from ...checks import integer
from ...datasets import Dataset, load
from ...errors import DataError, RefinementNotice
from ...geodesics.curve import Geodesic, measured
from ...geodesics.refine import refine
from ...graph.by_rule import knn_graph
from ...latent.pullback import PullbackMetric
from ...registry import decoders
from ...types import Ints, Points, Values
from .latent_graphs import graph_paths, lengths
from .latent_sets import LatentSet

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "Turn",
    "chair_set",
    "chair_ways",
    "draw_turns",
    "shown_angles",
    "turn_along",
    "turn_table",
    "turning_pairs",
]

_NEAREST, _FARTHEST = 30.0, 120.0  # degrees between the two angles of a pair
FRAMES = 24  # of a path, at even metric lengths


def chair_set(weights: str = "chairs_8d", *, rtol: float = 1e-6) -> LatentSet:
    """All 720 pictures of chairs under the shipped autoencoder `weights`; `rtol` is that of lengths."""
    data, model = load("chairs"), decoders["iwae"].pretrained(weights)
    return LatentSet(weights, data, model, model.encode(data.x), PullbackMetric(model, rtol=rtol))


def turning_pairs(data: Dataset, n: int, *, seed: int) -> Ints:
    """n random pairs of pictures of one chair, each of angles that lie 30 to 120 degrees apart, (n, 2)."""
    chair, angle = data.factors["chair"], data.factors["angle"]
    i, j = np.triu_indices(len(angle), 1)
    apart = np.abs(_wrapped(angle[j] - angle[i]))
    fit = np.flatnonzero((chair[i] == chair[j]) & (apart >= _NEAREST) & (apart <= _FARTHEST))
    if len(fit) < integer(n, "n", least=1):
        raise DataError(
            f"{len(fit)} pairs of one chair lie {_NEAREST:g} to {_FARTHEST:g} degrees apart, not {n}"
        )
    chosen = np.random.default_rng(seed).choice(fit, n, replace=False)
    return np.stack([i[chosen], j[chosen]], axis=1)


def shown_angles(data: Dataset, chair: int, frames: Points) -> Values:
    """The angle in degrees of that chair's picture nearest to each frame (k, d), (k,)."""
    own = data.factors["chair"] == chair
    nearest = _nearest(frames, data.x[own])
    return np.asarray(data.factors["angle"][own][nearest], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Turn:
    """The angles that the frames of a path show, in degrees from its first one, (k,), counted on the shorter
    way to its end, which lies at `whole`; the share of frames that show the pair's own chair best.
    """

    angles: Values
    whole: float
    own: float

    @property
    def monotone(self) -> bool:
        """Whether it turns the shorter way from start to end and never back."""
        steps = np.diff(self.angles)
        return bool((steps >= 0).all() and np.isclose(self.angles[-1], self.whole))

    @property
    def jump(self) -> float:
        """The largest turn from one frame to the next, in degrees."""
        return float(np.abs(np.diff(self.angles)).max())


def turn_along(of: LatentSet, pair: Sequence[int], path: Geodesic, *, frames: int = FRAMES) -> Turn:
    """What the decoded frames of a path between the codes of two pictures of one chair show."""
    chair, angle = (of.data.factors[name] for name in ("chair", "angle"))
    i, j = (int(row) for row in pair)
    decoded = of.model.decode(path.at(np.linspace(0, 1, frames)))
    shown = shown_angles(of.data, chair[i], decoded)
    shown[[0, -1]] = angle[[i, j]]  # the ends are known, whatever their codes decode to
    whole = float(_wrapped(angle[j] - angle[i]))
    turned = np.concatenate([[0.0], np.cumsum(_wrapped(np.diff(shown)))]) * np.sign(whole)
    own = chair[_nearest(decoded, of.data.x)] == chair[i]
    return Turn(turned, abs(whole), float(own.mean()))


def _nearest(frames: Points, pictures: Points) -> Ints:
    """The picture nearest to each frame, (k,): |x|^2 - 2 x . f is least, which takes a tenth of the time of
    distances.
    """
    return np.asarray((np.square(pictures).sum(axis=1) - 2 * frames @ pictures.T).argmin(axis=1))


def _wrapped(degrees: Values) -> Values:
    """The same angle from -180 up to 180."""
    return np.asarray((degrees + 180) % 360 - 180)


def chair_ways(
    of: LatentSet,
    pairs: Ints,
    *,
    k: int,
    n_refined: int,
    n_walled: int,
    rtol: float,
    walled: PullbackMetric,
) -> dict[str, list[Geodesic]]:
    """Paths between pairs (m, 2) by way: straight, and along the graph over all codes; refined for the first
    n_refined pairs; and under `walled`, the metric of (mu, sigma), for the first n_walled: graph and refined.
    """
    graph = knn_graph(of.codes, k)
    ways = {
        "straight": [measured(of.codes[pair], of.metric) for pair in pairs],
        "graph": graph_paths(graph.weigh(of.metric), pairs),
    }
    among = graph_paths(graph.weigh(walled), pairs[:n_walled])
    with warnings.catch_warnings(action="ignore", category=RefinementNotice):  # the table counts them
        ways["refined"] = refine(ways["graph"][:n_refined], rtol=rtol)
        ways["graph, (μ, σ)"] = among
        ways["refined, (μ, σ)"] = refine(among, rtol=rtol)
    return ways


def turn_table(
    of: LatentSet, pairs: Ints, ways: Mapping[str, Sequence[Geodesic]], turns: Mapping[str, Sequence[Turn]]
) -> DataFrame:
    """By way: its pairs, mean length over the straight line's under the way's own metric, the share of
    monotone turns and of frames that show the own chair, the median largest jump, and of refined curves the
    share that is certified.
    """
    import pandas as pd

    rows = {}
    for way, paths in ways.items():
        metric = paths[0].metric
        assert metric is not None
        straight = lengths([measured(of.codes[pair], metric) for pair in pairs[: len(paths)]])
        told = [path.certified for path in paths if path.certified is not None]
        rows[way] = {
            "pairs": len(paths),
            "length / straight": (lengths(paths) / straight).mean(),
            "monotone": np.mean([turn.monotone for turn in turns[way]]),
            "own chair": np.mean([turn.own for turn in turns[way]]),
            "largest jump, median  [°]": np.median([turn.jump for turn in turns[way]]),
            "certified": sum(told) / len(paths) if way.startswith("refined") else np.nan,
        }
    return pd.DataFrame(rows).T


def draw_turns(turns: Mapping[str, Turn]) -> None:
    """The angle that is shown against the fraction of the path, by way."""
    share = np.linspace(0, 1, len(next(iter(turns.values())).angles))
    whole = next(iter(turns.values())).whole
    ax = plots.lines(
        share,
        {way: turn.angles for way, turn in turns.items()},
        xlabel="fraction of the path's metric length  [1]",
        ylabel="angle shown, from the start  [°]",
        levels={"end": whole},
    )
    ax.set_xlim(0, 1)
