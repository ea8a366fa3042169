"""Parallel transport of tangent vectors along a curve, by isometries between its tangent spaces."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InvalidParameter
from ..geodesics.curve import Geodesic
from ..types import Points, SmoothImmersion
from .frames import as_immersion, as_vectors, frames, solved

__all__ = ["carried", "transport"]


def transport(path: Geodesic, v: ArrayLike) -> NDArray[np.float64]:
    """A tangent vector carried from the start of a path to its end, parallel under the path's metric.

    Parameters
    ----------
    path : Geodesic
        Under a SmoothImmersion, such as `gk.latent.PullbackMetric(model)`.
    v : array (d,) or (k, d)
        A vector at the start, or several.

    Returns
    -------
    array (d,) or (k, d)
        The vectors at the end.

    Raises
    ------
    InvalidParameter
        Where the path has no immersion for a metric.
    DataError
        Where that is singular.

    Examples
    --------
    >>> import torch
    >>> def sphere(z):
    ...     theta, phi = z[..., 0], z[..., 1]
    ...     return torch.stack([theta.sin() * phi.cos(), theta.sin() * phi.sin(), theta.cos()], dim=-1)
    >>> metric = gk.latent.PullbackMetric(sphere, dim=2)
    >>> points = np.stack([np.full(65, np.pi / 2), np.linspace(0, 1, 65)], axis=1)
    >>> graph = gk.Graph(points, [[k, k + 1] for k in range(64)]).weigh(metric)
    >>> gk.transport(gk.geodesic(graph, 0, 64), [1.0, 0.0]).round(6)  # to the pole
    array([1., 0.])
    """
    if not isinstance(path, Geodesic):
        raise InvalidParameter(f"transport takes a Geodesic; there is a {type(path).__name__}")
    metric: Any = path.metric
    return carried(as_immersion(metric, "parallel transport"), path.points, v)


def carried(metric: SmoothImmersion, points: Points, v: ArrayLike) -> NDArray[np.float64]:
    """v, (d,) or (k, d), carried along the smooth curve through points (T + 1, d).

    From one tangent space to the next goes the orthogonal matrix nearest to Q_2^T Q_1, whose error falls with
    the square of the steps; so does that of every second point, and both are extrapolated (Richardson), to
    the nearest orthogonal matrix again: inner products are kept to rounding.
    """
    (_, vectors), _ = as_vectors(metric, points[:1], v)
    q, r = frames(metric, points)
    fine = _product(q)
    if len(points) > 2:
        every_second = np.unique(np.append(np.arange(0, len(points), 2), len(points) - 1))
        fine = _orthogonal((4 * fine - _product(q[every_second])) / 3)
    ends = solved(np.repeat(r[-1:], len(vectors), axis=0), vectors @ r[0].T @ fine.T)
    return ends[0] if np.ndim(v) == 1 else ends


def _product(q: NDArray[np.float64]) -> NDArray[np.float64]:
    """The isometry (d, d) from the first frame to the last, of frames (T + 1, D, d)."""
    whole = np.eye(q.shape[2])
    for step in _orthogonal(q[1:].transpose(0, 2, 1) @ q[:-1]):
        whole = step @ whole
    return whole


def _orthogonal(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """The orthogonal matrix nearest to each, (..., d, d)."""
    left, _, right = np.linalg.svd(matrices)
    return np.asarray(left @ right)
