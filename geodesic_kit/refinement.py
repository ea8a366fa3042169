"""Straighten a graph path to the smooth geodesic by minimising the discrete energy, coarse to fine."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from scipy.linalg import cholesky_banded, solve_banded
from scipy.optimize import minimize

from .checks import integer, number
from .conformal import ConformalMetric
from .errors import FallbackNotice, InvalidParameter, NotADensityError
from .geodesics import Geodesic
from .metrics import EuclideanMetric
from .types import HasScore, Metric, Points, Values

__all__ = ["refine"]

_COARSEST = 32
_FINEST = 2048
_LEAST = 1e-12  # of the stiffness: keeps its Cholesky factor regular where c varies beyond 1e6
_AT_REST = 1e-14
_UPHILL = 10.0


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
    if isinstance(metric, ConformalMetric) and not isinstance(metric.density, HasScore):
        warnings.warn(
            f"{metric.density!r} offers no score, so its gradient is taken by central differences: "
            f"{2 * metric.density.dim} evaluations a point; give score= to gk.as_density",
            FallbackNotice,
            stacklevel=2,
        )
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
    log_c = metric.log_factor((start[1:] + start[:-1]) / 2)
    top = float(log_c.max())  # energies are taken relative to the largest factor, so that they fit float64
    squared = np.maximum(np.exp(2 * (log_c - top)), _LEAST)
    # The energy's Hessian is nearly the stiffness matrix with these squared factors: in its Cholesky coordinates L-BFGS
    # sees a nearly round bowl, whatever the number of pieces.
    banded = np.zeros((2, n - 2))
    banded[1] = squared[:-1] + squared[1:]
    banded[0, 1:] = -squared[1:-1]
    factor = cholesky_banded(banded)

    def energy(curve: Points) -> tuple[float, Points]:
        steps, middle = np.diff(curve, axis=0), (curve[1:] + curve[:-1]) / 2
        weight = np.exp(2 * (metric.log_factor(middle) - top))
        square = np.einsum("kd,kd->k", steps, steps)
        pull = weight[:, None] * steps
        bend = (0.5 * weight * square)[:, None] * metric.log_factor_gradient(middle)
        return 0.5 * float(weight @ square), solve_banded((1, 0), _transposed(factor), pull[:-1] + bend[:-1] - pull[1:] + bend[1:])

    def moved(flat: Values) -> Points:
        curve = start.copy()
        curve[1:-1] += size * solve_banded((0, 1), factor, flat.reshape(n - 2, d))
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
            value, gradient = np.inf, np.zeros((n - 2, d))
        if not np.isfinite(value) or not np.isfinite(gradient).all():
            return _UPHILL, np.zeros_like(flat)  # a finite rise, so that the line search shortens the step
        return (value - first) / size**2, gradient.ravel() / size

    with np.errstate(over="ignore"):
        options = {"maxiter": 1000, "maxcor": 20, "ftol": 1e-14, "gtol": 1e-8}
        result = minimize(scaled, np.zeros((n - 2) * d), jac=True, method="L-BFGS-B", options=options)
    return moved(result.x)


def _transposed(upper: Values) -> Values:
    """The banded form of the transpose of an upper bidiagonal matrix."""
    lower = np.zeros_like(upper)
    lower[0], lower[1, :-1] = upper[1], upper[0, 1:]
    return lower
