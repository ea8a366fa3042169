"""The polygon of least energy 1/2 sum |x_k, x_k+1|^2 / h_k under any Riemannian metric, by Newton's method.

Its pieces' squared lengths come from the metric's `chords`: for an immersion those of secants. Its least
value is half the squared length, whatever the shares h_k of the length, sum h_k = 1, that the pieces are to
have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_solve_banded, cholesky_banded

from ..errors import PluginError
from ..types import Chords, Points, Values
from .batched import OUTSIDE, Asking, Least, Pieces
from .hessian import banded, lowest_of
from .saddles import PUSHES, pushed

__all__ = ["newton_energy"]

_ENERGY_SHARE = 1e-2  # of rtol: a step that would gain less ends the minimisation
_CONVEX_STEPS = 3  # from a start far from rest, with the convex matrix alone, which costs a third
_MOST_STEPS = 40
_HALVINGS = 12
_DECREASE = 1e-4  # of what the slope promises, that a step has to gain
# of the largest diagonal entry: keeps the factor of a singular metric regular, whatever its rounding
_RIDGES = (1e-12, 1e-9, 1e-6)


@dataclass(frozen=True, eq=False)
class _Place:
    """Energy, slope by the inner points (k - 2, d), a convex matrix near the Hessian in upper banded form,
    and the Hessian where it was asked for.
    """

    value: float
    slope: Points
    convex: NDArray[np.float64]
    hessian: NDArray[np.float64] | None


def newton_energy(start: Points, shares: Values, rtol: float, near_rest: bool) -> Asking[Least]:
    """The polygon of least discrete energy near `start`, (k, d), ends fixed; whether it came to rest, and
    whether the exact Hessian is positive definite there, so that it is a local minimum.

    Off a saddle it goes down, along the direction in which the energy falls off most.
    """
    curve = start
    for step in range(_MOST_STEPS):
        exact = near_rest or step >= _CONVEX_STEPS
        here = yield from _placed(curve, shares, order=2 if exact else 1)
        factor, certain = _factor(here)
        direction = -cho_solve_banded((factor, False), here.slope.ravel()).reshape(here.slope.shape)
        gain = -float(np.vdot(direction, here.slope))
        if exact and gain <= 2 * _ENERGY_SHARE * rtol * here.value:
            if certain or here.hessian is None:
                return Least(curve, True, certain)
            moved = yield from _pushed(curve, shares, here)
            if moved is None:
                return Least(curve, True, False)
            curve = moved
            continue
        moved = yield from _searched(curve, shares, here.value, direction, gain)
        if moved is None:
            return Least(curve, gain <= rtol * here.value, certain)
        curve = moved
    return Least(curve, False, False)


def _placed(curve: Points, shares: Values, order: int) -> Asking[_Place]:
    found: Chords = yield Pieces(curve[:-1], curve[1:], order)
    if found.start is None or found.end is None or found.convex is None:
        raise PluginError(
            f"the metric's chords(x, y, order={order}) returned no derivatives; gradients by both ends and a "
            "convex matrix are needed from order 1 on"
        )
    own = 1 / (2 * shares)
    slope = (own[:, None] * found.end)[:-1] + (own[:, None] * found.start)[1:]
    hessian = None if found.hessian is None else _matrix(own, found.hessian)
    return _Place(float(own @ found.squares), slope, _matrix(own, found.convex), hessian)


def _matrix(own: Values, blocks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Second derivatives by the inner points, in upper banded form, from each piece's blocks (k, 3, d, d)."""
    weighed = own[:, None, None, None] * blocks
    return banded(weighed[:-1, 2] + weighed[1:, 0], weighed[1:-1, 1])


def _factor(here: _Place) -> tuple[NDArray[np.float64], bool]:
    """The Cholesky factor of the Hessian, and True; of the convex matrix near it where it is not known or not
    positive definite.
    """
    if here.hessian is not None:
        try:
            return cholesky_banded(here.hessian), True
        except LinAlgError:
            pass
    for ridge in _RIDGES:
        ridged = here.convex.copy()
        ridged[-1] += ridge * float(ridged[-1].max())
        try:
            return cholesky_banded(ridged), False
        except LinAlgError:
            pass
    raise PluginError("the convex matrix that the metric's chords returned has negative eigenvalues")


def _energy(curve: Points, shares: Values) -> Asking[float]:
    try:
        found: Chords = yield Pieces(curve[:-1], curve[1:], 0)
    except OUTSIDE:  # a trial step left the metric's domain
        return np.inf
    return float((found.squares / (2 * shares)).sum())


def _searched(
    curve: Points, shares: Values, value: float, direction: Points, gain: float
) -> Asking[Points | None]:
    """The curve moved along the direction as far as the energy falls, by halving; None where it does not."""
    length = 1.0
    for _ in range(_HALVINGS):
        moved = curve.copy()
        moved[1:-1] += length * direction
        if (yield from _energy(moved, shares)) <= value - _DECREASE * length * gain:
            return moved
        length /= 2
    return None


def _pushed(curve: Points, shares: Values, here: _Place) -> Asking[Points | None]:
    """The curve pushed off a saddle, the lowest of a few points both ways; None where none lies lower."""
    assert here.hessian is not None
    direction = lowest_of(here.hessian)
    if direction is None:
        return None
    direction = direction.reshape(-1, curve.shape[1])
    for share in PUSHES:
        for inner in pushed(curve[1:-1], direction, share):
            moved = np.concatenate([curve[:1], inner, curve[-1:]])
            if (yield from _energy(moved, shares)) < here.value:
                return moved
    return None
