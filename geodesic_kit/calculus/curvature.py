"""Sectional curvature of an immersion by the Gauss equation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import DataError, InvalidParameter
from ..types import Points, Values
from .frames import as_immersion, as_vectors, bending, frames

__all__ = ["sectional_curvature"]

_LEAST_AREA = 1e-12  # of |u|^2 |w|^2, below which two vectors span no plane


def sectional_curvature(
    metric: Any, x: ArrayLike, u: ArrayLike | None = None, w: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Curvature of the plane of two directions at each point, by the Gauss equation.

    (<II(u, u), II(w, w)> - |II(u, w)|^2) / (|u|^2 |w|^2 - <u, w>^2), II the normal part of the second
    derivative.

    Parameters
    ----------
    metric : SmoothImmersion
        Such as `gk.latent.PullbackMetric(model)`.
    x : array (n, d) or (d,)
        Points.
    u, w : array (n, d) or (d,), optional
        Directions that span the plane; of two coordinates there is but one plane.

    Returns
    -------
    array (n,), or a number
        In 1 / length^2, of the metric's lengths.

    Raises
    ------
    InvalidParameter
        For other metrics, and for decoders that are linear in pieces.
    DataError
        Where the metric is singular or u and w are parallel.

    Examples
    --------
    >>> import torch
    >>> def sphere(z):
    ...     theta, phi = z[..., 0], z[..., 1]
    ...     return torch.stack([theta.sin() * phi.cos(), theta.sin() * phi.sin(), theta.cos()], dim=-1)
    >>> metric = gk.latent.PullbackMetric(sphere, dim=2)
    >>> gk.sectional_curvature(metric, [[1.0, 0.5]]).round(6)
    array([1.])
    """
    immersion = as_immersion(metric, "sectional curvature")
    if (u is None or w is None) and immersion.dim != 2:
        raise InvalidParameter(
            f"a plane of R^{immersion.dim} has to be said: give u= and w=, tangent vectors that span it"
        )
    u, w = (axis if given is None else given for given, axis in zip((u, w), np.eye(2), strict=True))
    (z, one_way, other_way), one = as_vectors(immersion, x, u, w)
    q, r = frames(immersion, z)

    def normal(a: Points, b: Points) -> Points:
        bend = bending(immersion, z, a, b)
        return bend - np.einsum("nDz,nz->nD", q, np.einsum("nDz,nD->nz", q, bend))

    straight, across = normal(one_way, one_way), normal(one_way, other_way)
    over = np.einsum("nD,nD->n", straight, normal(other_way, other_way)) - np.square(across).sum(axis=1)
    ru, rw = (np.einsum("nij,nj->ni", r, v) for v in (one_way, other_way))
    squares = np.square(ru).sum(axis=1) * np.square(rw).sum(axis=1)
    area = squares - np.square((ru * rw).sum(axis=1))
    if (area <= _LEAST_AREA * squares).any():
        bad = int(np.argmax(area <= _LEAST_AREA * squares))
        raise DataError(f"u and w span no plane at {z[bad].tolist()}; give two directions that differ")
    curvature: Values = over / area
    return curvature[0] if one else curvature
