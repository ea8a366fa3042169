"""[S18]'s geometry of the latent space: shooting, parallel translation and analogies, by the calculus and by
its own projections.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline

from ..base.scales import check_scale
from ..calculus.exponential import MOST_EVALUATIONS, RTOL, exp
from ..calculus.frames import as_immersion, as_vectors, frames, solved
from ..calculus.logarithm import initial_velocity
from ..calculus.transport import carried
from ..checks import MOST_NODES, as_points, chosen, integer, number, reals
from ..errors import DataError
from ..geodesics.curve import Geodesic, measured
from ..geodesics.refine import refine
from ..types import Points, SmoothImmersion, Values

__all__ = ["Projected", "analogy", "parallel_translation", "projected", "shoot"]

_STEPS = 100
_CLOSER = 3  # Gauss-Newton steps from x to the nearest image


class Projected(NamedTuple):
    """A vector carried by projections, (z,), and the share of its norm lost before it was restored."""

    vector: Values
    lost: float


def shoot(
    metric: Any,
    z: ArrayLike,
    v: ArrayLike,
    *,
    method: str = "equation",
    steps: int = _STEPS,
    encoder: Callable[[Points], Points] | None = None,
    rtol: float = RTOL,
    max_evaluations: int = MOST_EVALUATIONS,
) -> NDArray[np.float64]:
    """The latent point that the geodesic from z with velocity v reaches in unit time. [S18]

    Raises as `gk.exp`.

    Parameters
    ----------
    metric : SmoothImmersion
        Such as `PullbackMetric(model)`.
    z : array (z,) or (n, z)
        Latent points.
    v : array (z,) or (n, z)
        A velocity at each.
    method : {"equation", "projection"}, default "equation"
        "equation" integrates the geodesic equation, as `gk.exp` does. "projection" is [S18]'s: x = f(z) + u /
        steps, z the encoder's h(x), u projected to the new tangent space, its norm kept.
    steps : int, default 100
        Of "projection".
    encoder : callable (n, x) -> (n, z), optional
        h of "projection"; without it z is that of the nearest image.
    rtol : float, default 1e-9
        Of "equation", as `gk.exp` has it.
    max_evaluations : int, default 20000
        Of "equation", as `gk.exp` has it.

    Returns
    -------
    array (z,) or (n, z)

    Examples
    --------
    >>> import torch
    >>> def sphere(z):
    ...     theta, phi = z[..., 0], z[..., 1]
    ...     return torch.stack([theta.sin() * phi.cos(), theta.sin() * phi.sin(), theta.cos()], dim=-1)
    >>> metric = gk.latent.PullbackMetric(sphere, dim=2)
    >>> gk.latent.shoot(metric, [np.pi / 2, 0.0], [0.0, 1.0]).round(6)
    array([1.570796, 1.      ])
    """
    if chosen(method, "method", ("equation", "projection")) == "equation":
        return exp(metric, z, v, rtol=rtol, max_evaluations=max_evaluations)
    immersion = as_immersion(metric, "shooting")
    steps = integer(steps, "steps", least=1, most=MOST_NODES)
    (points, velocities), one = as_vectors(immersion, z, v)
    u = np.einsum("nDz,nz->nD", immersion.jacobian(points), velocities)
    for _ in range(steps):
        x = immersion.image(points) + u / steps
        points = _nearest(immersion, points, x) if encoder is None else np.asarray(encoder(x))
        q, _ = frames(immersion, points)
        u = _kept(u, np.einsum("nDz,nz->nD", q, np.einsum("nDz,nD->nz", q, u)))
    return points[0] if one else points


def parallel_translation(
    metric: Any, path: Geodesic | ArrayLike, v: ArrayLike, *, method: str = "polar", steps: int | None = None
) -> NDArray[np.float64]:
    """The latent vector v carried parallel to the end of a path. [S18]

    Parameters
    ----------
    metric : SmoothImmersion
        Such as `PullbackMetric(model)`.
    path : Geodesic or array (k, z)
        A path, or points along it, two or more.
    v : array (z,) or (m, z)
        A vector at its start, or several.
    method : {"polar", "projection"}, default "polar"
        "polar" goes by the isometries nearest to each projection and keeps inner products; "projection" is
        [S18]'s, by thin singular vectors, the norm restored.
    steps : int, optional
        So many even steps along the path, by length or by the spline through the points; by default its
        points are the steps.

    Returns
    -------
    array (z,) or (m, z)
        The vectors at the end.

    Raises
    ------
    InvalidParameter
    DataError
        Where the metric is singular or the path has one point.

    Examples
    --------
    >>> import torch
    >>> def sphere(z):
    ...     theta, phi = z[..., 0], z[..., 1]
    ...     return torch.stack([theta.sin() * phi.cos(), theta.sin() * phi.sin(), theta.cos()], dim=-1)
    >>> metric = gk.latent.PullbackMetric(sphere, dim=2)
    >>> equator = np.stack([np.full(65, np.pi / 2), np.linspace(0, 1, 65)], axis=1)
    >>> gk.latent.parallel_translation(metric, equator, [1.0, 0.0]).round(6)  # to the pole
    array([1., 0.])
    """
    immersion = as_immersion(metric, "parallel translation")
    points = _places(immersion, path, steps)
    if chosen(method, "method", ("polar", "projection")) == "polar":
        return carried(immersion, points, v)
    (_, vectors), _ = as_vectors(immersion, points[:1], v)
    ends = np.stack([projected(immersion, points, vector).vector for vector in vectors])
    return ends[0] if np.ndim(v) == 1 else ends


def projected(metric: SmoothImmersion, points: Points, v: Values) -> Projected:
    """v, (z,), carried along points (T + 1, z) as [S18] does, and the norm lost to projection."""
    q, r = frames(metric, points)
    u = q[0] @ (r[0] @ v)
    kept = 1.0
    for frame in q[1:]:
        projection = frame @ (frame.T @ u)
        if size := float(np.linalg.norm(u)):
            kept *= float(np.linalg.norm(projection)) / size
        u = _kept(u[None], projection[None])[0]
    return Projected(solved(r[-1:], (q[-1].T @ u)[None])[0], 1 - kept)


def analogy(
    metric: Any,
    a: ArrayLike,
    b: ArrayLike,
    c: ArrayLike,
    *,
    rtol: float = RTOL,
    max_evaluations: int = MOST_EVALUATIONS,
) -> Values:
    """The latent point that is to c as b is to a: the first velocity of the geodesic from a to b, carried
    along the one from a to c, and shot from there. [S18]

    Raises as its parts, `gk.refine`, `parallel_translation` and `gk.exp`.

    Parameters
    ----------
    metric : SmoothImmersion
        Such as `PullbackMetric(model)`.
    a, b, c : array (z,)
        Latent points.
    rtol : float, default 1e-9
        Of each shot, of the ones that find the velocity and of the last; decoders of pictures bend so often
        that a billionth takes thousands of steps.
    max_evaluations : int, default 20000
        Of the geodesic equation, in each shot.

    Returns
    -------
    array (z,)

    Examples
    --------
    >>> import torch
    >>> def sphere(z):
    ...     theta, phi = z[..., 0], z[..., 1]
    ...     return torch.stack([theta.sin() * phi.cos(), theta.sin() * phi.sin(), theta.cos()], dim=-1)
    >>> metric = gk.latent.PullbackMetric(sphere, dim=2)
    >>> gk.latent.analogy(metric, [np.pi / 2, 0.0], [np.pi / 2, 0.5], [np.pi / 2, 1.0]).round(4)
    array([1.5708, 1.5   ])
    """
    immersion = as_immersion(metric, "an analogy")
    places = np.concatenate(
        [
            as_points(reals(p, name, give="give a latent point (z,)")[None], name=name, dim=immersion.dim)
            for p, name in ((a, "a"), (b, "b"), (c, "c"))
        ]
    )
    to_b, to_c = refine([measured(places[[0, k]], metric) for k in (1, 2)])
    rtol = number(rtol, "rtol", above=0, most=1)
    most = integer(max_evaluations, "max_evaluations", least=1)
    first = initial_velocity(immersion, to_b, rtol, most)
    return exp(metric, places[2], carried(immersion, to_c.points, first), rtol=rtol, max_evaluations=most)


def _places(metric: SmoothImmersion, path: Geodesic | ArrayLike, steps: int | None) -> Points:
    if isinstance(path, Geodesic):
        points = as_points(path.points, name="the path", dim=metric.dim)
    else:
        points = as_points(path, name="the path", dim=metric.dim)
    check_scale(points, "the points of the path")
    if len(points) < 2:
        raise DataError("a path has two points or more; this one has one")
    if steps is None:
        return points
    t = np.linspace(0, 1, integer(steps, "steps", least=1, most=MOST_NODES) + 1)
    if isinstance(path, Geodesic):
        return path.at(t)
    return np.asarray(CubicSpline(np.linspace(0, 1, len(points)), points)(t))


def _nearest(metric: SmoothImmersion, z: Points, x: Points) -> Points:
    """The latent points near z whose images are nearest to x, by Gauss and Newton's method."""
    for _ in range(_CLOSER):
        q, r = frames(metric, z)
        z = z + solved(r, np.einsum("nDz,nD->nz", q, x - metric.image(z)))
    return z


def _kept(before: Points, after: Points) -> Points:
    """`after` with the norms of `before`, (n, D)."""
    wanted, found = (np.linalg.norm(rows, axis=1, keepdims=True) for rows in (before, after))
    return after * np.divide(wanted, found, out=np.zeros_like(found), where=found > 0)
