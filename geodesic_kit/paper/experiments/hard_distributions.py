"""Graph distances under densities that jump, fall apart into modes, or are uneven, against references that
know no graph.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...checks import integer, number
from ...datasets import load
from ...datasets.boxes import Boxes
from ...errors import ContrastWarning, DataError, FallbackNotice, InvalidParameter, RefinementNotice
from ...geodesics.between import geodesic
from ...geodesics.refine import refine
from ...graph.edge_rules import Ball
from ...graph.graph import Graph
from ...graph.suggest import suggest_graph
from ...metric.conformal import norms
from ...metric.generative import GenerativeMetric
from ...paths.distances import distances
from ...types import HasUpperBound, Points, Samples, Values
from .convergence import draw_in_box
from .fast_marching import Arrival, arrival
from .rectangles import ExactArrival, exact_arrival

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "SAMPLINGS",
    "Case",
    "Refined",
    "Trial",
    "advised",
    "audit",
    "case",
    "draw",
    "refined_pairs",
    "refined_table",
    "trial",
    "trial_table",
]

SAMPLINGS = ("uniform", "half and half", "from √p", "from p")
_DRAWS = 4000  # that the metric's lam and p0 are read from
_RTOL = 1e-4  # of edge lengths: well below every error that is measured here


@dataclass(frozen=True, eq=False)
class Case:
    """A distribution with its metric, its box, sources (s, 2), and what the distances from them are judged
    by.

    `arrivals` are distances from each source: by fast marching, and from room to room where the density is
    one of boxes.
    """

    name: str
    metric: GenerativeMetric
    box: NDArray[np.float64]
    sources: Points
    arrivals: tuple[Arrival, ...] | tuple[ExactArrival, ...]


def case(
    name: str,
    box: ArrayLike,
    *,
    contrast: float,
    n_sources: int,
    cells: int,
    seed: int,
    label: str | None = None,
    **options: Any,
) -> Case:
    """A data set's true density on a box ((low, high), (low, high)), with `n_sources` sources drawn from it.

    p0 is the median of p over its draws, lam such that c where p = 0 is `contrast` times c at the densest
    draw. Fast marching runs on grids of `cells` and 2 `cells` a side, nodes between boxes are 8 and 4 cells
    apart; `options` go to the data set. Raises InvalidParameter.
    """
    data = load(name, n=_DRAWS, seed=seed, **options)
    density, sides = data.density, np.asarray(box, dtype=float)
    if (
        density is None
        or not isinstance(density, Samples)
        or not isinstance(density, HasUpperBound)
        or density.dim != 2
    ):
        known = "boxes, grid_of_modes, uneven_modes"
        raise InvalidParameter(
            f"{name!r} has no density in the plane that samples and proves an upper bound; there are {known}"
        )
    p = np.exp(density.log_prob(data.x))
    lam = float(p.max()) / (number(contrast, "contrast", above=1, finite=True) - 1)
    metric = GenerativeMetric(density, lam=lam, p0=float(np.median(p)))
    # room for the disk that fast marching starts from
    margin = 0.05 * np.outer(sides[:, 1] - sides[:, 0], [1, -1])
    sources = draw_in_box(density, integer(n_sources, "n_sources", least=1), sides + margin, seed=[seed, 1])
    if not isinstance(density, Boxes):
        return Case(
            label or name,
            metric,
            sides,
            sources,
            tuple(arrival(metric, source, sides, cells) for source in sources),
        )
    spacing = 8 * float((sides[:, 1] - sides[:, 0]).max()) / cells
    return Case(
        label or name,
        metric,
        sides,
        sources,
        tuple(exact_arrival(metric, source, sides, spacing) for source in sources),
    )


def audit(of: Case, n_sources: int, n: int, *, cells: int, seed: int) -> tuple[Values, Values]:
    """Fast marching against a case's own arrivals at n uniform targets a source: relative errors, and its own
    estimate of them.

    Targets lie a tenth of the box or more from the source; fast marching runs on grids of `cells` and 2
    `cells` a side.
    """
    targets, errors, own = draw(of, n, "uniform", seed), [], []
    for k, source in enumerate(of.sources[:n_sources]):
        far = targets[np.linalg.norm(targets - source, axis=1) > 0.1 * (of.box[:, 1] - of.box[:, 0]).max()]
        marched, its_own = arrival(of.metric, source, of.box, cells).at(far)
        errors.append(marched / of.arrivals[k].at(far)[0] - 1)
        own.append(its_own)
    return np.concatenate(errors), np.concatenate(own)


def draw(of: Case, n: int, sampling: str, seed: int | Sequence[int]) -> Points:
    """n points in the case's box, (n, 2): `uniform`, `from p`, `from √p`, or `half and half` of the first
    two.
    """
    rng = np.random.default_rng(seed)
    low, high = of.box.T
    density: Any = of.metric.density  # one that samples and proves an upper bound
    if sampling == "uniform":
        return rng.uniform(low, high, (n, 2))
    if sampling == "from p":
        return draw_in_box(density, n, of.box, seed=seed)
    if sampling == "half and half":
        return np.concatenate(
            [rng.uniform(low, high, (n // 2, 2)), draw_in_box(density, n - n // 2, of.box, seed=seed)]
        )
    if sampling != "from √p":
        raise InvalidParameter(f"sampling={sampling!r}; there are {', '.join(SAMPLINGS)}")
    kept, bound = np.empty((0, 2)), density.log_prob_upper_bound()
    for _ in range(1000):  # by rejection
        x = rng.uniform(low, high, (10 * n, 2))
        kept = np.concatenate([kept, x[2 * np.log(rng.uniform(size=len(x))) < density.log_prob(x) - bound]])
        if len(kept) >= n:
            return kept[:n]
    raise DataError(
        f"fewer than {n} of {10_000 * n} uniform points were kept: the density is too narrow "
        "for the box; give a smaller box="
    )


@dataclass(frozen=True)
class Trial:
    """One graph judged by pairs of a source and a vertex at least 4 median edges away; errors are relative.

    `torn` is the share of pairs that no path joins; `error`, `error95` are the mean and the 95 % quantile
    over the rest. `within` and `bridged` are the shares of all pairs within 5 %, and so by the graph that
    bridges join; `own95` is the 95 % quantile of the reference's own error.
    """

    name: str
    sampling: str
    n: int
    rule: str
    mean_degree: float
    components: int
    pairs: int
    torn: float
    error: float
    error95: float
    within: float
    bridged: float
    own95: float


def advised(of: Case, n: int, sampling: str, *, seed: int | Sequence[int]) -> Graph:
    """The advisor's graph, weighed, over the case's sources, which come first, and n drawn points; not
    bridged.
    """
    x = np.concatenate([of.sources, draw(of, n, sampling, seed)])
    return suggest_graph(x).build(x).weigh(of.metric, rtol=_RTOL)


def trial(of: Case, n: int, sampling: str, *, seed: int, repeat: int = 0, tolerance: float = 0.05) -> Trial:
    """The advisor's graph judged, with the reference's own error added to `tolerance` of `within` and
    `bridged`.
    """
    graph = advised(of, n, sampling, seed=[seed, n, repeat])
    labels, whole = graph.components(), graph.bridged()
    # bridges form a tree: within a component nothing gets shorter
    found = distances(whole, np.arange(len(of.sources)))
    errors, own, joined = [], [], []
    for k in range(len(of.sources)):
        far = _far(graph, k)
        true, its_own = of.arrivals[k].at(graph.points[far])
        errors.append(np.abs(found[k, far] / true - 1))
        own.append(its_own)
        joined.append(labels[far] == labels[k])
    error, its_own, reached = np.concatenate(errors), np.concatenate(own), np.concatenate(joined)
    close, some = error <= tolerance + its_own, error[reached] if reached.any() else np.array([np.nan])
    return Trial(
        of.name,
        sampling,
        n,
        rule="ball" if isinstance(graph.link, Ball) else "nearest",
        mean_degree=graph.mean_degree,
        components=int(labels.max()) + 1,
        pairs=len(error),
        torn=float(1 - reached.mean()),
        error=float(some.mean()),
        error95=float(np.quantile(some, 0.95)),
        within=float((close & reached).mean()),
        bridged=float(close.mean()),
        own95=float(np.quantile(its_own, 0.95)),
    )


def trial_table(
    cases: Iterable[Case],
    sizes: Sequence[int],
    samplings: Sequence[str],
    *,
    trials: int,
    seed: int,
) -> DataFrame:
    """A row for each `trial`: of each case, by each sampling, at each size n, `trials` times."""
    import pandas as pd

    rows = [
        trial(of, n, sampling, seed=seed, repeat=repeat)
        for of in cases
        for sampling in samplings
        for n in sizes
        for repeat in range(trials)
    ]
    return pd.DataFrame(rows).rename(columns={"name": "distribution", "error": "mean relative error"})


@dataclass(frozen=True, eq=False)
class Refined:
    """Some pairs' paths before and after refinement: errors relative to the reference, (k,), its own, and the
    notes of `gk.refine`.
    """

    before: Values
    after: Values
    own: Values
    notes: tuple[tuple[str, ...], ...]


def refined_pairs(of: Case, graph: Graph, n_pairs: int, *, seed: int, rtol: float = 1e-3) -> Refined:
    """Graph paths from the sources in turn to random far vertices, bridges included, and what `gk.refine`
    makes of them.
    """
    rng, whole, paths, truth = np.random.default_rng(seed), graph.bridged(), [], []
    with warnings.catch_warnings():
        # a bridge may rule its path, which is what is measured
        warnings.simplefilter("ignore", ContrastWarning)
        warnings.simplefilter("ignore", RefinementNotice)  # kept with each path as its notes
        warnings.simplefilter("ignore", FallbackNotice)  # boxes have no score: differences
        for k in range(n_pairs):
            source = k % len(of.sources)
            target = int(rng.choice(np.flatnonzero(_far(graph, source))))
            paths.append(geodesic(whole, source, target))
            truth.append([float(values[0]) for values in of.arrivals[source].at(graph.points[[target]])])
        curves = refine(paths, rtol=rtol)
    true, own = np.array(truth).T
    before = np.array([path.length for path in paths]) / true - 1
    after = np.array([curve.length for curve in curves]) / true - 1
    return Refined(before, after, own, tuple(curve.notes for curve in curves))


def refined_table(rows: Mapping[tuple[str, str], Refined]) -> DataFrame:
    """Worst errors before and after refinement, of the reference itself, how many converged; a row a key."""
    import pandas as pd

    told = {}
    for key, of in rows.items():
        errors = {"worst before": of.before.max(), "worst after": of.after.max(), "own error": of.own.max()}
        row = {name: f"{error:.3f}" for name, error in errors.items()}
        told[key] = row | {"converged": f"{sum(not notes for notes in of.notes)} of {len(of.notes)}"}
    return pd.DataFrame(told).T


def _far(graph: Graph, source: int) -> NDArray[np.bool_]:
    """Which vertices lie 4 median edges or more from the source, as straight lines go."""
    return np.asarray(
        np.linalg.norm(graph.points - graph.points[source], axis=1)
        >= 4 * np.median(norms(graph.points, graph.edges))
    )
