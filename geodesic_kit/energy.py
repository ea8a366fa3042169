"""The discrete energy of a polygon, N/2 sum c(m_k)^2 |x_k+1 - x_k|^2 over midpoints m_k, and the polygon that minimises it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky_banded, solve_banded
from scipy.optimize import minimize

from .differences import difference_step
from .errors import InvalidParameter, NotADensityError
from .types import Points, Values

__all__ = ["least_energy"]

_LEAST = 1e-12  # of the stiffness: keeps its Cholesky factor regular where c varies beyond 1e6
_AT_REST = 1e-14
_UPHILL = 10.0
_ENERGY_SHARE = 1e-2  # of rtol: a last step below it ends the minimisation
_MOST_STEPS = 100  # a polygon too coarse for its valley has no calm minimum; twice as many pieces find it sooner
_CURVED_DIM = 8  # up to here the curvature of log c enters the preconditioner; above, its blocks cost more than they save


def least_energy(start: Points, metric: Any, rtol: float) -> Points:
    """The polygon of least discrete energy near `start`, (k, d), ends fixed, by preconditioned L-BFGS."""
    n, d = start.shape
    log_c = metric.log_factor((start[1:] + start[:-1]) / 2)
    top = float(log_c.max())  # energies are taken relative to the largest factor, so that they fit float64
    stiffness = _stiffness(start, metric, np.maximum(np.exp(2 * (log_c - top)), _LEAST))
    factor = cholesky_banded(stiffness)
    upper = factor.shape[0] - 1
    transposed = _transposed(factor)
    shape = (factor.shape[1], -1)  # one column, or one a coordinate where all share one matrix

    def energy(curve: Points) -> tuple[float, Values]:
        steps, middle = np.diff(curve, axis=0), (curve[1:] + curve[:-1]) / 2
        weight = np.exp(2 * (metric.log_factor(middle) - top))
        square = np.einsum("kd,kd->k", steps, steps)
        pull = weight[:, None] * steps
        bend = (0.5 * weight * square)[:, None] * metric.log_factor_gradient(middle)
        slope = pull[:-1] + bend[:-1] - pull[1:] + bend[1:]
        return 0.5 * float(weight @ square), solve_banded((upper, 0), transposed, slope.reshape(shape)).ravel()

    def moved(flat: Values) -> Points:
        curve = start.copy()
        curve[1:-1] += size * solve_banded((0, upper), factor, flat.reshape(shape)).reshape(n - 2, d)
        return curve

    first, slope = energy(start)
    size = float(np.linalg.norm(slope))
    if size <= _AT_REST * first:
        return start

    # In units of the first slope, L-BFGS's first trial step, of length one, is nearly Newton's.
    def scaled(flat: Values) -> tuple[float, Values]:
        try:
            value, gradient = energy(moved(flat))
        except (NotADensityError, InvalidParameter):  # a trial step left the density's domain
            value, gradient = np.inf, np.zeros_like(flat)
        if not np.isfinite(value) or not np.isfinite(gradient).all():
            return _UPHILL, np.zeros_like(flat)  # a finite rise, so that the line search shortens the step
        return (value - first) / size**2, gradient / size

    with np.errstate(over="ignore"):
        enough = max(_ENERGY_SHARE * rtol * first / size**2, 1e-14)  # of the energy, in these units
        options = {"maxiter": _MOST_STEPS, "maxcor": 20, "ftol": enough, "gtol": 1e-8}
        result = minimize(scaled, np.zeros((n - 2) * d), jac=True, method="L-BFGS-B", options=options)
    return moved(result.x)


def _stiffness(start: Points, metric: Any, weight: Values) -> NDArray[np.float64]:
    """Nearly the energy's Hessian, positive definite, in upper banded form over the free coordinates, node by node.

    In its Cholesky coordinates L-BFGS sees a nearly round bowl, whatever the number of pieces: the springs between
    neighbours, and the walls of the valley that the curve lies in, 2 grad grad^T + Hessian of log c at the midpoints.
    Above 8 dimensions there are the springs alone, the same for every coordinate: one matrix over the nodes.
    """
    n, d = start.shape
    if d > _CURVED_DIM:
        banded = np.zeros((2, n - 2))
        banded[1] = weight[:-1] + weight[1:]
        banded[0, 1:] = -weight[1:-1]
        return banded
    middle, square = (start[1:] + start[:-1]) / 2, np.square(np.diff(start, axis=0)).sum(axis=1)
    bend = _hessian(metric, middle) + 2 * np.einsum("ki,kj->kij", *[metric.log_factor_gradient(middle)] * 2)
    values, vectors = np.linalg.eigh(np.where(np.isfinite(bend).all(axis=(1, 2), keepdims=True), bend, 0.0))
    walls = np.einsum("kia,ka,kja->kij", vectors, np.maximum(values, 0.0) * (0.25 * weight * square)[:, None], vectors)
    springs = weight[:, None, None] * np.eye(d)
    own = (springs + walls)[:-1] + (springs + walls)[1:]  # of each free node with itself
    next_one = (walls - springs)[1:-1]  # of each free node with the next
    bandwidth = 2 * d - 1
    banded = np.zeros((bandwidth + 1, (n - 2) * d))
    for a in range(d):
        for b in range(d):
            if b >= a:
                banded[bandwidth - (b - a), b::d] = own[:, a, b]
            banded[bandwidth - (d + b - a), d + b :: d] = next_one[:, a, b]
    return banded


def _hessian(metric: Any, x: Points) -> NDArray[np.float64]:
    """Hessian of log c at each row, (n, d, d), by differences of its gradient; a preconditioner needs no more digits."""
    d = x.shape[1]
    step = difference_step(x)
    columns = []
    for c in range(d):
        shift = np.zeros(d)
        shift[c] = step
        columns.append((metric.log_factor_gradient(x + shift) - metric.log_factor_gradient(x - shift)) / (2 * step))
    hessian = np.stack(columns, axis=2)
    return (hessian + hessian.transpose(0, 2, 1)) / 2


def _transposed(upper: NDArray[np.float64]) -> NDArray[np.float64]:
    """The lower banded form of the transpose of an upper banded matrix."""
    width = upper.shape[0] - 1
    lower = np.zeros_like(upper)
    for offset in range(width + 1):
        lower[offset, : upper.shape[1] - offset] = upper[width - offset, offset:]
    return lower
