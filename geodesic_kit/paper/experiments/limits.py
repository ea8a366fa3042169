"""What refined curves and Lemma 2.1 are held against: polygons under any metric, the first order in 1/lam."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...checks import as_points
from ...density.along_edges import log_density
from ...geodesics.curve import Geodesic, measured
from ...metric.generative import EuclideanMetric
from ...types import Density, Metric

__all__ = ["line_integral", "polygon"]


def polygon(points: ArrayLike, metric: Metric) -> Geodesic:
    """The polygon through points (k, d), measured by any metric: a curve to compare with, or what `gk.refine`
    starts from.
    """
    return measured(as_points(points), metric)


def line_integral(density: Density, points: ArrayLike, p0: float, n: int = 4000) -> float:
    """Integral of p0 - p by Euclidean length along the polygon through points (k, d), by the trapezoid rule
    with n pieces.

    It is the limit of lam (d_lam - d) as lam grows. [GG] Lemma 2.1.1.
    """
    curve = polygon(points, EuclideanMetric())
    excess = p0 - np.exp(log_density(density, curve.at(np.linspace(0, 1, n + 1), by="euclidean")))
    return float(curve.length * (excess.sum() - excess[[0, -1]].mean()) / n)
