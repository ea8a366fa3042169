"""The discrete energy of a polygon, 1/2 sum c(m_k)^2 |x_k+1 - x_k|^2 / h_k over midpoints m_k, and the
polygon that minimises it.

Its least value is half the squared length, whatever the shares h_k of the length, sum h_k = 1, that the
pieces are to have.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..density.differences import difference_step
from ..types import Points, Values
from .batched import OUTSIDE, Answer, Asking, Factor, Least
from .hessian import Bowl, bowl, springs
from .lbfgs import Evaluate, descended
from .saddles import PUSHES, lowest_direction, pushed

__all__ = ["least_energy"]

_ENERGY_SHARE = 1e-2  # of rtol: a next step that would gain less ends the minimisation
# a polygon too coarse for its valley has no calm minimum; twice as many pieces find it sooner
_MOST_STEPS = 100
# from a start far from rest: as good in the end and a third faster than 100, measured on 177 mixtures
_FIRST_STEPS = 50
# up to here the curvature of log c enters the preconditioner; above, its blocks cost more than they save
_CURVED_DIM = 8


def least_energy(
    start: Points, shares: Values, rtol: float, near_rest: bool, across: bool = False
) -> Asking[Least]:
    """The polygon of least discrete energy near `start`, (k, d), ends fixed, and whether it came to rest.

    Where `start` is `near_rest`, a direction in which the energy falls off to both sides is looked for, and
    followed. `across`, points move only at right angles to `start`: where c spans tens of nats they would
    slide off a pass, and leave it between two midpoints.
    """
    shift = 0.5 * np.log(shares * len(shares))

    def at_middle(curve: Points) -> Asking[Answer]:
        answer = yield Factor((curve[1:] + curve[:-1]) / 2, True)
        return Answer(answer.log_c - shift, answer.gradient)

    answer = yield from at_middle(start)
    # energies are taken relative to the largest factor, so that they fit float64
    top = float(answer.log_c.max())
    value, slope = _energy(start, answer, top)

    def evaluate(inner: Points) -> Asking[tuple[float, Points]]:
        curve = np.concatenate([start[:1], inner, start[-1:]])
        try:
            there = yield from at_middle(curve)
        except OUTSIDE:  # a trial step left the density's domain
            return np.inf, inner
        with np.errstate(over="ignore", invalid="ignore"):
            trial, trial_slope = _energy(curve, there, top)
        return (trial, allowed(trial_slope)) if np.isfinite(trial_slope).all() else (np.inf, inner)

    inner = start[1:-1]
    allowed = _at_right_angles(start) if across else lambda way: way
    slope = allowed(slope)
    shape: Bowl
    if start.shape[1] > _CURVED_DIM:
        shape = springs(start, answer, (yield from _mean_curvature(start, answer)), top)
    elif (hessian := (yield from _hessian(start, answer))) is None:
        shape = springs(start, answer, np.zeros(len(shares)), top)
    else:
        shape = bowl(start, answer, hessian, top)
    if near_rest and not across and not (shape.certain and shape.convex):
        found = yield from lowest_direction(inner, slope, shape, evaluate)
        if found is not None:
            inner, value, slope = yield from _pushed(inner, value, slope, found, evaluate)
    most = _MOST_STEPS if near_rest else _FIRST_STEPS
    inner, rests = yield from descended(
        inner, value, slope, evaluate, lambda v: allowed(shape.solve(v)), _ENERGY_SHARE * rtol * value, most
    )
    return Least(np.concatenate([start[:1], inner, start[-1:]]), rests)


def _at_right_angles(curve: Points) -> Callable[[Points], Points]:
    """What takes from ways of the inner points (k - 2, d) their parts along the polygon."""
    along = curve[2:] - curve[:-2]
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), np.finfo(float).tiny)
    return lambda way: way - np.einsum("kd,kd->k", way, along)[:, None] * along


def _energy(curve: Points, at_middle: Answer, top: float) -> tuple[float, Points]:
    """The energy over N exp(2 top), and its gradient by the inner points, (k - 2, d)."""
    steps = np.diff(curve, axis=0)
    weight = np.exp(2 * (at_middle.log_c - top))
    square = np.einsum("kd,kd->k", steps, steps)
    pull = weight[:, None] * steps
    bend = (0.5 * weight * square)[:, None] * at_middle.gradient
    return 0.5 * float(weight @ square), pull[:-1] + bend[:-1] - pull[1:] + bend[1:]


def _pushed(
    inner: Points, value: float, slope: Points, direction: Points, evaluate: Evaluate
) -> Asking[tuple[Points, float, Points]]:
    """The lowest of a few points along the direction, both ways, so that a minimiser does not rest on a ridge
    by symmetry.
    """
    best = inner, value, slope
    for share in PUSHES:
        for moved in pushed(inner, direction, share):
            trial, trial_slope = yield from evaluate(moved)
            if trial < best[1]:
                best = moved, trial, trial_slope
        if best[1] < value:
            return best
    return best


def _hessian(start: Points, at_middle: Answer) -> Asking[NDArray[np.float64] | None]:
    """Hessian of log c at each midpoint, (k, d, d), by differences of its gradient; None at the edge of the
    domain.
    """
    middle, d = (start[1:] + start[:-1]) / 2, start.shape[1]
    step = difference_step(middle)
    shifted = (middle + step * np.eye(d)[:, None, :]).reshape(-1, d)
    try:
        there = yield Factor(shifted, True)
    except OUTSIDE:
        return None
    columns = (there.gradient.reshape(d, len(middle), d) - at_middle.gradient) / step
    hessian = (columns + columns.transpose(2, 1, 0)) / 2
    return np.where(np.isfinite(hessian).all(axis=(0, 2), keepdims=True), hessian, 0.0).transpose(1, 0, 2)


def _mean_curvature(start: Points, at_middle: Answer) -> Asking[Values]:
    """Mean over all directions of the second derivative of log c at each midpoint, (k,), estimated along one
    diagonal of R^d.
    """
    middle, d = (start[1:] + start[:-1]) / 2, start.shape[1]
    # always the same ones; Hutchinson's estimate of the trace
    signs = np.where(np.random.default_rng(0).random(d) < 0.5, -1.0, 1.0)
    step = difference_step(middle)
    try:
        there = yield Factor(middle + step * signs, True)
    except OUTSIDE:
        return np.zeros(len(middle))
    curvature = (there.gradient - at_middle.gradient) @ signs / (step * d)
    return np.where(np.isfinite(curvature), curvature, 0.0)
