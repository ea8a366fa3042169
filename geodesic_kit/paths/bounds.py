"""Bounds that a metric claims, read before a search rests on them, and held against every length that it
measures.
"""

from __future__ import annotations

import numpy as np

from ..base.faults import calling, is_own, method_of
from ..base.scales import step_lengths
from ..density.answers import bound_exceeded, real
from ..errors import GeodesicKitError, PluginError
from ..graph.graph import Graph
from ..metric.conformal import ConformalMetric
from ..metric.norms import norms
from ..types import HasUpperBound, Heuristic, Ints, Metric, Values

__all__ = ["Claims"]

_KITS = "geodesic_kit.metric.generative"  # whose own bounds follow from the density's
_SLACK = 1e-5  # relative: what MetricContract lets a length err
_ROUNDING = 1e-9  # of a heuristic's largest value
_VERTICES = 1024  # where c is looked at before a search
_EDGES = 64  # that are measured before a search where c is not known at a point


class Claims:
    """What a graph's metric claims of the way between two vertices: its `lower_bound`, and `to_target` where
    it is a Heuristic.

    Raises PluginError where a claim is no finite number of at least 0, or to_target is not 0 at its target.
    """

    def __init__(self, graph: Graph, metric: Metric, source: int, target: int) -> None:
        self._graph, self._metric, self._ends = graph, metric, (target, source)
        with calling(metric, "lower_bound"):
            given = metric.lower_bound()
        who = method_of(metric, "lower_bound")
        self.ratio = float(real(given, (), who, PluginError))
        if not 0 <= self.ratio < np.inf:
            raise PluginError(
                f"{who} returned {self.ratio}; a finite number of at least 0 is needed, 0.0 "
                "where nothing is proven"
            )
        self.told = (
            tuple(_told(graph, metric, end) for end in self._ends) if isinstance(metric, Heuristic) else ()
        )

    def check(self, numbers: Ints, lengths: Values) -> Values:
        """These lengths of edges, by number. Raises PluginError where one of them contradicts a claim."""
        edges = self._graph.edges[numbers]
        straight = norms(self._graph.points, edges) if self.ratio > 0 else np.zeros(len(edges))
        short = lengths < (1 - _SLACK) * self.ratio * straight
        if short.any():
            k = int(np.argmax(short))
            raise self._exceeded(
                f"the edge {tuple(edges[k].tolist())} has {lengths[k] / straight[k]:.6g} "
                "of its Euclidean length"
            )
        for told, end in zip(self.told, self._ends, strict=False):
            apart = np.abs(told[edges[:, 0]] - told[edges[:, 1]])
            far = apart > (1 + _SLACK) * lengths + _ROUNDING * told.max()
            if far.any():
                k = int(np.argmax(far))
                raise PluginError(
                    f"{method_of(self._metric, 'to_target')} falls by {apart[k]:.6g} along the edge "
                    f"{tuple(edges[k].tolist())}, which is {lengths[k]:.6g} long (the target is vertex "
                    f"{end}): a consistent bound falls by no more than that"
                )
        return lengths

    def probes(self) -> Ints:
        """Edges to measure before the search, (p,), since a wrong bound hides what would contradict it; none
        where nothing is claimed.

        Where the metric knows c at a point, that of some vertices is looked at instead. Raises PluginError as
        `check`.
        """
        metric, graph = self._metric, self._graph
        proven = type(metric).__module__ == _KITS and (
            not isinstance(metric, ConformalMetric) or is_own(metric.density)
        )
        if proven or (self.ratio == 0 and not self.told):
            return np.empty(0, dtype=np.int64)
        points = graph.points
        detour = np.sum([step_lengths(points[end], points) for end in self._ends], axis=0)
        if isinstance(metric, ConformalMetric) and not self.told:
            some = _spread(detour, _VERTICES)
            c = np.exp(metric.log_factor(points[some]))
            if c.min() < (1 - _SLACK) * self.ratio:
                raise self._exceeded(f"c is {c.min():.6g} at vertex {some[np.argmin(c)]}")
            return np.empty(0, dtype=np.int64)
        return _spread(detour[graph.edges].sum(axis=1), _EDGES)

    def _exceeded(self, where: str) -> GeodesicKitError:
        metric = self._metric
        if (
            type(metric).__module__ == _KITS
            and isinstance(metric, ConformalMetric)
            and isinstance(metric.density, HasUpperBound)
        ):
            return bound_exceeded(metric.density)
        return PluginError(
            f"{method_of(metric, 'lower_bound')} says {self.ratio:.6g}, and {where}: "
            "a bound holds everywhere; 0.0 is right where nothing is proven"
        )


def _told(graph: Graph, metric: Heuristic, end: int) -> Values:
    """`to_target` at every vertex, (n,), for one end. Raises PluginError."""
    who = method_of(metric, "to_target")
    with calling(metric, "to_target"):
        given = metric.to_target(graph.points, graph.points[end])
    told = real(given, (graph.n,), who, PluginError)
    bad = ~(np.isfinite(told) & (told >= 0))
    if bad.any():
        raise PluginError(
            f"{who} returned {told[bad][0]} at vertex {np.argmax(bad)}: a bound of a distance "
            "is finite and at least 0"
        )
    if told[end] > _ROUNDING * told.max():
        raise PluginError(
            f"{who} returned {told[end]:.6g} at its target, vertex {end}, which is 0 away from itself"
        )
    return told


def _spread(detour: Values, most: int) -> Ints:
    """Rows, ever fewer the longer the detour by them is."""
    ranks = np.unique(np.geomspace(1, max(len(detour), 1), most).astype(np.int64)) - 1
    return np.sort(np.argsort(detour, kind="stable")[ranks[: len(detour)]])
