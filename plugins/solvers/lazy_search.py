"""Point-to-point search from both ends that learns an edge's length only when it must; for densities that
cost.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np
from scipy.sparse import coo_array

from geodesic_kit.graph.graph import Graph
from geodesic_kit.types import Ints, Values

__all__ = ["lazy_search"]

Measure = Callable[[Ints], Values]

_BATCH = 256  # edges measured in one call: a flow's call costs as much for one as for hundreds of points


def lazy_search(
    graph: Graph,
    weights: Values,
    measure: Measure,
    least: Values,
    bounds: tuple[Values, Values],
    source: int,
    target: int,
) -> tuple[Ints, int]:
    """Vertices of a shortest path, none where there is none, and how many were expanded; NaN in `weights`
    (m,) is filled in.

    `measure` gives the lengths of edges by number, each at least its `least` (m,); `bounds` (n,) are
    consistent bounds of what is left to the target and to the source. The search is that of
    astar_kernels.between. An edge is measured when one of its ends is expanded, unless the bounds prove that
    it cannot matter; those of the vertices next in line are measured in the same call.
    """
    return _Search(graph, weights, measure, least, bounds, source, target).run()


class _Search:
    def __init__(
        self,
        graph: Graph,
        weights: Values,
        measure: Measure,
        least: Values,
        bounds: tuple[Values, Values],
        source: int,
        target: int,
    ) -> None:
        n, m = graph.n, graph.m
        i, j = graph.edges.T
        number = np.arange(1, m + 1)  # from 1: a sparse matrix may drop a stored 0
        csr = coo_array((np.append(number, number), (np.append(i, j), np.append(j, i))), shape=(n, n)).tocsr()
        self.start, self.neighbours, self.edge = csr.indptr, csr.indices, csr.data - 1
        self.weights, self.measure, self.least, self.bounds = weights, measure, least, bounds
        self.ends = (source, target)
        self.distance = np.full((2, n), np.inf)
        self.before = np.full((2, n), -1, dtype=np.int64)
        self.done = np.zeros(n, dtype=bool)
        self.heaps: list[list[tuple[float, int]]] = [[], []]
        self.best, self.meeting, self.expanded = np.inf, -1, 0

    def run(self) -> tuple[Ints, int]:
        for side, v in enumerate(self.ends):
            self.distance[side, v] = 0.0
            self.heaps[side] = [(float(self.bounds[side][v]), v)]
        if self.ends[0] == self.ends[1]:
            self.best, self.meeting = 0.0, self.ends[0]
        while self.heaps[0] and self.heaps[1]:
            side = 0 if len(self.heaps[0]) <= len(self.heaps[1]) else 1
            if self.heaps[side][0][0] >= self.best:
                break
            _, u = heapq.heappop(self.heaps[side])
            if not self.done[u]:
                self.done[u] = True
                self._expand(side, u)
        return self._path(), self.expanded

    def _expand(self, side: int, u: int) -> None:
        other, reached = 1 - side, self.distance[side, u]
        while self.heaps[other] and self.done[self.heaps[other][0][1]]:
            heapq.heappop(self.heaps[other])
        if not self.heaps[other] or reached + self.heaps[other][0][0] - self.bounds[other][u] >= self.best:
            return  # whatever the other side has yet to settle costs it at least its least key
        self.expanded += 1
        wanted = self._wanted(side, u)
        unknown = wanted[np.isnan(self.weights[self.edge[wanted]])]
        if len(unknown):
            self._learn(self.edge[unknown])
        for at in wanted:
            v, through = int(self.neighbours[at]), reached + self.weights[self.edge[at]]
            if through < self.distance[side, v]:
                self.distance[side, v], self.before[side, v] = through, u
                if through + self.distance[other, v] < self.best:
                    self.best, self.meeting = through + self.distance[other, v], v
                bound = float(through + self.bounds[side][v])
                if bound < self.best:
                    heapq.heappush(self.heaps[side], (bound, v))

    def _wanted(self, side: int, u: int) -> Ints:
        """Places in the CSR arrays of the edges at u that may still matter to this side."""
        row = np.arange(self.start[u], self.start[u + 1])
        v = self.neighbours[row]
        least = self.distance[side, u] + self.least[self.edge[row]]
        return row[
            ~self.done[v] & (least < self.distance[side, v]) & (least + self.bounds[side][v] < self.best)
        ]

    def _learn(self, first: Ints) -> None:
        """Measure these edges, and in the same call those of the vertices that are likely to be expanded
        next.
        """
        batch, count = [first], len(first)
        for side in range(2):
            for _, u in heapq.nsmallest(_BATCH // 8, self.heaps[side]) if count < _BATCH else []:
                if not self.done[u] and count < _BATCH:
                    edge = self.edge[self._wanted(side, u)]
                    batch.append(edge[np.isnan(self.weights[edge])])
                    count += len(batch[-1])
        wanted = np.unique(np.concatenate(batch))
        self.weights[wanted] = self.measure(wanted)

    def _path(self) -> Ints:
        halves: list[list[int]] = []
        for side in range(2):
            half, v = [], self.meeting
            while v >= 0:
                half.append(int(v))
                v = self.before[side, v]
            halves.append(half)
        return np.array(halves[0][::-1] + halves[1][1:], dtype=np.int64)
