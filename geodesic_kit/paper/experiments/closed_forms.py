"""Geodesically convex domains with known distances: a hyperbolic disk, the stereographic hemisphere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...density.as_density import as_density
from ...geodesics.between import geodesic
from ...geodesics.refine import refine
from ...graph.graph import Graph
from ...metric.generative import GenerativeMetric
from ...paths.distances import distances
from ...types import Points, Values

__all__ = ["DOMAINS", "Domain", "refined_error", "relative_errors"]


@dataclass(frozen=True)
class Domain:
    """A disk of the plane that is convex under c = 1 / p; `distance` has a closed form, of (..., 2)."""

    log_p: Callable[[Points], Values]
    score: Callable[[Points], Points]
    distance: Callable[[Points, Points], Values]
    centre: tuple[float, float]
    radius: float

    def metric(self) -> GenerativeMetric:
        """lam -> 0 and p0 = 1, so that c = 1 / p. [GG] Lemma 2.1.2."""
        return GenerativeMetric(as_density(self.log_p, dim=2, score=self.score), log_lam=-np.inf, p0=1.0)

    def sample(self, n: int, seed: int) -> Points:
        """n points uniform in the Euclidean disk, (n, 2)."""
        rng = np.random.default_rng(seed)
        radius, angle = np.sqrt(rng.uniform(size=n)), rng.uniform(0, 2 * np.pi, n)
        return np.array(self.centre) + self.radius * radius[:, None] * np.stack(
            [np.cos(angle), np.sin(angle)], axis=1
        )


def relative_errors(graph: Graph, domain: Domain, sources: ArrayLike, *, apart: float = 4.0) -> Values:
    """Graph distance over true distance less 1, for all pairs with a source that lie `apart` median edges or
    more apart.
    """
    rows = np.atleast_1d(sources)
    exact = domain.distance(graph.points[rows][:, None], graph.points[None])
    far = exact >= apart * np.median(graph.matrix.data)
    return distances(graph, rows)[far] / exact[far] - 1


def refined_error(graph: Graph, domain: Domain, n: int, *, rtol: float) -> float:
    """The largest relative error of n refined geodesics, from vertex 0 to each of the next n."""
    curves = [refine(geodesic(graph, 0, j), rtol=rtol) for j in range(1, n + 1)]
    exact = domain.distance(graph.points[[0]], graph.points[1 : n + 1])
    return max(abs(q.length / d - 1) for q, d in zip(curves, exact, strict=True))


def _hyperbolic(a: Points, b: Points) -> Values:
    return np.arccosh(1 + np.square(a - b).sum(axis=-1) / (2 * a[..., 1] * b[..., 1]))


def _spherical(a: Points, b: Points) -> Values:
    chord = np.linalg.norm(a - b, axis=-1) / np.sqrt(
        (1 + np.square(a).sum(axis=-1)) * (1 + np.square(b).sum(axis=-1))
    )
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
