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
from scipy.sparse.linalg import LinearOperator, eigsh

from ..metric.midpoint import Blocks, midpoint_blocks
from ..types import Points, Values
from .batched import Answer

__all__ = ["Bowl", "banded", "bowl", "lowest_of", "springs"]

_LEAST = 1e-12  # of the stiffness: keeps its Cholesky factor regular where c varies beyond 1e6
_MOST_WORK = 1 << 31  # multiplications of a factor, half a second; coarser polygons have been looked at
_LIFTS = 10.0 ** np.arange(-12, 6)  # of a matrix, in units of its largest entry, up to beyond its spectrum
_ABOUT = 1e-3  # relative, of the lifted eigenvalue's inverse: a direction is asked for, no number


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
    steps, gradient = np.diff(start, axis=0), at_middle.gradient
    weight = _weights(at_middle, top)
    first, across, last = midpoint_blocks(steps, weight, gradient, hessian)
    exact = banded(last[:-1] + first[1:], across[1:-1])
    try:
        return Bowl(_solver(exact), certain=True, convex=True, banded=exact)
    except LinAlgError:
        spring = weight[:, None, None] * np.eye(start.shape[1])
        square = (weight * np.einsum("kd,kd->k", steps, steps))[:, None, None]
        values, vectors = np.linalg.eigh(0.5 * np.einsum("ki,kj->kij", gradient, gradient) + 0.25 * hessian)
        walls = square * np.einsum("kia,ka,kja->kij", vectors, np.maximum(values, 0.0), vectors)
        convex = banded((spring + walls)[:-1] + (spring + walls)[1:], (walls - spring)[1:-1])
        return Bowl(_solver(convex), certain=True, banded=exact)


def _weights(at_middle: Answer, top: float) -> Values:
    return np.maximum(np.exp(2 * (at_middle.log_c - top)), _LEAST)


def _solver(banded: NDArray[np.float64]) -> Callable[[Points], Points]:
    factor = cholesky_banded(banded)
    return lambda v: cho_solve_banded((factor, False), v.ravel()).reshape(v.shape)


def banded(own: Blocks, next_one: Blocks) -> NDArray[np.float64]:
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


def lowest_of(hessian: NDArray[np.float64]) -> Values | None:
    """The eigenvector of the least eigenvalue of a matrix in upper banded form, about, None where that is not
    negative, to rounding, or a factor of the matrix takes long.

    By Lanczos on the inverse of the matrix lifted to where it is positive definite: reducing a band takes a
    hundred times as long as its factors.
    """
    width, size = hessian.shape
    scale = float(np.abs(hessian).max())
    if size * width**2 > _MOST_WORK or not np.isfinite(scale):
        return None
    factors = (_factor(hessian, lift) for lift in scale * _LIFTS)
    if next(factors) is not None:
        return None
    factor = next((each for each in factors if each is not None), None)
    if factor is None or size == 1:
        return None if factor is None else np.ones(1)
    inverse = LinearOperator((size, size), lambda v: cho_solve_banded((factor, False), v), dtype=float)
    start = np.random.default_rng(0).standard_normal(size)
    return np.asarray(eigsh(inverse, k=1, v0=start, tol=_ABOUT)[1][:, 0])


def _factor(banded: NDArray[np.float64], lift: float) -> NDArray[np.float64] | None:
    """Cholesky's of a matrix in upper banded form, with `lift` times the unit matrix added; None where that
    is not positive definite.
    """
    lifted = banded.copy()
    lifted[-1] += lift
    try:
        return np.asarray(cholesky_banded(lifted))
    except LinAlgError:
        return None
