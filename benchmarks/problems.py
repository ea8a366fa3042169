"""The data that rows share, each made from a seed: points, the mixture they come from, the metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import geodesic_kit as gk

__all__ = ["Problem", "crowd", "images", "plane", "square"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Problem:
    """Points (n, d) and a metric whose density is a mixture of equal parts, means (K, d) with one
    variance.
    """

    points: Array
    means: Array
    variance: float
    metric: Any

    def radius(self, degree: float) -> float:
        """eps at which a sample of the mixture has about this mean degree in the plane: n pi eps^2 times the
        integral of p^2.
        """
        apart = np.square(self.means[:, None] - self.means).sum(axis=2)
        overlap = np.exp(-apart / (4 * self.variance)).mean() / (4 * np.pi * self.variance)
        return float(np.sqrt(degree / (len(self.points) * np.pi * overlap)))


def plane(n: int, seed: int = 0) -> Problem:
    """n points of two overlapping unit Gaussians of the plane, under lam = 0.05 and p0 = 0.2: c varies by a
    factor of 3.
    """
    means = np.array([[-1.0, 0.0], [1.0, 0.0]])
    density = gk.densities["mog"](means, 1.0)
    return Problem(density.sample(n, seed=seed), means, 1.0, gk.GenerativeMetric(density, lam=0.05, p0=0.2))


def square(n: int, seed: int = 0) -> Problem:
    """n points uniform in the unit square, under two Gaussians of variance 0.05."""
    means = np.array([[0.3, 0.5], [0.7, 0.5]])
    density = gk.densities["mog"](means, 0.05)
    points = np.random.default_rng(seed).uniform(size=(n, 2))
    return Problem(points, means, 0.05, gk.GenerativeMetric(density, lam=0.5, p0=1.0))


def crowd(n: int, seed: int = 0) -> Problem:
    """n points of 100 Gaussians of the plane, sigma 0.3 in a square of side 10, under the kit's default lam
    and p0.
    """
    rng = np.random.default_rng(seed)
    means = rng.uniform(0, 10, size=(100, 2))
    density = gk.densities["mog"](means, 0.09)
    points = density.sample(n, seed=seed)
    return Problem(points, means, 0.09, gk.GenerativeMetric.from_sample(density, points[:5000], power=1.0))


def images(n: int, seed: int = 0) -> Problem:
    """n points in 784 dimensions in the manner of MNIST under k-means: 100 centres about 7 apart, 12
    directions of variance about each (20 in all) and a little noise everywhere (4 in all).

    The mixture has one variance, (20 + 4) / 784 = 0.0306, as a fit of centres would; neighbours are some 30
    sigma apart. power=0.02, or c would span more than 10^300 from an edge's ends to its middle.
    """
    rng = np.random.default_rng(seed)
    k, d, rank, along, noise, apart = 100, 784, 12, 20.0, 4.0, 7.0
    means = rng.standard_normal((k, d)) * apart / np.sqrt(2 * d)
    directions = rng.standard_normal((k, rank, d)) * np.sqrt(along / (rank * d))
    label = rng.integers(k, size=n)
    points = means[label] + np.sqrt(noise / d) * rng.standard_normal((n, d))
    for part in range(k):
        rows = np.flatnonzero(label == part)
        points[rows] += rng.standard_normal((len(rows), rank)) @ directions[part]
    variance = (along + noise) / d
    density = gk.densities["mog"](means, variance)
    return Problem(
        points, means, variance, gk.GenerativeMetric.from_sample(density, points[:3000], power=0.02)
    )
