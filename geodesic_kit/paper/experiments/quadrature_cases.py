"""Graphs that the rules of quadrature are tried on: their edges, how c runs along one, what it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...graph.by_rule import knn_graph
from ...metric.conformal import ConformalMetric
from ...metric.generative import GenerativeMetric
from ...metric.norms import norms
from ...types import Edges, Points, Values
from .line_panels import line_panels
from .quadrature_rules import RuleOutcome, integrals, outcomes, reference_means

__all__ = ["Case", "draw_error_against_cost", "on_neighbours", "pieces_needed"]

_LEAST = 1e-16  # what an error of 0 is drawn as


class Case(NamedTuple):
    """A metric, points (n, d), edges (m, 2), and the exact mean of c along each edge, (m,)."""

    metric: ConformalMetric
    points: Points
    edges: Edges
    exact: Values

    @property
    def sigmas(self) -> float:
        """The median edge's length in standard deviations of the mixture's first component."""
        mixture: Any = self.metric.density
        return float(np.median(norms(self.points, self.edges)) / np.sqrt(mixture.covariances[0]))

    @property
    def decades(self) -> float:
        """Powers of ten between the least and the largest c that the adaptive rule meets on the edges."""
        found = integrals(self.metric, self.points, self.edges, "adaptive", 1e-3)
        return float((found.log_c_max - found.log_c_min) / np.log(10))

    def profile(self, t: Values) -> Values:
        """c(t) / c(0) along the edge of median length, at the fractions t (k,) of its way."""
        a, b = self.points[self.edges[np.argsort(norms(self.points, self.edges))[len(self.edges) // 2]]]
        log_c = self.metric.log_factor(np.concatenate([a[None], a + t[:, None] * (b - a)]))
        return np.asarray(np.exp(log_c[1:] - log_c[0]))


def on_neighbours(density: Any, points: Points, power: float | str, *, k: int = 4) -> Case:
    """The case of points joined to their k nearest, lam and p0 quantiles of log p over them; `power` may be
    "auto".
    """
    metric = GenerativeMetric.from_sample(density, points, power=power)
    edges = knn_graph(points, k=k).edges
    return Case(metric, points, edges, reference_means(metric, points, edges))


def pieces_needed(case: Case, *, bound: float = 0.01, share: float = 0.99) -> int:
    """The least power of two of pieces with which the trapezoid errs by at most `bound` on this share of the
    edges.
    """
    m = 1
    while np.quantile(outcomes(*case, pieces=[m])[1].errors, share) > bound:
        m *= 2
    return m


def draw_error_against_cost(runs: Mapping[str, Sequence[RuleOutcome]], title: str) -> None:
    """Draw for each case the error that 99 % of the edges stay below against evaluations of p, shaded down to
    the median.
    """
    panels: dict[str, dict[str, NDArray[np.float64]]] = {}
    bands: dict[str, dict[str, NDArray[np.float64]]] = {}
    for name, outcomes_of in runs.items():
        panels[name], bands[name] = {}, {}
        for rule in dict.fromkeys(r.rule for r in outcomes_of):
            of = [r for r in outcomes_of if r.rule == rule]
            half, most = np.maximum(np.quantile([r.errors for r in of], (0.5, 0.99), axis=1), _LEAST)
            setting = "rtol" if rule == "adaptive" else "M"
            label = f"{rule}, {setting} = {of[0].setting:g} … {of[-1].setting:g}"
            panels[name][label] = np.stack([[r.evaluations for r in of], most])
            bands[name][label] = np.stack([half, most])
    labels = {"xlabel": "evaluations of p  [1/edge]", "ylabel": "relative error of a weight  [1]"}
    line_panels(panels, bands=bands, log="xy", title=title, **labels)
