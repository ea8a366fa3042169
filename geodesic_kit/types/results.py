"""What solvers answer: rows of shortest distances, and a path between two vertices with what it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checks import index
from ..checks.arrays import Ints, Values
from ..errors import PluginError

__all__ = ["Search", "ShortestPaths"]


@dataclass(frozen=True, eq=False)
class ShortestPaths:
    """Distances (s, n) in the order of the sources, inf where unreachable, and predecessors (s, n), -1 where
    none.
    """

    distances: NDArray[Any]
    predecessors: NDArray[np.int32] | None = None

    def walk(self, row: int, source: int, target: int) -> Ints:
        """Vertices from the source of that row to a target, none where it is unreachable or predecessors were
        not asked for.

        Raises InvalidParameter for what is no row or vertex, PluginError where the predecessors do not lead
        there.
        """
        rows, n = self.distances.shape
        row, source, target = index(row, "row", rows), index(source, "source", n), index(target, "target", n)
        if self.predecessors is None or not np.isfinite(self.distances[row, target]):
            return np.empty(0, dtype=np.int64)
        before, vertices = self.predecessors[row], [target]
        while vertices[-1] != source:
            v = int(before[vertices[-1]])
            if not 0 <= v < n:
                raise PluginError(
                    f"row {row}: vertex {vertices[-1]} has the predecessor {v} on the way "
                    f"from {source} to {target}"
                )
            if len(vertices) == n:
                raise PluginError(
                    f"row {row}: the predecessors of vertex {target} run in a circle and "
                    f"never come to vertex {source}"
                )
            vertices.append(v)
        return np.array(vertices[::-1], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Search:
    """A path between two vertices, none where there is none, and what it took: vertices expanded, and edges
    integrated.

    pieces (k - 1,) are the lengths of its edges; `integrated` is None on a graph that was weighed before;
    `exact` is False where the search trusted a bound that is not proven.
    """

    vertices: Ints
    pieces: Values
    expanded: int
    integrated: int | None = None
    exact: bool = True

    @property
    def length(self) -> float:
        """Sum of the pieces, inf where there is no path."""
        return float(self.pieces.sum()) if len(self.vertices) else float("inf")
