"""Parts that nothing joins, numbered the same way everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from ..types import Ints

__all__ = ["by_falling_size", "components_of"]


def components_of(joined: Any) -> Ints:
    """Component of each point, (n,), where a matrix (n, n), sparse or dense, tells which pairs are joined.

    Numbered as `by_falling_size` does.
    """
    if isinstance(joined, np.ndarray):
        return by_falling_size(_spread(joined))
    return by_falling_size(connected_components(joined, directed=False)[1])


def _spread(joined: NDArray[np.bool_]) -> Ints:
    """As SciPy's connected_components, which would hold the matrix three times more in float64."""
    labels = np.full(len(joined), -1, dtype=np.int64)
    for first in range(len(joined)):
        if labels[first] >= 0:
            continue
        labels[first], front = first, np.array([first])
        while len(front) and (labels < 0).any():
            reached = joined[front].any(axis=0) | joined[:, front].any(axis=1)
            front = np.flatnonzero(reached & (labels < 0))
            labels[front] = first
    return labels


def by_falling_size(labels: Ints) -> Ints:
    """The same groups, (n,), numbered from 0 by falling size; ties go to the one with the lower point."""
    _, first, group, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(sizes), dtype=np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    numbered: Ints = rank[group]
    return numbered
