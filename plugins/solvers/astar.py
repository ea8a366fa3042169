"""A* between two vertices from both ends: early exit, an exact bound, and lengths learnt on the way where
edges have none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from geodesic_kit.base.scales import step_lengths
from geodesic_kit.base.threads import compiled
from geodesic_kit.checks import chosen, index
from geodesic_kit.errors import InvalidParameter, UnweightedError
from geodesic_kit.graph.graph import Graph, as_graph
from geodesic_kit.metric.conformal import ConformalMetric
from geodesic_kit.metric.edge_lengths import lengths_as_in
from geodesic_kit.metric.norms import norms
from geodesic_kit.paths.bounds import Claims
from geodesic_kit.paths.solutions import edges_along
from geodesic_kit.paths.solving import automatic
from geodesic_kit.types import Heuristic, Ints, Metric, Search, ShortestPaths, Values

from .lazy_search import lazy_search

__all__ = ["AStarSolver"]

_BOUNDS = ("proven", "sampled")
_LOWERED = 1 - 1e-9  # rounding must not break the triangle inequality that a bound rests on


@dataclass(frozen=True)
class AStarSolver:
    """Bidirectional A* with the bound `min over edges of length / Euclidean length` times the distance to the
    target.

    On a weighed graph the bound is exact for any metric, in the images of an immersion instead of the points,
    and `to_target` of any other `Heuristic` is used where it says more. On an unweighed one that knows its
    metric, edges are measured when the search meets them, and the bound is the metric's own, its
    `lower_bound`, or `to_target` where it follows `Heuristic`: proven, and 0 where nothing is proven, so that
    every result is exact. With `bound="sampled"` it is the least c at the graph's vertices, which leaves out
    more edges and can be wrong, so that results say `exact=False`. Without numba it runs in Python. [GG]
    Appendix B, [C19].
    """

    bound: str = "proven"

    name: ClassVar[str] = "astar"
    rtol: ClassVar[float] = 1e-9

    def __post_init__(self) -> None:
        chosen(self.bound, "bound", _BOUNDS)

    def search(self, graph: Graph, source: int, target: int) -> Search:
        """A shortest path with what it took to find it; no vertices where there is none.

        Raises UnweightedError where the graph has neither weights nor a metric.
        """
        graph = as_graph(graph, "a solver")
        source, target = index(source, "source", graph.n), index(target, "target", graph.n)
        if graph.weights is not None:
            if _apart(graph, source, target):
                return Search(np.empty(0, dtype=np.int64), np.empty(0), 0)
            return _compiled(graph, source, target) if compiled() else _plainly(graph, source, target)
        return self._lazily(graph, source, target)

    def path(self, graph: Graph, source: int, target: int) -> tuple[Ints, float, int]:
        """Vertices of a shortest path, its length (inf where there is none), and the number of vertices
        expanded.
        """
        found = self.search(graph, source, target)
        return found.vertices, found.length, found.expanded

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
        """Whole trees, which A* has no part in: those of the solver "auto"."""
        return automatic().solve(graph, sources, limit=limit, predecessors=predecessors, dtype=dtype, out=out)

    def _lazily(self, graph: Graph, source: int, target: int) -> Search:
        metric = graph.metric
        if metric is None:
            raise UnweightedError(
                "the graph has neither weights nor a metric; weigh it, or give "
                "gk.geodesic(graph, i, j, metric=...)"
            )
        claims = Claims(graph, metric, source, target)
        ratio = claims.ratio if self.bound == "proven" else max(claims.ratio, _least_sampled(metric, graph))

        def measure(some: Ints) -> Values:
            return claims.check(some, lengths_as_in(graph, some))

        weights = np.full(graph.m, np.nan)
        if len(probes := claims.probes()):
            weights[probes] = measure(probes)
        least, bounds = _bounds(graph, ratio, claims, source, target)
        vertices, expanded = lazy_search(graph, weights, measure, least, bounds, source, target)
        measured = int(np.count_nonzero(~np.isnan(weights)))
        return Search(
            vertices, weights[edges_along(graph, vertices)], expanded, measured, exact=ratio <= claims.ratio
        )


def _bounds(
    graph: Graph, ratio: float, claims: Claims | None, source: int, target: int
) -> tuple[Values, tuple[Values, Values]]:
    """What each edge has at least, (m,), and each vertex to the target and to the source, (n,), at `ratio` a
    Euclidean length.
    """
    bounds = [_LOWERED * ratio * step_lengths(graph.points[end], graph.points) for end in (target, source)]
    for bound, told in zip(bounds, claims.told if claims else (), strict=False):
        np.maximum(bound, told, out=bound)
    if (rows := graph.landmarks) is not None:
        for bound, end in zip(bounds, (target, source), strict=True):
            np.maximum(bound, rows.to(end), out=bound)
    return _LOWERED * ratio * norms(graph.points, graph.edges), (bounds[0], bounds[1])


def _apart(graph: Graph, source: int, target: int) -> bool:
    """Whether a landmark reaches one of them alone, so that no path joins them."""
    if graph.landmarks is None or source == target:
        return False
    there = np.isinf(graph.landmarks.distances[[source, target]])
    return bool((there[0] != there[1]).any())


def _alone(rows: NDArray[Any]) -> int:
    """The end that a search by landmarks begins from, of distances (2, k) to them: the one that the best of
    them is far from, since it lies behind the other, and bounds what is left to that one best.

    From both ends such a search expands three times as many vertices.
    """
    with np.errstate(invalid="ignore"):
        apart = np.nan_to_num(rows[0].astype(np.float64) - rows[1], posinf=0.0, neginf=0.0)
    return 0 if apart[np.argmax(np.abs(apart))] > 0 else 1


def _plainly(graph: Graph, source: int, target: int) -> Search:
    """The search on a weighed graph without numba."""
    weights, lengths = graph.require_weights(), norms(graph.points, graph.edges)
    ratio = float(np.min(weights[lengths > 0] / lengths[lengths > 0], initial=np.inf))
    claims = None
    if isinstance(graph.metric, Heuristic):
        claims = _held(graph, graph.metric, source, target)
    least, bounds = _bounds(graph, ratio if np.isfinite(ratio) else 0.0, claims, source, target)
    vertices, expanded = lazy_search(graph, weights, _unasked, least, bounds, source, target)
    return Search(vertices, graph.along(vertices), expanded)


def _held(graph: Graph, metric: Metric, source: int, target: int) -> Claims:
    """What a weighed graph's metric claims of the way, held against all its edges. Raises PluginError."""
    claims = Claims(graph, metric, source, target)
    claims.check(np.arange(graph.m), graph.require_weights())
    return claims


