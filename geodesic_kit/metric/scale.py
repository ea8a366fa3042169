"""How strong a metric may be before one edge rules whole paths: judged on the neighbour graph of a probe."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from ..types import Edges, Values

__all__ = ["fair_power", "ruling_share"]

_SHARE = 0.5  # the longest edge over the median path's length
_LEAST_CONTRAST = 2.1  # at the nodes of the probe's shorter edges; other graphs over the same points see a little more or less
_SOURCES = 48


def fair_power(
    lengths: Values, edges: Edges, log_c: NDArray[np.float64], most: float, least_seen: NDArray[np.float64] | None = None
) -> float:
    """The largest power up to `most` under which the longest edge is at most half of the median path.

    Edges (m, 2) of Euclidean lengths (m,) carry log c at equispaced nodes, (m, T), for power 1. Where that would leave
    max c / min c below 2.1, or no power will do, the power with a contrast of 2.1: a metric must not turn Euclidean. That
    contrast is judged on `least_seen`, by default `log_c`: the rows that even a sparser graph would have.
    """
    if not len(edges):
        return most
    seen = log_c if least_seen is None else least_seen
    span = float(seen.max() - seen.min())
    least = min(most, float(np.log(_LEAST_CONTRAST)) / span) if span > 0 else most
    if ruling_share(lengths, edges, most * log_c) <= _SHARE:
        return most
    if ruling_share(lengths, edges, least * log_c) > _SHARE:
        return least
    low, high = np.log(least), np.log(most)
    while high - low > 0.01:
        middle = (low + high) / 2
        low, high = (middle, high) if ruling_share(lengths, edges, np.exp(middle) * log_c) <= _SHARE else (low, middle)
    return float(np.exp(low))


def ruling_share(lengths: Values, edges: Edges, log_c: NDArray[np.float64]) -> float:
    """Length of the longest edge over the median length of shortest paths, by the trapezoid rule over log c (m, T)."""
    c = np.exp(log_c - log_c.max())
    weights = lengths * (c.sum(axis=1) - (c[:, 0] + c[:, -1]) / 2) / (c.shape[1] - 1)
    n = int(edges.max()) + 1
    keys, kept = np.unique(np.sort(edges, axis=1) @ np.array([n, 1]), return_index=True)  # a neighbour of each other: one edge
    graph = coo_array((weights[kept], (keys // n, keys % n)), shape=(n, n)).tocsr()
    sources = np.unique(np.linspace(0, n - 1, min(n, _SOURCES)).astype(int))
    found = dijkstra(graph, directed=False, indices=sources)
    paths = found[np.isfinite(found) & (found > 0)]
    return float(weights.max() / np.median(paths)) if len(paths) else np.inf
