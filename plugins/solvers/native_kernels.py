"""Dijkstra's trees on a laid-out graph, compiled. Importing it needs numba."""

from __future__ import annotations

import numpy as np

from geodesic_kit.base.compiled import kernel

from .heap import ahead, lower, pop

__all__ = ["to_targets", "trees"]


@kernel
def trees(start, neighbours, lengths, order, sources, limit, out, predecessors):  # type: ignore[no-untyped-def]
    """Fill out (s, n), and predecessors where it has rows, in the caller's order; `sources` are places."""
    n = len(order)
    distance, key = np.empty(n), np.empty(n)
    vertex, where = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    before = np.empty(n if len(predecessors) > 0 else 0, dtype=np.int32)
    for row in range(len(sources)):
        distance[:] = np.inf
        where[:] = -1
        before[:] = -1
        distance[sources[row]] = 0.0
        size = np.int64(0)  # for a literal the heap would be compiled again
        size = lower(vertex, key, where, size, sources[row], 0.0)
        while size > 0:
            reached = key[0]
            u, size = pop(vertex, key, where, size)
            if size > 0:
                ahead(start, neighbours, lengths, vertex[0])
            for a in range(start[u], start[u + 1]):
                v = neighbours[a]
                through = reached + lengths[a]
                if through < distance[v] and through <= limit:
                    distance[v] = through
                    if len(before) > 0:
                        before[v] = u
                    size = lower(vertex, key, where, size, v, through)
        for at in range(n):
            out[row, order[at]] = distance[at]
        for at in range(len(before)):
            predecessors[row, order[at]] = order[before[at]] if before[at] >= 0 else -1


@kernel
def to_targets(start, neighbours, lengths, sources, first, targets, limit, out):  # type: ignore[no-untyped-def]
    """Fill out (m,) with the distance of each target (m,) from its source; those of source g are first[g] to
    first[g + 1]. All are places; a search ends with its last target, and clears what it has touched.
    """
    n = len(start) - 1
    distance, key = np.full(n, np.inf), np.empty(n)
    vertex, where = np.empty(n, dtype=np.int32), np.full(n, -1, dtype=np.int32)
    met, wanted = np.empty(n, dtype=np.int32), np.full(n, -1, dtype=np.int32)
    for g in range(len(sources)):
        left = 0
        for a in range(first[g], first[g + 1]):
            if wanted[targets[a]] != g:
                wanted[targets[a]] = g
                left += 1
        source, touched = sources[g], 1
        distance[source], met[0] = 0.0, source
        size = np.int64(0)
        size = lower(vertex, key, where, size, source, 0.0)
        while size > 0:
            reached = key[0]
            u, size = pop(vertex, key, where, size)
            if wanted[u] == g:
                left -= 1
                if left == 0:
                    break
            if size > 0:
                ahead(start, neighbours, lengths, vertex[0])
            for a in range(start[u], start[u + 1]):
                v = neighbours[a]
                through = reached + lengths[a]
                if through < distance[v] and through <= limit:
                    if distance[v] == np.inf:
                        met[touched] = v
                        touched += 1
                    distance[v] = through
                    size = lower(vertex, key, where, size, v, through)
        for a in range(first[g], first[g + 1]):
            out[a] = distance[targets[a]]
        for k in range(touched):
            distance[met[k]] = np.inf
            where[met[k]] = -1
