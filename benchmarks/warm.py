"""The first run of the engine compiles it; rows run the whole chain on a tiny problem before they time
anything.
"""

from __future__ import annotations

from typing import Any

import geodesic_kit as gk
from geodesic_kit.errors import GeodesicKitError

from .problems import plane

__all__ = ["best_for_pairs", "chain", "up"]


def up() -> None:
    """Run each stage once on 400 points of the plane and on as many as the kernels for large clouds take."""
    for n in (400, 10_000):
        chain(n)


def chain(n: int) -> None:
    """Each stage once on n points of the plane."""
    problem = plane(n)
    for graph in (gk.epsilon_graph(problem.points, problem.radius(20)), gk.knn_graph(problem.points, 8)):
        weighed = graph.weigh(problem.metric)
        gk.distances(weighed, [0, 1])
    gk.distances(weighed, range(min(n, 400)))
    for solver in dict.fromkeys(("auto", best_for_pairs())):
        path = gk.geodesic(weighed, 0, 1, solver=solver)
    gk.refine(path)


def best_for_pairs() -> Any:
    """A* where it is installed and works, else what "auto" takes."""
    try:
        gk.solvers["astar"]
    except GeodesicKitError:
        return "auto"
    return "astar"
