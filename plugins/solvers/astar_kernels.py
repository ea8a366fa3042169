"""Point-to-point search from both ends on a laid-out graph, compiled. Importing it needs numba."""

from __future__ import annotations

import numpy as np

from geodesic_kit.base.compiled import kernel

from .heap import lower, pop

__all__ = ["between"]


@kernel
def _apart(points, u, v):  # type: ignore[no-untyped-def]
    total = 0.0
    for c in range(points.shape[1]):
        step = points[u, c] - points[v, c]
        total += step * step
    return np.sqrt(total)


@kernel
def _left(points, ratio, told, u, end, side):  # type: ignore[no-untyped-def]
    """What is left from u to the end of that side at least."""
    bound = ratio * _apart(points, u, end)
    if told.shape[1] > 0 and told[side, u] > bound:
        return told[side, u]
    return bound


@kernel
def between(  # type: ignore[no-untyped-def]
    points,
    start,
    neighbours,
    lengths,
    ratio,
    told,
    source,
    target,
    distance,
    before,
    vertex,
    key,
    where,
    done,
    met,
    path,
):
    """Fill path (n,) with the places of a shortest path; return how many, its length and the vertices
    expanded.

    Bidirectional A* with one set of settled vertices for both sides (Pijls and Post, Yet another
    bidirectional algorithm for finding the shortest path, 2009): a vertex is expanded by one side only, and
    not at all where no path through it can be shorter than the best one found. Right for every consistent
    bound; here it is `ratio` times the Euclidean distance, 0 for Dijkstra's search from both ends, or what is
    `told` of each vertex, (2, n) or (2, 0), to the source and to the target, where that is more. Working
    arrays, (2, n) or (n, 2): distance is inf, where is -1 and done is 0 on entry and again on exit; `met`
    (n,) lists what was touched.
    """
    ends = (source, target)
    best, meeting, expanded, touched = np.inf, np.int64(-1), 0, 0
    sizes = np.zeros(2, dtype=np.int64)
    for side in range(2):
        v = ends[side]
        distance[v, side], before[v, side] = 0.0, -1
        sizes[side] = lower(
            vertex[side],
            key[side],
            where[side],
            0,
            v,
            _left(points, ratio, told, v, ends[1 - side], 1 - side),
        )
        met[touched] = v
        touched += 1
    if source == target:
        best, meeting = 0.0, np.int64(source)
    while sizes[0] > 0 and sizes[1] > 0:
        side = 0 if sizes[0] <= sizes[1] else 1
        other = 1 - side
        if key[side, 0] >= best:
            break
        u, sizes[side] = pop(vertex[side], key[side], where[side], sizes[side])
        if done[u]:
            continue
        done[u] = 1
        reached = distance[u, side]
        # Whatever the other side has yet to settle costs it at least its least key.
        if reached + key[other, 0] - _left(points, ratio, told, u, ends[side], side) >= best:
            continue
        expanded += 1
        for a in range(start[u], start[u + 1]):
            v = neighbours[a]
            through = reached + lengths[a]
            if through < distance[v, side] and not done[v]:
                if distance[v, 0] == np.inf and distance[v, 1] == np.inf:
                    met[touched] = v
                    touched += 1
                distance[v, side], before[v, side] = through, u
                if through + distance[v, other] < best:
                    best, meeting = through + distance[v, other], np.int64(v)
                bound = through + _left(points, ratio, told, v, ends[other], other)
                if bound < best:
                    sizes[side] = lower(vertex[side], key[side], where[side], sizes[side], v, bound)
    count = 0
    if meeting >= 0:
        v = meeting
        while v >= 0:
            path[count] = v
            count += 1
            v = np.int64(before[v, 0])
        for k in range(count // 2):
            path[k], path[count - 1 - k] = path[count - 1 - k], path[k]
        v = np.int64(before[meeting, 1])
        while v >= 0:
            path[count] = v
            count += 1
            v = np.int64(before[v, 1])
    for k in range(touched):
        v = met[k]
        distance[v, 0] = distance[v, 1] = np.inf
        where[0, v] = where[1, v] = -1
        done[v] = 0
    return count, best, expanded
