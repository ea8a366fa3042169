"""How a curve runs, whatever it was made by: its length, its turning, and where it is least likely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..base.scales import step_lengths, total
from ..checks import as_points
from ..density.answers import log_density
from ..errors import DataError
from ..metric.conformal import ConformalMetric
from ..metric.rules import Adaptive
from ..types import Points, Values
from .lengths import pieces_of

__all__ = ["CurveReport", "courses", "turning"]

_RTOL = 1e-4  # of the metric lengths


@dataclass(frozen=True, eq=False)
class CurveReport:
    """One curve (k, d): metric length, Euclidean length, total turning in radians, and log p at its points,
    (k,).
    """

    points: Points
    length: float
    euclidean_length: float
    turning: float
    log_p: Values

    @property
    def lowest(self) -> float:
        """The lowest log p at its points."""
        return float(self.log_p.min())


def turning(curve: ArrayLike) -> float:
    """Total turning of the polygon through points (k, d), in radians: the sum of the angles between
    successive pieces.

    A straight line has 0, a convex closed curve 2π; an inscribed polygon never turns more than its curve.
    Milnor 1950.
    """
    points = as_points(curve, name="curve")
    with np.errstate(over="ignore"):
        steps = np.diff(points, axis=0)
    if not np.isfinite(steps).all():
        steps = np.diff(points / 2, axis=0)
    steps = steps[steps.any(axis=1)]
    # each in units of its own, so that its square fits
    steps = np.ldexp(steps, -np.frexp(np.abs(steps).max(axis=1))[1][:, None])
    units = steps / np.linalg.norm(steps, axis=1)[:, None]
    # Kahan's form: acos of the inner product loses the small angles that a smooth curve is made of.
    return float(
        2
        * np.arctan2(
            np.linalg.norm(np.diff(units, axis=0), axis=1), np.linalg.norm(units[1:] + units[:-1], axis=1)
        ).sum()
    )


def courses(curves: Sequence[Points], metric: ConformalMetric) -> list[CurveReport]:
    """Each curve (k, d) measured, with few calls of the metric's density. Raises DataError where one has
    fewer than two points or a length exceeds float64.
    """
    given = [as_points(curve, name="curve", dim=metric.density.dim) for curve in curves]
    if not given:
        return []
    if any(len(curve) < 2 for curve in given):
        raise DataError("a curve needs two points or more")
    points = np.concatenate(given)
    log_p = np.split(log_density(metric.density, points), np.cumsum([len(curve) for curve in given])[:-1])
    # The curves come finely cut, so that one panel an edge sees all there is.
    lengths = pieces_of(given, metric, Adaptive(_RTOL, panels=1))
    steps = [step_lengths(curve[:-1], curve[1:]) for curve in given]
    parts = zip(given, lengths, steps, log_p, strict=True)
    return [CurveReport(curve, total(c), total(s), turning(curve), values) for curve, c, s, values in parts]
