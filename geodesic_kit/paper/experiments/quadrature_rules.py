"""What the rules of quadrature are held against: a reference, Euler and Maclaurin's terms, distances."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from ...checks import as_edges, as_points
from ...errors import InvalidParameter
from ...graph.graph import Graph
from ...metric.conformal import ConformalMetric
from ...metric.norms import norms
from ...metric.quadrature import EdgeIntegrals
from ...metric.rules import Adaptive, LeftRiemann, Rule, Trapezoid
from ...types import Edges, Points, Values

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "RuleOutcome",
    "all_pairs",
    "integrals",
    "largest_errors",
    "leading_terms",
    "outcome_table",
    "outcomes",
    "reference_means",
    "weights",
]

_RULES: dict[str, Callable[[Any], Rule]] = {"left": LeftRiemann, "trapezoid": Trapezoid, "adaptive": Adaptive}
_NODES = 8  # Gauss-Legendre nodes a panel: on panels this short its error is below rounding


@dataclass(frozen=True, eq=False)
class RuleOutcome:
    """One rule at one setting over all edges: relative errors (m,), and the number of evaluations of p an
    edge.

    `setting` is the number of pieces, or rtol of the adaptive rule.
    """

    rule: str
    setting: float
    errors: Values
    evaluations: float


def integrals(
    metric: ConformalMetric, points: Points, edges: Edges, rule: str, setting: float
) -> EdgeIntegrals:
    """The means of c along each edge by one rule: "left" or "trapezoid" with `setting` pieces, "adaptive"
    with it as rtol.
    """
    return metric.integrate(points, edges, _RULES[rule](setting))


def outcomes(
    metric: ConformalMetric,
    points: Points,
    edges: Edges,
    exact: Values,
    *,
    pieces: Sequence[int] = (),
    rtols: Sequence[float] = (),
) -> list[RuleOutcome]:
    """The left Riemann sum and the trapezoid with these `pieces`, then the adaptive rule at these `rtols`,
    against `exact` means (m,).
    """
    settings: list[tuple[str, float]] = [(rule, m) for rule in ("left", "trapezoid") for m in pieces]
    settings += [("adaptive", rtol) for rtol in rtols]
    rows = []
    for rule, setting in settings:
        result = integrals(metric, points, edges, rule, setting)
        errors = np.abs(result.means / exact - 1)
        rows.append(RuleOutcome(rule, float(setting), errors, result.evaluations / len(edges)))
    return rows


def outcome_table(runs: Mapping[str, Sequence[RuleOutcome]]) -> DataFrame:
    """Evaluations an edge, mean and largest error of outcomes by name, as texts that machines agree on.

    Rows are a name and M, or rtol; an error below 1e-8 is told as such.
    """
    import pandas as pd

    rows = {}
    for name, found in runs.items():
        for of in found:
            errors = {"mean error": of.errors.mean(), "largest error": of.errors.max()}
            row = {label: f"{error:.0e}" if error > 1e-8 else "< 1e-08" for label, error in errors.items()}
            rows[name, f"{of.setting:g}"] = {"evaluations an edge": f"{of.evaluations:.0f}"} | row
    return pd.DataFrame(rows).T.rename_axis(["rule", "M or rtol"])


def reference_means(metric: ConformalMetric, points: Points, edges: Edges, *, refine: int = 1) -> Values:
    """Mean of c along each edge, (m,), by Gauss-Legendre on panels so short that no component's log p changes
    by more than 1 on one.

    Straight from the formula of a mixture with one variance a component, along the projections of its means;
    it shares no code with the kit's rules, nor with the mixture's own. `refine` times as many panels tell how
    far to trust it. Raises InvalidParameter for any other density.
    """
    mixture: Any = metric.density
    if np.ndim(getattr(mixture, "covariances", 0)) != 1:
        raise InvalidParameter(
            "the reference needs a mixture with one variance a component; the metric's "
            f"density is {mixture!r}"
        )
    points, variances = as_points(points, dim=mixture.dim), mixture.covariances
    with np.errstate(divide="ignore"):
        log_peaks = np.log(mixture.weights) - 0.5 * mixture.dim * np.log(2 * np.pi * variances)
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    means = np.empty(len(edges))
    for e, (i, j) in enumerate(as_edges(edges, len(points))):
        step, to_means = points[j] - points[i], mixture.means - points[i]
        square = step @ step
        closest = to_means @ step / square  # where on the edge, from 0 to 1, and how far away in square
        away = np.square(to_means - closest[:, None] * step).sum(axis=1)
        steepest = (np.maximum(np.abs(closest), np.abs(1 - closest)) * square / variances).max()
        panels = refine * int(np.ceil(steepest + 1))
        t = ((np.arange(panels)[:, None] + (node + 1) / 2) / panels).ravel()
        squares = away[:, None] + square * np.square(t - closest[:, None])
        terms = log_peaks[:, None] - 0.5 * squares / variances[:, None]
        top = terms.max(axis=0)
        c = np.exp(metric.log_c(top + np.log(np.exp(terms - top).sum(axis=0))))
        means[e] = (c.reshape(panels, _NODES) @ weight).sum() / (2 * panels)
    return means


def leading_terms(metric: ConformalMetric, points: Points, edges: Edges) -> tuple[Values, Values]:
    """Limits, each (m,), of M times the left Riemann sum's error and of M^2 times the trapezoid's; both of
    the mean of c.

    (c(0) - c(1)) / 2 and (c'(1) - c'(0)) / 12 with c as a function of t in [0, 1]: Euler and Maclaurin's
    formula.
    """
    i, j = as_edges(edges, len(points)).T
    c, gradient = np.exp(metric.log_factor(points)), metric.log_factor_gradient(points)
    step = points[j] - points[i]
    slope_i, slope_j = (c[end] * np.einsum("md,md->m", gradient[end], step) for end in (i, j))
    return (c[i] - c[j]) / 2, (slope_j - slope_i) / 12


def weights(metric: ConformalMetric, graph: Graph, *, rule: str, pieces: int) -> tuple[Values, Values]:
    """Weights of the graph's edges (i, j) by a fixed rule, from i to j and from j to i, each (m,); in the
    units of x times c.
    """
    lengths = norms(graph.points, graph.edges)
    ways = (graph.edges, graph.edges[:, ::-1])
    forth, back = (integrals(metric, graph.points, edges, rule, pieces).means for edges in ways)
    return lengths * forth, lengths * back


def all_pairs(graph: Graph, forth: Values, back: Values | None = None) -> NDArray[np.float64]:
    """Distances (n, n) where edge (i, j) costs `forth` from i to j and `back` from j to i, the same where not
    given; inf where no path.
    """
    i, j = graph.edges.T
    costs = np.concatenate([forth, forth if back is None else back])
    ends = (np.concatenate([i, j]), np.concatenate([j, i]))
    both = coo_array((costs, ends), shape=(graph.n, graph.n))
    return np.asarray(dijkstra(both.tocsr(), directed=True))


def largest_errors(
    graph: Graph, exact: Values, distances: NDArray[np.float64], forth: Values, back: Values | None = None
) -> dict[str, float]:
    """The largest relative error of the distances by these weights, "pair", and of the weights themselves,
    "edge".

    `exact` are the true weights (m,) and `distances` those that they give, (n, n); `forth` and `back` are as
    in `all_pairs`.
    """
    joined = (distances > 0) & np.isfinite(distances)
    found = all_pairs(graph, forth, back)
    ways = [forth] if back is None else [forth, back]
    return {
        "pair": float(np.abs(found[joined] / distances[joined] - 1).max()),
        "edge": max(float(np.abs(way / exact - 1).max()) for way in ways),
    }
