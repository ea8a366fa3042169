"""Interpolation by frames along a path: how even its steps are, with intervals over pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..base.scales import step_lengths
from ..checks import MOST_NODES, as_points, integer, number, reals, seeded
from ..checks.memory import within
from ..errors import DataError, InvalidParameter
from ..types import Points, Values

__all__ = [
    "Interval",
    "mean_interval",
    "pairs_of_one_class",
    "pairs_of_two_classes",
    "skip",
    "steps",
    "straight",
]


@dataclass(frozen=True)
class Interval:
    """A mean with the ends of its confidence interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} [{self.low:.2f}, {self.high:.2f}]"


def straight(a: ArrayLike, b: ArrayLike, n: int) -> Points:
    """n frames at equal steps on the straight line from a (d,) to b (d,): each pixel fades, (n, d)."""
    start, end = as_points([a, b], name="a and b")
    n = integer(n, "n", least=2, most=MOST_NODES)
    t = np.linspace(0, 1, n)[:, None]
    with within(24.0 * n * len(start), f"{n:,} frames of {len(start):,} coordinates", "give a smaller n="):
        return (1 - t) * start + t * end


def steps(frames: ArrayLike) -> Values:
    """Distance of each frame to the next, (n, d) -> (n - 1,), in the units of the frames."""
    points = as_points(frames, name="frames")
    if len(points) < 2:
        raise DataError("one frame makes no step; give at least two")
    return step_lengths(points[:-1], points[1:])


def skip(frames: ArrayLike) -> float:
    """The largest step over the median one: 1 where all are equal, inf where most frames stand still and one
    does not.
    """
    moved = steps(frames)
    moved = np.ldexp(moved, -np.frexp(moved.max())[1])  # the ratio is the same, and no sum exceeds float64
    largest, median = float(moved.max()), float(np.median(moved))
    return largest / median if median > 0 else float("inf") if largest > 0 else 1.0


def mean_interval(values: ArrayLike, *, seed: int, level: float = 0.95, draws: int = 10_000) -> Interval:
    """Mean of values (n,) with its bootstrap percentile interval; for a paired comparison give the
    differences of pairs.
    """
    given = reals(values, "values", give="give at least two finite numbers, one a pair")
    if given.ndim != 1 or len(given) < 2 or not np.isfinite(given).all():
        raise DataError(f"values have shape {given.shape}; give at least two finite numbers, one a pair")
    level = number(level, "level", above=0, most=1)
    rng = np.random.default_rng(seeded(seed))
    draws = integer(draws, "draws", least=100, most=10**6)
    e = int(np.frexp(np.abs(given).max())[1])  # in units of their size no sum exceeds float64
    given = np.ldexp(given, -e)
    with within(
        16.0 * draws * len(given), f"{draws:,} draws of {len(given):,} values", "give a smaller draws="
    ):
        means = given[rng.integers(0, len(given), (draws, len(given)))].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(*(float(np.ldexp(value, e)) for value in (given.mean(), low, high)))


def pairs_of_two_classes(y: ArrayLike, n: int, *, seed: int) -> list[tuple[int, int]]:
    """n different pairs of rows whose labels y (m,) differ, drawn at random. Raises InvalidParameter where
    there are fewer.
    """
    return _pairs(y, n, seed, same=False)


def pairs_of_one_class(y: ArrayLike, n: int, *, seed: int) -> list[tuple[int, int]]:
    """n different pairs of rows whose labels y (m,) are equal, drawn at random. Raises InvalidParameter where
    there are fewer.
    """
    return _pairs(y, n, seed, same=True)


def _pairs(y: ArrayLike, n: int, seed: int, *, same: bool) -> list[tuple[int, int]]:
    labels: Any = np.asarray(y)
    n = integer(n, "n", least=1)
    counts = np.unique(labels, return_counts=True)[1]
    alike = int((counts * (counts - 1)).sum()) // 2
    possible = alike if same else len(labels) * (len(labels) - 1) // 2 - alike
    if n > possible:
        raise InvalidParameter(
            f"n={n}: {len(labels)} labels have {possible} pairs of {'one class' if same else 'two classes'}"
        )
    rng = np.random.default_rng(seeded(seed))
    chosen: dict[tuple[int, int], None] = {}
    while len(chosen) < n:
        i, j = sorted(rng.integers(0, len(labels), 2).tolist())
        if i != j and (labels[i] == labels[j]) == same:
            chosen[i, j] = None
    return list(chosen)
