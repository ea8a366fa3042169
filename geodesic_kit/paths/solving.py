"""Asking a solver: the one that is meant, and its rows or its path, another's held against the graph."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.faults import calling, is_own, method_of
from ..base.threads import compiled
from ..errors import InvalidParameter, MissingPlugin, PluginError, UnknownPlugin, shown
from ..graph.graph import Graph
from ..registry import solvers
from ..types import Ints, PointToPoint, Search, Searches, ShortestPaths, Solver
from .solutions import check_array, check_path, check_rows, check_type, count, pieces_along, promised

__all__ = ["as_solver", "automatic", "searched", "solved"]

_FLOAT64 = np.dtype(np.float64)


def automatic(pair: bool = False) -> Solver:
    """The kit's own engine where numba is there to compile it, else SciPy; for one `pair` that is A*."""
    if compiled():
        try:
            return solvers["astar" if pair else "native"]()
        except (MissingPlugin, UnknownPlugin):
            pass
    return solvers["scipy"]()


def as_solver(solver: str | Solver) -> Solver:
    """An instance of the solver; "auto" is the native engine where it is installed, else SciPy."""
    if isinstance(solver, str):
        return automatic() if solver == "auto" else solvers[solver]()
    if isinstance(solver, type) or not isinstance(solver, Solver):
        raise InvalidParameter(
            f"solver={shown(solver)}: give a name "
            f"({', '.join(['auto', *solvers.names()])}) or an instance of a solver"
        )
    return solver


def solved(
    solver: Solver,
    graph: Graph,
    sources: Ints,
    *,
    limit: float = np.inf,
    predecessors: bool = False,
    kind: np.dtype[Any] = _FLOAT64,
    out: NDArray[Any] | None = None,
) -> ShortestPaths:
    """What the solver answers; the rows of another's are checked, which costs a pass over the edges a row.
    Raises PluginError.
    """
    if is_own(solver):
        return solver.solve(graph, sources, limit=limit, predecessors=predecessors, dtype=kind, out=out)
    who = method_of(solver, "solve")
    with calling(solver, "solve"):
        found = solver.solve(
            graph, sources.copy(), limit=limit, predecessors=predecessors, dtype=kind, out=out
        )
    check_type(found, ShortestPaths, who)
    if out is not None and not (
        isinstance(found.distances, np.ndarray) and np.may_share_memory(found.distances, out)
    ):
        raise PluginError(f"{who} returned another array than it was given as out=")
    rows = found.distances if out is None else out
    check_rows(rows, graph, sources, limit, kind, promised(solver), who)
    if predecessors:
        check_array(found.predecessors, rows.shape, "iu", f"the predecessors of {who}")
    return replace(found, distances=rows)


def searched(graph: Graph, solver: Solver, i: int, j: int) -> Search:
    """The path as the solver finds it; of another's solver what it says of the path is held against the
    graph.
    """
    name = (
        "search" if isinstance(solver, Searches) else "path" if isinstance(solver, PointToPoint) else "solve"
    )
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
        return Search(
            path, pieces, count(told.expanded, f"{who}: expanded"), integrated, exact=told.exact is True
        )
    if isinstance(solver, PointToPoint):
        with calling(solver, name):
            vertices, length, expanded = solver.path(graph, i, j)
        path = check_path(vertices, graph, i, j, who)
        return Search(
            path,
            pieces_along(graph, path, length, promised(solver), who),
            count(expanded, f"{who}: expanded"),
        )
    found = solved(solver, graph, np.array([i]), predecessors=True)
    try:
        path = found.walk(0, i, j)
    except PluginError as err:
        raise PluginError(f"{who}: {err}") from None
    if not is_own(solver):
        path = check_path(path, graph, i, j, who)
        pieces_along(graph, path, found.distances[0, j], promised(solver), who)
    return Search(path, graph.along(path), int(np.isfinite(found.distances).sum()))
