"""The kit's own Dijkstra: compiled, vertices in spatial order, many sources side by side without the GIL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from geodesic_kit.base.progress import progress
from geodesic_kit.base.threads import n_threads, shared_out
from geodesic_kit.checks import integer
from geodesic_kit.graph.graph import Graph
from geodesic_kit.paths.request import Request
from geodesic_kit.types import Ints, ShortestPaths

from .native_kernels import trees

__all__ = ["NativeSolver"]

_AT_ONCE = 1 << 22  # distances between two looks for an interrupt


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
