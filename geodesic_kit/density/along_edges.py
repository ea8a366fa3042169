"""log p along straight edges for any density: in closed form where the density offers it, else at batched
points.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..types import Density, Edges, HasBreaks, Ints, OnSegments, Points, Values
from .answers import log_density, segment_breaks, segment_log_density

__all__ = ["LogDensityOnEdges", "at_points"]

_BLOCK = 1 << 21  # coordinates held at once: 16 MB of float64


class LogDensityOnEdges:
    """log p at places t along some of the edges of one graph; memory stays bounded."""

    def __init__(self, density: Density, points: Points, edges: Edges) -> None:
        self._density, self._points, self._edges = density, points, edges

    def breaks(self, floor: float) -> tuple[Ints, Values]:
        """Edges and places where panels must break, where the density knows them; p below exp(floor) does not
        matter.
        """
        if isinstance(self._density, HasBreaks):
            return segment_breaks(self._density, self._points, self._edges, floor)
        return np.empty(0, dtype=np.int64), np.empty(0)

    def __call__(self, rows: Ints, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """log p, (P, T), at places t (P, T) along the edges numbered rows (P,)."""
        edges = self._edges[rows]
        if isinstance(self._density, HasBreaks):
            return segment_log_density(self._density, self._points, edges, t)
        if isinstance(self._density, OnSegments):
            return self._by_places(self._density, edges, t)
        return at_points(partial(log_density, self._density, spare=True), self._points, edges, t)

    def _by_places(self, density: OnSegments, edges: Edges, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """A plain OnSegments density takes one t for all edges: panels with equal places go together."""
        out = np.empty(t.shape)
        places, group = np.unique(t, axis=0, return_inverse=True)
        order = np.argsort(group.ravel(), kind="stable")
        ends = np.cumsum(np.bincount(group.ravel(), minlength=len(places)))
        for place, start, end in zip(places, [0, *ends[:-1]], ends, strict=True):
            rows = order[start:end]
            out[rows] = segment_log_density(density, self._points, edges[rows], place)
        return out


def at_points(
    log_prob: Callable[[Points], Values], points: Points, edges: Edges, t: NDArray[np.float64]
) -> NDArray[np.float64]:
    """log p at places t (P, T) along edges (P, 2), (P, T), from log p of points, which are nobody's any more;
    memory stays bounded.

    A vertex is asked for once, however many edges end there, and so is a place where one row ends and the
    next one of the same edge begins.
    """
    out = np.empty(t.shape)
    ends = (t == 0) | (t == 1)
    again = np.zeros(t.shape, dtype=bool)
    if t.shape[1] > 1:
        again[:-1, -1] = (t[:-1, -1] == t[1:, 0]) & (edges[:-1] == edges[1:]).all(axis=1) & ~ends[:-1, -1]
    row, column = np.nonzero(ends)
    vertices, of = np.unique(edges[row, (t[row, column] == 1).astype(np.int64)], return_inverse=True)
    known, step = np.empty(len(vertices)), max(1, _BLOCK // points.shape[1])
    for start in range(0, len(vertices), step):
        some = slice(start, start + step)
        known[some] = log_prob(points[vertices[some]])
    out[ends] = known[of]
    asked, step = ~(ends | again), max(1, step // t.shape[1])
    for start in range(0, len(edges), step):
        row, column = np.nonzero(asked[start : start + step])
        row += start
        if len(row):
            at, (first, last) = t[row, column, None], points[edges[row].T]
            out[row, column] = log_prob(first * (1 - at) + last * at)
    out[again] = out[1:, 0][again[:-1, -1]]
    return out
