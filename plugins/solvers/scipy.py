"""SciPy's Dijkstra: the solver that is always there, and the one that others are measured against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from geodesic_kit.graph.graph import Graph
from geodesic_kit.paths.request import Request
from geodesic_kit.types import Ints, ShortestPaths

__all__ = ["SciPySolver"]

_HELD = 1 << 23  # distances that SciPy may hold beside the result: 64 MB of float64


@dataclass(frozen=True)
class SciPySolver:
    """Dijkstra with a Fibonacci heap, one tree a source, compiled; a block of sources at a time. [GG]
    Appendix B.
    """

    name: ClassVar[str] = "scipy"
    rtol: ClassVar[float] = 1e-9

    def solve(
        self,
        graph: Graph,
        sources: Ints,
        *,
        limit: float = np.inf,
        predecessors: bool = False,
        dtype: Any = np.float64,
        out: NDArray[Any] | None = None,
    ) -> ShortestPaths:
        """Distances (s, n) in the order of `sources`; unreachable or beyond `limit` is inf, with predecessor
        -1.

        Raises UnweightedError and InvalidParameter.
        """
        request = Request.of(graph, sources, limit, predecessors, dtype, out)
        rows = max(1, _HELD // graph.n)
        for start in range(0, len(request.sources), rows):
            part = slice(start, start + rows)
            # The matrix is symmetric, so "directed" finds the same paths and spares SciPy a transpose.
            found = dijkstra(
                graph.matrix,
                directed=True,
                indices=request.sources[part],
                limit=request.limit,
                return_predecessors=predecessors,
            )
            request.distances[part] = found[0] if predecessors else found
            if request.predecessors is not None:
                request.predecessors[part] = np.where(found[1] < 0, -1, found[1])  # SciPy says -9999
        return request.answer()
