"""Shortest paths on a weighed graph: distances from sources, and the path between two vertices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.faults import calling, is_own, method_of
from ..base.memory import within
from ..base.scales import step_lengths
from ..base.threads import compiled
from ..checks import as_flag, as_float_type, as_metric, as_sources, index, number
from ..errors import DisconnectedError, InvalidParameter, MissingPlugin, PluginError, UnknownPlugin, shown
from ..geodesics.curve import Geodesic, Support
from ..graph.edge_rules import reach_of
from ..graph.graph import Graph, as_graph
from ..metric.contrast import warn_if_one_edge_rules
from ..registry import solvers
from ..types import Ints, Metric, PointToPoint, Searches, Solver, Values
from .solutions import check_array, check_path, check_rows, check_type, count, pieces_along, promised, walked

__all__ = ["Search", "ShortestPaths", "automatic", "distances", "geodesic"]

_FLOAT64 = np.dtype(np.float64)
_ADVICE = "ask for fewer sources=, dtype=np.float32, a limit= with fewer sources at a time, or write to a file by out=np.memmap(...)"


@dataclass(frozen=True, eq=False)
class ShortestPaths:
    """Distances (s, n) in the order of the sources, inf where unreachable, and predecessors (s, n), -1 where none."""

    distances: NDArray[Any]
    predecessors: NDArray[np.int32] | None = None

    def walk(self, row: int, source: int, target: int) -> Ints:
        """Vertices from the source of that row to a target, none where it is unreachable or predecessors were not asked for.

        Raises InvalidParameter for what is no row or vertex, PluginError where the predecessors do not lead there.
        """
        rows, n = self.distances.shape
        row, source, target = index(row, "row", rows), index(source, "source", n), index(target, "target", n)
        if self.predecessors is None or not np.isfinite(self.distances[row, target]):
            return np.empty(0, dtype=np.int64)
        return walked(self.predecessors[row], source, target, f"row {row}")


@dataclass(frozen=True, eq=False)
class Search:
    """A path between two vertices, none where there is none, and what it took: vertices expanded, and edges integrated.

    pieces (k - 1,) are the lengths of its edges; `integrated` is None on a graph that was weighed before; `exact` is False where
    the search trusted a bound that is not proven.
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
    as_graph(graph, "distances").require_weights()
    asked = np.arange(graph.n) if sources is None else as_sources(sources, graph.n, one=True)
    limit = number(limit, "limit", least=0)
    kind = as_float_type(dtype)
    shape = (len(asked), graph.n)
    if out is not None and not isinstance(out, np.ndarray):
        raise InvalidParameter(f"out={type(out).__name__}: give an array or a memmap of shape {shape} and type {kind}")
    if out is not None and (out.shape != shape or out.dtype != kind):
        raise InvalidParameter(f"out has shape {out.shape} and type {out.dtype}; {shape} and {kind} are needed (dtype= says the type)")
    made = 0 if out is not None else shape[0] * shape[1] * kind.itemsize
    with within(made + 32 * graph.m, f"distances of shape {shape}", _ADVICE):
        return _solved(_solver(solver), graph, asked, limit=limit, kind=kind, out=out).distances


def geodesic(graph: Graph, i: int, j: int, solver: str | Solver = "auto", refine: bool = False, metric: Metric | None = None) -> Geodesic:
    """The shortest path from vertex i to vertex j, straightened by `gk.refine` where asked. [GG] Def 2.2.

    With `metric` the graph need not be weighed: solver "astar" (which "auto" takes) integrates edges only as it meets them, and
    counts them in the result. Raises DisconnectedError where no path joins them, UnweightedError and InvalidParameter; warns
    ContrastWarning where one edge makes more than half of a path of five or more.
    """
    as_graph(graph, "geodesic")
    refine = as_flag(refine, "refine")
    if metric is not None:
        graph = _under(graph, as_metric(metric))
    i, j = index(i, "i", graph.n), index(j, "j", graph.n)
    chosen = automatic(pair=True) if isinstance(solver, str) and solver == "auto" else _solver(solver)
    if graph.metric is None:
        graph.require_weights()
    elif graph.weights is None and not isinstance(chosen, Searches):
        graph = graph.weigh(graph.metric)
    found = _search(graph, chosen, i, j)
    if not len(found.vertices):
        labels = graph.components()
        raise DisconnectedError(
            f"no path joins vertex {i} and vertex {j}: they lie in components {labels[i]} ({(labels == labels[i]).sum()} points) and "
            f"{labels[j]} ({(labels == labels[j]).sum()} points) of {labels.max() + 1}; give a larger eps= or k=, or use adaptive_graph"
        )
    warn_if_one_edge_rules(found.pieces, found.vertices)
    points = graph.points[found.vertices]
    steps = step_lengths(points[:-1], points[1:])
    support = Support(graph.points, reach_of(graph.link, float(steps.max(initial=0.0))))
    path = Geodesic(points, found.pieces, found.vertices, graph.metric, found.exact, support=support, search=found)
    if not refine:
        return path
    from ..geodesics.refine import refine as straighten

    return straighten(path)


