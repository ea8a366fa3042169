"""cuGraph's single-source shortest paths on a CUDA GPU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geodesic_kit.errors import NoGPUError
from geodesic_kit.graph.graph import Graph
from geodesic_kit.paths.request import Request
from geodesic_kit.types import Ints, ShortestPaths

try:
    import cudf
    import cugraph
    import cupy
# the registry adds how to install; the message names the GPU, too, before anyone fetches 4.6 GB
except ModuleNotFoundError as err:
    raise ModuleNotFoundError(
        f"{err}; cugraph comes with cudf and cupy", name="a CUDA GPU and cugraph"
    ) from err

__all__ = ["CuGraphSolver"]


@dataclass(frozen=True)
class CuGraphSolver:
    """cugraph.sssp, one call a source, in float64; written against cuGraph 26.10. [GG] Appendix B."""

    name: ClassVar[str] = "cugraph"
    rtol: ClassVar[float] = 1e-5

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

        Where paths tie, a predecessor may differ from SciPy's. Raises NoGPUError, UnweightedError and
        InvalidParameter.
        """
        request = Request.of(graph, sources, limit, predecessors, dtype, out)
        _require_gpu()
        request.distances[...] = np.inf
        if request.predecessors is not None:
            request.predecessors[...] = -1
        if graph.matrix.nnz == 0:  # cuGraph makes no graph of an empty edge list
            request.distances[np.arange(len(request.sources)), request.sources] = 0
            return request.answer()
        on_gpu = _on_gpu(graph.matrix)
        # Whether cuGraph keeps a vertex at the cutoff itself is not documented: ask for a little more, then
        # cut here.
        cutoff = float(np.nextafter(request.limit, np.inf)) if np.isfinite(request.limit) else None
        for row, source in enumerate(request.sources.tolist()):
            found = cugraph.sssp(on_gpu, source=source, cutoff=cutoff)
            vertex, distance, before = (
                found[column].to_numpy() for column in ("vertex", "distance", "predecessor")
            )
            reached = (distance < np.finfo(distance.dtype).max) & (distance <= request.limit)
            # The rows come back in no order: each goes to its own vertex.
            request.distances[row, vertex[reached]] = distance[reached]
            if request.predecessors is not None:
                request.predecessors[row, vertex[reached]] = before[reached]
        return request.answer()


def _require_gpu() -> None:
    """All three modules import without a GPU; cupy knows whether there is one, or raises where the driver is
    missing.
    """
    try:
        found = bool(cupy.cuda.is_available())
    except (ImportError, OSError, RuntimeError):
        found = False
    if not found:
        raise NoGPUError(
            "'cugraph' needs a CUDA GPU with its driver, and cupy sees none here; use solver='scipy', or "
            "run on a machine with a GPU"
        )


def _on_gpu(matrix: csr_array) -> Any:
    """The symmetric matrix as a cuGraph graph, both directions of each edge, every vertex kept."""
    n = matrix.shape[0]
    columns = {
        "source": np.repeat(np.arange(n, dtype=np.int32), np.diff(matrix.indptr)),
        "destination": matrix.indices.astype(np.int32),
        "weight": matrix.data.astype(np.float64),
    }
    on_gpu = cugraph.Graph(directed=True)
    on_gpu.from_cudf_edgelist(
        cudf.DataFrame(columns),
        source="source",
        destination="destination",
        edge_attr="weight",
        renumber=False,
        # without it vertices that have no edge are dropped
        vertices=cudf.Series(np.arange(n, dtype=np.int32)),
    )
    return on_gpu