def _compiled(graph: Graph, source: int, target: int) -> Search:
    from .astar_kernels import between

    layout, n = graph.layout, graph.n

    def fresh() -> tuple[NDArray[Any], ...]:
        return (
            np.empty((n, 2)),
            np.full((n, 2), np.inf),
            np.empty((n, 2), dtype=np.int32),
            np.empty((2, n), dtype=np.int32),
            np.empty((2, n)),
            np.full((2, n), -1, dtype=np.int32),
            np.zeros(n, dtype=np.uint8),
            np.empty(n, dtype=np.int32),
        )

    told = np.empty((2, 0))
    if isinstance(graph.metric, Heuristic) and layout.guide is None:
        claims = _held(graph, graph.metric, source, target)
        told = np.stack(claims.told[::-1])[:, layout.order]
    rows = graph.landmarks
    marks, slope = (np.empty((n, 0)), 0.0) if rows is None else (rows.distances, rows.slope)
    to_ends = np.minimum(marks[[source, target]].astype(np.float64), np.finfo(np.float64).max)
    arrays = layout.borrow(fresh)
    meeting, _, expanded = between(
        layout.ground,
        layout.start,
        layout.neighbours,
        layout.lengths,
        layout.ratio,
        told,
        marks,
        layout.order,
        slope,
        -1 if rows is None else _alone(marks[[source, target]]),
        layout.place[[source, target]],
        to_ends,
        *arrays,
    )
    vertices = layout.order[_walked(arrays[2], meeting)]
    layout.give(arrays)  # not after an interrupt: they are as new only when the search has ended
    return Search(vertices, layout.along(vertices), expanded)


def _walked(before: NDArray[np.int32], meeting: int) -> Ints:
    """The places from the source to the target, by what comes before each on either side, (n, 2)."""
    ways: list[list[int]] = [[], []]
    for side, way in enumerate(ways):
        v = meeting
        while v >= 0:
            way.append(v)
            v = before.item(v, side)
    return np.array(ways[0][::-1] + ways[1][1:], dtype=np.int64)


def _least_sampled(metric: Metric, graph: Graph) -> float:
    """The least c at the graph's vertices: a bound that no one has proven between them."""
    if not isinstance(metric, ConformalMetric):
        raise InvalidParameter(
            f'bound="sampled" needs a metric with log_factor, such as GenerativeMetric; {metric!r} has none'
        )
    return float(np.exp(metric.log_factor(graph.points).min()))


def _unasked(edges: Ints) -> Values:
    raise AssertionError(f"the lengths of {len(edges)} edges are known")
