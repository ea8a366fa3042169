"""Paths between codes: the straight latent line, the neural curve and the refined one, how long each is and
how evenly it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import process_time
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from ...geodesics.curve import Geodesic, measured
from ...geodesics.refine import refine
from ...latent.neural import neural_geodesic
from ...latent.pullback import PullbackMetric
from ...types import Points, Values

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["WAYS", "Ways", "comparison", "distance_to_codes", "speed", "speed_variations", "ways_between"]

WAYS = ("straight", "neural", "refined")


@dataclass(frozen=True, eq=False)
class Ways:
    """Paths (m,) by way from codes to codes under one metric, and the seconds of CPU a pair that finding
    them took.

    A straight line and a neural curve are seen at `n` even times; the refined curve starts from the straight
    line.
    """

    n: int
    straight: list[Geodesic]
    neural: list[Geodesic]
    refined: list[Geodesic]
    seconds: Mapping[str, float]

    def lengths(self, way: str) -> Values:
        """Metric length of each path of that way, (m,)."""
        return np.array([path.length for path in getattr(self, way)])

    def ratios(self, way: str, over: str = "straight") -> Values:
        """Length of each path of a way over that of another, (m,)."""
        return self.lengths(way) / self.lengths(over)

    @property
    def certified(self) -> float:
        """Share of the refined curves that are certified local minima of the energy."""
        return float(np.mean([bool(path.certified) for path in self.refined]))


def ways_between(
    metric: PullbackMetric,
    starts: Points,
    ends: Points,
    *,
    n: int,
    rtol: float,
    seed: int,
    steps: int = 200,
) -> Ways:
    """The three ways between each start and end, (m, z) and (m, z), the neural one after so many steps and
    without its fall-back.
    """
    t = np.linspace(0, 1, n)[:, None]
    straight = [measured((1 - t) * a + t * b, metric) for a, b in zip(starts, ends, strict=True)]
    began = process_time()
    neural = neural_geodesic(metric, starts, ends, n=n, steps=steps, fallback=False, seed=seed)
    between = process_time()
    refined = refine([measured(path.points[[0, -1]], metric) for path in straight], rtol=rtol)
    ended = process_time()
    seconds = {"neural": between - began, "refined": ended - between}
    listed = neural if isinstance(neural, list) else [neural]
    return Ways(n, straight, listed, refined, {way: took / len(straight) for way, took in seconds.items()})


def speed(path: Geodesic) -> Values:
    """Metric length a unit of time of each piece, which all take as long, (k - 1,)."""
    return np.asarray(path.pieces * len(path.pieces))


def speed_variations(paths: Sequence[Geodesic]) -> Values:
    """Coefficient of variation of each path's speed, its deviation over its mean, (m,)."""
    return np.array([path.pieces.std() / path.pieces.mean() for path in paths])


def comparison(found: Mapping[str, Ways]) -> DataFrame:
    """By set: mean lengths of each way, the mean ratio of each pair's to the straight line's, seconds of the
    neural curve over the refined one's."""
    import pandas as pd

    rows = {}
    for name, ways in found.items():
        rows[name] = {
            "pairs": len(ways.straight),
            **{way: ways.lengths(way).mean() for way in WAYS},
            **{f"{way} / straight": ways.ratios(way).mean() for way in WAYS[1:]},
            "neural / refined, median": np.median(ways.ratios("neural", "refined")),
            "neural shorter by .1 %": (ways.ratios("neural", "refined") < 0.999).mean(),
            "CPU time, neural / refined": ways.seconds["neural"] / ways.seconds["refined"],
        }
    return pd.DataFrame(rows).T


def distance_to_codes(paths: Sequence[Geodesic], codes: Points, n: int = 64) -> Values:
    """Largest distance, over n points at equal latent steps, of each path to the nearest code, (m,)."""
    tree, t = cKDTree(codes), np.linspace(0, 1, n)
    return np.array([tree.query(path.at(t, by="euclidean"))[0].max() for path in paths])
