"""What every conformal metric of a density shares: lengths of straight edges, the gradient of log c, a proven
bound.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.faults import is_own
from ..base.vectors import as_pairs
from ..checks import as_edges, as_points, integer
from ..density.along_edges import LogDensityOnEdges
from ..density.answers import (
    bound_exceeded,
    lent_edges,
    log_density,
    log_density_and_score,
    refuse_undefined,
    score_of,
    upper_bound,
)
from ..density.differences import central_differences
from ..errors import InvalidParameter
from ..types import (
    Chords,
    Density,
    Edges,
    HasBreaks,
    HasLogProbAndScore,
    HasScore,
    HasUpperBound,
    Ints,
    OnSegments,
    Panels,
    Points,
    PowerLaw,
    Values,
)
from .blocks import EdgeBlocks
from .contrast import check_span, power_of_c
from .midpoint import midpoint_chords
from .noise import STEPS, noise_of
from .quadrature import (
    NODES,
    EdgeIntegrals,
    LogFactor,
    Noise,
    adaptive,
    fixed,
    left_riemann,
    lobatto,
    means_of,
    trapezoid,
    warn_if_missed,
)
from .rules import Adaptive, Rule, Trapezoid

__all__ = ["ConformalMetric", "with_slack"]

_DEFAULT = Adaptive()
# of log c, and relative of log p: what rounding of a log p in single precision may exceed a bound by
_SLACK = 1e-6
_SEARCH = 1 << 16  # evaluations that a first look for hidden features may cost


class ConformalMetric(ABC):
    """A metric c(x)^2 times the Euclidean one, where log c depends on x through log p alone."""

    density: Density

    @abstractmethod
    def log_c(self, log_p: Values) -> Values:
        """log of the conformal factor where the log-density is `log_p`; any shape."""

    @abstractmethod
    def slope(self, log_p: Values) -> Values:
        """Derivative of log c by log p where the log-density is `log_p`; any shape."""

    def lower_bound(self) -> float:
        """A proven lower bound of c; 0.0 where the density proves no upper bound."""
        if not isinstance(self.density, HasUpperBound):
            return 0.0
        return float(np.exp(self.log_c(np.array([upper_bound(self.density)]))[0]))

    def log_factor(self, x: Points) -> Values:
        """log c at each row of x, (n, d) -> (n,)."""
        return self.log_c(log_density(self.density, as_points(x, name="x", dim=self.density.dim)))

    def log_factor_gradient(self, x: Points) -> Points:
        """Gradient of log c at each row, (n, d) -> (n, d), from the density's score, else by central
        differences.
        """
        return self.log_factor_and_gradient(x)[1]

    def log_factor_and_gradient(self, x: Points) -> tuple[Values, Points]:
        """log c, (n,), and its gradient, (n, d), at each row, in one evaluation where the density has
        `log_prob_and_score`.
        """
        x = as_points(x, name="x", dim=self.density.dim)
        if isinstance(self.density, HasLogProbAndScore):
            log_p, score = log_density_and_score(self.density, x)
        else:
            score = (
                score_of(self.density, x)
                if isinstance(self.density, HasScore)
                else central_differences(self.density, x)
            )
            log_p = log_density(self.density, x)
        slope = self.slope(log_p)[:, None]
        if isinstance(self.density, HasScore):
            refuse_undefined(score, (slope[:, 0] != 0) & (log_p > -np.inf), self.density)
        # where p is 0 the score is not a number
        gradient = np.where(slope == 0, 0.0, slope * np.where(slope == 0, 0.0, score))
        return self.log_c(log_p), gradient

    @property
    def dim(self) -> int:
        """Number of coordinates d, the density's."""
        return self.density.dim

    def speed(self, x: Points, v: Points) -> Values:
        """c(x)|v| of each row, (n, d), (n, d) -> (n,). Raises ContrastError where c does not fit float64."""
        x, v = as_pairs(x, v, dim=self.dim)
        return np.asarray(power_of_c(self.log_factor(x), 1, self) * np.linalg.norm(v, axis=1))

    def log_volume(self, x: Points) -> Values:
        """d log c at each row, (n, d) -> (n,)."""
        return self.dim * self.log_factor(x)

    def chords(self, x: Points, y: Points, order: int = 0) -> Chords:
        """c^2 at the middle times |y - x|^2 of each row, (k,), its gradients from order 1 on, the Hessian at
        2. Raises ContrastError where c^2 does not fit float64.
        """
        x, y = as_pairs(x, y, dim=self.dim, name="the points beside them")
        order = integer(order, "order", least=0, most=2)
        return midpoint_chords(self, x, y, order)

    def edge_lengths(self, points: Points, edges: Edges) -> Values:
        """Length of each straight edge, (m,), in the units of x times c, to a relative 1e-6. [GG] Def 2.4."""
        points = as_points(points, dim=self.density.dim)
        return self.integrate(points, as_edges(edges, len(points)), times_length=True).means

    def integrate(
        self,
        points: Points,
        edges: Edges,
        rule: Rule = _DEFAULT,
        *,
        times_length: bool = False,
        client: Any = None,
    ) -> EdgeIntegrals:
        """Mean of c along each edge with its error estimate, `times_length` the edge's length instead of the
        mean.

        By the workers of a cluster where a `client` is given. Raises ContrastError where log c does not fit
        float64, and ClusterError.

        `Adaptive.panels` is the number of panels that an edge starts from: 1 for a density that tells where
        its narrow features lie, so that none is missed. In any other density a feature narrower than the
        spacing of nodes can hide; a few edges start from 48 panels, which find a bump of a thousandth of the
        edge, many from 4: raise `panels` where features are narrow against the edges. Halving takes
        `quadrature.MOST_HALVED` evaluations on an edge at the most, whatever the density does, and on all of
        them what `Adaptive.max_evaluations` says, if anything.
        """
        if isinstance(self.density, OnSegments):
            points, edges = lent_edges(points, edges, self.density)
        rule = self.settled(rule, len(edges))
        blocks = EdgeBlocks(
            self._integrate, self.density, self.power_law(), points, rule, times_length, len(edges)
        )
        result = blocks.over(edges, client)
        check_span(result.log_c_min, result.log_c_max, self)
        self._check_bound(result.log_c_min)
        if isinstance(rule, Adaptive):
            warn_if_missed(result, rule.rtol)
        return result

    def _check_bound(self, log_c: float) -> None:
        """Raises NotADensityError where a log c that was measured lies below the least that the bound of
        another's density allows.
        """
        if not isinstance(self.density, HasUpperBound) or is_own(self.density):
            return
        if type(self).lower_bound is not ConformalMetric.lower_bound:
            return
        most = with_slack(upper_bound(self.density))
        if log_c < self.log_c(np.array([most]))[0] - _SLACK:
            raise bound_exceeded(self.density)

    def settled(self, rule: Rule, n_edges: int) -> Rule:
        """The rule with the number of panels that each of that many edges starts from, see `integrate`."""
        if not isinstance(rule, Adaptive):
            return rule
        a_panel = len(NODES) * max(n_edges, 1)
        panels, most = rule.panels, rule.max_evaluations
        if panels is None:
            panels = 1 if isinstance(self.density, HasBreaks) else int(np.clip(_SEARCH // a_panel, 4, 48))
            panels = panels if most is None else max(1, min(panels, most // a_panel))
        if most is not None and most < panels * a_panel:
            raise InvalidParameter(
                f"max_evaluations={most:,}: {n_edges:,} edges take {panels * a_panel:,} evaluations before "
                "any is made more exact; give that many, fewer edges, or rule='trapezoid' with pieces="
            )
        return Adaptive(rule.rtol, panels, most)

    def power_law(self) -> PowerLaw | None:
        """The metric as a power law of p, which compiled densities integrate by themselves; None where it is
        none.
        """
        return None

    def _integrate(
        self,
        points: Points,
        edges: Edges,
        rule: Rule,
        prepare: Callable[[Edges], Panels] | None,
        most: int | None = None,
    ) -> EdgeIntegrals:
        if not isinstance(rule, Adaptive):
            nodes, weights = (trapezoid if isinstance(rule, Trapezoid) else left_riemann)(rule.pieces)
            if prepare is not None:
                return fixed(len(edges), len(nodes), *prepare(edges).means(nodes, weights))
            along = self._checked_log_c(LogDensityOnEdges(self.density, points, edges))
            return fixed(len(edges), len(nodes), *means_of(along, len(edges), nodes, weights))
        assert rule.panels is not None  # settled by the caller
        if prepare is not None:
            prepared = prepare(edges)

            def rule_of_density(
                edge: Ints, start: Values, stop: Values
            ) -> tuple[Values, Values, float, float]:
                found = prepared(edge, start, stop)
                check_span(found[2], found[3], self)
                return found

            breaks = prepared.breaks(self._cut(rule.rtol))
            return adaptive(rule_of_density, len(edges), breaks, rule.rtol, rule.panels, None, most)
        log_factor, breaks, noise = self.on_edges(points, edges, rule.rtol)
        return adaptive(lobatto(log_factor), len(edges), breaks, rule.rtol, rule.panels, noise, most)

    def on_edges(
        self, points: Points, edges: Edges, rtol: float
    ) -> tuple[LogFactor, tuple[Ints, Values], Noise]:
        """log c at places along edges, and for a quadrature to `rtol` where its panels break and what noise
        log c has: what `quadrature.adaptive` takes, also of a factor times something else.
        """
        along = LogDensityOnEdges(self.density, points, edges)

        def noise(rows: Ints, start: Values, stop: Values) -> tuple[Values, int]:
            log_p = along(rows, start[:, None] + (stop - start)[:, None] * STEPS)
            return np.abs(self.slope(log_p)).max(axis=1) * noise_of(log_p), log_p.size

        return self._checked_log_c(along), along.breaks(self._cut(rtol)), noise

    def _checked_log_c(self, along: LogDensityOnEdges) -> LogFactor:
        def log_factor(rows: Ints, t: NDArray[np.float64]) -> NDArray[np.float64]:
            log_c = self.log_c(along(rows, t))
            # early: before panels are halved in vain
            check_span(log_c.min(initial=np.inf), log_c.max(initial=-np.inf), self)
            return log_c

        return log_factor

    def _cut(self, rtol: float) -> float:
        """log p below which p does not matter to a quadrature to `rtol`."""
        return float(self._floor() + np.log(rtol) - 2)

    def _floor(self) -> float:
        """log p below which p does not change c."""
        return -np.inf


def with_slack(bound: float) -> float:
    """The greatest log p that is within a bound of log p, but for rounding in single precision."""
    return bound + _SLACK * (1 + abs(bound))
