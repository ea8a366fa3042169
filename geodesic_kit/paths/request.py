"""What every solver here needs before it starts: checked sources and limit, and the arrays to fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checks import as_flag, as_float_type, as_sources, number
from ..errors import InvalidParameter
from ..graph.graph import as_graph
from ..types import Ints, ShortestPaths, WeighedGraph

__all__ = ["Request"]


@dataclass(frozen=True, eq=False)
class Request:
    """A checked call of `solve`: the sources (s,), the limit, and rows (s, n) to write."""

    sources: Ints
    limit: float
    distances: NDArray[Any]
    predecessors: NDArray[np.int32] | None

    @classmethod
    def of(
        cls,
        graph: WeighedGraph,
        sources: Any,
        limit: float,
        predecessors: bool,
        dtype: Any,
        out: NDArray[Any] | None,
    ) -> Request:
        """Raises UnweightedError before `weigh`, and InvalidParameter for sources, limits, types and shapes
        that cannot be.
        """
        as_graph(graph, "a solver").require_weights()
        predecessors = as_flag(predecessors, "predecessors")
        asked = as_sources(sources, graph.n)
        kind = as_float_type(dtype)
        shape = (len(asked), graph.n)
        if out is None:
            out = np.empty(shape, dtype=kind)
        elif not isinstance(out, np.ndarray):
            raise InvalidParameter(
                f"out={type(out).__name__}: give an array or a memmap of shape {shape} and type {kind}"
            )
        elif out.shape != shape or out.dtype != kind or not out.flags.writeable:
            state = "writeable" if out.flags.writeable else "read-only"
            raise InvalidParameter(
                f"out is {state}, of shape {out.shape} and type {out.dtype}; writeable, "
                f"{shape} and {kind} are needed"
            )
        before = np.empty(shape, dtype=np.int32) if as_flag(predecessors, "predecessors") else None
        return cls(asked, number(limit, "limit", least=0), out, before)

    def answer(self) -> ShortestPaths:
        """The filled rows."""
        return ShortestPaths(self.distances, self.predecessors)
