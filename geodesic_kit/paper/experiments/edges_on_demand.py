"""Searches that measure edges when they meet them: which edges, and what it takes of the density."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...base.scales import step_lengths
from ...geodesics.between import geodesic
from ...geodesics.curve import Geodesic
from ...graph.graph import Graph
from ...paths.distances import distances
from ...types import Edges, Metric, Points, Solver
from .solver_comparison import Counted, reference, spread_targets

__all__ = ["OnDemand", "draw_edges", "least_factor", "on_demand", "settled_edges"]

_ROUNDING = 1e-9


def least_factor(graph: Graph) -> float:
    """The least length per Euclidean length of any edge, rounded down, which no path of this graph beats."""
    straight = step_lengths(*graph.points[graph.edges].swapaxes(0, 1))
    return float((1 - _ROUNDING) * (graph.require_weights() / straight).min())


def settled_edges(graph: Graph, source: int, length: float) -> Edges:
    """The edges at the vertices that Dijkstra settles from `source` until it has come as far as `length`, (k,
    2).
    """
    near = np.isfinite(distances(graph, [source], limit=length * (1 + _ROUNDING))[0])
    return graph.edges[near[graph.edges].any(axis=1)]


def draw_edges(points: Points, looked_at: Mapping[str, Edges], path: Geodesic, m: int, title: str) -> None:
    """Draw the edges that each search looked at, their share of all m, and the path that all of them find."""
    import matplotlib.pyplot as plt
    from matplotlib.collections import LineCollection

    from ...plots import geodesics
    from ...plots.canvas import palette

    k = len(looked_at)
    fig, axes = plt.subplots(1, k, figsize=(5.4 * k, 3.7), layout="constrained", sharey=True)
    for ax, (name, edges) in zip(axes, looked_at.items(), strict=True):
        drawn = LineCollection(list(points[edges]), colors=palette(1), linewidths=0.25, alpha=0.5)
        drawn.set_rasterized(True)
        ax.add_collection(drawn)
        geodesics(points, [path], ax=ax)
        ax.set_title(f"{name}: {len(edges) / m:.0%} of the edges", fontsize="medium")
        ax.label_outer()
    fig.suptitle(title)


@dataclass(frozen=True)
class OnDemand:
    """One search: what it is, the rank of its target, the share of the edges it measured, the points it asked
    about.

    `error` is relative to SciPy's distance on the graph weighed before; `exact` is what the search says of
    itself.
    """

    how: str
    share: float
    integrated: float
    points: int
    error: float
    exact: bool


def on_demand(
    graph: Graph,
    weighed: Graph,
    counted: Counted,
    searches: Mapping[str, tuple[Metric, str | Solver]],
    sources: ArrayLike,
    shares: Sequence[float],
) -> list[OnDemand]:
    """Paths by each (metric, solver) on a graph without weights, from each source to targets at these ranks.

    `counted` is the density that counts, `weighed` the same graph with all edges measured.
    """
    starts = np.atleast_1d(sources)
    exact = reference(weighed, starts)
    pairs = [
        (int(i), int(j), float(share), float(row[j]))
        for i, row in zip(starts, exact, strict=True)
        for share, j in zip(shares, spread_targets(row, shares), strict=True)
    ]
    rows = []
    for how, (metric, solver) in searches.items():
        for i, j, share, length in pairs:
            before = counted.points
            path = geodesic(graph, i, j, metric=metric, solver=solver)
            assert path.search is not None
            assert path.search.integrated is not None
            asked, error = counted.points - before, abs(path.length / length - 1)
            rows.append(OnDemand(how, share, path.search.integrated / graph.m, asked, error, path.exact))
    return rows
