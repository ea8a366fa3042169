"""Preconditioned L-BFGS as a computation that asks for its values, so that many descents can share a
density's calls.

SciPy's takes a function and calls it; to stop there and wait for others would need a thread a descent.
Source: Nocedal and Wright, Numerical Optimization (2006), algorithm 7.4; the bisection for the weak Wolfe
conditions is Lewis and Overton's, Nonsmooth optimization via quasi-Newton methods (2013), algorithm 2.6.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np

from ..types import Points, Values
from .batched import Asking

__all__ = ["Evaluate", "descended"]

_MEMORY = 10  # steps whose curvature is remembered
_MOST_TRIALS = 25  # of one line search
_DECREASE, _CURVATURE = 1e-4, 0.9

Evaluate = Callable[[Points], Asking[tuple[float, Points]]]  # inf where there is no value
Solve = Callable[[Points], Points]


def descended(
    x: Points, value: float, slope: Points, evaluate: Evaluate, solve: Solve, enough: float, most: int
) -> Asking[tuple[Points, bool]]:
    """A minimum near x, of any shape, and whether it was reached: the next step would gain less than
    `enough`.

    `value` and `slope` are those at x; `solve` applies the inverse of a matrix near the Hessian, (shape of x)
    -> (same).
    """
    steps: deque[tuple[Values, Values, float]] = deque(maxlen=_MEMORY)
    scale = 1.0  # of the preconditioner, by the last step's curvature
    for _ in range(most):
        way = -_two_loops(slope, steps, solve, scale)
        gain = -float(np.vdot(slope, way))
        if not gain > 0:  # rounding has eaten the memory
            if not steps:
                return x, True
            steps.clear()
            scale = 1.0
            continue
        if gain <= 2 * enough:  # the quadratic model's minimum lies gain / 2 below
            return x, True
        found = yield from _searched(x, value, way, gain, evaluate)
        if found is None:
            if not steps:
                return x, gain <= 1e3 * enough
            steps.clear()
            scale = 1.0
            continue
        moved, lower, new_slope = found
        s, y = (moved - x).ravel(), (new_slope - slope).ravel()
        curvature = float(s @ y)
        if curvature > 1e-12 * float(np.linalg.norm(s) * np.linalg.norm(y)):
            steps.append((s, y, curvature))
            scale = curvature / float(y @ solve(y.reshape(x.shape)).ravel())
        x, value, slope = moved, lower, new_slope
    return x, False


def _two_loops(
    slope: Points, steps: deque[tuple[Values, Values, float]], solve: Solve, scale: float
) -> Points:
    q, alphas = slope.ravel().copy(), []
    for s, y, curvature in reversed(steps):
        alphas.append(float(s @ q) / curvature)
        q -= alphas[-1] * y
    r = scale * solve(q.reshape(slope.shape)).ravel()
    for (s, y, curvature), alpha in zip(steps, reversed(alphas), strict=True):
        r += (alpha - float(y @ r) / curvature) * s
    return r.reshape(slope.shape)


def _searched(
    x: Points, value: float, way: Points, gain: float, evaluate: Evaluate
) -> Asking[tuple[Points, float, Points] | None]:
    """A point along the way with the weak Wolfe conditions; the lowest one tried where they cannot be met;
    None where none is lower.
    """
    t, low, high, best = 1.0, 0.0, np.inf, None
    for _ in range(_MOST_TRIALS):
        moved = x + t * way
        trial, slope = yield from evaluate(moved)
        if not trial <= value - _DECREASE * t * gain:
            high = t
        else:
            if best is None or trial < best[1]:
                best = moved, trial, slope
            if -float(np.vdot(slope, way)) <= _CURVATURE * gain:
                return best
            low = t
        t = (low + high) / 2 if np.isfinite(high) else 2 * t
    return best
