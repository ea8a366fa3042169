"""Parts that nothing joins, numbered the same way everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse.csgraph import connected_components

from ..types import Ints

__all__ = ["by_falling_size", "components_of"]


def components_of(joined: Any) -> Ints:
    """Component of each point, (n,), where a matrix (n, n), sparse or dense, tells which pairs are joined.

    Numbered as `by_falling_size` does.
    """
    # the usual case, in which SciPy would look at every pair
    if isinstance(joined, np.ndarray) and joined.all():
        return np.zeros(len(joined), dtype=np.int64)
    return by_falling_size(connected_components(joined, directed=False)[1])


def by_falling_size(labels: Ints) -> Ints:
    """The same groups, (n,), numbered from 0 by falling size; ties go to the one with the lower point."""
    _, first, group, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(sizes), dtype=np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    numbered: Ints = rank[group]
    return numbered
