"""Squared lengths of short pieces under a conformal metric by the midpoint rule, and their derivatives."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..density.differences import difference_step
from ..types import Chords, Points, Values
from .contrast import power_of_c

__all__ = ["Blocks", "HasLogFactor", "log_factor_hessian", "midpoint_blocks", "midpoint_chords"]

Blocks = NDArray[np.float64]  # (k, d, d)


class HasLogFactor(Protocol):
    """What tells log c and its gradient at points (n, d)."""

    def log_factor(self, x: Points) -> Values: ...
    def log_factor_and_gradient(self, x: Points) -> tuple[Values, Points]: ...


def midpoint_chords(metric: HasLogFactor, x: Points, y: Points, order: int) -> Chords:
    """c(m)^2 |y - x|^2 of each row, (k,), m the middle. Raises ContrastError where c^2 exceeds float64."""
    middle, steps, d = (x + y) / 2, y - x, x.shape[1]
    lengths = np.einsum("kd,kd->k", steps, steps)
    if order == 0:
        return Chords(power_of_c(metric.log_factor(middle), 2, metric) * lengths)
    values, gradient = metric.log_factor_and_gradient(middle)
    weight = power_of_c(values, 2, metric)
    pull, bend = 2 * weight[:, None] * steps, (weight * lengths)[:, None] * gradient
    spring = 2 * weight[:, None, None] * np.eye(d)
    convex = np.stack([spring, -spring, spring], axis=1)
    if order == 1:
        return Chords(weight * lengths, bend - pull, bend + pull, convex)
    first, across, last = midpoint_blocks(steps, weight, gradient, log_factor_hessian(metric, middle))
    return Chords(
        weight * lengths, bend - pull, bend + pull, convex, 2 * np.stack([first, across, last], axis=1)
    )


def log_factor_hessian(metric: HasLogFactor, x: Points) -> Blocks:
    """Second derivatives of log c at each row, (n, d) -> (n, d, d), by differences of its gradient."""
    n, d = x.shape
    step = difference_step(x)
    beside = (x + step * np.array([1.0, -1.0])[:, None, None, None] * np.eye(d)[:, None]).reshape(-1, d)
    slopes = metric.log_factor_and_gradient(beside)[1].reshape(2, d, n, d)
    columns = ((slopes[0] - slopes[1]) / (2 * step)).transpose(1, 2, 0)
    return np.asarray((columns + columns.transpose(0, 2, 1)) / 2)


def midpoint_blocks(
    steps: Points, weight: Values, gradient: Points, hessian: Blocks
) -> tuple[Blocks, Blocks, Blocks]:
    """Second derivatives of 1/2 c(m)^2 |y - x|^2 by x twice, by x and then y, and by y twice, (k, d, d) each.

    steps (k, d) are y - x, weight (k,) is c(m)^2, gradient (k, d) and hessian (k, d, d) are those of log c.
    """
    square = (weight * np.einsum("kd,kd->k", steps, steps))[:, None, None]
    spring = weight[:, None, None] * np.eye(steps.shape[1])
    bend = square * (0.5 * np.einsum("ki,kj->kij", gradient, gradient) + 0.25 * hessian)
    turn = weight[:, None, None] * np.einsum("ki,kj->kij", steps, gradient)
    both = turn + turn.transpose(0, 2, 1)
    return spring + bend - both, bend - spring + turn.transpose(0, 2, 1) - turn, spring + bend + both
