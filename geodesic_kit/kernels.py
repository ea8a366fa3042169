"""The kit's own compiled kernels for graphs. Importing it needs numba; each has a NumPy counterpart beside its caller."""

from __future__ import annotations

import numpy as np

from .compiled import kernel

__all__ = ["both_ways", "in_order", "least_ratio", "norms", "within"]


@kernel
def norms(points, edges, out):  # type: ignore[no-untyped-def]
    """Fill out (m,) with the Euclidean length of each edge; eight partial sums, so that they vectorise."""
    d = points.shape[1]
    part = np.empty(8)
    for e in range(len(edges)):
        first, last = points[edges[e, 0]], points[edges[e, 1]]
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
        out[e] = np.sqrt(total)


@kernel
def within(points, pairs, radius, count):  # type: ignore[no-untyped-def]
    """Count into count (n + 1,), at the lower vertex plus one, the pairs less than `radius` apart; the others become (-1, -1)."""
    d = points.shape[1]
    for e in range(len(pairs)):
        i, j = min(pairs[e, 0], pairs[e, 1]), max(pairs[e, 0], pairs[e, 1])
        total = 0.0
        for c in range(d):
            step = points[j, c] - points[i, c]
            total += step * step
        if np.sqrt(total) < radius:
            count[i + 1] += 1
        else:
            pairs[e, 0] = pairs[e, 1] = -1


@kernel
def in_order(pairs, start, edges):  # type: ignore[no-untyped-def]
    """Fill edges (m, 2) with the pairs that are left, i < j, in lexicographic order; start (n + 1,) is where each i begins."""
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
def both_ways(edges, weights, place, start, neighbours, lengths):  # type: ignore[no-untyped-def]
    """Fill a CSR graph, start (n + 1,) zeros before, with both directions of every edge, vertices renumbered by `place`."""
    for e in range(len(edges)):
        start[place[edges[e, 0]] + 1] += 1
        start[place[edges[e, 1]] + 1] += 1
    for v in range(1, len(start)):
        start[v] += start[v - 1]
    for e in range(len(edges)):
        i, j = place[edges[e, 0]], place[edges[e, 1]]
        neighbours[start[i]], lengths[start[i]] = j, weights[e]
        neighbours[start[j]], lengths[start[j]] = i, weights[e]
        start[i] += 1
        start[j] += 1
    for v in range(len(start) - 1, 0, -1):
        start[v] = start[v - 1]
    start[0] = 0


@kernel
def least_ratio(points, start, neighbours, lengths):  # type: ignore[no-untyped-def]
    """The least length per Euclidean length over the edges of a CSR graph; 0 where no edge has any Euclidean length."""
    least = np.inf
    d = points.shape[1]
    for u in range(len(start) - 1):
        for a in range(start[u], start[u + 1]):
            v = neighbours[a]
            if v > u:
                total = 0.0
                for c in range(d):
                    step = points[v, c] - points[u, c]
                    total += step * step
                if total > 0:
                    least = min(least, lengths[a] / np.sqrt(total))
    return least if least < np.inf else 0.0