def _under(graph: Graph, metric: Metric) -> Graph:
    """The graph under that metric, its edges not measured yet. Raises InvalidParameter where it has other weights."""
    if graph.weights is None:
        return replace(graph, metric=metric)
    if graph.metric is not metric:
        raise InvalidParameter("metric= goes with a graph that has no weights; this one is weighed, so leave metric= out or weigh it anew")
    return graph


def _search(graph: Graph, solver: Solver, i: int, j: int) -> Search:
    """The path as the solver finds it; of another's solver what it says of the path is held against the graph."""
    name = "search" if isinstance(solver, Searches) else "path" if isinstance(solver, PointToPoint) else "solve"
    who = method_of(solver, name)
    if isinstance(solver, Searches):
        if is_own(solver):
            return solver.search(graph, i, j)
        with calling(solver, name):
            told = solver.search(graph, i, j)
        check_type(told, Search, who)
        path = check_path(told.vertices, graph, i, j, who)
        pieces = pieces_along(graph, path, told.pieces, promised(solver), who)
        integrated = None if told.integrated is None else count(told.integrated, f"{who}: integrated")
        return Search(path, pieces, count(told.expanded, f"{who}: expanded"), integrated, exact=told.exact is True)
    if isinstance(solver, PointToPoint):
        with calling(solver, name):
            vertices, length, expanded = solver.path(graph, i, j)
        path = check_path(vertices, graph, i, j, who)
        return Search(path, pieces_along(graph, path, length, promised(solver), who), count(expanded, f"{who}: expanded"))
    found = _solved(solver, graph, np.array([i]), predecessors=True)
    assert found.predecessors is not None
    path = walked(found.predecessors[0], i, j, who) if np.isfinite(found.distances[0, j]) else np.empty(0, dtype=np.int64)
    if not is_own(solver):
        path = check_path(path, graph, i, j, who)
        pieces_along(graph, path, found.distances[0, j], promised(solver), who)
    return Search(path, graph.along(path), int(np.isfinite(found.distances).sum()))


def _solved(
    solver: Solver,
    graph: Graph,
    sources: Ints,
    *,
    limit: float = np.inf,
    predecessors: bool = False,
    kind: np.dtype[Any] = _FLOAT64,
    out: NDArray[Any] | None = None,
) -> ShortestPaths:
    """What the solver answers; the rows of another's are checked, which costs a pass over the edges a row. Raises PluginError."""
    if is_own(solver):
        return solver.solve(graph, sources, limit=limit, predecessors=predecessors, dtype=kind, out=out)
    who = method_of(solver, "solve")
    with calling(solver, "solve"):
        found = solver.solve(graph, sources.copy(), limit=limit, predecessors=predecessors, dtype=kind, out=out)
    check_type(found, ShortestPaths, who)
    if out is not None and not (isinstance(found.distances, np.ndarray) and np.may_share_memory(found.distances, out)):
        raise PluginError(f"{who} returned another array than it was given as out=")
    rows = found.distances if out is None else out
    check_rows(rows, graph, sources, limit, kind, promised(solver), who)
    if predecessors:
        check_array(found.predecessors, rows.shape, "iu", f"the predecessors of {who}")
    return replace(found, distances=rows)


def _solver(solver: str | Solver) -> Solver:
    """An instance of the solver; "auto" is the native engine where it is installed, else SciPy."""
    if isinstance(solver, str):
        return automatic() if solver == "auto" else solvers[solver]()
    if isinstance(solver, type) or not isinstance(solver, Solver):
        raise InvalidParameter(f"solver={shown(solver)}: give a name ({', '.join(['auto', *solvers.names()])}) or an instance of a solver")
    return solver


def automatic(pair: bool = False) -> Solver:
    """The kit's own engine where numba is there to compile it, else SciPy; for one `pair` that is A*."""
    if compiled():
        try:
            return solvers["astar" if pair else "native"]()
        except (MissingPlugin, UnknownPlugin):
            pass
    return solvers["scipy"]()
