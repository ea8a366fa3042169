"""The kit's own Dijkstra: compiled, vertices in spatial order, many sources side by side without the GIL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from geodesic_kit.base.progress import progress
from geodesic_kit.base.threads import n_threads, shared_out
from geodesic_kit.checks import as_pairs, integer, number
from geodesic_kit.graph.graph import Graph, as_graph
from geodesic_kit.paths.request import Request
from geodesic_kit.types import Ints, ShortestPaths, Values

from .native_kernels import to_targets, trees

__all__ = ["NativeSolver"]

_AT_ONCE = 1 << 22  # distances between two looks for an interrupt
_SEARCHES = 64  # that share working arrays, between two such looks


@dataclass(frozen=True)
class NativeSolver:
    """Dijkstra with a 4-ary heap, one tree a source, on all cores or on `threads`. [GG] Appendix B.

    A sum along a path is formed in the path's order, as SciPy forms it, so distances are SciPy's to the bit,
    and the same on any number of threads.
    """

    threads: int | None = None

    name: ClassVar[str] = "native"
    rtol: ClassVar[float] = 1e-9

    def __post_init__(self) -> None:
        if self.threads is not None:
            object.__setattr__(self, "threads", integer(self.threads, "threads", least=1, most=1024))

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
        threads = n_threads() if self.threads is None else self.threads
        layout = graph.layout
        places = layout.place[request.sources]
        rows = max(1, min(_AT_ONCE // graph.n, -(-len(places) // threads)))
        none = np.empty((0, 0), dtype=np.int32)

        def part(first: int) -> None:
            run = slice(first, first + rows)
            before = none if request.predecessors is None else request.predecessors[run]
            filled = np.asarray(request.distances)[run]  # a memmap as the plain array that it is
            trees(
                layout.start,
                layout.neighbours,
                layout.lengths,
                layout.order,
                places[run],
                request.limit,
                filled,
                before,
            )

        starts = range(0, len(places), rows)
        for _ in progress(shared_out(part, starts, threads), len(starts), graph.n, "shortest paths"):
            pass
        return request.answer()

    def pairs(self, graph: Graph, pairs: Ints, *, limit: float = np.inf) -> Values:
        """Distances (m,) from the first to the second vertex of pairs (m, 2); unreachable or beyond `limit`
        is inf.

        Pairs with one first vertex share a search, which ends with the last of its targets. Raises
        UnweightedError and InvalidParameter.
        """
        as_graph(graph, "a solver").require_weights()
        pairs, limit = as_pairs(pairs, graph.n), number(limit, "limit", least=0)
        layout, threads = graph.layout, n_threads() if self.threads is None else self.threads
        order = np.argsort(pairs[:, 0], kind="stable")
        sources, first = np.unique(pairs[order, 0], return_index=True)
        places, targets = layout.place[sources], layout.place[pairs[order, 1]]
        ends, found = np.append(first, len(pairs)), np.empty(len(pairs))
        searches = max(1, min(_SEARCHES, -(-len(sources) // threads)))

        def part(start: int) -> None:
            own = ends[start : start + searches + 1]
            run = slice(own[0], own[-1])
            to_targets(
                layout.start,
                layout.neighbours,
                layout.lengths,
                places[start : start + searches],
                own - own[0],
                targets[run],
                limit,
                found[run],
            )

        starts = range(0, len(sources), searches)
        for _ in progress(shared_out(part, starts, threads), len(starts), graph.n, "shortest paths"):
            pass
        out = np.empty(len(pairs))
        out[order] = found
        return out
