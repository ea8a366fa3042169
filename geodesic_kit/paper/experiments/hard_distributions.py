"""Graph distances under densities that jump, fall apart into modes, or are uneven, against references that
know no graph.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...errors import ContrastWarning, FallbackNotice, RefinementNotice
from ...geodesics.between import geodesic
from ...geodesics.refine import refine
from ...graph.edge_rules import Ball
from ...graph.graph import Graph
from ...graph.suggest import suggest_graph
from ...metric.norms import norms
from ...paths.distances import distances
from ...types import Values
from .hard_cases import SAMPLINGS, Case, audit, case, draw

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "SAMPLINGS",
    "Case",
    "HardTrial",
    "Refined",
    "advised",
    "audit",
    "case",
    "draw",
    "refined_pairs",
    "refined_table",
    "trial",
    "trial_table",
]

_RTOL = 1e-4  # of edge lengths: well below every error that is measured here


@dataclass(frozen=True)
class HardTrial:
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


def trial(
    of: Case, n: int, sampling: str, *, seed: int, repeat: int = 0, tolerance: float = 0.05
) -> HardTrial:
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
    return HardTrial(
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
