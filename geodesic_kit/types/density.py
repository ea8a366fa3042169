"""Abilities of a density: the two that it must have, and those that make something faster or more exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ..checks.arrays import Edges, Ints, Point, Points, Values

__all__ = [
    "Density",
    "HasBreaks",
    "HasLogProbAndScore",
    "HasPlane",
    "HasScore",
    "HasUpperBound",
    "LeaveOneOut",
    "OnPanels",
    "OnSegments",
    "Panels",
    "PowerLaw",
    "Samples",
]


@runtime_checkable
class Density(Protocol):
    """A density on R^d, ready to evaluate.

    Where `normalised` is False, absolute `lam` and `p0` have no meaning: use `GenerativeMetric.from_sample`.
    """

    # Properties, so that frozen densities, whose attributes cannot be set, follow the protocol as well.
    @property
    def dim(self) -> int:
        """Number of coordinates d."""
        ...

    @property
    def normalised(self) -> bool:
        """Whether p integrates to 1."""
        ...

    def log_prob(self, x: Points) -> Values:
        """Natural log of the density at each row of x, (n, d) -> (n,), in log(1 / length^d)."""
        ...


@runtime_checkable
class Samples(Protocol):
    """Optional ability: draw points."""

    def sample(self, n: int, *, seed: int) -> Points:
        """Draw n independent points, (n, d)."""
        ...


@runtime_checkable
class HasScore(Protocol):
    """Optional ability: the gradient of the log-density, for `refine`."""

    def score(self, x: Points) -> Points:
        """Gradient of log p at each row of x, (n, d) -> (n, d)."""
        ...


@runtime_checkable
class HasLogProbAndScore(HasScore, Protocol):
    """Optional ability: both at once, where the one costs little after the other."""

    def log_prob_and_score(self, x: Points) -> tuple[Values, Points]:
        """log p, (n,), and its gradient, (n, d), at each row of x, (n, d)."""
        ...


@runtime_checkable
class OnSegments(Protocol):
    """Optional ability: log p along straight segments, the fast path of quadrature."""

    def segment_log_prob(self, points: Points, edges: Edges, t: Values) -> NDArray[np.float64]:
        """log p at x_i + t (x_j - x_i), (m, len(t)), for every edge (i, j) and every t in [0, 1]."""
        ...


@runtime_checkable
class HasBreaks(OnSegments, Protocol):
    """Optional ability: knows where along an edge its narrow features lie, so that quadrature cannot miss
    them.

    Such a density's `segment_log_prob` also takes `t` of shape (m, T), one row an edge.
    """

    def segment_breaks(self, points: Points, edges: Edges, floor: float) -> tuple[Ints, Values]:
        """Edge numbers (b,) and places (b,) in (0, 1) where a panel must break; p below exp(floor) does not
        matter.
        """
        ...


@dataclass(frozen=True)
class PowerLaw:
    """log c = offset - power * logaddexp(log p, log_floor): what a metric of this form tells a compiled
    density.
    """

    offset: float
    power: float
    log_floor: float


class Panels(Protocol):
    """Some edges, prepared: where their panels must break, and the integrals of c over panels."""

    def breaks(self, floor: float) -> tuple[Ints, Values]:
        """As HasBreaks.segment_breaks."""
        ...

    def __call__(self, edge: Ints, start: Values, stop: Values) -> tuple[Values, Values, float, float]:
        """As quadrature.PanelRule; releases the GIL, since several threads integrate blocks of edges at
        once.
        """
        ...

    def means(self, nodes: Values, weights: Values) -> tuple[Values, float, float]:
        """Mean of c over each edge, (m,), by the rule of these nodes, ascending in [0, 1], and weights, (T,),
        and the range of log c at them; releases the GIL.
        """
        ...


@runtime_checkable
class OnPanels(HasBreaks, Protocol):
    """Optional ability: integrates c over panels of edges by itself, compiled, for metrics that are a power
    law of p.
    """

    def panels(self, points: Points, law: PowerLaw) -> Callable[[Edges], Panels] | None:
        """What prepares edges between those points, or None where only the plain path can serve."""
        ...


@runtime_checkable
class HasPlane(Protocol):
    """Optional ability: a plane of fewer dimensions that holds some points, and from which p falls on every
    way straight out, so that the geodesics between them lie in it.
    """

    def plane(self, points: Points) -> tuple[Point, Points, Density] | None:
        """An origin (d,), orthonormal rows (r, d), and log p at x = origin + u @ rows as a density of u; None
        where there is no such plane that is much smaller.
        """
        ...


@runtime_checkable
class HasUpperBound(Protocol):
    """Optional ability: a proven bound of the density."""

    def log_prob_upper_bound(self) -> float:
        """A number that log p exceeds nowhere."""
        ...


@runtime_checkable
class LeaveOneOut(Protocol):
    """Optional ability: the log-density without a point's own kernel, so that a KDE is not judged at its own
    data.
    """

    def leave_one_out(self, x: Points) -> Values:
        """log p at each row of x, leaving out the components centred exactly there, (n, d) -> (n,)."""
        ...
