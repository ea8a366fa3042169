"""The first run of the engine compiles it; rows run the whole chain on a tiny problem before they time
anything.
"""

from __future__ import annotations

from typing import Any

import geodesic_kit as gk
from geodesic_kit.errors import GeodesicKitError

from .problems import plane

__all__ = ["best_for_pairs", "up"]


def up() -> None:
    """Run each stage once on 400 points of the plane."""
    problem = plane(400)
    for graph in (gk.epsilon_graph(problem.points, problem.radius(20)), gk.knn_graph(problem.points, 8)):
        weighed = graph.weigh(problem.metric)
        gk.distances(weighed, [0, 1])
        gk.distances(weighed)
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
