"""Points outside a graph: how far each is from all vertices, through its own neighbours alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.copies import first_alike
from ..base.neighbours import nearest
from ..checks import as_points
from ..checks.memory import within
from ..errors import GraphError
from ..graph.graph import Graph
from ..metric.edge_lengths import measured, rule_of
from ..types import Ints, Points, Values

__all__ = ["distances_of_new"]

# coordinates: neighbours of so few are found by looking at every vertex, where ties fall alike in any company
_AT_ONCE = 1 << 22
# new points looked up at once where there are more coordinates, so that they are not prepared for each
_LEAST_BLOCK = 64
_ROWS = 1 << 20  # distances added up at once


def distances_of_new(graph: Graph, among: NDArray[Any], new: Points) -> NDArray[Any]:
    """Distances (m, k) of new points (m, d) to k vertices: min over x's neighbours j of w(x, j) + D_ji, with
    D = `among` (n, k) the distances of all n vertices to these, which may be all, too.

    Neighbours follow the graph's rule and weights its metric. A new point never leads to another, so its row
    is the same, bit for bit, in any company; one that is a vertex has that vertex's row, one without
    neighbours a row of inf. Of the type of `among`. Raises DataError, GraphError where the graph has no rule
    or no metric, and TooLittleMemoryError.
    """
    if graph.link is None or graph.metric is None:
        raise GraphError(
            "new points are linked and weighed as the graph was: make it by epsilon_graph or "
            "knn_graph and .weigh(metric)"
        )
    new = as_points(new, dim=graph.points.shape[1])
    advice = "give fewer new points at a time; a row does not depend on the others"
    shape = len(new), among.shape[1]
    with within(among.itemsize * shape[0] * shape[1], f"distances of shape {shape}", advice):
        return _distances_of_new(graph, among, new)


def _distances_of_new(graph: Graph, among: NDArray[Any], new: Points) -> NDArray[Any]:
    out = np.full((len(new), among.shape[1]), np.inf, dtype=among.dtype)
    origin = first_alike(new)
    rows = np.flatnonzero(origin == np.arange(len(new)))
    step = max(_AT_ONCE // graph.points.size, _LEAST_BLOCK)
    for start in range(0, len(rows), step):
        _fill(out, graph, among, new, rows[start : start + step])
    again = np.flatnonzero(origin != np.arange(len(new)))
    for row in again:
        out[row] = out[origin[row]]
    return out


def _fill(out: NDArray[Any], graph: Graph, among: NDArray[Any], new: Points, rows: Ints) -> None:
    """Rows of `out` that belong to some new points, all different."""
    near, gap = nearest(graph.points, 1, new[rows])
    known = gap[:, 0] == 0
    out[rows[known]] = among[near[known, 0]]
    rows = rows[~known]
    if not len(rows):
        return
    edges = graph.link.between(graph.points, new[rows])  # type: ignore[union-attr]  # checked by the caller
    edges = edges[edges[:, 0] < graph.n]  # a ball also joins new points to each other
    edges = edges[np.argsort(edges[:, 1], kind="stable")]
    bounds = np.searchsorted(edges[:, 1], graph.n + np.arange(len(rows) + 1))
    for row, first, last in zip(rows, bounds[:-1], bounds[1:], strict=True):
        ends = edges[first:last, 0]
        if len(ends):
            _through(out[row], among, ends, _lengths(graph, ends, new[row]))


def _lengths(graph: Graph, ends: Ints, x: Values) -> Values:
    """Lengths of the edges from one new point to its neighbours, (k,), by the rule of the graph's own edges.

    One point at a time: a matrix product over many rounds a row differently for each company that it is in.
    """
    k = len(ends)
    points = np.concatenate([graph.points[ends], x[None]])
    star = np.stack([np.arange(k), np.full(k, k)], axis=1)
    assert graph.metric is not None  # the caller has seen that there is one
    return measured(points, star, graph.metric, rule_of(graph))


def _through(out: NDArray[Any], among: NDArray[Any], ends: Ints, lengths: Values) -> None:
    """Lower `out` (n,) to the least, over neighbours, of an edge's length and what follows it."""
    step = max(1, _ROWS // len(out))
    for start in range(0, len(ends), step):
        part = slice(start, start + step)
        np.minimum(out, (among[ends[part]] + lengths[part, None]).min(axis=0), out=out)
