"""The geodesic between two vertices of a graph."""

from __future__ import annotations

from dataclasses import replace

from ..base.scales import step_lengths
from ..checks import as_flag, as_metric, index
from ..errors import DisconnectedError, InvalidParameter
from ..graph.edge_rules import reach_of
from ..graph.graph import Graph, as_graph
from ..metric.contrast import warn_if_one_edge_rules
from ..paths.solving import as_solver, automatic, searched
from ..types import Metric, Searches, Solver
from .curve import Geodesic, Support
from .refine import refine as straightened

__all__ = ["geodesic"]


def geodesic(
    graph: Graph,
    i: int,
    j: int,
    solver: str | Solver = "auto",
    refine: bool = False,
    metric: Metric | None = None,
) -> Geodesic:
    """The shortest path from vertex i to vertex j, straightened by `gk.refine` where asked. [GG] Def 2.2.

    Parameters
    ----------
    graph : Graph
        Weighed, or without weights where `metric` is given.
    i, j : int
        Vertices, from 0 to n - 1.
    solver : str or Solver, default "auto"
        A name of `gk.solvers` or an instance; "auto" is "astar" where numba is there, else SciPy.
    refine : bool, default False
        Whether to straighten the path.
    metric : Metric, optional
        For a graph without weights, whose edges "astar" integrates only as it meets them, and counts in the
        result.

    Returns
    -------
    Geodesic
        With `.points`, `.pieces` and `.length` in the units of the weights, and `.at(t)`.

    Raises
    ------
    DisconnectedError
        Where no path joins them.
    UnweightedError, InvalidParameter

    Warns
    -----
    ContrastWarning
        Where one edge makes more than half of a path of five or more.

    Examples
    --------
    >>> x = gk.datasets.load("two_moons", n=400, seed=0).x
    >>> metric = gk.GenerativeMetric.from_sample(gk.densities["mog"].fit(x, seed=0, n_components=8), x)
    >>> graph = gk.suggest_graph(x).build(x).weigh(metric)
    >>> path = gk.geodesic(graph, 0, 1, refine=True)
    >>> bool(path.length <= gk.geodesic(graph, 0, 1).length)  # a refined path is never longer
    True
    """
    as_graph(graph, "geodesic")
    refine = as_flag(refine, "refine")
    if metric is not None:
        graph = _under(graph, as_metric(metric))
    i, j = index(i, "i", graph.n), index(j, "j", graph.n)
    chosen = automatic(pair=True) if isinstance(solver, str) and solver == "auto" else as_solver(solver)
    if graph.metric is None:
        graph.require_weights()
    elif graph.weights is None and not isinstance(chosen, Searches):
        graph = graph.weigh(graph.metric)
    found = searched(graph, chosen, i, j)
    if not len(found.vertices):
        labels = graph.components()
        raise DisconnectedError(
            f"no path joins vertex {i} and vertex {j}: they lie in components {labels[i]} "
            f"({(labels == labels[i]).sum()} points) and {labels[j]} ({(labels == labels[j]).sum()} points) "
            f"of {labels.max() + 1}; give a larger eps= or k=, or use adaptive_graph"
        )
    warn_if_one_edge_rules(found.pieces, found.vertices)
    points = graph.points[found.vertices]
    steps = step_lengths(points[:-1], points[1:])
    support = Support(graph.points, reach_of(graph.link, float(steps.max(initial=0.0))))
    path = Geodesic(
        points, found.pieces, found.vertices, graph.metric, found.exact, support=support, search=found
    )
    return straightened(path) if refine else path


def _under(graph: Graph, metric: Metric) -> Graph:
    """The graph under that metric, its edges not measured yet. Raises InvalidParameter where it has other
    weights.
    """
    if graph.weights is None:
        return replace(graph, metric=metric, rule=None)
    if graph.metric is not metric:
        raise InvalidParameter(
            "metric= goes with a graph that has no weights; this one is weighed, so "
            "leave metric= out or weigh it anew"
        )
    return graph
