"""What scalings share: the few largest eigenvalues of a matrix of inner products, signs of axes, and pieces
laid side by side.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..types import Ints, Points, Values

__all__ = ["laid_out", "largest", "upright"]

# more points than this: the few largest eigenvalues by Lanczos iteration, not all by a dense solver
_DENSE = 2000
_GAP = 0.25  # between components laid side by side, as a part of the widest one


def laid_out(pieces: Sequence[Points], components: Ints) -> Points:
    """Points (n, dim) of each component laid out along the first axis in their order, a gap between them."""
    widths = [float(np.ptp(piece[:, 0])) for piece in pieces]
    gap = _GAP * max(widths) or 1.0
    z, left = np.empty((len(components), pieces[0].shape[1])), 0.0
    for c, (piece, width) in enumerate(zip(pieces, widths, strict=True)):
        z[components == c] = piece
        z[components == c, 0] += left - piece[:, 0].min()
        left += width + gap
    return z - z.mean(axis=0)


def upright(points: Points) -> Points:
    """The points (n, dim) with signs of their axes such that the entry of largest size in each is
    positive.
    """
    size = np.abs(points)
    tallest = points[np.argmax(size >= (1 - 1e-9) * size.max(axis=0), axis=0), np.arange(points.shape[1])]
    return points * np.where(tallest < 0, -1.0, 1.0)


def largest(gram: NDArray[np.float64], k: int) -> tuple[Values, NDArray[np.float64]]:
    """The k largest eigenvalues of inner products (n, n) of order 1, falling, and their vectors (n, k); 0
    where they are not above rounding. The matrix is used up.
    """
    n = len(gram)
    if n <= _DENSE or k > n // 10:
        from scipy.linalg import eigh

        # transposed it is in LAPACK's order, which works in its place
        values, vectors = eigh(gram.T, subset_by_index=(n - k, n - 1), overwrite_a=True)
    else:
        from scipy.sparse.linalg import eigsh

        # The constant vector is in the null space, so the iteration starts elsewhere, and at the same place
        # each time.
        values, vectors = eigsh(gram, k=k, which="LA", v0=np.random.default_rng(0).normal(size=n))
    order = np.argsort(-values, kind="stable")
    values = values[order]
    values[values < 1e-12 * n] = 0.0
    return values, vectors[:, order]
