"""The kit's own compiled kernels for graphs. Importing it needs numba; each has a NumPy counterpart beside
its caller.
"""

from __future__ import annotations

import numpy as np

from .compiled import exact_kernel, kernel

__all__ = [
    "both_ways",
    "degrees",
    "distances",
    "in_order",
    "least_ratio",
    "norms",
    "smallest",
    "widened",
    "within",
]


@exact_kernel
def _apart(first, last, part):  # type: ignore[no-untyped-def]
    """Euclidean distance; eight partial sums, so that they vectorise."""
    d = len(first)
    total = 0.0
    whole = d - d % 8 if d >= 16 else 0
    if whole:
        part[:] = 0.0
        for c in range(0, whole, 8):
            for lane in range(8):
                step = last[c + lane] - first[c + lane]
                part[lane] += step * step
        for lane in range(8):
            total += part[lane]
    for c in range(whole, d):
        step = last[c] - first[c]
        total += step * step
    return np.sqrt(total)


@exact_kernel
def norms(points, edges, out):  # type: ignore[no-untyped-def]
    """Fill out (m,) with the Euclidean length of each edge."""
    part = np.empty(8)
    d = points.shape[1]
    for e in range(len(edges)):
        i, j = edges[e, 0], edges[e, 1]
        if d >= 16:
            out[e] = _apart(points[i], points[j], part)
            continue
        total = 0.0
        for c in range(d):  # a view of each row would cost more than this
            step = points[j, c] - points[i, c]
            total += step * step
        out[e] = np.sqrt(total)


@exact_kernel
def distances(queries, points, candidates, out):  # type: ignore[no-untyped-def]
    """Fill out (q, w) with the distance of each query from its candidates."""
    part = np.empty(8)
    for q in range(len(queries)):
        for c in range(candidates.shape[1]):
            out[q, c] = _apart(queries[q], points[candidates[q, c]], part)


@kernel
def smallest(values, places, found):  # type: ignore[no-untyped-def]
    """Fill places (q, w) and found (q, w) with each row's w smallest values, ascending."""
    wanted = places.shape[1]
    for q in range(len(values)):
        count = 0
        for j in range(values.shape[1]):
            value = values[q, j]
            if count == wanted and value >= found[q, wanted - 1]:
                continue
            at = count if count < wanted else wanted - 1
            count = min(count + 1, wanted)
            while at > 0 and found[q, at - 1] > value:
                found[q, at], places[q, at] = found[q, at - 1], places[q, at - 1]
                at -= 1
            found[q, at], places[q, at] = value, j


@exact_kernel
def within(points, pairs, radius, count):  # type: ignore[no-untyped-def]
    """Count into count (n + 1,), at the lower vertex plus one, the pairs less than `radius` apart; the others
    become (-1, -1).

    Return the least distance.
    """
    d = points.shape[1]
    least = np.inf
    for e in range(len(pairs)):
        i, j = min(pairs[e, 0], pairs[e, 1]), max(pairs[e, 0], pairs[e, 1])
        total = 0.0
        for c in range(d):
            step = points[j, c] - points[i, c]
            total += step * step
        if np.sqrt(total) < radius:
            count[i + 1] += 1
            least = min(least, np.sqrt(total))
        else:
            pairs[e, 0] = pairs[e, 1] = -1
    return least


@kernel
def in_order(pairs, start, edges):  # type: ignore[no-untyped-def]
    """Fill edges (m, 2) with the pairs that are left, i < j, in lexicographic order; start (n + 1,) is where
    each i begins.
    """
    filled = np.zeros(len(start) - 1, dtype=np.int32)
    for e in range(len(pairs)):
        if pairs[e, 0] < 0:
            continue
        i, j = min(pairs[e, 0], pairs[e, 1]), max(pairs[e, 0], pairs[e, 1])
        at = start[i] + filled[i]
        while at > start[i] and edges[at - 1, 1] > j:
            edges[at, 1] = edges[at - 1, 1]
            at -= 1
        edges[at, 1] = j
        edges[start[i] + filled[i], 0] = i
        filled[i] += 1


@kernel
def degrees(edges, place, start):  # type: ignore[no-untyped-def]
    """Fill start (n + 1,), zeros before, with where each vertex's edges begin, vertices renumbered by
    `place`.
    """
    for e in range(len(edges)):
        start[place[edges[e, 0]] + 1] += 1
        start[place[edges[e, 1]] + 1] += 1
    for v in range(1, len(start)):
        start[v] += start[v - 1]


@kernel
def both_ways(edges, weights, place, first, last, start, filled, neighbours, lengths):  # type: ignore[no-untyped-def]
    """Fill the rows first to last of a CSR graph with both directions of every edge; filled (n,) is 0
    before.
    """
    for e in range(len(edges)):
        i, j = place[edges[e, 0]], place[edges[e, 1]]
        if first <= i < last:
            at = start[i] + filled[i]
            neighbours[at], lengths[at] = j, weights[e]
            filled[i] += 1
        if first <= j < last:
            at = start[j] + filled[j]
            neighbours[at], lengths[at] = i, weights[e]
            filled[j] += 1


@kernel
def widened(  # type: ignore[no-untyped-def]
    start,
    neighbours,
    lengths,
    more_start,
    more_neighbours,
    more_lengths,
    both_start,
    both_neighbours,
    both_lengths,
):
    """Fill a CSR graph with the rows of one followed by the rows of another that has at least as many
    vertices.
    """
    for v in range(len(more_start) - 1):
        at = both_start[v]
        if v < len(start) - 1:
            for a in range(start[v], start[v + 1]):
                both_neighbours[at], both_lengths[at] = neighbours[a], lengths[a]
                at += 1
        for a in range(more_start[v], more_start[v + 1]):
            both_neighbours[at], both_lengths[at] = more_neighbours[a], more_lengths[a]
            at += 1


@kernel
def least_ratio(points, start, neighbours, lengths, first, last):  # type: ignore[no-untyped-def]
    """The least length per Euclidean length over the edges of the rows first to last of a CSR graph; inf
    where there is none.

    0 where the square of an edge is too small for its digits to be kept.
    """
    least = np.inf
    d = points.shape[1]
    for u in range(first, last):
        for a in range(start[u], start[u + 1]):
            v = neighbours[a]
            if v > u:
                total = 0.0
                for c in range(d):
                    step = points[v, c] - points[u, c]
                    total += step * step
                if total > 0:
                    if total < 1e-270:
                        return 0.0
                    least = min(least, lengths[a] / np.sqrt(total))
    return least
