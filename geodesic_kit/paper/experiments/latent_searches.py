"""What bounds in images save a search for one pair of vertices of a latent graph. [C19]"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import process_time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...checks import integer
from ...errors import InvalidParameter
from ...graph.graph import Graph
from ...graph.guides import guide_of
from ...paths.landmarks import landmarks
from ...paths.solving import as_solver
from ...registry import solvers
from ...types import Immersion, Ints, Pairs, Points, Searches, Values
from .solver_comparison import reference

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "BOUNDS",
    "Reached",
    "between",
    "guided",
    "landmark_costs",
    "least_ratio",
    "places_of",
    "reached",
    "search_costs",
]

BOUNDS = ("none", "latent", "images", "projected images")
_LOWERED = 1 - 1e-9  # as the solver lowers its bounds


def places_of(graph: Graph, bound: str) -> Points:
    """Where the graph's vertices lie for a search that looks for its target by that bound, (n, g): all at
    one place, at their codes, at their images, or at 16 principal coordinates of these.

    Raises InvalidParameter for another bound, and where the graph's metric is no immersion.
    """
    if bound not in BOUNDS:
        raise InvalidParameter(f"no bound named {bound!r}; there are {', '.join(BOUNDS)}")
    metric = graph.metric
    if not isinstance(metric, Immersion):
        raise InvalidParameter(
            f"the graph is weighed by {metric!r}, which has no images; use a PullbackMetric"
        )
    if bound == "none":
        return np.zeros((graph.n, 1))
    if bound == "latent":
        return graph.points
    guide = metric.image if bound == "images" else guide_of(metric, graph.points)
    assert guide is not None
    return guide(graph.points)


def guided(graph: Graph, bound: str) -> Graph:
    """The same edges and lengths over the places of a bound, by which A* finds its way."""
    return Graph(places_of(graph, bound), graph.edges, graph.require_weights())


@dataclass(frozen=True, eq=False)
class Reached:
    """For one pair: the distance of each vertex from the source, (n,), and the least length of a path by it
    that the bound promises, (n,); the length of the shortest path.

    A search from one end expands, in this order, the vertices whose `promised` does not exceed `length`;
    Dijkstra's those whose distance does not.
    """

    distance: Values
    promised: Values
    length: float

    @property
    def expanded(self) -> NDArray[np.bool_]:
        """The vertices that A* from the source expands, (n,)."""
        return self.promised <= self.length

    @property
    def by_dijkstra(self) -> NDArray[np.bool_]:
        """Those that Dijkstra's search expands until it comes to the target, (n,)."""
        return self.distance <= self.length


def least_ratio(places: Points, graph: Graph) -> float:
    """The least length of an edge per distance of its ends' places, as the solver lowers it; 0 where all
    places are one.
    """
    (i, j), weights = graph.edges.T, graph.require_weights()
    apart = np.linalg.norm(places[i] - places[j], axis=1)
    far = apart > 0
    return _LOWERED * float((weights[far] / apart[far]).min()) if far.any() else 0.0


def reached(places: Points, ratio: float, distance: Values, target: int) -> Reached:
    """What a search from one end would expand on its way to the target, by the distances (n,) from its source
    and `ratio` times those of the vertices' places: nothing has to be run, since that bound is consistent.
    """
    left = ratio * np.linalg.norm(places - places[target], axis=1)
    return Reached(distance, distance + left, float(distance[target]))


def between(graph: Graph, source: int, target: int, bound: str) -> Reached:
    """What a search from `source` that looks for `target` by that bound would expand."""
    (distance,) = reference(graph, [source])
    places = places_of(graph, bound)
    return reached(places, least_ratio(places, graph), distance, target)


