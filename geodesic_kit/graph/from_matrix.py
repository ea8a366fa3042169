"""A matrix of lengths, sparse or dense, read as the edges of an undirected graph."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_array, issparse

from ..checks.arrays import reals
from ..errors import GraphError
from ..types import Edges, Ints, Values

__all__ = ["AGREEMENT", "edges_of_matrix"]

AGREEMENT = 1e-6  # relative: two sides of an edge as float32 or expanded squares round them


def edges_of_matrix(matrix: Any, n: int) -> tuple[Edges, Values]:
    """Edges (m, 2), i < j, in lexicographic order and their lengths (m,): what is missing on one side is
    taken from the other.

    Missing is what a sparse matrix does not store, what a masked one masks, 0 in a dense one, and inf in any.
    Entries of a sparse matrix that are stored twice add up, as everywhere in SciPy. The diagonal may hold
    rounding, up to 1e-6 of the longest. Raises GraphError for other shapes and types, NaN, negative lengths,
    a stored 0, more than that on the diagonal, and two sides that differ by more than a relative 1e-6.
    """
    row, column, length = _entries(matrix, n)
    there = (row != column) & (length < np.inf)
    rounding = AGREEMENT * length[there].max(initial=0.0)
    if (at := _first(np.isnan(length) | (length < 0) | ((length == 0) & (row != column)))) is not None:
        raise GraphError(f"{_named(row[at], column[at], length[at])}: {_why(float(length[at]))}")
    if (at := _first((row == column) & (length > rounding) & (length < np.inf))) is not None:
        raise GraphError(
            f"{_named(row[at], column[at], length[at])}: an edge leads to another vertex; clear the "
            "diagonal by matrix.setdiag(0)"
        )
    upper, lower = there & (row < column), there & (row > column)
    back = coo_array((length[lower], (column[lower], row[lower])), shape=(n, n)).tocsr()  # sorts by counting
    row = np.concatenate([row[upper], np.repeat(np.arange(n), np.diff(back.indptr))])
    column = np.concatenate([column[upper], back.indices])
    length = np.concatenate([length[upper], back.data])
    key = row * n + column
    order = np.argsort(key, kind="stable")  # of two sorted runs, merged
    key, length = key[order], length[order]
    begins = np.append(True, key[1:] != key[:-1])[: len(key)]
    other = np.flatnonzero(~begins)
    apart = np.abs(length[other] - length[other - 1]) > AGREEMENT * np.minimum(
        length[other], length[other - 1]
    )
    if (bad := _first(apart)) is not None:
        i, j = divmod(int(key[other[bad]]), n)
        raise GraphError(
            f"{_named(i, j, length[other[bad] - 1])} and {_named(j, i, length[other[bad]])}, and the graph "
            "is undirected: give both sides one length, or one side alone (scipy.sparse.triu(matrix)), or "
            "the longer one: matrix.maximum(matrix.T)"
        )
    starts = np.flatnonzero(begins)
    lengths = np.maximum.reduceat(length, starts) if len(starts) else np.empty(0)
    return np.stack([key[starts] // n, key[starts] % n], axis=1), lengths


def _entries(matrix: Any, n: int) -> tuple[Ints, Ints, Values]:
    """Row, column and value of what the matrix holds, each place once; of a dense matrix what is not 0.
    Raises GraphError.
    """
    sparse, missing = matrix if issparse(matrix) else None, False
    if sparse is None:
        missing = np.ma.getmask(matrix)
        own = matrix.data if isinstance(matrix, np.ma.MaskedArray) else matrix  # what a mask hides is no edge
        dense = reals(
            own, "the matrix", give=f"give a sparse or dense matrix of shape {(n, n)}", error=GraphError
        )
    held = dense if sparse is None else sparse
    if held.shape != (n, n):
        raise GraphError(f"the matrix has shape {held.shape}; {n} points need {(n, n)}")
    if held.dtype.kind not in "biuf":
        raise GraphError(f"the matrix holds {held.dtype}; lengths are real numbers")
    if sparse is None:
        row, column = np.nonzero((dense != 0) & ~missing)
        return row, column, dense[row, column]
    once = csr_array(sparse, copy=True)  # the caller's own stays as it is
    lengths = reals(
        once.data, "matrix.tocsr().data", give="give lengths that float64 holds", error=GraphError
    )
    once = csr_array((lengths, once.indices, once.indptr), shape=once.shape)
    once.sum_duplicates()
    return np.repeat(np.arange(n), np.diff(once.indptr)), once.indices.astype(np.int64), once.data


def _first(wrong: Any) -> int | None:
    return int(np.argmax(wrong)) if wrong.any() else None


def _named(row: int, column: int, length: float) -> str:
    return f"entry ({row}, {column}) is {length:.17g}"


def _why(length: float) -> str:
    if length == 0:
        return (
            "a stored 0 is an edge of length 0, which is no edge; where it means that there is none, "
            "matrix.eliminate_zeros() drops it, and where two points are one, keep it once"
        )
    if np.isnan(length):
        return "a length is a number; leave out what is not known, or give inf where there is no edge"
    return "lengths are positive"
