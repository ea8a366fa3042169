"""What a solver reads, and what it offers."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ..checks.arrays import Edges, Ints, Points, Values
from .metric import Metric
from .results import Search, ShortestPaths

__all__ = ["Pairs", "PointToPoint", "Searches", "Solver", "WeighedGraph"]


class WeighedGraph(Protocol):
    """What a solver reads of a graph: `gk.Graph` is one, whose edges have lengths or a metric that gives
    them.
    """

    @property
    def points(self) -> Points:
        """The vertices' places, (n, d)."""
        ...

    @property
    def edges(self) -> Edges:
        """The ends of each edge, (m, 2), the lower first."""
        ...

    @property
    def weights(self) -> Values | None:
        """The length of each edge, (m,); None before they are measured."""
        ...

    @property
    def metric(self) -> Metric | None:
        """What measures the edges, as far as it is known."""
        ...

    @property
    def rule(self) -> Any:
        """The rule of quadrature that the edges are measured by, where the metric leaves it to the kit."""
        ...

    @property
    def n(self) -> int:
        """Number of vertices."""
        ...

    @property
    def m(self) -> int:
        """Number of edges."""
        ...

    @property
    def matrix(self) -> csr_array:
        """Symmetric CSR matrix (n, n) of edge lengths. Raises UnweightedError where they are not measured."""
        ...

    @property
    def layout(self) -> Any:
        """The graph as compiled searches read it. Raises UnweightedError where its edges are not measured."""
        ...

    def require_weights(self) -> Values:
        """The weights, (m,). Raises UnweightedError where they are not measured."""
        ...

    def along(self, vertices: Ints) -> Values:
        """Length of each edge of a path through these vertices, (k - 1,)."""
        ...


@runtime_checkable
class Solver(Protocol):
    """Shortest paths on a weighted graph; `rtol` is the agreement promised with SciPy."""

    name: ClassVar[str]
    rtol: ClassVar[float]

    def solve(
        self,
        graph: WeighedGraph,
        sources: Ints,
        *,
        limit: float = np.inf,
        predecessors: bool = False,
        dtype: Any = np.float64,
        out: NDArray[Any] | None = None,
    ) -> ShortestPaths:
        """Distances (s, n) in the order of `sources`; unreachable or beyond `limit` is inf, with predecessor
        -1.
        """
        ...


@runtime_checkable
class Pairs(Protocol):
    """Optional ability of the kit's own solvers: distances of listed pairs without whole trees."""

    def pairs(self, graph: WeighedGraph, pairs: Ints, *, limit: float = np.inf) -> Values:
        """Distances (m,) from the first to the second vertex of pairs (m, 2); unreachable or beyond `limit`
        is inf. Pairs with one first vertex share a search.
        """
        ...


@runtime_checkable
class PointToPoint(Protocol):
    """Optional ability of a solver: one pair at a time, with early exit."""

    def path(self, graph: WeighedGraph, source: int, target: int) -> tuple[Ints, float, int]:
        """Vertices of a shortest path, its length, and the number of vertices expanded."""
        ...


@runtime_checkable
class Searches(PointToPoint, Protocol):
    """Optional ability of a solver: a pair on a graph that may not be weighed yet, with an account of what it
    took.
    """

    def search(self, graph: WeighedGraph, source: int, target: int) -> Search:
        """The path, its edges' lengths, the vertices expanded and the edges integrated."""
        ...
