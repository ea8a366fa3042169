"""log p along straight edges for any density: in closed form where the density offers it, else at batched points."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import NotADensityError
from .types import Density, Edges, HasBreaks, Ints, OnSegments, Points, Values

__all__ = ["LogDensityOnEdges", "log_density"]

_BLOCK = 1 << 21  # coordinates held at once: 16 MB of float64


def log_density(density: Density, x: Points) -> Values:
    """log p at each row of x, (n,), checked. Raises NotADensityError on NaN, +inf and wrong shapes; -inf means p = 0."""
    return checked(density.log_prob(x), (len(x),), density)


def checked(values: Any, shape: tuple[int, ...], density: Any) -> NDArray[np.float64]:
    """`values` as float64 of that shape. Raises NotADensityError that names the density."""
    array = np.asarray(values, dtype=np.float64)
    if array.shape != shape:
        raise NotADensityError(f"{density!r} returned log p of shape {array.shape} where {shape} is needed: one number a point")
    if array.size and (np.isnan(array).any() or array.max() == np.inf):
        bad = np.isnan(array) | (array == np.inf)
        raise NotADensityError(f"{density!r} returned NaN or +inf at {bad.sum()} of {array.size} points; log p must be a number or -inf")
    return array


class LogDensityOnEdges:
    """log p at places t along some of the edges of one graph; memory stays bounded."""

    def __init__(self, density: Density, points: Points, edges: Edges) -> None:
        self._density, self._points, self._edges = density, points, edges

    def breaks(self, floor: float) -> tuple[Ints, Values]:
        """Edges and places where panels must break, where the density knows them; p below exp(floor) does not matter."""
        if isinstance(self._density, HasBreaks):
            return self._density.segment_breaks(self._points, self._edges, floor)
        return np.empty(0, dtype=np.int64), np.empty(0)

    def __call__(self, rows: Ints, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """log p, (P, T), at places t (P, T) along the edges numbered rows (P,)."""
        edges = self._edges[rows]
        if isinstance(self._density, HasBreaks):
            return checked(self._density.segment_log_prob(self._points, edges, t), t.shape, self._density)
        if isinstance(self._density, OnSegments):
            return self._by_places(self._density, edges, t)
        return self._at_points(edges, t)

    def _by_places(self, density: OnSegments, edges: Edges, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """A plain OnSegments density takes one t for all edges: panels with equal places go together."""
        out = np.empty(t.shape)
        places, group = np.unique(t, axis=0, return_inverse=True)
        order = np.argsort(group.ravel(), kind="stable")
        ends = np.cumsum(np.bincount(group.ravel(), minlength=len(places)))
        for place, start, end in zip(places, [0, *ends[:-1]], ends, strict=True):
            rows = order[start:end]
            values = density.segment_log_prob(self._points, edges[rows], place)
            out[rows] = checked(values, (len(rows), len(place)), density)
        return out

    def _at_points(self, edges: Edges, t: NDArray[np.float64]) -> NDArray[np.float64]:
        out = np.empty(t.shape)
        step = max(1, _BLOCK // (t.shape[1] * self._points.shape[1]))
        for start in range(0, len(edges), step):
            rows = slice(start, start + step)
            first, last = self._points[edges[rows, 0]], self._points[edges[rows, 1]]
            at = t[rows, :, None]
            x = first[:, None, :] * (1 - at) + last[:, None, :] * at
            out[rows] = log_density(self._density, x.reshape(-1, x.shape[-1])).reshape(x.shape[:2])
        return out
