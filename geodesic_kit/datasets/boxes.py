"""A density with true jumps: a mixture of uniform densities on axis-aligned boxes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.breaking import around
from ..checks import as_count, as_points, seeded
from ..checks.arrays import reals
from ..errors import InvalidParameter, shown
from ..types import Edges, Ints, Points, Values

__all__ = ["Boxes"]


class Boxes:
    """p(x) = sum over the boxes that hold x of weight / volume, faces included; p = 0 in none of them.

    lows and highs (K, d) are opposite corners, weights (K,) are scaled to sum to 1. Raises DataError and
    InvalidParameter.
    """

    normalised = True

    def __init__(self, lows: ArrayLike, highs: ArrayLike, weights: ArrayLike) -> None:
        self.lows, self.highs = (
            as_points(corners, name=name).copy() for corners, name in ((lows, "lows"), (highs, "highs"))
        )
        self.weights = reals(
            weights, "weights", give="give one positive number a box", error=InvalidParameter
        ).copy()
        k, self.dim = self.lows.shape
        if self.highs.shape != self.lows.shape or not (self.highs > self.lows).all():
            raise InvalidParameter(
                "lows and highs: give opposite corners of one shape (K, d), each high above its low"
            )
        if self.weights.shape != (k,) or not (self.weights > 0).all() or not np.isfinite(self.weights).all():
            raise InvalidParameter(f"weights={shown(weights)}: give {k} positive numbers, one a box")
        self.weights /= self.weights.sum()
        self._heights = self.weights / np.prod(self.highs - self.lows, axis=1)
        for array in (self.lows, self.highs, self.weights, self._heights):
            array.flags.writeable = False

    def __repr__(self) -> str:
        return f"Boxes(K={len(self.weights)}, dim={self.dim})"

    def log_prob(self, x: Points) -> Values:
        """Natural log of the density at each row, (n, d) -> (n,), -inf outside. Raises DataError on NaN, inf
        and other widths.
        """
        x = as_points(x, name="x", dim=self.dim, empty=True)
        p = np.zeros(len(x))
        for low, high, height in zip(self.lows, self.highs, self._heights, strict=True):
            p += height * ((x >= low) & (x <= high)).all(axis=1)
        with np.errstate(divide="ignore"):  # outside is log 0
            return np.log(p)

    def sample(self, n: int, *, seed: int) -> Points:
        """Draw n independent points, (n, d)."""
        return self.draw(n, seed)[0]

    def draw(self, n: int, seed: int) -> tuple[Points, Ints]:
        """n independent points, (n, d), and the box that each was drawn from, (n,)."""
        rng = np.random.default_rng(seeded(seed))
        y = rng.choice(len(self.weights), size=as_count(n, self.dim), p=self.weights).astype(np.int64)
        return rng.uniform(self.lows[y], self.highs[y]), y

    def segment_log_prob(self, points: Points, edges: Edges, t: Values) -> NDArray[np.float64]:
        """log p at x_i + t (x_j - x_i), (m, T), for t of shape (T,) or, one row an edge, (m, T)."""
        start, stop, at = points[edges[:, 0], None], points[edges[:, 1], None], np.atleast_2d(t)[:, :, None]
        x = start * (1 - at) + stop * at
        return self.log_prob(x.reshape(-1, self.dim)).reshape(x.shape[:2])

    def segment_breaks(self, points: Points, edges: Edges, floor: float) -> tuple[Ints, Values]:
        """Edge numbers and places in (0, 1) just before and just after each face that an edge crosses: no
        panel spans a jump.
        """
        start, step = points[edges[:, 0]], points[edges[:, 1]] - points[edges[:, 0]]
        found = []
        for low, high in zip(self.lows, self.highs, strict=True):
            with np.errstate(divide="ignore", invalid="ignore"):  # an edge parallel to a face, or in it
                first, second = (low - start) / step, (high - start) / step
                beside = np.isnan(first + second)  # parallel and between the faces
            into = np.where(beside, -np.inf, np.minimum(first, second)).max(axis=1)
            out = np.where(beside, np.inf, np.maximum(first, second)).min(axis=1)
            found += [np.where(into < out, place, np.nan) for place in (into, out)]
        return around(np.arange(len(edges))[:, None], np.stack(found, axis=1))

    def log_prob_upper_bound(self) -> float:
        """log of the sum of all boxes' heights, reached where all overlap."""
        return float(np.log(self._heights.sum()))
