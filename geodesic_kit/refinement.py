"""Straighten a graph path to the smooth geodesic by minimising the discrete energy, coarse to fine."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import cholesky_banded, solve_banded
from scipy.optimize import minimize

from .checks import integer, number
from .errors import InvalidParameter
from .geodesics import Geodesic
from .metrics import ConformalMetric, EuclideanMetric
from .types import Metric, Points, Values

__all__ = ["refine"]

_COARSEST = 32
_FINEST = 2048


def refine(geodesic: Geodesic, metric: Metric | None = None, n_points: int | None = None, rtol: float = 1e-6) -> Geodesic:
    """The smooth geodesic near a path, as a polygon that is never longer than the path it was given. [GG] Def 2.2.

    The discrete energy N/2 sum c(m_k)^2 |x_k+1 - x_k|^2 over midpoints m_k is minimised by preconditioned L-BFGS on
    polygons of 32, 64, ... pieces, until halving the pieces changes the length by less than rtol or there are `n_points`
    points; every length is that of the polygon itself, by adaptive quadrature. `error` of the result is Richardson's
    estimate of what is left, a third of the last change: `length - error` is the extrapolated length. It finds the local
    minimum nearest to the path. Raises InvalidParameter where no metric is known.
    """
    metric = geodesic.metric if metric is None else metric
    if metric is None:
        raise InvalidParameter("the geodesic remembers no metric; give metric=")
    if not isinstance(metric, (ConformalMetric, EuclideanMetric)):
        raise InvalidParameter(f"refine needs a metric with log_factor and its gradient, such as GenerativeMetric; {metric!r} has none")
    rtol = number(rtol, "rtol", above=0)
    finest = _FINEST if n_points is None else integer(n_points, "n_points", least=3) - 1
    if len(geodesic.points) < 2 or np.array_equal(geodesic.points[0], geodesic.points[-1]):
        return Geodesic(geodesic.points, geodesic.pieces, geodesic.indices, metric, geodesic.exact, 0.0)
    given = _measured(geodesic.points, metric, geodesic)
    best, error = given, np.nan
    before = np.nan
    pieces = min(_COARSEST, finest)
    while True:
        start = best.at(np.linspace(0, 1, pieces + 1))
        found = _measured(_minimise(start, metric), metric, best)
        error = max(before - found.length, 0.0) / 3
        if found.length <= best.length:
            best = found
        if pieces >= finest or (n_points is None and abs(before - found.length) <= rtol * found.length):
            break
        before, pieces = found.length, min(2 * pieces, finest)
    if best is given:  # the path was as short as any polygon tried
        error = np.nan
    return Geodesic(best.points, best.pieces, geodesic.indices if best is given else None, metric, geodesic.exact, float(error))


def _measured(points: Points, metric: Metric, like: Geodesic) -> Geodesic:
    """The polygon with its true metric length; pieces of no length stay."""
    steps = np.stack([np.arange(len(points) - 1), np.arange(1, len(points))], axis=1)
    moving = (points[1:] != points[:-1]).any(axis=1)
    pieces = np.zeros(len(steps))
    pieces[moving] = metric.edge_lengths(points, steps[moving])
    return Geodesic(points, pieces, like.indices, metric)


def _minimise(start: Points, metric: Any) -> Points:
    """The polygon of least discrete energy near `start`, ends fixed."""
    n, d = start.shape
    squared = np.exp(2 * metric.log_factor((start[1:] + start[:-1]) / 2))
    scale = float(squared.mean())
    # The energy's Hessian is nearly the stiffness matrix with these squared factors: in its Cholesky coordinates L-BFGS
    # sees a nearly round bowl, whatever the number of pieces.
    banded = np.zeros((2, n - 2))
    banded[1] = (squared[:-1] + squared[1:]) / scale
    banded[0, 1:] = -squared[1:-1] / scale
    factor = cholesky_banded(banded)

    def energy(flat: Values) -> tuple[float, Values]:
        curve = start.copy()
        curve[1:-1] += solve_banded((0, 1), factor, flat.reshape(n - 2, d))
        steps, middle = np.diff(curve, axis=0), (curve[1:] + curve[:-1]) / 2
        weight = np.exp(2 * metric.log_factor(middle)) / scale
        square = np.einsum("kd,kd->k", steps, steps)
        pull = weight[:, None] * steps
        bend = (0.5 * weight * square)[:, None] * metric.log_factor_gradient(middle)
        gradient = pull[:-1] + bend[:-1] - pull[1:] + bend[1:]
        return 0.5 * float(weight @ square), solve_banded((1, 0), _transposed(factor), gradient).ravel()

    result = minimize(energy, np.zeros((n - 2) * d), jac=True, method="L-BFGS-B", options={"maxiter": 1000, "maxcor": 20, "ftol": 1e-15, "gtol": 1e-10})
    curve = start.copy()
    curve[1:-1] += solve_banded((0, 1), factor, result.x.reshape(n - 2, d))
    return curve


def _transposed(upper: Values) -> Values:
    """The banded form of the transpose of an upper bidiagonal matrix."""
    lower = np.zeros_like(upper)
    lower[0], lower[1, :-1] = upper[1], upper[0, 1:]
    return lower
