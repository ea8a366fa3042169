"""The energy's Hessian over a polygon's inner points: exact where it is convex, else a convex matrix near
it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_solve_banded, cholesky_banded
from scipy.linalg.lapack import dpttrf, dpttrs

from ..types import Points, Values
from .batched import Answer

__all__ = ["Bowl", "bowl", "springs"]

_LEAST = 1e-12  # of the stiffness: keeps its Cholesky factor regular where c varies beyond 1e6

Blocks = NDArray[np.float64]  # (pieces, d, d)


@dataclass(frozen=True, eq=False)
class Bowl:
    """A positive definite matrix near the energy's Hessian.

    `certain` says whether the Hessian itself is known, `convex` whether it is positive definite, `banded` is
    it in upper form.
    """

    solve: Callable[[Points], Points]
    certain: bool = False
    convex: bool = False
    banded: NDArray[np.float64] | None = None


def springs(start: Points, at_middle: Answer, curvature: Values, top: float) -> Bowl:
    """Springs and walls of one mean curvature a midpoint, (k,), the same for every coordinate: one
    tridiagonal matrix over the nodes.
    """
    weight = _weights(at_middle, top)
    walls = 0.25 * weight * np.square(np.diff(start, axis=0)).sum(axis=1) * np.maximum(curvature, 0.0)
    both = weight + walls
    # three times faster than the banded solver
    diagonal, beside, _ = dpttrf(both[:-1] + both[1:], (walls - weight)[1:-1])
    return Bowl(lambda v: dpttrs(diagonal, beside, v)[0])


def bowl(start: Points, at_middle: Answer, hessian: Blocks, top: float) -> Bowl:
    """Springs and curvature of log c, whose Hessians at the midpoints are given, (k, d, d).

    Where the sum is not positive definite, only the walls of the valley that the curve lies in are kept: what
    of 2 grad grad^T + Hessian is positive.
    """
    steps, gradient, d = np.diff(start, axis=0), at_middle.gradient, start.shape[1]
    weight = _weights(at_middle, top)
    square = (weight * np.einsum("kd,kd->k", steps, steps))[:, None, None]
    spring = weight[:, None, None] * np.eye(d)
    bend = 0.5 * np.einsum("ki,kj->kij", gradient, gradient) + 0.25 * hessian
    turn = weight[:, None, None] * np.einsum("ki,kj->kij", steps, gradient)
    both = turn + turn.transpose(0, 2, 1)
    first, last = spring + square * bend - both, spring + square * bend + both
    across = square * bend - spring + turn.transpose(0, 2, 1) - turn
    exact = _banded(last[:-1] + first[1:], across[1:-1])
    try:
        return Bowl(_solver(exact), certain=True, convex=True, banded=exact)
    except LinAlgError:
        values, vectors = np.linalg.eigh(bend)
        walls = square * np.einsum("kia,ka,kja->kij", vectors, np.maximum(values, 0.0), vectors)
        convex = _banded((spring + walls)[:-1] + (spring + walls)[1:], (walls - spring)[1:-1])
        return Bowl(_solver(convex), certain=True, banded=exact)


def _weights(at_middle: Answer, top: float) -> Values:
    return np.maximum(np.exp(2 * (at_middle.log_c - top)), _LEAST)


def _solver(banded: NDArray[np.float64]) -> Callable[[Points], Points]:
    factor = cholesky_banded(banded)
    return lambda v: cho_solve_banded((factor, False), v.ravel()).reshape(v.shape)


def _banded(own: Blocks, next_one: Blocks) -> NDArray[np.float64]:
    """Upper banded form from the blocks of each node with itself, (n, d, d), and with the next, (n - 1, d,
    d).
    """
    n, d, _ = own.shape
    width = 2 * d - 1
    banded = np.zeros((width + 1, n * d))
    for a in range(d):
        for b in range(d):
            if b >= a:
                banded[width - (b - a), b::d] = own[:, a, b]
            banded[width - (d + b - a), d + b :: d] = next_one[:, a, b]
    return banded
