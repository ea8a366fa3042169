"""Distances of every vertex to a few landmarks, and what they bound: the distance of any two vertices, and
what is left of a search.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..types import Ints, Values

__all__ = ["LandmarkRows"]

_HELD = 1 << 20  # distances that are looked at together: 8 MB
_LOWERED = 1 - 1e-9  # as every bound of a search is, so that its own rounding breaks none


@dataclass(frozen=True, eq=False)
class LandmarkRows:
    """Distances (n, k) of all vertices to the landmarks `vertices` (k,), float64 or float32, inf where there
    is no path. The first `drawn` of these were drawn at random with `seed`; `shortest` is the length of the
    graph's shortest edge.
    """

    vertices: Ints
    distances: NDArray[Any]
    shortest: float
    drawn: int
    seed: int

    def __post_init__(self) -> None:
        self.distances.flags.writeable = False

    @cached_property
    def margin(self) -> float:
        """By how much of their sum two of the distances, and one that a solver adds up, can be wrong
        together.

        A path has fewer than n edges, each of which rounds its sum once in float64; what is kept in float32
        is rounded once more.
        """
        n, kept = len(self.distances), np.finfo(self.distances.dtype).eps / 2
        return float((2 * n + 8) * np.finfo(np.float64).eps / 2 + (kept if kept > 1e-12 else 0.0))

    @cached_property
    def slope(self) -> float:
        """What differences of distances are multiplied by, so that along no edge they change by more than its
        length.

        Dijkstra's algorithm keeps d(v) within one rounding of d(u) + w; keeping d rounds it once more.
        """
        reached = np.max(self.distances, initial=0.0, where=np.isfinite(self.distances))
        kept = np.finfo(self.distances.dtype)
        with np.errstate(over="ignore"):
            off = 4 * (np.float64(kept.eps) * reached + np.float64(kept.smallest_subnormal)) / self.shortest
        return float(_LOWERED / (1 + 4 * float(kept.eps) + off))

    def bounds(self, i: Ints, j: Ints, without: Ints | None = None) -> tuple[Values, Values]:
        """Lower and upper bounds (m,) of the distances of vertices i (m,) and j (m,), as |d(l, i) - d(l,
        j)| and d(l, i) + d(l, j) give them, rounded outward; `without` leaves one landmark (m,) out of each.

        Where one landmark reaches one of them alone both are inf; where none reaches either, 0 and inf.
        """
        lower, upper = np.zeros(len(i)), np.full(len(i), np.inf)
        least = 2 * float(np.finfo(self.distances.dtype).smallest_subnormal)
        for part in _blocks(len(i), self.distances.shape[1]):
            a, b = (self.distances[end[part]].astype(np.float64) for end in (i, j))
            with np.errstate(invalid="ignore", over="ignore"):
                total = a + b
                apart = np.abs(a - b) - self.margin * total - least
                total = total * (1 + self.margin) + least
            apart[np.isinf(a) & np.isinf(b)] = 0.0
            apart[np.isinf(a) != np.isinf(b)] = np.inf
            if without is not None:
                rows = np.arange(len(a)), without[part]
                apart[rows], total[rows] = 0.0, np.inf
            lower[part] = np.maximum(apart.max(axis=1), 0.0)
            upper[part] = total.min(axis=1)
        return lower, upper

    def to(self, vertex: int) -> Values:
        """A consistent lower bound of what is left from each vertex to that one, (n,), 0 where none is
        known.
        """
        told, there = np.empty(len(self.distances)), self.distances[vertex].astype(np.float64)
        most = np.finfo(np.float64).max  # for inf, of which inf may be taken away
        for part in _blocks(len(told), len(there)):
            here = np.minimum(self.distances[part].astype(np.float64), most)
            told[part] = np.abs(here - np.minimum(there, most)).max(axis=1)
        return self.slope * np.where(told < most / 2, told, 0.0)


def _blocks(m: int, k: int) -> Iterator[slice]:
    step = max(1, _HELD // k)
    return (slice(start, start + step) for start in range(0, m, step))
