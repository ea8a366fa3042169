"""Point-to-point search from both ends on a laid-out graph, compiled. Importing it needs numba."""

from __future__ import annotations

import numpy as np

from geodesic_kit.base.compiled import kernel, kernel_part

from .heap import ahead, lower, pop

__all__ = ["between"]

_MOST = float(np.finfo(np.float64).max)


@kernel_part
def _apart(points, u, v):  # type: ignore[no-untyped-def]
    total = 0.0
    for c in range(points.shape[1]):
        step = points[u, c] - points[v, c]
        total += step * step
    return np.sqrt(total)


@kernel_part
def _farthest(row, end):  # type: ignore[no-untyped-def]
    """The largest difference of the entries of two rows, of which inf counts as the largest number."""
    found = 0.0
    for m in range(len(row)):
        found = max(found, abs(min(np.float64(row[m]), _MOST) - end[m]))
    return found


@kernel_part
def _touch(points, ratio, told, marks, order, ends, to_ends, slope, u, left):  # type: ignore[no-untyped-def]
    """Fill left (n, 2) with what is left from u to the source and to the target at least."""
    for side in range(2):
        bound = ratio * _apart(points, u, ends[side])
        if told.shape[1] > 0:
            bound = max(bound, told[side, u])
        if marks.shape[1] > 0:
            bound = max(bound, slope * _farthest(marks[order[u]], to_ends[side]))
        left[u, side] = bound


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
    source,
    target,
    left,
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
    `told` of each vertex, (2, n) or (2, 0), to the source and to the target, or `slope` times the largest
    difference of its distances to landmarks, `marks` (n, k) or (n, 0) by the caller's numbers, from theirs,
    where that is more; each vertex is asked once. A search from one end `alone`, 0 or 1, is A* itself; -1 is
    from both. Working arrays, (2, n) or (n, 2): distance is inf, where is
    -1 and done is 0 on entry and again on exit; `met` (n,) lists what was touched.
    """
    ends = (source, target)
    best, meeting, expanded, touched = np.inf, np.int64(-1), 0, 0
    sizes = np.zeros(2, dtype=np.int64)
    to_ends = np.empty((2, marks.shape[1]))
    for side in range(2):
        for m in range(marks.shape[1]):
            to_ends[side, m] = min(np.float64(marks[order[ends[side]], m]), _MOST)
    for side in range(2):
        v = ends[side]
        _touch(points, ratio, told, marks, order, ends, to_ends, slope, v, left)
        distance[v, side], before[v, side] = 0.0, -1
        sizes[side] = lower(vertex[side], key[side], where[side], sizes[side], v, left[v, 1 - side])
        met[touched] = v
        touched += 1
    if source == target:
        best, meeting = 0.0, np.int64(source)
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
        if reached + key[other, 0] - left[u, side] >= best:
            continue
        expanded += 1
        for a in range(start[u], start[u + 1]):
            v = neighbours[a]
            through = reached + lengths[a]
            if through < distance[v, side] and not done[v]:
                if distance[v, 0] == np.inf and distance[v, 1] == np.inf:
                    met[touched] = v
                    touched += 1
                    _touch(points, ratio, told, marks, order, ends, to_ends, slope, v, left)
                distance[v, side], before[v, side] = through, u
                if through + distance[v, other] < best:
                    best, meeting = through + distance[v, other], np.int64(v)
                bound = through + left[v, other]
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
