"""Rows of points that are equal to an earlier one."""

from __future__ import annotations

import numpy as np

from ..types import Ints, Points

__all__ = ["first_alike", "rows_that_repeat"]


def first_alike(points: Points) -> Ints:
    """For each row of points (n, d) the first row equal to it, (n,); 0.0 and -0.0 are equal."""
    _, first, group = np.unique(points + 0.0, axis=0, return_index=True, return_inverse=True)
    return np.asarray(first[group.ravel()], dtype=np.int64)


def rows_that_repeat(points: Points) -> Ints:
    """Rows equal to an earlier row, ascending."""
    return np.flatnonzero(first_alike(points) < np.arange(len(points)))
