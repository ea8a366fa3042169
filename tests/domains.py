"""Geodesically convex domains with closed-form distances: the hyperbolic and the stereographic disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import geodesic_kit as gk


@dataclass(frozen=True)
class Domain:
    log_p: Callable[[np.ndarray], np.ndarray]
    score: Callable[[np.ndarray], np.ndarray]
    distance: Callable[[np.ndarray, np.ndarray], np.ndarray]
    centre: tuple[float, float]
    radius: float

    def metric(self) -> gk.GenerativeMetric:
        """lam -> 0 and p0 = 1, so that c = 1 / p."""
        return gk.GenerativeMetric(gk.as_density(self.log_p, dim=2, score=self.score), log_lam=-np.inf, p0=1.0)

    def sample(self, n: int, seed: int) -> np.ndarray:
        """n points uniform in the Euclidean disk."""
        rng = np.random.default_rng(seed)
        radius, angle = np.sqrt(rng.uniform(size=n)), rng.uniform(0, 2 * np.pi, n)
        return np.array(self.centre) + self.radius * radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _hyperbolic(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.arccosh(1 + np.square(a - b).sum(axis=-1) / (2 * a[..., 1] * b[..., 1]))


def _spherical(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    chord = np.linalg.norm(a - b, axis=-1) / np.sqrt((1 + np.square(a).sum(axis=-1)) * (1 + np.square(b).sum(axis=-1)))
    return 2 * np.arcsin(np.minimum(chord, 1))


DOMAINS = {
    # p = y: the half-plane; the hyperbolic disk of radius 1 about (0, 1) is a Euclidean one.
    "hyperbolic": Domain(
        lambda x: np.log(np.maximum(x[:, 1], 0), where=x[:, 1] > 0, out=np.full(len(x), -np.inf)),
        lambda x: np.stack([np.zeros(len(x)), 1 / x[:, 1]], axis=1),
        _hyperbolic,
        (0.0, float(np.cosh(1))),
        float(np.sinh(1)),
    ),
    # p = (1 + |x|^2) / 2: the sphere seen from its pole; the unit disk is a hemisphere.
    "sphere": Domain(
        lambda x: np.log((1 + np.square(x).sum(axis=1)) / 2),
        lambda x: 2 * x / (1 + np.square(x).sum(axis=1, keepdims=True)),
        _spherical,
        (0.0, 0.0),
        1.0,
    ),
}
