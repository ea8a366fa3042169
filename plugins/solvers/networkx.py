"""networkx's Dijkstra: pure Python, slow and plain to read, an independent opinion on every other solver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from geodesic_kit.graph.graph import Graph
from geodesic_kit.paths.request import Request
from geodesic_kit.types import Ints, ShortestPaths

__all__ = ["NetworkXSolver"]


@dataclass(frozen=True)
class NetworkXSolver:
    """Dijkstra with a binary heap, one tree a source. [GG] Appendix B."""

    name: ClassVar[str] = "networkx"
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
        net = nx.Graph()
        net.add_nodes_from(range(graph.n))  # so that a vertex without edges is there, too
        net.add_weighted_edges_from(
            zip(*graph.edges.T.tolist(), np.asarray(graph.weights).tolist(), strict=True)
        )
        request.distances[...] = np.inf
        for row, source in enumerate(request.sources.tolist()):
            before, length = nx.dijkstra_predecessor_and_distance(net, source, cutoff=request.limit)
            request.distances[row, list(length)] = list(length.values())
            if request.predecessors is not None:
                request.predecessors[row] = -1
                for vertex in length:
                    request.predecessors[row, vertex] = before[vertex][0] if before[vertex] else -1
        return request.answer()
