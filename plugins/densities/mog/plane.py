"""A mixture of round components on the plane of its means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logsumexp

from geodesic_kit.types import Density, Point, Points, Values

__all__ = ["plane_of_means"]

_SPREAD = 600.0  # nats between weights on the plane, beyond which float64 would drop components
_RANK = 1e-12  # of the largest extent: directions in which means and points do not differ


@dataclass(frozen=True, eq=False)
class _OnPlane:
    """log p of a mixture at the points of a plane: that of a mixture on the plane, and a constant."""

    inner: Any
    log_scale: float
    normalised = False

    @property
    def dim(self) -> int:
        return self.inner.dim

    def log_prob(self, x: Points) -> Values:
        return self.inner.log_prob(x) + self.log_scale

    def score(self, x: Points) -> Points:
        return self.inner.score(x)

    def log_prob_and_score(self, x: Points) -> tuple[Values, Points]:
        log_p, score = self.inner.log_prob_and_score(x)
        return log_p + self.log_scale, score


def plane_of_means(
    means: Points,
    variances: Values,
    weights: Values,
    points: Points,
    mixture: Callable[[Points, Values, Values], Density],
) -> tuple[Point, Points, Density] | None:
    """Origin (d,), orthonormal rows (r, d) and density of the plane of the means (K, d) and the points (k,
    d); None where r could exceed d / 2, or variances (K,) differ so much that weights on the plane would.

    A component of variance s^2 has the weight w (2 pi s^2)^(-(d - r) / 2) there; off the plane, at the
    distance h, it is exp(-h^2 / 2 s^2) of that. `mixture(means, variances, weights)` makes the density.
    """
    origin, dim = means[0], means.shape[1]
    spanning = np.concatenate([means, points]) - origin
    if 2 * (len(spanning) - 1) > dim:
        return None
    _, extents, rows = np.linalg.svd(spanning, full_matrices=False)
    basis = rows[extents > _RANK * extents[0]]
    if not len(basis):
        return None
    held = weights > 0
    logs = np.log(weights[held]) - 0.5 * (dim - len(basis)) * np.log(2 * np.pi * variances[held])
    if np.ptp(logs) > _SPREAD:
        return None
    scale = float(logsumexp(logs))
    inner = mixture((means[held] - origin) @ basis.T, variances[held], np.exp(logs - scale))
    return origin, basis, _OnPlane(inner, scale)