def search_costs(graph: Graph, pairs: Ints, *, rounds: int = 3) -> DataFrame:
    """A row a bound of A*, over pairs (m, 2): the worst relative difference of a length to SciPy's, and over
    Dijkstra's with early exit the vertices expanded from one end and from both, and the CPU time from both.

    Dijkstra's time is that of the kit's own, which ends with the target; where the solver "auto" has no such
    search, of one told beforehand how far that lies. Times are medians of `rounds` in turns.
    """
    import pandas as pd

    graphs = {bound: graph if bound == BOUNDS[-1] else guided(graph, bound) for bound in BOUNDS}
    rows, exact, by_dijkstra, found, shares = _raced(graph, pairs, graphs, rounds)
    table = {}
    for bound in BOUNDS:
        lengths = np.array([search.length for search in found[bound]])
        places = places_of(graph, bound)
        ratio = least_ratio(places, graph)
        one_end = (
            reached(places, ratio, row, int(j)).expanded for row, (_, j) in zip(rows, pairs, strict=True)
        )
        table[bound] = {
            "off SciPy's": float(np.abs(lengths / exact - 1).max()),
            "expanded, one end": sum(int(np.count_nonzero(some)) for some in one_end) / by_dijkstra,
            "expanded, both ends": sum(search.expanded for search in found[bound]) / by_dijkstra,
            "CPU time, both ends": shares[bound],
        }
    return pd.DataFrame(table).T.rename_axis("bound")


def landmark_costs(graph: Graph, pairs: Ints, *, k: int = 8, seed: int = 0, rounds: int = 3) -> DataFrame:
    """A row for A* as the graph guides it and one with k landmarks too, over pairs (m, 2): the worst relative
    difference of a length to SciPy's, and over Dijkstra's with early exit the vertices expanded and the CPU
    time.

    What the landmarks take once is no part of it. Dijkstra's is as in `search_costs`.
    """
    import pandas as pd

    graphs = {"as it is": graph, "landmarks": landmarks(graph, k=k, seed=seed).graph}
    _, exact, by_dijkstra, found, shares = _raced(graph, pairs, graphs, rounds)
    table = {
        name: {
            "off SciPy's": float(np.nanmax(np.abs([s.length for s in searches] / exact - 1), initial=0.0)),
            "expanded": sum(search.expanded for search in searches) / by_dijkstra,
            "CPU time": shares[name],
        }
        for name, searches in found.items()
    }
    return pd.DataFrame(table).T.rename_axis("guide")


def _raced(
    graph: Graph, pairs: Ints, graphs: Mapping[str, Graph], rounds: int
) -> tuple[Any, Values, int, dict[str, list[Any]], dict[str, float]]:
    """Distances from each pair's source, those of the pairs, vertices that Dijkstra's search with early exit
    expands for all; by name A*'s searches on each of the graphs, and their CPU time over Dijkstra's.
    """
    rows = reference(graph, pairs[:, 0])
    exact = rows[np.arange(len(pairs)), pairs[:, 1]]
    own, astar = as_solver("auto"), solvers["astar"]()
    assert isinstance(astar, Searches)
    by_dijkstra = sum(int(np.count_nonzero(row <= d)) for row, d in zip(rows, exact, strict=True))

    def dijkstra() -> None:
        for pair, far in zip(pairs, exact, strict=True):
            if isinstance(own, Pairs):
                own.pairs(graph, pair[None])
            else:
                own.solve(graph, pair[:1], limit=float(far))

    def by_astar(on: Graph) -> Callable[[], list[Any]]:
        return lambda: [astar.search(on, int(i), int(j)) for i, j in pairs]

    found = {name: by_astar(on)() for name, on in graphs.items()}  # lays the graphs out, too
    seconds = _seconds({"": dijkstra} | {name: by_astar(on) for name, on in graphs.items()}, rounds)
    return rows, exact, by_dijkstra, found, {name: seconds[name] / seconds[""] for name in graphs}


def _seconds(work: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Median seconds of CPU of each piece of work, taken in turns."""
    spent: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(integer(rounds, "rounds", least=1)):
        for name, one in work.items():
            began = process_time()
            one()
            spent[name].append(process_time() - began)
    return {name: statistics.median(each) for name, each in spent.items()}
