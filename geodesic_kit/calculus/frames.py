"""Tangent spaces of an immersion: orthonormal frames of the images of latent vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.scales import check_scale
from ..base.vectors import as_rows
from ..errors import DataError, InvalidParameter
from ..types import Points, SmoothImmersion

__all__ = ["as_immersion", "as_vectors", "bending", "frames", "solved"]

_LEAST = 1e-10  # of the largest stretch: below, a direction counts as lost
_PROBES = 64  # points about the first one, where a map whose second derivatives vanish is looked at


def as_immersion(metric: Any, what: str) -> SmoothImmersion:
    """`metric`, which has tangent spaces. Raises InvalidParameter that names `what` needs them."""
    if isinstance(metric, type) or not isinstance(metric, SmoothImmersion):
        raise InvalidParameter(
            f"{what} needs an immersion with image, jacobian and second, such as "
            f"gk.latent.PullbackMetric(model); {metric!r} has none"
        )
    return metric


def as_vectors(metric: SmoothImmersion, x: ArrayLike, *more: ArrayLike) -> tuple[list[Points], bool]:
    """Points (n, d) and vectors at them, and whether each was given as one alone, (d,). Raises DataError."""
    names = ("the points", *["the tangent vectors"] * len(more))
    rows, alone = zip(
        *(as_rows(value, name=name, dim=metric.dim) for value, name in zip((x, *more), names, strict=True)),
        strict=True,
    )
    for row, name in zip(rows, names, strict=True):
        check_scale(row, name)
    n = max(len(value) for value in rows)
    if any(len(value) not in (1, n) for value in rows):
        raise DataError(f"{len(rows[0])} points and {len(rows[-1])} vectors; give one vector a point")
    together = [np.ascontiguousarray(np.broadcast_to(row, (n, metric.dim))) for row in rows]
    return together, all(alone)


def frames(metric: SmoothImmersion, z: Points) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Orthonormal frames Q (n, D, d) of the tangent spaces and R (n, d, d) with J = Q R. Raises DataError
    where a direction is lost.
    """
    q, r = np.linalg.qr(metric.jacobian(z))
    stretches = np.linalg.svd(r, compute_uv=False)
    rank = (stretches > _LEAST * stretches[:, :1]).sum(axis=1)
    if r.shape[1] < metric.dim or rank.min(initial=metric.dim) < metric.dim:
        bad = int(np.argmin(rank))
        raise DataError(
            f"the metric is singular at {z[bad].tolist()}: J has rank {rank[bad]} of {metric.dim}, so some "
            "latent direction moves no image; leave that coordinate out, or use distances and geodesics on a "
            "graph, which need no tangent space"
        )
    return q, r


def solved(r: NDArray[np.float64], right: Points) -> Points:
    """R^-1 of each row, (n, d, d), (n, d) -> (n, d)."""
    return np.asarray(np.linalg.solve(r, right[..., None])[..., 0])


def bending(metric: SmoothImmersion, z: Points, u: Points, v: Points) -> Points:
    """The second derivative along u and v at each row, (n, D).

    Raises InvalidParameter for a map that is linear in pieces, whose second derivative says nothing of how it
    bends.
    """
    found = metric.second(z, u, v)
    generic = np.cos(np.arange(metric.dim))
    if not found.any() and not metric.second(z, *2 * [np.broadcast_to(generic, z.shape)]).any():
        about = np.random.default_rng(0).standard_normal((_PROBES, metric.dim))
        places = np.concatenate([z[:1], z[:1] + (1 + np.abs(z[0]).max()) * about])
        slopes = metric.jacobian(places)
        steady = np.abs(slopes - slopes[:1]).max() <= 1e-6 * np.abs(slopes).max()
        # an odd function has no second derivative at 0, and some elsewhere
        if not steady and not metric.second(places, *2 * [np.broadcast_to(generic, places.shape)]).any():
            raise InvalidParameter(
                "the decoder is linear in pieces (ReLU?): it bends at their borders only, so it has neither "
                "curvature nor a geodesic equation; train one with tanh or softplus, or use graphs and "
                "gk.distances, which serve it"
            )
    return found
