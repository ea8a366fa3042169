"""The logarithm: the initial velocity of the geodesic that joins two points."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline

from ..base.warn import tell
from ..errors import RefinementNotice
from ..geodesics.curve import Geodesic
from ..types import SmoothImmersion, Values
from .exponential import MOST_EVALUATIONS, RTOL, shot

__all__ = ["initial_velocity"]

_SHOTS = 6
_NUDGE = 1e-5  # of the velocity, for its derivative


def initial_velocity(
    metric: SmoothImmersion, path: Geodesic, rtol: float = RTOL, most: int = MOST_EVALUATIONS
) -> Values:
    """The velocity, (d,), with which the geodesic near a refined path reaches its end in unit time.

    The path's own is corrected by Newton's method until the shot ends within `rtol` of the way. Warns
    RefinementNotice where it does not. Raises IncompleteGeodesic where a shot leaves the region in which the
    metric is regular, or takes more than `most` evaluations.
    """
    start, end = path.points[0], path.points[-1]
    way, d = float(np.linalg.norm(end - start)), metric.dim
    if path.length == 0:
        return np.zeros(d)
    moved = np.append(True, path.pieces > 0)
    passed = np.concatenate([[0.0], np.cumsum(path.pieces)])[moved] / path.length
    velocity = CubicSpline(passed, path.points[moved])(0.0, 1)
    for _ in range(_SHOTS):
        nudge = _NUDGE * float(np.linalg.norm(velocity))
        tries = np.concatenate([velocity[None], velocity + nudge * np.eye(d)])
        ends = shot(metric, np.repeat(start[None], d + 1, axis=0), tries, rtol, most).points
        miss = ends[0] - end
        if np.linalg.norm(miss) <= rtol * way:
            return np.asarray(velocity)
        velocity = velocity - np.linalg.lstsq((ends[1:] - ends[0]).T / nudge, miss, rcond=None)[0]
    tell(
        f"the initial velocity is known to {np.linalg.norm(miss) / way:.1g} of the way only: the end may be "
        "conjugate to the start, or the path no geodesic; refine it with a smaller rtol=",
        RefinementNotice,
    )
    return np.asarray(velocity)
