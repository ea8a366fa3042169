"""Weighing a graph: which rule a metric's edges are measured by, and the report of how it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.faults import calling, method_of
from ..checks import MOST_NODES, MOST_PANELS, as_metric, chosen, integer, most_weight, number
from ..density.answers import locked, real
from ..errors import ContrastError, DataError, DuplicatePointsError, InvalidParameter, PluginError
from ..types import Edges, Ints, Metric, Points, Values, WeighedGraph
from .conformal import DEFAULT_PIECES, DEFAULT_RTOL, RULES, ConformalMetric
from .contrast import warn_if_flat

__all__ = ["Weighing", "lengths_as_in", "lengths_by", "weigh", "weigh_alike"]

_LEAST = 2.0**-1054  # below, float64 has fewer than six digits


@dataclass(frozen=True, eq=False)
class Weighing:
    """How edges were weighed: the rule, each edge's estimated relative error (m,), and the contrast at quadrature nodes."""

    rule: str
    pieces: int | None
    rtol: float | None
    panels: int | None
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
        size = f"pieces={self.pieces}" if self.rule == "trapezoid" else f"rtol={self.rtol:g}"
        return f"Weighing({self.rule}, {size}, {self.evaluations:,} evaluations, contrast {self.contrast:.4g})"


def weigh(
    points: Points, edges: Edges, metric: Metric, rule: str, pieces: int | None, rtol: float | None, panels: int | None
) -> tuple[Values, Weighing | None]:
    """Lengths of the edges, (m,), and the report; a metric of another make measures its edges itself, without one."""
    chosen(rule, "rule", RULES)
    if pieces is not None and rule != "trapezoid":
        raise InvalidParameter('pieces= belongs to rule="trapezoid"; the adaptive rule takes rtol=')
    if (rtol is not None or panels is not None) and rule != "adaptive":
        raise InvalidParameter('rtol= and panels= belong to rule="adaptive"; the trapezoid takes pieces=')
    as_metric(metric)
    if not isinstance(metric, ConformalMetric):
        if rule != "adaptive" or rtol is not None or panels is not None:
            raise InvalidParameter(f"{metric!r} measures its edges itself; rule=, pieces=, rtol= and panels= do not apply")
        return _positive(lengths_by(metric, points, edges).copy(), points, edges, metric), None  # the metric may keep its own
    if metric.density.dim != points.shape[1]:
        raise InvalidParameter(f"{metric!r} lives in R^{metric.density.dim}, the points in R^{points.shape[1]}")
    if rule == "trapezoid":
        pieces = DEFAULT_PIECES if pieces is None else integer(pieces, "pieces", least=1, most=MOST_NODES)
    else:
        rtol = DEFAULT_RTOL if rtol is None else number(rtol, "rtol", above=0, most=0.1)
        panels = None if panels is None else integer(panels, "panels", least=1, most=MOST_PANELS)
    result = metric.integrate(points, edges, rule=rule, pieces=pieces, rtol=rtol or DEFAULT_RTOL, panels=panels, times_length=True)
    warn_if_flat(result.log_c_min, result.log_c_max, metric)
    lengths = _positive(result.means, points, edges, metric)
    return lengths, Weighing(rule, pieces, rtol, panels, lengths, result.errors, result.log_c_min, result.log_c_max, result.evaluations)


def weigh_alike(points: Points, edges: Edges, metric: Metric, report: Weighing | None, panels: int | None = None) -> Values:
    """Lengths of further edges by the rule that `report` tells of; without one by the adaptive rule, from `panels` on."""
    if not isinstance(metric, ConformalMetric):
        return _positive(lengths_by(metric, points, edges), points, edges, metric)
    settings: dict[str, Any] = dict(panels=panels)
    if report is not None:
        settings = dict(rule=report.rule, pieces=report.pieces, rtol=report.rtol or DEFAULT_RTOL, panels=report.panels)
    return _positive(metric.integrate(points, edges, **settings, times_length=True).means, points, edges, metric)


def lengths_as_in(graph: WeighedGraph, metric: Metric, numbers: Ints) -> Values:
    """Lengths of some of a graph's edges, by number, as weighing all of them would give."""
    panels = metric.first_panels(graph.m) if isinstance(metric, ConformalMetric) else None
    return weigh_alike(graph.points, graph.edges[numbers], metric, None, panels)


def lengths_by(metric: Metric, points: Points, edges: Edges) -> Values:
    """Lengths of edges by any metric's own `edge_lengths`, (m,), which is looked at before it is believed.

    Raises PluginError where it raises, writes to what it is given, or returns other than one real number an edge.
    """
    with calling(metric, "edge_lengths"):
        lengths = metric.edge_lengths(locked(points), locked(edges))
    return real(lengths, (len(edges),), method_of(metric, "edge_lengths"), PluginError)


def _positive(lengths: Values, points: Points, edges: Edges, metric: Metric) -> Values:
    """Lengths that are finite, positive, and so large and small that float64 holds six digits of them and the sum of any path."""
    most = most_weight(len(points))
    if not len(lengths) or (lengths.min() >= _LEAST and lengths.max() <= most):
        return lengths
    bad = int(np.flatnonzero(~((lengths >= _LEAST) & (lengths <= most)))[0])
    i, j = edges[bad].tolist()
    told = f"the edge {i, j} has the length {lengths[bad]:.4g} under {metric!r}"
    if (points[i] == points[j]).all():
        raise DuplicatePointsError(f"{told}: its ends are one point; keep each point once: np.unique(points, axis=0)")
    if 0 < lengths[bad] < np.inf and not isinstance(metric, ConformalMetric):
        raise DataError(f"{told}; lengths of paths fit float64 from {_LEAST:.2g} to {most:.2g} an edge: scale the points")
    raise ContrastError(
        f"{told}, and lengths are finite and positive: "
        "the metric's range does not fit float64; change power= or lam=, or use GenerativeMetric.from_sample(density, x)"
    )
