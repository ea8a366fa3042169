"""Densities seen through an affine map: log p(x) = log q(z(x)) + log |det dz/dx|; segments stay segments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checks import as_points
from ..types import (
    Density,
    Edges,
    HasBreaks,
    HasLogProbAndScore,
    HasScore,
    HasUpperBound,
    Ints,
    LeaveOneOut,
    OnPanels,
    OnSegments,
    Panels,
    Points,
    PowerLaw,
    Samples,
    Values,
)

__all__ = ["AffineMap", "PulledBack", "pull_back"]


@dataclass(frozen=True, eq=False)
class AffineMap:
    """z = forward(x), x = inverse(z), and the linear part: scales (d,) or a matrix (d, d) on the right."""

    forward: Callable[[Points], Points]
    inverse: Callable[[Points], Points]
    linear: NDArray[np.float64]

    def push(self, v: Points) -> Points:
        """Differences of x, (n, d), as differences of z."""
        return v * self.linear if self.linear.ndim == 1 else v @ self.linear

    def pull(self, gradient: Points) -> Points:
        """Gradients in z, (n, d), as gradients in x: the chain rule."""
        return gradient * self.linear if self.linear.ndim == 1 else gradient @ self.linear.T

    @cached_property
    def log_det(self) -> float:
        """log |det dz/dx|; -inf where the map flattens a direction."""
        if not np.isfinite(self.linear).all():
            return float("-inf")
        with np.errstate(divide="ignore"):
            return float(
                np.log(np.abs(self.linear)).sum()
                if self.linear.ndim == 1
                else np.linalg.slogdet(self.linear)[1]
            )


@dataclass(frozen=True, eq=False, repr=False)
class PulledBack:
    """The density `inner` of z as a density of x."""

    inner: Any
    map: AffineMap

    def __repr__(self) -> str:
        return f"PulledBack({self.inner!r}, log_det={self.map.log_det:.4g})"

    def __reduce__(self) -> tuple[Any, ...]:
        # the class is made for the density, so pickle cannot find it by name
        return pull_back, (self.inner, self.map)

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return int(self.inner.dim)

    @property
    def normalised(self) -> bool:
        """As the inner density: the Jacobian keeps the integral."""
        return bool(self.inner.normalised)

    def log_prob(self, x: Points) -> Values:
        """Natural log of the density at each row of x, (n, d) -> (n,)."""
        return self.inner.log_prob(self._z(x)) + self.map.log_det

    def _z(self, x: Points) -> Points:
        points = as_points(x, name="x", dim=self.dim, empty=True)
        return self.map.forward(points) if len(points) else points


class _Score(PulledBack):
    def score(self, x: Points) -> Points:
        """Gradient of log p at each row of x, (n, d) -> (n, d)."""
        return self.map.pull(self.inner.score(self._z(x)))


class _LogProbAndScore(_Score):
    def log_prob_and_score(self, x: Points) -> tuple[Values, Points]:
        """log p and its gradient at each row, (n,) and (n, d), for the price of one."""
        log_q, score = self.inner.log_prob_and_score(self._z(x))
        return log_q + self.map.log_det, self.map.pull(score)


class _Sample(PulledBack):
    def sample(self, n: int, *, seed: int) -> Points:
        """Draw n independent points, (n, d)."""
        return self.map.inverse(self.inner.sample(n, seed=seed))


class _Segments(PulledBack):
    def segment_log_prob(self, points: Points, edges: Edges, t: Values) -> NDArray[np.float64]:
        """log p at x_i + t (x_j - x_i), (m, T)."""
        return self.inner.segment_log_prob(self._z(points), edges, t) + self.map.log_det


class _Breaks(_Segments):
    def segment_breaks(self, points: Points, edges: Edges, floor: float) -> tuple[Ints, Values]:
        """Edge numbers and places in (0, 1) where a panel must break."""
        return self.inner.segment_breaks(self._z(points), edges, floor - self.map.log_det)


class _Panels(_Breaks):
    def panels(self, points: Points, law: PowerLaw) -> Callable[[Edges], Panels] | None:
        """What prepares edges: with log p = log q + log_det the law of p is one of q, its floor and offset
        shifted.
        """
        shift = self.map.log_det
        return self.inner.panels(
            self._z(points), PowerLaw(law.offset - law.power * shift, law.power, law.log_floor - shift)
        )


class _Bound(PulledBack):
    def log_prob_upper_bound(self) -> float:
        """A number that log p exceeds nowhere."""
        return float(self.inner.log_prob_upper_bound() + self.map.log_det)


class _LeaveOneOut(PulledBack):
    def leave_one_out(self, x: Points) -> Values:
        """log p at each row, leaving out the components centred exactly there, (n,)."""
        return self.inner.leave_one_out(self._z(x)) + self.map.log_det


# The most able first: a class that follows another's protocol stands in for it.
_ABILITIES: tuple[tuple[type, type], ...] = (
    (HasLogProbAndScore, _LogProbAndScore),
    (HasScore, _Score),
    (Samples, _Sample),
    (OnPanels, _Panels),
    (HasBreaks, _Breaks),
    (OnSegments, _Segments),
    (HasUpperBound, _Bound),
    (LeaveOneOut, _LeaveOneOut),
)


def pull_back(density: Density, affine: AffineMap) -> PulledBack:
    """`density` of z as a density of x with the abilities that it has, and no others."""
    mixins: list[type] = []
    for protocol, mixin in _ABILITIES:
        if isinstance(density, protocol) and not any(issubclass(chosen, mixin) for chosen in mixins):
            mixins.append(mixin)
    name = type(density).__name__.removeprefix("PulledBack")
    kind: type[PulledBack] = (
        type(f"PulledBack{name}", (*mixins, PulledBack), {"__module__": __name__}) if mixins else PulledBack
    )
    return kind(density, affine)
