"""The shortest edges that join a graph's components, added on request only."""

from __future__ import annotations

import numpy as np

from ..base.neighbours import nearest
from ..types import Edges, Ints, Points

__all__ = ["spanning_bridges"]


def spanning_bridges(points: Points, components: Ints) -> Edges:
    """Edges (b, 2), i < j, one fewer than there are components: the shortest that make points (n, d) of these
    components one.

    Each round joins every component but the largest to the point nearest to it outside (Borůvka's minimum
    spanning tree).
    """
    labels = components.copy()
    found: list[tuple[int, int]] = []
    while labels.max(initial=0) > 0:
        sizes = np.bincount(labels)
        largest = int(np.argmax(sizes))
        links = [_shortest(points, labels == label) for label in np.flatnonzero(sizes) if label != largest]
        for _, i, j in sorted(links):
            a, b = labels[i], labels[j]
            if a != b:  # an earlier link of this round may have joined them
                labels[labels == max(a, b)] = min(a, b)
                found.append((min(i, j), max(i, j)))
    return np.array(sorted(found), dtype=np.int64).reshape(-1, 2)


def _shortest(points: Points, inside: np.ndarray) -> tuple[float, int, int]:
    """Length and ends of the shortest edge that leaves a component; of equal ones the first."""
    within, outside = np.flatnonzero(inside), np.flatnonzero(~inside)
    if len(within) > len(outside):
        within, outside = outside, within
    near, distance = nearest(points[outside], 1, points[within])
    best = int(np.argmin(distance[:, 0]))
    return float(distance[best, 0]), int(within[best]), int(outside[near[best, 0]])
