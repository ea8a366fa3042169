"""Surfaces whose geometry is known in closed form, as torch maps of two coordinates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike
from scipy.integrate import quad
from torch import Tensor

from ...types import Points, Values

__all__ = [
    "Course",
    "gnomonic",
    "great_circles",
    "latitude",
    "polar_plane",
    "sphere",
    "torus",
    "torus_courses",
]

_RING = 2.0  # the torus' larger radius; that of its tube is 1


class Course(NamedTuple):
    """Geodesics in closed form: their ends (n, 2), first velocities (n, 2) in unit time, lengths (n,)."""

    starts: Points
    ends: Points
    velocities: Points
    lengths: Values


def sphere(z: Tensor) -> Tensor:
    """The unit sphere in stereographic coordinates, whose metric is 4 / (1 + |z|^2)^2; (..., 2) -> (..., 3).

    z = 0 is the pole, |z| = 1 the equator.
    """
    square = z.square().sum(-1, keepdim=True)
    return torch.cat([2 * z, square - 1], -1) / (1 + square)


def torus(z: Tensor) -> Tensor:
    """The torus of radii 2 and 1 by the angles about its axis and about its tube, (..., 2) -> (..., 3)."""
    u, v = z[..., :1], z[..., 1:]
    ring = _RING + torch.cos(v)
    return torch.cat([ring * torch.cos(u), ring * torch.sin(u), torch.sin(v)], -1)


def gnomonic(z: Tensor) -> Tensor:
    """The upper half of the unit sphere seen from its centre: straight lines are great circles."""
    up = torch.cat([z, torch.ones_like(z[..., :1])], -1)
    return up / up.norm(dim=-1, keepdim=True)


def polar_plane(z: Tensor) -> Tensor:
    """The plane in polar coordinates, radius and angle: flat, though its coordinates bend."""
    radius, angle = z[..., :1], z[..., 1:]
    return torch.cat([radius * torch.cos(angle), radius * torch.sin(angle), 0 * radius], -1)


def great_circles(starts: ArrayLike, velocities: ArrayLike) -> Course:
    """The great circles from stereographic starts (n, 2) with velocities (n, 2), of lengths below pi."""
    z, v = (np.asarray(rows, dtype=float) for rows in (starts, velocities))
    over, along = 1 + np.square(z).sum(axis=1, keepdims=True), 2 * (z * v).sum(axis=1, keepdims=True)
    x = np.concatenate([2 * z, over - 2], axis=1) / over
    u = (np.concatenate([2 * v, along], axis=1) - along * x) / over  # the image of v
    lengths = np.linalg.norm(u, axis=1)
    end = x * np.cos(lengths)[:, None] + u * (np.sin(lengths) / lengths)[:, None]
    return Course(z, end[:, :2] / (1 - end[:, 2:]), v, lengths)


def torus_courses(low: ArrayLike, high: ArrayLike, clairaut: ArrayLike) -> Course:
    """The torus' geodesics along which the tube's angle grows from `low` to `high`, (n,) each, by Clairaut.

    `clairaut` (n,) is the constant c = (2 + cos v)^2 u' at unit speed, below 2 + cos v all the way. By
    quadrature of du/dv = c / (r sqrt(r^2 - c^2)) and ds/dv = r / sqrt(r^2 - c^2), r = 2 + cos v.
    """
    rows = []
    for v0, v1, c in zip(*(np.asarray(a, dtype=float) for a in (low, high, clairaut)), strict=True):

        def radius(v: float) -> float:
            return _RING + float(np.cos(v))

        def root(v: float, c: float = c) -> float:
            return float(np.sqrt(radius(v) ** 2 - c**2))

        turned = quad(lambda v, c=c, root=root: c / (radius(v) * root(v)), v0, v1, epsabs=0, epsrel=1e-13)[0]
        length = quad(lambda v, root=root: radius(v) / root(v), v0, v1, epsabs=0, epsrel=1e-13)[0]
        speed = length * np.array([c / radius(v0) ** 2, root(v0) / radius(v0)])
        rows.append((np.array([0.0, v0]), np.array([turned, v1]), speed, length))
    starts, ends, speeds, lengths = (np.array(column) for column in zip(*rows, strict=True))
    return Course(starts, ends, speeds, lengths)


def latitude(angle: float, steps: int) -> Points:
    """The circle `angle` radians from the sphere's pole, in stereographic coordinates, (steps + 1, 2).

    It encloses the area 2 pi (1 - cos angle).
    """
    t = np.linspace(0, 2 * np.pi, steps + 1)
    return np.asarray(np.tan(angle / 2) * np.stack([np.cos(t), np.sin(t)], axis=1))
