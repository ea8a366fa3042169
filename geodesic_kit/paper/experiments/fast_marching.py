"""An independent distance: the eikonal equation |grad T| = c solved on a grid by fast marching (scikit-fmm).

Order 2; the source is a disk of four cells whose rim carries the mean length of its radii, so that the point
source's singularity is resolved. Two grids, one twice as fine, tell the error: the order is 2 where c is
smooth, 1 where it jumps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import map_coordinates, spline_filter

from ...base.extras import needing
from ...checks import as_points, integer
from ...errors import InvalidParameter
from ...metric.conformal import ConformalMetric
from ...types import Points, Values

__all__ = ["Arrival", "arrival", "travel_time"]

_DISK = 4  # cells in the source's radius
_RADII = 64


@dataclass(frozen=True, eq=False)
class Arrival:
    """The distance from one source inside a box, on two grids with the box's corners as nodes."""

    box: NDArray[np.float64]
    coarse: NDArray[np.float64]
    fine: NDArray[np.float64]

    def at(self, targets: Points) -> tuple[Values, Values]:
        """Distances to the targets (k, 2), extrapolated for order 2 (Richardson), and their relative error,
        each (k,).

        The error is an estimate, the whole difference of the two grids: three times what order 2 leaves in
        the finer one, and all that order 1 leaves. Raises InvalidParameter for targets outside the box.
        """
        coarse, fine = (_between(spline, self.box, targets) for spline in self._splines)
        return fine + (fine - coarse) / 3, np.abs(fine - coarse) / fine

    @cached_property
    def _splines(self) -> list[NDArray[np.float64]]:
        """The cubic splines' coefficients, which cost more than the targets do."""
        return [spline_filter(times) for times in (self.coarse, self.fine)]


def arrival(metric: ConformalMetric, source: ArrayLike, box: ArrayLike, cells: int) -> Arrival:
    """The distance from a source to everywhere in a box ((low, high), (low, high)), on grids of `cells` and 2
    `cells` a side.
    """
    sides = np.asarray(box, dtype=float)
    coarse, fine = (
        _marched(metric, np.asarray(source, dtype=float), sides, k * integer(cells, "cells", least=16))
        for k in (1, 2)
    )
    return Arrival(sides, coarse, fine)


def travel_time(
    metric: ConformalMetric, source: ArrayLike, box: ArrayLike, cells: int, targets: Points
) -> Values:
    """Distance from the source to the targets (k, 2) inside a box, on one grid of `cells` a side; in the
    units of x times c.
    """
    sides = np.asarray(box, dtype=float)
    times = _marched(metric, np.asarray(source, dtype=float), sides, integer(cells, "cells", least=16))
    return _between(spline_filter(times), sides, targets)


def _marched(
    metric: ConformalMetric, source: NDArray[np.float64], box: NDArray[np.float64], cells: int
) -> NDArray[np.float64]:
    """Travel times at the (cells + 1)^2 nodes of the grid."""
    with needing("fast marching needs", "notebooks"):
        import skfmm
    step = (box[:, 1] - box[:, 0]) / cells
    radius = _DISK * float(step.max())
    if box.shape != (2, 2) or ((source - box[:, 0] <= radius) | (box[:, 1] - source <= radius)).any():
        raise InvalidParameter(
            f"the source {source} must lie {_DISK} cells or more inside the box ((low, high), (low, high)) "
            f"= {box.tolist()}"
        )
    axes = [np.linspace(low, high, cells + 1) for low, high in box]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    log_c = metric.log_factor(grid.reshape(-1, 2)).reshape(cells + 1, cells + 1)
    phi = np.linalg.norm(grid - source, axis=-1) - radius
    times = np.asarray(skfmm.travel_time(phi, np.exp(-log_c), dx=step.tolist(), order=2))
    angle = np.linspace(0, 2 * np.pi, _RADII, endpoint=False)
    star = np.concatenate([source[None], source + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)])
    radii = np.stack([np.zeros(_RADII, dtype=int), np.arange(1, _RADII + 1)], axis=1)
    return times + metric.edge_lengths(star, radii).mean()


def _between(spline: NDArray[np.float64], box: NDArray[np.float64], targets: Points) -> Values:
    """Values at the targets of the cubic spline with these coefficients, one a node."""
    targets = as_points(targets, name="targets", dim=2)
    if ((targets < box[:, 0]) | (targets > box[:, 1])).any():
        raise InvalidParameter(f"targets lie outside the box {box.tolist()}; give a larger box=")
    places = (targets - box[:, 0]) / (box[:, 1] - box[:, 0]) * (len(spline) - 1)
    return np.asarray(map_coordinates(spline, places.T, order=3, prefilter=False))
