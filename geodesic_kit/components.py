"""Parts that nothing joins, numbered the same way everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse.csgraph import connected_components

from .types import Ints

__all__ = ["components_of"]


def components_of(joined: Any) -> Ints:
    """Component of each point, (n,), where a matrix (n, n), sparse or dense, tells which pairs are joined.

    Numbered from 0 by falling size; ties go to the one with the lower point.
    """
    labels = connected_components(joined, directed=False)[1]
    sizes = np.bincount(labels)
    _, first = np.unique(labels, return_index=True)
    rank = np.empty(len(sizes), dtype=np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    numbered: Ints = rank[labels]
    return numbered
