"""Distances of many points from many, in bounded memory: by differences, and squared ones by matrix products
with their doubt.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..types import Edges, Ints, Points, Values
from .progress import progress
from .scales import settled
from .threads import compiled

__all__ = [
    "BLOCK",
    "WORTH_COMPILING",
    "distances_from",
    "settle",
    "smallest_of",
    "squared_blocks",
    "step_norms",
    "strictly_within",
    "strips",
]

BLOCK = 1 << 22  # distances held at once: 16 MB of float32
WORTH_COMPILING = 1 << 14  # coordinates, up to which NumPy takes less than a millisecond
_STRIP = 256  # rows of a square matrix, whose transpose still fits a cache
_LANES = 8  # partial sums, from twice as many coordinates on


def strips(n: int) -> Iterator[slice]:
    """The rows of a matrix of n by n, a few at a time: what is made of them is no second matrix."""
    return (slice(start, start + _STRIP) for start in range(0, n, _STRIP))


def step_norms(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Euclidean length of each step, (..., d) to (...), to the bit as `kernels` sums it; inf where its square
    exceeds float64.
    """
    d = steps.shape[-1]
    whole = d - d % _LANES if d >= 2 * _LANES else 0
    total = np.zeros(steps.shape[:-1])
    with np.errstate(over="ignore"):
        if whole:
            parts = np.zeros((*steps.shape[:-1], _LANES))
            for c in range(0, whole, _LANES):
                parts += np.square(steps[..., c : c + _LANES])
            for lane in range(_LANES):
                total += parts[..., lane]
        for c in range(whole, d):
            total += np.square(steps[..., c])
    return np.sqrt(total)


def distances_from(queries: Points, points: Points, candidates: NDArray[np.int64]) -> NDArray[np.float64]:
    """Distance of each query from its candidates, by differences, (q, w)."""
    out = np.empty(candidates.shape)
    if out.size * points.shape[1] > WORTH_COMPILING and compiled():
        from .compiled import constant
        from .kernels import distances

        distances(constant(queries), constant(points), constant(candidates), out)
        return out
    step = max(1, BLOCK // (candidates.shape[1] * points.shape[1]))
    for start in range(0, len(queries), step):
        rows = slice(start, start + step)
        out[rows] = step_norms(points[candidates[rows]] - queries[rows, None, :])
    return out


def settle(distance: Values, queries: Points, points: Points, i: Ints, j: Ints) -> None:
    """Measure again, in place, those distances (m,) of the queries numbered i (m,) from the points j (m,)
    whose squares did not fit.
    """

    def measure(steps: Points) -> Values:
        return distances_from(
            steps, np.zeros((1, steps.shape[1])), np.zeros((len(steps), 1), dtype=np.int64)
        )[:, 0]

    settled(distance, lambda rows: points[j[rows]] - queries[i[rows]], measure)


def squared_blocks(
    queries: Points, points: Points, upper: bool = False
) -> Iterator[tuple[int, NDArray[np.float32], float, float]]:
    """Blocks of squared distances from a run of queries to all points, or with `upper` to those from the run
    on, and their doubt.

    In units of a scale, given last, that keeps them within float32.

    One float32 matrix product each. Rounding coordinates and squares to float32 and summing d products in any
    order errs by at most (d + 8) u (|x| + |y|)^2 with the unit u = 2^-24: the doubt, which callers allow for
    and settle by differences.
    """
    centre = points.mean(axis=0)
    scale = max(float(np.abs(x - centre).max()) for x in (queries, points)) or 1.0  # squares must fit float32
    all_points = ((points - centre) / scale).astype(np.float32)
    asking = all_points if queries is points else ((queries - centre) / scale).astype(np.float32)
    squares, own_squares = (np.einsum("nd,nd->n", x, x) for x in (all_points, asking))
    reach = float(np.sqrt(squares.max()) + np.sqrt(own_squares.max()))
    doubt = (points.shape[1] + 8) * 2.0**-24 * reach**2
    step = max(1, BLOCK // len(points))
    blocks = range(0, len(queries), step)
    for start in progress(blocks, len(blocks), len(queries), "neighbours"):
        others = slice(start if upper else 0, None)
        squared = asking[start : start + step] @ all_points[others].T
        squared *= -2
        squared += squares[others]
        squared += own_squares[start : start + step, None]
        yield start, squared, doubt, scale


def smallest_of(squared: NDArray[np.float32], wanted: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Places of each row's `wanted` smallest values, in any order, and the greatest of them."""
    if compiled():
        from .kernels import smallest

        places, values = (
            np.empty((len(squared), wanted), dtype=np.int64),
            np.empty((len(squared), wanted), dtype=np.float32),
        )
        smallest(squared, places, values)
        return places, values[:, -1]
    places = np.argpartition(squared, min(wanted, squared.shape[1]) - 1, axis=1)[:, :wanted]
    return places, np.take_along_axis(squared, places, axis=1).max(axis=1)


def strictly_within(queries: Points, points: Points, pairs: Edges, radius: float) -> tuple[Edges, Values]:
    distance = np.empty(len(pairs))
    step = max(1, BLOCK // points.shape[1])
    for start in range(0, len(pairs), step):
        i, j = pairs[start : start + step].T
        distance[start : start + step] = step_norms(points[j] - queries[i])
    within = distance < radius
    pairs, distance = pairs[within], distance[within]
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return np.ascontiguousarray(pairs[order]), distance[order]
