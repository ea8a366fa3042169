"""Dijkstra's trees on a laid-out graph, compiled. Importing it needs numba."""

from __future__ import annotations

import numpy as np

from geodesic_kit.base.compiled import kernel

from .heap import lower, pop

__all__ = ["trees"]


@kernel
def _tree(start, neighbours, lengths, source, limit, distance, before, vertex, key, where):  # type: ignore[no-untyped-def]
    """Fill distance (n,), and before where it has a length, from one source; all arrays by place."""
    distance[:] = np.inf
    where[:] = -1
    before[:] = -1
    distance[source] = 0.0
    size = lower(vertex, key, where, 0, source, 0.0)
    while size > 0:
        reached = key[0]
        u, size = pop(vertex, key, where, size)
        for a in range(start[u], start[u + 1]):
            v = neighbours[a]
            through = reached + lengths[a]
            if through < distance[v] and through <= limit:
                distance[v] = through
                if len(before) > 0:
                    before[v] = u
                size = lower(vertex, key, where, size, v, through)


@kernel
def trees(start, neighbours, lengths, order, sources, limit, out, predecessors):  # type: ignore[no-untyped-def]
    """Fill out (s, n), and predecessors where it has rows, in the caller's order; `sources` are places."""
    n = len(order)
    distance, key = np.empty(n), np.empty(n)
    vertex, where = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    before = np.empty(n if len(predecessors) > 0 else 0, dtype=np.int32)
    for row in range(len(sources)):
        _tree(start, neighbours, lengths, sources[row], limit, distance, before, vertex, key, where)
        for at in range(n):
            out[row, order[at]] = distance[at]
        for at in range(len(before)):
            predecessors[row, order[at]] = order[before[at]] if before[at] >= 0 else -1
