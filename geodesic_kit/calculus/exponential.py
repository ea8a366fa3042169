"""The exponential map: where a geodesic with a given initial velocity leads in unit time."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

from ..checks import integer, number
from ..errors import DataError, IncompleteGeodesic
from ..types import Points, SmoothImmersion, Values
from .frames import as_immersion, as_vectors, bending, frames, solved

__all__ = ["MOST_EVALUATIONS", "RTOL", "Shot", "course", "exp", "shot"]

RTOL = 1e-9
MOST_EVALUATIONS = 20_000  # of the geodesic equation
# times the first coordinate speed: a geodesic keeps its metric speed, so there the map hardly changes
_FADED = 1e4


class Shot(NamedTuple):
    """Where geodesics end, (n, d), with what velocity, (n, d), and how often their equation was evaluated."""

    points: Points
    velocities: Points
    calls: int


def exp(
    metric: Any,
    x: ArrayLike,
    v: ArrayLike,
    *,
    rtol: float = RTOL,
    max_evaluations: int = MOST_EVALUATIONS,
) -> NDArray[np.float64]:
    """The point that the geodesic from x with velocity v reaches in unit time.

    The geodesic equation z'' = -J^+ f''(z', z') of an immersion is integrated by the eighth-order method of
    Dormand and Prince.

    Parameters
    ----------
    metric : SmoothImmersion
        Such as `gk.latent.PullbackMetric(model)`.
    x : array (d,) or (n, d)
        Points.
    v : array (d,) or (n, d)
        A velocity at each.
    rtol : float, default 1e-9
        Relative error of the integration, above 0, at most 1.
    max_evaluations : int, default 20000
        Of the equation, for all geodesics together.

    Returns
    -------
    array (d,) or (n, d)
        In the coordinates of x.

    Raises
    ------
    IncompleteGeodesic
        Where a decoder no longer changes, far from its codes, a geodesic runs off to infinity within a finite
        length and has no end. It says how far that came, as soon as its coordinates move ten thousand times
        as fast as at first, or the metric is singular, or after `max_evaluations`.
    InvalidParameter
        For other metrics, and for decoders that are linear in pieces.

    Examples
    --------
    >>> import torch
    >>> def sphere(z):
    ...     theta, phi = z[..., 0], z[..., 1]
    ...     return torch.stack([theta.sin() * phi.cos(), theta.sin() * phi.sin(), theta.cos()], dim=-1)
    >>> metric = gk.latent.PullbackMetric(sphere, dim=2)
    >>> gk.exp(metric, [np.pi / 2, 0.0], [0.0, 1.0]).round(6)  # along the equator, for unit time
    array([1.570796, 1.      ])
    """
    immersion = as_immersion(metric, "the exponential map")
    (start, velocity), one = as_vectors(immersion, x, v)
    most = integer(max_evaluations, "max_evaluations", least=1)
    ends = shot(immersion, start, velocity, number(rtol, "rtol", above=0, most=1), most).points
    return ends[0] if one else ends


def shot(
    metric: SmoothImmersion, x: Points, v: Points, rtol: float = RTOL, most: int = MOST_EVALUATIONS
) -> Shot:
    """Geodesics from x (n, d) with velocities v (n, d), all with the same steps. Raises as `exp`."""
    states, calls = _followed(metric, x, v, None, rtol, most)
    points, velocities = states[-1].reshape(2, *x.shape)
    return Shot(points, velocities, calls)


def course(
    metric: SmoothImmersion, x: Values, v: Values, t: Values, rtol: float = RTOL, most: int = MOST_EVALUATIONS
) -> Points:
    """Points (k, d) at the times t (k,), rising from 0 to 1, of the geodesic from x with velocity v, (d,).

    Raises as `exp`.
    """
    states, _ = _followed(metric, x[None], v[None], t, rtol, most)
    return states[:, : len(x)]


def _followed(
    metric: SmoothImmersion, x: Points, v: Points, t: Values | None, rtol: float, most: int
) -> tuple[NDArray[np.float64], int]:
    """Points and velocities of geodesics at the times t (k,), at the end among others where it is None,
    (k, 2 n d), and how many evaluations of their equation it took.
    """
    n, d = x.shape
    state = np.concatenate([x.ravel(), v.ravel()])
    size, first = float(np.abs(state).max()), np.linalg.norm(v, axis=1)
    calls, reached = 0, (0.0, state)

    def equation(time: float, state: Values) -> Values:
        nonlocal calls, reached
        if calls == most:
            raise DataError(f"that took the {most:,} evaluations that max_evaluations= allows")
        calls += 1
        z, velocity = state.reshape(2, n, d)
        q, r = frames(metric, z)
        pull = np.einsum("nDz,nD->nz", q, bending(metric, z, velocity, velocity))
        reached = time, state
        return np.concatenate([velocity.ravel(), -solved(r, pull).ravel()])

    def growth(state: Values) -> Values:
        """How often its first coordinate speed each geodesic has, (n,)."""
        now = np.linalg.norm(state.reshape(2, n, d)[1], axis=1)
        return np.divide(now, first, out=np.ones(n), where=first > 0)

    def faded(_: float, state: Values) -> float:
        return _FADED - float(growth(state).max(initial=1.0))

    def told(time: float, state: Values, why: str) -> IncompleteGeodesic:
        bad = int(growth(state).argmax())
        length = float(np.linalg.norm(metric.jacobian(x[bad : bad + 1])[0] @ v[bad]))
        return IncompleteGeodesic(
            f"the geodesic of length {length:.3g} from {x[bad].tolist()} with velocity {v[bad].tolist()} was "
            f"followed to {time:.3g} of its way: {why}; give a shorter velocity"
        )

    faded.terminal = True  # type: ignore[attr-defined]
    options: dict[str, Any] = {"rtol": rtol, "atol": rtol * size, "t_eval": t, "events": faded}
    try:
        path = solve_ivp(equation, (0.0, 1.0), state, "DOP853", **options)
    except DataError as err:
        if calls <= 1 < most:  # not on its way yet
            raise
        raise told(*reached, str(err)) from err
    if path.status == 1:
        gone = f"the map hardly changes there: its coordinates move {_FADED:.0e} times as fast as at first"
        raise told(float(path.t_events[0][0]), path.y_events[0][0], gone)
    if not path.success:
        raise told(*reached, path.message)
    return path.y.T, calls
