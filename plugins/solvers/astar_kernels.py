"""Point-to-point search from both ends on a laid-out graph, compiled. Importing it needs numba."""

from __future__ import annotations

import numpy as np

from geodesic_kit.base.compiled import kernel, kernel_part

from .heap import ahead, lower, pop

__all__ = ["between"]

_MOST = float(np.finfo(np.float64).max)


@kernel_part
def _touch(points, ratio, told, marks, place, slope, ends, to_ends, u, alone, left):  # type: ignore[no-untyped-def]
    """Fill left (n, 2) with what is left from u, row `place` of the marks, to the source and to the target at
    least, but not to the end from which a search is `alone`.
    """
    for side in range(2):
        if side == alone:
            continue
        square, farthest = 0.0, 0.0
        for c in range(points.shape[1]):
            step = points[u, c] - points[ends[side], c]
            square += step * step
        bound = ratio * np.sqrt(square)
        if told.shape[1] > 0:
            bound = max(bound, told[side, u])
        for m in range(marks.shape[1]):
            farthest = max(farthest, abs(min(np.float64(marks[place, m]), _MOST) - to_ends[side, m]))
        left[u, side] = max(bound, slope * farthest)


@kernel
def between(  # type: ignore[no-untyped-def]
    points,
    start,
    neighbours,
    lengths,
    ratio,
    told,
    marks,
    order,
    slope,
    alone,
    ends,
    to_ends,
    left,
    distance,
    before,
    vertex,
    key,
    where,
    done,
    met,
):
    """Where a shortest path between the places `ends` (2,) meets, -1 where there is none, its length and the
    vertices expanded; `before` leads from there to both ends.

    Bidirectional A* with one set of settled vertices for both sides (Pijls and Post, Yet another
    bidirectional algorithm for finding the shortest path, 2009): a vertex is expanded by one side only, and
    not at all where no path through it can be shorter than the best one found. Right for every consistent
    bound; here it is `ratio` times the Euclidean distance, 0 for Dijkstra's search from both ends, or what is
    `told` of each vertex, (2, n) or (2, 0), to the source and to the target, or `slope` times the largest
    difference of its distances to landmarks, `marks` (n, k) or (n, 0) by the caller's numbers, from theirs,
    `to_ends` (2, k), where that is more; inf counts as the largest number, and each vertex is asked once. A
    search from one end `alone`, 0 or 1, is A* itself; -1 is from both. Working arrays, (2, n) or (n, 2):
    distance is inf, where is -1 and done is 0 on entry and again on exit; `met` (n,) lists what was touched.
    """
    best, meeting, expanded, touched = np.inf, np.int64(-1), 0, 0
    sizes = np.zeros(2, dtype=np.int64)
    for side in range(2):
        v = ends[side]
        _touch(points, ratio, told, marks, order[v], slope, ends, to_ends, v, -1, left)
        distance[v, side], before[v, side] = 0.0, -1
        sizes[side] = lower(vertex[side], key[side], where[side], sizes[side], v, left[v, 1 - side])
        met[touched] = v
        touched += 1
    if ends[0] == ends[1]:
        best, meeting = 0.0, np.int64(ends[0])
    while sizes[0] > 0 and sizes[1] > 0:
        side = alone if alone >= 0 else 0 if sizes[0] <= sizes[1] else 1
        other = 1 - side
        if key[side, 0] >= best:
            break
        u, sizes[side] = pop(vertex[side], key[side], where[side], sizes[side])
        if sizes[side] > 0:
            ahead(start, neighbours, lengths, vertex[side, 0])
        if done[u]:
            continue
        done[u] = 1
        reached = distance[u, side]
        # Whatever the other side has yet to settle costs it at least its least key.
        if alone < 0 and reached + key[other, 0] - left[u, side] >= best:
            continue
        expanded += 1
        for a in range(start[u], start[u + 1]):
            v = neighbours[a]
            through = reached + lengths[a]
            if through < distance[v, side] and not done[v]:
                if distance[v, 0] == np.inf and distance[v, 1] == np.inf:
                    met[touched] = v
                    touched += 1
                    _touch(points, ratio, told, marks, order[v], slope, ends, to_ends, v, alone, left)
                distance[v, side], before[v, side] = through, u
                if through + distance[v, other] < best:
                    best, meeting = through + distance[v, other], np.int64(v)
                bound = through + left[v, other]
                if bound < best:
                    sizes[side] = lower(vertex[side], key[side], where[side], sizes[side], v, bound)
    for k in range(touched):
        v = met[k]
        distance[v, 0] = distance[v, 1] = np.inf
        where[0, v] = where[1, v] = -1
        done[v] = 0
    return meeting, best, expanded
