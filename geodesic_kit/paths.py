"""Shortest paths on a weighed graph: distances from sources, and the path between two vertices."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .checks import as_float_type, as_sources, index, number
from .contrast import warn_if_one_edge_rules
from .errors import DisconnectedError, InvalidParameter, TooLittleMemoryError
from .geodesics import Geodesic
from .graphs import Graph
from .memory import available_memory
from .registry import solvers
from .types import Ints, PointToPoint, Solver

__all__ = ["ShortestPaths", "distances", "geodesic"]


@dataclass(frozen=True, eq=False)
class ShortestPaths:
    """Distances (s, n) in the order of the sources, inf where unreachable, and predecessors (s, n), -1 where none."""

    distances: NDArray[Any]
    predecessors: NDArray[np.int32] | None = None


def distances(
    graph: Graph,
    sources: ArrayLike | None = None,
    solver: str | Solver = "auto",
    limit: float = np.inf,
    dtype: Any = np.float64,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Distances (s, n) from the sources, all vertices by default, in the order asked; unreachable or beyond limit is inf.

    `out` may be a memmap of shape (s, n). Raises UnweightedError, InvalidParameter, UnknownPlugin, and TooLittleMemoryError
    before a result that cannot fit is allocated. [GG] §2.2, Appendix B.
    """
    matrix = graph.matrix
    asked = np.arange(graph.n) if sources is None else as_sources(np.atleast_1d(sources), graph.n)
    limit = number(limit, "limit", least=0)
    kind = as_float_type(dtype)
    shape = (len(asked), graph.n)
    if out is None:
        _require_memory(shape, kind, matrix.nnz)
    elif not isinstance(out, np.ndarray):
        raise InvalidParameter(f"out={type(out).__name__}: give an array or a memmap of shape {shape} and type {kind}")
    elif out.shape != shape or out.dtype != kind:
        raise InvalidParameter(f"out has shape {out.shape} and type {out.dtype}; {shape} and {kind} are needed (dtype= says the type)")
    return _solver(solver).solve(graph, asked, limit=limit, dtype=kind, out=out).distances


def geodesic(graph: Graph, i: int, j: int, solver: str | Solver = "auto", refine: bool = False) -> Geodesic:
    """The shortest path from vertex i to vertex j, straightened by `gk.refine` where asked. [GG] Def 2.2.

    Raises DisconnectedError where no path joins them, UnweightedError and InvalidParameter; warns ContrastWarning where one
    edge makes more than half of a path of five or more.
    """
    matrix = graph.matrix
    i, j = index(i, "i", graph.n), index(j, "j", graph.n)
    chosen = _solver(solver)
    if isinstance(chosen, PointToPoint):
        vertices = np.asarray(chosen.path(graph, i, j)[0], dtype=np.int64)
    else:
        found = chosen.solve(graph, np.array([i]), predecessors=True)
        vertices = _walk(found, i, j)
    if not len(vertices):
        labels = graph.components()
        raise DisconnectedError(
            f"no path joins vertex {i} and vertex {j}: they lie in components {labels[i]} ({(labels == labels[i]).sum()} points) and "
            f"{labels[j]} ({(labels == labels[j]).sum()} points) of {labels.max() + 1}; give a larger eps= or k=, or use adaptive_graph"
        )
    pieces = np.array([matrix[a, b] for a, b in itertools.pairwise(vertices)])
    warn_if_one_edge_rules(pieces, vertices)
    path = Geodesic(graph.points[vertices], pieces, vertices, graph.metric)
    if not refine:
        return path
    from .refinement import refine as straighten

    return straighten(path)


def _walk(found: ShortestPaths, source: int, target: int) -> Ints:
    """Vertices from source to target, none where unreachable."""
    if found.predecessors is None or not np.isfinite(found.distances[0, target]):
        return np.empty(0, dtype=np.int64)
    vertices = [target]
    while vertices[-1] != source:
        vertices.append(int(found.predecessors[0, vertices[-1]]))
    return np.array(vertices[::-1], dtype=np.int64)


def _solver(solver: str | Solver) -> Solver:
    """An instance of the solver; "auto" is the native engine where it is installed, else SciPy."""
    if isinstance(solver, str):
        name = ("native" if "native" in solvers else "scipy") if solver == "auto" else solver
        made: Solver = solvers[name]()
        return made
    if isinstance(solver, type) or not isinstance(solver, Solver):
        raise InvalidParameter(f"solver={solver!r}: give a name ({', '.join(['auto', *solvers.names()])}) or an instance of a solver")
    return solver


def _require_memory(shape: tuple[int, int], kind: np.dtype[Any], stored: int) -> None:
    needed = shape[0] * shape[1] * kind.itemsize + 16 * stored
    available = available_memory()
    if available is not None and needed > 0.9 * available:
        raise TooLittleMemoryError(
            f"distances of shape {shape} need {needed / 2**30:.1f} GiB and {available / 2**30:.1f} GiB are free: ask for fewer sources=, "
            "dtype=np.float32, a limit= with fewer sources at a time, or write to a file by out=np.memmap(...)"
        )
