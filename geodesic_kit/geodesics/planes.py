"""The plane in which the geodesics between some points lie, where a density falls on leaving it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import numpy as np

from ..base.faults import is_own
from ..metric.conformal import ConformalMetric
from ..types import HasPlane, Metric, Points
from .coarse_to_fine import Smooth

__all__ = ["Plane", "plane_of"]


@dataclass(frozen=True, eq=False)
class Plane:
    """Coordinates u (r,) of a plane of R^d, x = origin + u @ basis with orthonormal rows (r, d), and the
    metric there.
    """

    origin: Points
    basis: Points
    metric: ConformalMetric

    def within(self, x: Points) -> Points:
        """Coordinates of what is nearest to x, (k, d) -> (k, r): of no path does this make a longer one."""
        return (x - self.origin) @ self.basis.T

    def lifted(self, found: Smooth, ends: Points) -> Smooth:
        """The curve in R^d, between the ends (2, d) to the bit."""
        points = self.origin + found.points @ self.basis
        points[[0, -1]] = ends
        return replace(found, points=points)


def plane_of(metric: Metric, ends: Points) -> Plane | None:
    """The plane for all curves between the ends (k, d), or None where the density knows none of fewer
    dimensions.
    """
    if not isinstance(metric, ConformalMetric) or not is_own(metric):  # another's c may grow with p
        return None
    if not isinstance(metric.density, HasPlane) or not is_own(metric.density):
        return None
    found = metric.density.plane(np.unique(ends, axis=0))
    if found is None:
        return None
    origin, basis, density = found
    there = copy.copy(metric)
    object.__setattr__(there, "density", density)  # the same c of log p; metrics are frozen
    return Plane(origin, basis, there)
