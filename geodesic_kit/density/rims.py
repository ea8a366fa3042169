"""Where straight edges cross the rims of compact kernels, at which log p jumps or bends: balls of three
norms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.breaking import around
from ..types import Ints, Points, Values

__all__ = ["NORMS", "Rims"]

NORMS = {
    "euclidean": 2.0,
    "l2": 2.0,
    "manhattan": 1.0,
    "l1": 1.0,
    "cityblock": 1.0,
    "chebyshev": np.inf,
    "infinity": np.inf,
}
_HELD = 1 << 20  # coordinates of pairs of an edge and a kernel, at once
_SLACK = 1e-9  # relative: what a tree's distances may err


@dataclass(frozen=True, eq=False)
class Rims:
    """The balls of one radius around a tree's points, by the norm of order 1, 2 or inf; a tophat kernel jumps
    there, another bends.
    """

    tree: Any
    radius: float
    order: float
    jumps: bool

    def breaks(self, start: Points, step: Points) -> tuple[Ints, Values]:
        """Edge numbers and places in (0, 1) where the edges from start (m, d) by step (m, d) cross a rim, on
        both sides of a jump.
        """
        if len(start) == 0:
            return np.empty(0, dtype=np.int64), np.empty(0)
        centres = np.asarray(self.tree.data)
        block = max(1, _HELD // centres.size)
        found = [
            self._block(first, start[first : first + block], step[first : first + block], centres)
            for first in range(0, len(start), block)
        ]
        edge, place = (np.concatenate(part) for part in zip(*found, strict=True))
        return around(edge, place) if self.jumps else (edge, place)

    def _block(self, first: int, start: Points, step: Points, centres: Points) -> tuple[Ints, Values]:
        """Of some edges, the first of which has the number `first`; only kernels that reach an edge are
        looked at.
        """
        reach = np.linalg.norm(step, self.order, axis=1) / 2 + self.radius
        near = self.tree.query_radius(start + step / 2, reach * (1 + _SLACK))
        edge = np.repeat(np.arange(len(start)), [len(one) for one in near])
        away, along = start[edge] - centres[np.concatenate(near)], step[edge]
        places = _CROSSED[self.order](away, along, self.radius)
        row, side = np.nonzero((places > 0) & (places < 1))
        return first + edge[row], places[row, side]


def _sphere(away: Points, step: Points, radius: float) -> NDArray[np.float64]:
    """|away + t step| = radius, a quadratic equation in t: both t, (pairs, 2), NaN where the line passes
    by.
    """
    square = np.einsum("pd,pd->p", step, step)
    with np.errstate(divide="ignore", invalid="ignore"):  # nor where an edge is a point
        closest = -np.einsum("pd,pd->p", away, step) / square
        beside = away + closest[:, None] * step
        half = np.sqrt((radius**2 - np.einsum("pd,pd->p", beside, beside)) / square)
    return np.stack([closest - half, closest + half], axis=1)


def _cube(away: Points, step: Points, radius: float) -> NDArray[np.float64]:
    """The largest |away + t step| = radius: the line is in the cube while it is between each two of its
    faces.
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # parallel to two faces, and in one of them
        ends = (np.array([-radius, radius])[:, None, None] - away) / step
    into, out = np.fmin(*ends).max(axis=1, initial=-np.inf), np.fmax(*ends).min(axis=1, initial=np.inf)
    return np.where(into < out, [into, out], np.nan).T


def _octahedron(away: Points, step: Points, radius: float) -> NDArray[np.float64]:
    """The sum of |away + t step| = radius: convex and straight between the t where a coordinate changes its
    sign.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        bends = np.sort(np.clip(-away / step, 0, 1), axis=1)
    bends = np.concatenate([np.zeros((len(away), 1)), np.nan_to_num(bends), np.ones((len(away), 1))], axis=1)
    bends.sort(axis=1)
    beyond = np.stack([np.abs(away + t[:, None] * step).sum(axis=1) - radius for t in bends.T], axis=1)
    before, after = beyond[:, :-1], beyond[:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(before * after < 0, before / (before - after), np.where(after == 0, 1.0, np.nan))
    return bends[:, :-1] + share * np.diff(bends, axis=1)


_CROSSED = {1.0: _octahedron, 2.0: _sphere, np.inf: _cube}
