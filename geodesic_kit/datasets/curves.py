"""Curves blurred by Gaussian noise: draws from them, and their density as a mixture along a quadrature
rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..errors import InvalidParameter
from ..types import Ints, Points, Values

__all__ = ["Curve", "circles", "mixture", "moons", "sample_curves", "spirals"]

# largest distance of neighbouring nodes in units of the noise: log p is then exact to 1e-10 within 10 sigma
_SPACING = 0.6
_MOST_NODES = 5_000


@dataclass(frozen=True)
class Curve:
    """A curve u in [0, 1] -> R^d along which points lie uniformly in u; `speed` bounds |dx/du|."""

    at: Callable[[Values], Points]
    speed: float
    closed: bool = False


def circles(*radii: float) -> list[Curve]:
    """Circles of those radii around the origin."""
    return [Curve(_arc(radius, 2 * np.pi), 2 * np.pi * radius, closed=True) for radius in radii]


def moons() -> list[Curve]:
    """The upper unit half circle around (0, 0) and the lower one around (1, 1/2)."""
    upper = _arc(1.0, np.pi)
    return [Curve(upper, np.pi), Curve(lambda u: np.array([1.0, 0.5]) - upper(u), np.pi)]


def spirals(arms: int = 2, turns: float = 1.25) -> list[Curve]:
    """Archimedean spirals r ~ angle, turned evenly about the origin, that end on the unit circle.

    The angle is the square root of a uniform number between its squared ends, so that arms are evenly
    covered.
    """
    start, end = np.pi / 2, np.pi / 2 + 2 * np.pi * turns
    spread = end**2 - start**2
    speed = spread / (2 * end) * np.hypot(1.0, 1.0 / start)

    def arm(u: Values) -> Points:
        angle = np.sqrt(start**2 + spread * u)
        return (angle / end)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)

    def turned(fraction: float) -> Callable[[Values], Points]:
        # rounded, so that quarter and half turns are exact
        cos, sin = np.round([np.cos(2 * np.pi * fraction), np.sin(2 * np.pi * fraction)], 15)
        return lambda u: arm(u) @ np.array([[cos, sin], [-sin, cos]])

    return [Curve(turned(k / arms), speed) for k in range(arms)]


def sample_curves(curves: list[Curve], noise: float, n: int, seed: int) -> tuple[Points, Ints, Values]:
    """n independent points (n, d) of the blurred curves, each curve as likely as the next, the curve of each
    and its u.
    """
    rng = np.random.default_rng(seed)
    y = rng.integers(len(curves), size=n)
    u = rng.random(n)
    x = np.empty((n, curves[0].at(u[:1]).shape[1]))
    for label, curve in enumerate(curves):
        x[y == label] = curve.at(u[y == label])
    return x + noise * rng.standard_normal(x.shape), y, u


def mixture(curves: list[Curve], noise: float) -> tuple[Points, Values, Values]:
    """Means (K, d), variances (K,) and weights (K,) of the Gaussian mixture that equals the blurred curves.

    Nodes and weights are a Gauss-Legendre rule in u, the trapezoid on closed curves, no farther apart than
    0.6 times the noise. Raises InvalidParameter where the noise is too small for that.
    """
    means, weights = [], []
    for curve in curves:
        # Gauss-Legendre nodes are pi/2 times sparser in the middle
        spread = 1.0 if curve.closed else np.pi / 2
        needed = spread * curve.speed / (_SPACING * noise)
        if not needed <= _MOST_NODES:
            least = spread * curve.speed / (_SPACING * _MOST_NODES)
            raise InvalidParameter(
                f"noise={noise:g} is too small for its density; give noise=0 (no "
                f"density) or at least {least:.2g}"
            )
        count = int(np.ceil(needed))
        if curve.closed:
            u, w = np.arange(count) / count, np.full(count, 1.0 / count)
        else:
            u, w = _gauss_legendre(count)
        means.append(curve.at(u))
        weights.append(w / len(curves))
    centres = np.concatenate(means)
    return centres, np.full(len(centres), noise**2), np.concatenate(weights)


@lru_cache(maxsize=8)
def _gauss_legendre(count: int) -> tuple[Values, Values]:
    from scipy.special import roots_legendre

    nodes, weights = roots_legendre(count)
    return (nodes + 1) / 2, weights / 2


def _arc(radius: float, angle: float) -> Callable[[Values], Points]:
    return lambda u: radius * np.stack([np.cos(angle * u), np.sin(angle * u)], axis=1)
