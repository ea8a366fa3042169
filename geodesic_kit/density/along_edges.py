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
    """
    out = np.empty(t.shape)
    step = max(1, _BLOCK // (t.shape[1] * points.shape[1]))
    for start in range(0, len(edges), step):
        rows = slice(start, start + step)
        first, last = points[edges[rows, 0]], points[edges[rows, 1]]
        at = t[rows, :, None]
        x = first[:, None, :] * (1 - at) + last[:, None, :] * at
        out[rows] = log_prob(x.reshape(-1, x.shape[-1])).reshape(x.shape[:2])
    return out
