"""A 4-ary heap of vertices that knows where each one stands, compiled; shared by all searches. Importing it
needs numba.

A heap is three arrays: `vertex` and `key` in heap order, and `where` (n,), each vertex's place, -1 while it
is not in.
"""

from __future__ import annotations

from geodesic_kit.base.compiled import kernel_part, prefetch

__all__ = ["ahead", "lower", "pop"]

_LINE = 8  # lengths that come from memory together


@kernel_part
def _up(vertex, key, where, at, v, k):  # type: ignore[no-untyped-def]
    while at > 0:
        parent = (at - 1) >> 2
        if key[parent] <= k:
            break
        key[at], vertex[at] = key[parent], vertex[parent]
        where[vertex[at]] = at
        at = parent
    key[at], vertex[at] = k, v
    where[v] = at


@kernel_part
def lower(vertex, key, where, size, v, k):  # type: ignore[no-untyped-def]
    """Put v in with key k, or lower its key to k; return the size."""
    at = where[v]
    if at < 0:
        at = size
        size += 1
    _up(vertex, key, where, at, v, k)
    return size


@kernel_part
def pop(vertex, key, where, size):  # type: ignore[no-untyped-def]
    """Take out the vertex of the least key; return it and the size."""
    least = vertex[0]
    where[least] = -1
    size -= 1
    if size == 0:
        return least, size
    v, k = vertex[size], key[size]
    at = 0
    while True:
        child = 4 * at + 1
        if child >= size:
            break
        best, best_key = child, key[child]
        for other in range(child + 1, min(child + 4, size)):
            if key[other] < best_key:
                best, best_key = other, key[other]
        if best_key >= k:
            break
        key[at], vertex[at] = best_key, vertex[best]
        where[vertex[at]] = at
        at = best
    key[at], vertex[at] = k, v
    where[v] = at
    return least, size


@kernel_part
def ahead(start, neighbours, lengths, v):  # type: ignore[no-untyped-def]
    """Ask for the edges of the vertex whose turn is next while another's are looked at: a search reads each
    row once, and would wait for nearly all of them.
    """
    for a in range(start[v], start[v + 1], _LINE):
        prefetch(lengths, a)  # type: ignore[call-arg]
        prefetch(neighbours, a)
