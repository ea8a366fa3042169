"""Lemma 2.1: distances as lam grows, beside the Euclidean ones, and as lam falls, beside those of p0/p."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import ContrastWarning
from ...geodesics.between import geodesic
from ...geodesics.curve import Geodesic
from ...geodesics.refine import refine
from ...graph.graph import Graph
from ...metric.generative import EuclideanMetric, GenerativeMetric
from ...paths.distances import distances
from ...types import Values
from .limits import line_integral, polygon

__all__ = ["Departure", "Excess", "departures", "excess_of_curves", "excess_on_graph"]


@dataclass(frozen=True, eq=False)
class Excess:
    """By how much the distances of k pairs exceed the Euclidean ones, (m, k), a row for each `lam`, (m,).

    `limit`, (k,), is the integral of p0 - p along the Euclidean shortest path, to which lam times the excess
    tends. [GG] Lemma 2.1.1.
    """

    lam: Values
    excess: NDArray[np.float64]
    limit: Values

    @property
    def shares_of_limit(self) -> NDArray[np.float64]:
        """lam times the excess, divided by its limit: (m, k), every entry tends to 1 as lam grows."""
        return self.lam[:, None] * self.excess / self.limit


def excess_on_graph(graph: Graph, metrics: Sequence[GenerativeMetric], targets: Sequence[int]) -> Excess:
    """From vertex 0 to each target, on one graph that is weighed by the metrics and by the ruler."""
    ruler = graph.weigh(EuclideanMetric())
    straight = [geodesic(ruler, 0, int(j)) for j in targets]
    lengths = [path.length for path in straight]
    # The metrics are near the Euclidean one on purpose.
    with warnings.catch_warnings(action="ignore", category=ContrastWarning):
        rows = [distances(graph.weigh(metric, rtol=1e-10), [0])[0, targets] - lengths for metric in metrics]
    return _excess(metrics, rows, [path.points for path in straight])


def excess_of_curves(pairs: ArrayLike, metrics: Sequence[GenerativeMetric], *, rtol: float = 1e-8) -> Excess:
    """Between the pairs of end points (k, 2, d), along curves that are refined from the straight line."""
    ends = np.asarray(pairs, dtype=float)
    rows = []
    for metric in metrics:
        curves = [refine(polygon(pair, metric), rtol=rtol) for pair in ends]
        # No error is known of a start that nothing betters.
        lengths = np.array([q.length - np.nan_to_num(q.error) for q in curves])
        rows.append(lengths - np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1))
    return _excess(metrics, rows, list(ends))


def _excess(
    metrics: Sequence[GenerativeMetric], rows: Sequence[ArrayLike], straight: Sequence[NDArray[np.float64]]
) -> Excess:
    limit = [line_integral(metrics[0].density, points, metrics[0].p0) for points in straight]
    return Excess(np.array([metric.lam for metric in metrics]), np.array(rows, dtype=float), np.array(limit))


@dataclass(frozen=True)
class Departure:
    """How far the distances at one lam are from those at lam -> 0, relatively: of the median and the worst
    pair, and of a curve.
    """

    lam: float
    median_pair: float
    worst_pair: float
    refined_curve: float


def departures(
    graph: Graph, curve: Geodesic, metrics: Sequence[GenerativeMetric], sources: ArrayLike
) -> list[Departure]:
    """All distances from the sources, and the refined `curve`, under each metric against those of the curve's
    own, the limit.

    [GG] Lemma 2.1.2.
    """
    limit = curve.metric
    assert limit is not None
    exact = distances(graph.weigh(limit), sources)
    apart = exact > 0
    rows = []
    for metric in metrics:
        off = np.abs(distances(graph.weigh(metric), sources) - exact)[apart] / exact[apart]
        q = refine(curve, metric)
        of_curve = abs(1 - (q.length - q.error) / (curve.length - curve.error))
        rows.append(Departure(metric.lam, float(np.quantile(off, 0.5)), float(off.max()), float(of_curve)))
    return rows
