"""A potential of three wells and two passes between them, whose density is steep."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...types import Points, Values

__all__ = ["MullerBrown"]


class MullerBrown:
    """p = exp(-beta V), but for a factor, of the potential V of three wells; at beta = 0.8 log p spans a
    hundred nats.

    K. Müller, L. D. Brown, Location of saddle points and minimum energy paths, Theor. Chim. Acta 53 (1979).
    """

    dim, normalised = 2, False
    _parts = np.array(
        [
            [-200, -1, 0, -10, 1, 0],
            [-100, -1, 0, -10, 0, 0.5],
            [-170, -6.5, 11, -6.5, -0.5, 1.5],
            [15, 0.7, 0.6, 0.7, -1, 1],
        ]
    ).T

    def __init__(self, beta: float) -> None:
        self.beta = beta

    def _terms(self, x: Points) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        height, a, b, c, x0, y0 = self._parts
        u, v = x[:, :1] - x0, x[:, 1:] - y0
        # a curve on trial may ask far outside
        term = height * np.exp(np.minimum(a * u**2 + b * u * v + c * v**2, 300.0))
        return term, np.stack([term * (2 * a * u + b * v), term * (b * u + 2 * c * v)])

    def potential(self, x: Points) -> Values:
        """V of points (n, 2), (n,)."""
        return np.asarray(self._terms(x)[0].sum(axis=1))

    def log_prob(self, x: Points) -> Values:
        """log p of points (n, 2), (n,), but for a constant."""
        return -self.beta * self.potential(x)

    def score(self, x: Points) -> Points:
        """Gradient of log p at points (n, 2), (n, 2)."""
        return np.asarray(-self.beta * self._terms(x)[1].sum(axis=2).T)
