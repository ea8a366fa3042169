"""Distances of listed pairs of vertices: grouped by a common end, each search over when the last of its
targets is reached.
"""

from __future__ import annotations

import numpy as np

from ..base.faults import is_own
from ..base.progress import progress
from ..graph.graph import Graph
from ..types import Ints, Pairs, PointToPoint, Solver, Values
from .solving import searched, solved

__all__ = ["distances_of_pairs"]

_AT_ONCE = 1 << 22  # distances of a block of trees


def distances_of_pairs(graph: Graph, pairs: Ints, solver: Solver, limit: float) -> Values:
    """Distances (m,) of checked pairs (m, 2), inf beyond `limit` and where no path joins them."""
    out = np.full(len(pairs), np.inf)
    labels = graph.components()
    joined = np.flatnonzero(labels[pairs[:, 0]] == labels[pairs[:, 1]])
    out[joined] = _joined(graph, _by_common_end(pairs[joined]), solver, limit)
    out[out > limit] = np.inf
    return out


def _by_common_end(pairs: Ints) -> Ints:
    """The pairs (m, 2) turned such that first comes the end that more of them have; an edge has no
    direction.
    """
    counts = np.bincount(pairs.ravel())
    turned = counts[pairs[:, 0]] < counts[pairs[:, 1]]
    return np.where(turned[:, None], pairs[:, ::-1], pairs)


def _joined(graph: Graph, pairs: Ints, solver: Solver, limit: float) -> Values:
    """Distances of pairs (m, 2) whose first vertices say who shares a search."""
    if isinstance(solver, Pairs) and is_own(solver):
        return solver.pairs(graph, pairs, limit=limit)
    found = np.empty(len(pairs))
    if isinstance(solver, PointToPoint):
        for at, (i, j) in progress(enumerate(pairs.tolist()), len(pairs), graph.n, "shortest paths"):
            found[at] = searched(graph, solver, i, j).length
        return found
    sources, row = np.unique(pairs[:, 0], return_inverse=True)
    rows = max(1, _AT_ONCE // graph.n)
    starts = range(0, len(sources), rows)
    for start in progress(starts, len(starts), graph.n, "shortest paths"):
        own = np.flatnonzero((row >= start) & (row < start + rows))
        reach = limit
        if graph.landmarks is not None:  # no target of these lies beyond the bound that landmarks give
            reach = min(limit, float(graph.landmarks.bounds(*pairs[own].T)[1].max()))
        trees = solved(solver, graph, sources[start : start + rows], limit=reach).distances
        found[own] = trees[row[own] - start, pairs[own, 1]]
    return found
