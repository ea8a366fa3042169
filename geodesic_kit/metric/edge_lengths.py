"""Lengths of edges under any metric, and the report of how weighing a graph went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.faults import calling, method_of
from ..checks import most_weight
from ..density.answers import lent_edges, locked, real
from ..errors import ContrastError, DataError, DuplicatePointsError, InvalidParameter, PluginError
from ..types import Edges, Ints, Metric, Points, SmoothImmersion, Values, WeighedGraph
from ..workers.connection import connected
from ..workers.shards import carried_out
from .conformal import ConformalMetric
from .contrast import warn_if_flat
from .rules import Adaptive, Rule

__all__ = ["Weighing", "lengths_as_in", "lengths_by", "measured", "rule_of", "weigh"]

_RUN = 1 << 12  # edges that a worker measures at once, where the metric measures itself
_LEAST = 2.0**-1054  # below, float64 has fewer than six digits


@dataclass(frozen=True, eq=False)
class Weighing:
    """How edges were weighed: the rule, each edge's estimated relative error (m,), and the contrast at
    quadrature nodes.
    """

    rule: Rule
    weights: Values
    relative_errors: NDArray[Any]
    log_c_min: float
    log_c_max: float
    evaluations: int

    @property
    def errors(self) -> Values:
        """Estimated absolute error of each edge's length, (m,)."""
        return self.weights * self.relative_errors

    @property
    def contrast(self) -> float:
        """max c / min c over all quadrature nodes."""
        return float(np.exp(self.log_c_max - self.log_c_min)) if self.log_c_min <= self.log_c_max else 1.0

    def __repr__(self) -> str:
        return f"Weighing({self.rule}, {self.evaluations:,} evaluations, contrast {self.contrast:.4g})"


def weigh(
    points: Points, edges: Edges, metric: Metric, rule: Rule, client: Any = None
) -> tuple[Values, Weighing | None]:
    """Lengths of the edges, (m,), and the report; a metric of another make measures its edges itself, without
    one. By the workers of a cluster where a `client` is given.
    """
    if not isinstance(metric, ConformalMetric):
        # the metric may keep its own
        own = (
            lengths_by(metric, points, edges).copy()
            if client is None
            else _lengths_there(metric, points, edges, client)
        )
        return _positive(own, points, edges, metric), None
    if metric.density.dim != points.shape[1]:
        raise InvalidParameter(
            f"{metric!r} lives in R^{metric.density.dim}, the points in R^{points.shape[1]}"
        )
    rule = metric.settled(rule, len(edges))
    result = metric.integrate(points, edges, rule, times_length=True, client=client)
    warn_if_flat(result.log_c_min, result.log_c_max, metric)
    lengths = _positive(result.means, points, edges, metric)
    return lengths, Weighing(
        rule, lengths, result.errors, result.log_c_min, result.log_c_max, result.evaluations
    )


def measured(points: Points, edges: Edges, metric: Metric, rule: Rule | None = None) -> Values:
    """Lengths of edges, (m,), as `lengths_by`, each finite and positive.

    Raises ContrastError, DataError and DuplicatePointsError where one is not.
    """
    return _positive(lengths_by(metric, points, edges, rule), points, edges, metric)


def rule_of(graph: WeighedGraph) -> Rule | None:
    """The rule that a graph's edges are measured by, also before they are: so that some of them are measured
    as all of them would be.
    """
    if graph.rule is None and isinstance(graph.metric, ConformalMetric):
        return graph.metric.settled(Adaptive(), graph.m)
    return graph.rule


def lengths_as_in(graph: WeighedGraph, numbers: Ints) -> Values:
    """Lengths of some of a graph's edges, by number, as weighing all of them would give."""
    assert graph.metric is not None  # the caller has seen to that
    return measured(graph.points, graph.edges[numbers], graph.metric, rule_of(graph))


def lengths_by(metric: Metric, points: Points, edges: Edges, rule: Rule | None = None) -> Values:
    """Lengths of edges, (m,), by the rule where one is given and the metric is conformal, else by the
    metric's own `edge_lengths`.

    What that answers is looked at before it is believed. Raises PluginError where it raises, writes to what
    it is given, or returns other than one real number an edge.
    """
    if rule is not None and isinstance(metric, ConformalMetric):
        return metric.integrate(points, edges, rule, times_length=True).means
    with calling(metric, "edge_lengths"):
        lengths = metric.edge_lengths(*map(locked, lent_edges(points, edges, metric)))
    return real(lengths, (len(edges),), method_of(metric, "edge_lengths"), PluginError)


def _lengths_there(metric: Metric, points: Points, edges: Edges, client: Any) -> Values:
    """Lengths of edges, (m,), by the metric itself on a cluster's workers, a run of edges each."""
    runs = {start: edges[start : start + _RUN] for start in range(0, max(len(edges), 1), _RUN)}
    with connected(client) as cluster:
        found = dict(carried_out(cluster, _lengths_of, (metric, points), runs))
    return np.concatenate([found[start] for start in runs])


def _lengths_of(shared: tuple[Metric, Points], edges: Edges) -> Values:
    """One run, on a worker."""
    return lengths_by(*shared, edges)


def _positive(lengths: Values, points: Points, edges: Edges, metric: Metric) -> Values:
    """Lengths that are finite, positive, and so large and small that float64 holds six digits of them and the
    sum of any path.
    """
    most = most_weight(len(points))
    if not len(lengths) or (lengths.min() >= _LEAST and lengths.max() <= most):
        return lengths
    bad = int(np.flatnonzero(~((lengths >= _LEAST) & (lengths <= most)))[0])
    i, j = edges[bad].tolist()
    told = f"the edge {i, j} has the length {lengths[bad]:.4g} under {metric!r}"
    if (points[i] == points[j]).all():
        raise DuplicatePointsError(
            f"{told}: its ends are one point; keep each point once: np.unique(points, axis=0)"
        )
    if lengths[bad] == 0 and isinstance(metric, SmoothImmersion):
        rank = np.linalg.matrix_rank(metric.jacobian(points[i : i + 1])[0])
        raise DataError(
            f"{told}: its ends have one image, and J has rank {rank} of {metric.dim} there, so some latent "
            "direction moves no image; leave that coordinate out of the points and of the decoder"
        )
    if 0 < lengths[bad] < np.inf and not isinstance(metric, ConformalMetric):
        raise DataError(
            f"{told}; lengths of paths fit float64 from {_LEAST:.2g} to {most:.2g} an edge: scale the points"
        )
    raise ContrastError(
        f"{told}, and lengths are finite and positive: the metric's range does not fit float64; change "
        "power= or lam=, or use GenerativeMetric.from_sample(density, x)"
    )
