"""Columns whose units rule the distances: what the other columns hold is not seen then."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..types import Ints, Points
from .findings import Finding

__all__ = ["ruling_columns", "units"]

_PAIRS = 2_000
_FEWEST = 10  # points: deviations of fewer tell nothing of orders of magnitude
# what the other columns make of the squared distance: deviations one and two orders of magnitude apart
_WEAK, _CLEAR = 1e-2, 1e-4


def units(points: Points, names: Sequence[str] | None, seed: int) -> Finding | None:
    """The finding that names ruling columns of points (n, d), by number where they have no names."""
    found = ruling_columns(points, seed)
    if found is None:
        return None
    columns, share = found
    listed = ", ".join(str(column) if names is None else repr(str(names[column])) for column in columns)
    word, make, own = ("columns", "make", "their") if len(columns) > 1 else ("column", "makes", "its")
    return Finding(
        "units",
        f"{word} {listed} of {points.shape[1]} {make} {share:.1%} of the squared distances: {own} units "
        "rule, the others are hardly seen",
        "bring all columns to one scale before: sklearn.preprocessing.StandardScaler, or units in which a "
        "step means as much in each",
    )


def ruling_columns(points: Points, seed: int) -> tuple[Ints, float] | None:
    """Columns of points (n, d) that rule distances by their units, and the share of the squared distance that
    they make; None without any.

    They are the fewest, at most half of those that vary, that make 99 % of the squared distance of the median
    pair. A lengthened cloud in one unit has such columns as well, so there is to be a sign of units: the
    others are two orders of magnitude smaller, not one; or the ruling columns are quantities of one sign,
    further from 0 than they vary and than any other column lies.
    """
    n, dim = points.shape
    if n < _FEWEST or dim < 2:
        return None
    largest = np.abs(points).max(axis=0)
    x = np.ldexp(points, -np.frexp(largest.max())[1])  # no square overflows
    rng = np.random.default_rng(seed)
    i = rng.integers(n, size=_PAIRS)
    j = (i + rng.integers(1, n, size=_PAIRS)) % n
    squares = np.square(x[i] - x[j])
    squares = squares[squares.sum(axis=1) > 0]
    varying = int((squares > 0).any(axis=0).sum())
    if varying < 2:
        return None
    shares = squares / squares.sum(axis=1, keepdims=True)
    order = np.argsort(-shares.mean(axis=0), kind="stable")
    left = np.median(1 - np.cumsum(shares[:, order], axis=1), axis=0)  # by the columns after so many
    count = int(np.argmax(left < _WEAK)) + 1
    if count > varying // 2:
        return None
    columns, others = order[:count], order[count:]
    level, spread = np.abs(np.median(x, axis=0)), x.std(axis=0)
    quantities = (level[columns] > spread[columns]).all() and level[columns].min() > level[others].max()
    if not quantities and left[count - 1] >= _CLEAR:
        return None
    return np.sort(columns), float(1 - max(left[count - 1], 0.0))
