"""A direction in which a resting curve's energy falls off to both sides, where there is one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.linalg import eigh_tridiagonal

from ..types import Points
from .batched import Asking
from .hessian import Bowl, lowest_of
from .lbfgs import Evaluate

__all__ = ["PUSHES", "lowest_direction", "pushed"]

# off a saddle, in units of the curve's extent; each is tried both ways
PUSHES = 10.0 ** np.arange(-1, -5, -1)

_LANCZOS = 12  # energies and gradients that the search may cost where the Hessian is not known
_NUDGE = 1e-5  # of the curve's extent, for differences of the gradient
_BELOW = -1e-3  # of the spectrum in units of the springs: rounding and differences stay above


def lowest_direction(inner: Points, slope: Points, shape: Bowl, evaluate: Evaluate) -> Asking[Points | None]:
    """The direction of most negative curvature, of the shape of `inner`, or None where the curve lies in a
    bowl.
    """
    if shape.certain:
        assert shape.banded is not None
        vector = lowest_of(shape.banded)
        return None if vector is None else vector.reshape(inner.shape)
    return (yield from _by_lanczos(inner, slope, shape, evaluate))


def pushed(inner: Points, direction: Points, share: float) -> Iterator[Points]:
    """The inner points moved both ways along a direction, by that share of the curve's extent at the most."""
    extent = float(np.linalg.norm(np.ptp(inner, axis=0)))
    for sign in (1.0, -1.0):
        yield inner + sign * share * extent * direction / np.abs(direction).max()


def _by_lanczos(inner: Points, slope: Points, shape: Bowl, evaluate: Evaluate) -> Asking[Points | None]:
    """Lanczos for Hessian v = value P v, P the springs, with products by differences of the gradient.

    It starts from smooth waves of every coordinate with signs that no symmetry of a plane keeps.
    """
    n, d = inner.shape
    wave = np.sin(np.pi * np.arange(1, n + 1) / (n + 1)) * (1 + 0.3 * np.linspace(-1, 1, n))
    extent = float(np.linalg.norm(np.ptp(inner, axis=0)))
    basis: list[Points] = []
    diagonal: list[float] = []
    beside: list[float] = []
    # 2.4 is the golden angle: no two coordinates alike
    residual = np.outer(wave, np.cos(1.0 + 2.4 * np.arange(d)))
    before = np.zeros_like(residual)
    for _ in range(_LANCZOS):
        vector = shape.solve(residual)
        size = max(float(np.vdot(vector, residual)), 0.0) ** 0.5
        if basis and size <= 1e-8 * abs(diagonal[0]):
            break
        # P vector is kept beside it, since P itself is never applied
        vector, now = vector / size, residual / size
        nudge = _NUDGE * extent / float(np.abs(vector).max())
        value, there = yield from evaluate(inner + nudge * vector)
        if not np.isfinite(value):
            return None
        product = (there - slope) / nudge
        beside += [size] if basis else []
        diagonal.append(float(np.vdot(vector, product)))
        basis.append(vector)
        residual = product - diagonal[-1] * now - (beside[-1] if beside else 0.0) * before
        before = now
    values, vectors = eigh_tridiagonal(diagonal, beside, select="i", select_range=(0, 0))
    return np.tensordot(vectors[:, 0], np.stack(basis), axes=1) if values[0] < _BELOW else None
