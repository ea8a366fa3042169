"""The exponential map: where a geodesic with a given initial velocity leads in unit time."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

from ..checks import number
from ..errors import DataError, GeodesicKitError
from ..types import Points, SmoothImmersion, Values
from .frames import as_immersion, as_vectors, bending, frames, solved

__all__ = ["RTOL", "Shot", "exp", "shot"]

RTOL = 1e-9
_MOST_CALLS = 20_000  # of the geodesic equation


class Shot(NamedTuple):
    """Where geodesics end, (n, d), with what velocity, (n, d), and how often their equation was evaluated."""

    points: Points
    velocities: Points
    calls: int


def exp(metric: Any, x: ArrayLike, v: ArrayLike, *, rtol: float = RTOL) -> NDArray[np.float64]:
    """The point that the geodesic from x with velocity v reaches in unit time, (d,), (d,) -> (d,); many at
    once as (n, d).

    The geodesic equation z'' = -J^+ f''(z', z') of an immersion is integrated by the eighth-order method of
    Dormand and Prince to a relative `rtol`. Raises InvalidParameter for other metrics and for decoders that
    are linear in pieces, DataError where the metric is singular or the geodesic leaves its domain.
    """
    immersion = as_immersion(metric, "the exponential map")
    (start, velocity), one = as_vectors(immersion, x, v)
    ends = shot(immersion, start, velocity, number(rtol, "rtol", above=0, most=1)).points
    return ends[0] if one else ends


def shot(metric: SmoothImmersion, x: Points, v: Points, rtol: float = RTOL) -> Shot:
    """Geodesics from x (n, d) with velocities v (n, d), all with the same steps."""
    n, d = x.shape
    calls = 0

    def equation(_: float, state: Values) -> Values:
        nonlocal calls
        calls += 1
        if calls > _MOST_CALLS:
            raise DataError(
                f"a geodesic was not followed to its end in {_MOST_CALLS:,} steps; give a shorter velocity"
            )
        z, velocity = state.reshape(2, n, d)
        q, r = frames(metric, z)
        pull = np.einsum("nDz,nD->nz", q, bending(metric, z, velocity, velocity))
        return np.concatenate([velocity.ravel(), -solved(r, pull).ravel()])

    state = np.concatenate([x.ravel(), v.ravel()])
    size = float(np.abs(state).max())
    try:
        path = solve_ivp(
            equation,
            (0.0, 1.0),
            state,
            "DOP853",
            rtol=rtol,
            atol=rtol * size,
        )
    except GeodesicKitError as err:
        raise type(err)(f"on the way along a geodesic: {err}") from err
    if not path.success:
        raise DataError(f"a geodesic was not followed to its end ({path.message}); give a shorter velocity")
    points, velocities = path.y[:, -1].reshape(2, n, d)
    return Shot(points, velocities, calls)
