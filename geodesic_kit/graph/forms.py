"""A weighed graph as solvers read it, and arrays that no one can write to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from ..types import Edges, Values
from .landmark_rows import LandmarkRows
from .search_layout import Layout

__all__ = ["Forms", "read_only", "symmetric"]


@dataclass(eq=False)
class Forms:
    """A weighed graph as solvers read it, each form made when it is first asked for."""

    matrix: csr_array | None = None
    layout: Layout | None = None
    landmarks: LandmarkRows | None = None  # never made here: gk.landmarks gives them


def symmetric(n: int, edges: Edges, weights: Values) -> csr_array:
    i, j = edges.T
    both = coo_array(
        (np.concatenate([weights, weights]), (np.concatenate([i, j]), np.concatenate([j, i]))), shape=(n, n)
    )
    return both.tocsr()


def read_only(array: NDArray[Any], given: Any) -> NDArray[Any]:
    """`array` that no one can write to; memory that someone else may still write to is copied first."""
    # Whoever holds the base of a view can write to it, unless that too is read-only; what else than these
    # gives its own array?
    base = array.base
    lent = base is not None and not (
        isinstance(base, np.ndarray) and base.base is None and not base.flags.writeable
    )
    kept = array.flags.writeable and (array is given or not isinstance(given, (np.ndarray, list, tuple)))
    if lent or kept:
        array = array.copy()
    array.flags.writeable = False
    return array
