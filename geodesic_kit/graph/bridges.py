"""The shortest edges that join a graph's components, added on request only."""

from __future__ import annotations

import numpy as np

from ..base.neighbours import nearest
from ..base.progress import progress
from ..types import Edges, Ints, Points

__all__ = ["spanning_bridges"]


def spanning_bridges(points: Points, components: Ints) -> Edges:
    """Edges (b, 2), i < j, one fewer than there are components: the shortest that make points (n, d) of these
    components one.

    Each round joins every component but the largest to the point nearest to it outside (Borůvka's minimum
    spanning tree).
    """
    labels, found = components, [np.empty((0, 2), dtype=np.int64)]
    while labels.max(initial=0) > 0:
        ways = _ways_out(points, labels)
        joins, labels = _joined(labels, ways)
        found.append(ways[joins])
    bridges = np.sort(np.concatenate(found), axis=1)
    return bridges[np.lexsort((bridges[:, 1], bridges[:, 0]))]


def _ways_out(points: Points, labels: Ints) -> Edges:
    """The shortest edge (i, j) that leaves each component but the largest, i in it, shortest first, of equal
    ones the first.

    Two labels differ in a bit, so that the nearest point outside is the nearest on the other side of some
    bit: as many searches as labels have bits, not as there are components.
    """
    inside = np.flatnonzero(labels != np.bincount(labels).argmax())
    outside, length = np.empty_like(inside), np.full(len(inside), np.inf)
    bits = int(labels.max()).bit_length()
    for bit in progress(range(bits), bits, len(points), "bridges"):
        side = labels >> bit & 1
        for own in (0, 1):
            rows, there = np.flatnonzero(side[inside] == own), np.flatnonzero(side != own)
            if not len(rows):
                continue
            near, apart = (found[:, 0] for found in nearest(points[there], 1, points[inside[rows]]))
            nearer = apart < length[rows]
            outside[rows[nearer]], length[rows[nearer]] = there[near[nearer]], apart[nearer]
    order = np.lexsort((outside, inside, length))
    first = np.sort(np.unique(labels[inside[order]], return_index=True)[1])
    return np.stack([inside, outside], axis=1)[order[first]]


def _joined(labels: Ints, ways: Edges) -> tuple[Ints, Ints]:
    """Which edges join two components that none before has joined, and the labels with those joined."""
    group = list(range(int(labels.max()) + 1))

    def root(label: int) -> int:
        while group[label] != label:
            group[label] = label = group[group[label]]
        return label

    joins = []
    for number, (a, b) in enumerate(labels[ways].tolist()):
        a, b = root(a), root(b)
        if a != b:
            group[max(a, b)] = min(a, b)
            joins.append(number)
    roots = np.array([root(label) for label in group])
    return np.array(joins), np.unique(roots, return_inverse=True)[1][labels]
