"""Straighten a graph path to the smooth geodesic by minimising the discrete energy, coarse to fine."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from .checks import integer, number
from .conformal import ConformalMetric
from .energy import least_energy
from .errors import FallbackNotice, InvalidParameter
from .geodesics import Geodesic, measured
from .metrics import EuclideanMetric
from .types import HasScore, Metric, Points

__all__ = ["refine"]

_PIECES = (32, 64, 128, 256, 512, 1024)  # optimised
_MOST_INSCRIBED = 8192  # inscribed in the spline through them


def refine(geodesic: Geodesic, metric: Metric | None = None, n_points: int | None = None, rtol: float = 1e-6) -> Geodesic:
    """The smooth geodesic near a path, as a polygon that is never longer than the path it was given. [GG] Def 2.2.

    The discrete energy N/2 sum c(m_k)^2 |x_k+1 - x_k|^2 over midpoints m_k is minimised by preconditioned L-BFGS for
    N = 32, 64, ... pieces, until doubling N changes the length of the spline through the points by less than rtol. The
    result is a polygon inscribed in that spline, with `n_points` points or as many as bring its length within rtol of the
    spline's; `error` is that difference, so `length - error` is the smooth curve's own length. It finds the local minimum
    nearest to the path. Raises InvalidParameter where no metric is known.
    """
    metric = geodesic.metric if metric is None else metric
    if metric is None:
        raise InvalidParameter("the geodesic remembers no metric; give metric=")
    if not isinstance(metric, (ConformalMetric, EuclideanMetric)):
        raise InvalidParameter(f"refine needs a metric with log_factor and its gradient, such as GenerativeMetric; {metric!r} has none")
    rtol = number(rtol, "rtol", above=0)
    asked = None if n_points is None else integer(n_points, "n_points", least=3) - 1
    if isinstance(metric, ConformalMetric) and not isinstance(metric.density, HasScore):
        warnings.warn(
            f"{metric.density!r} offers no score, so its gradient is taken by central differences: "
            f"{2 * metric.density.dim} evaluations a point; give score= to gk.as_density",
            FallbackNotice,
            stacklevel=2,
        )
    if len(geodesic.points) < 2 or np.array_equal(geodesic.points[0], geodesic.points[-1]):
        return Geodesic(geodesic.points, geodesic.pieces, geodesic.indices, metric, geodesic.exact, 0.0)
    given = measured(geodesic.points, metric)
    curve, smooth, before = given, np.inf, np.inf
    for pieces in [n for n in _PIECES if n >= min(2 * len(given.pieces), _PIECES[-2])]:
        nodes = least_energy(curve.at(np.linspace(0, 1, pieces + 1)), metric, rtol)
        spline = CubicSpline(np.linspace(0, 1, pieces + 1), nodes)
        before, smooth = smooth, _spline_length(spline, metric)
        curve = measured(nodes, metric)
        if abs(before - smooth) <= rtol * smooth:
            break
    inscribed = asked or pieces
    best = measured(_inscribed(spline, inscribed, given.points), metric)
    while asked is None and inscribed < _MOST_INSCRIBED and best.length - smooth > 0.5 * rtol * smooth:
        inscribed *= 2
        best = measured(_inscribed(spline, inscribed, given.points), metric)
    if best.length > given.length:  # the path was as short as any polygon tried
        return Geodesic(given.points, given.pieces, geodesic.indices, metric, geodesic.exact)
    return Geodesic(best.points, best.pieces, None, metric, geodesic.exact, max(best.length - smooth, 0.0))


def _inscribed(spline: CubicSpline, pieces: int, path: Points) -> Points:
    """Points of the spline at equal steps of its parameter, with the ends of the path to the bit."""
    points = spline(np.linspace(0, 1, pieces + 1))
    points[[0, -1]] = path[[0, -1]]
    return points


def _spline_length(spline: CubicSpline, metric: Any) -> float:
    """Metric length of the spline by Gauss-Legendre with five nodes a piece."""
    nodes, weights = np.polynomial.legendre.leggauss(5)
    start, width = spline.x[:-1, None], np.diff(spline.x)[:, None]
    t = (start + width * (nodes + 1) / 2).ravel()
    speed = np.linalg.norm(spline(t, 1), axis=1) * np.exp(metric.log_factor(spline(t)))
    return float((width * weights / 2).ravel() @ speed)
