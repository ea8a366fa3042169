"""Distance matrices as clustering and embedding take them: checked, and their components found."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.blocks import strips
from ..checks import reals
from ..checks.memory import within
from ..errors import DataError
from ..types import Ints

__all__ = ["PEAKS", "as_distances", "finite_median", "room_for", "sizes_in_words"]

_ROUNDING = 1e-6  # of the largest distance; float32 distances from two ends may differ that much
# What is taken beside the distances at the peak, in matrices of n² float64: measured, and up to a seventh
# more for what varies.
PEAKS = {
    "scales": 0.6,
    "median": 1.25,
    "affinity": 1.15,
    "clusters": 2.5,
    "annealing": 2.5,
    "mds": 1.5,
    "spectrum": 2.3,
    "tsne": 2.5,
}


def as_distances(D: Any) -> NDArray[np.float64]:
    """`D` as float64 (n, n), symmetric and 0 on its diagonal up to rounding; inf means unreachable and is
    kept.

    Raises DataError where it is empty, not square, not symmetric, negative beyond rounding, NaN, or has other
    numbers on its diagonal, and as `checks.reals`.
    """
    matrix = reals(
        D,
        "distances",
        give="give an array of shape (n, n), inf where a pair is unreachable, such as gk.distances(graph)",
    )
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise DataError(
            f"distances have shape {matrix.shape}; give all of them, shape (n, n), such as "
            f"gk.distances(graph)"
        )
    if np.isnan(matrix).any():
        raise DataError(
            f"distances hold NaN in {int(np.isnan(matrix).any(axis=1).sum())} row(s); unreachable is inf"
        )
    finite = np.isfinite(matrix)
    scale = float(matrix.max(initial=0.0, where=finite & ~np.eye(len(matrix), dtype=bool)))
    if matrix.min() < 0:
        if matrix.min() < -_ROUNDING * scale:
            row, column = divmod(int(np.argmin(matrix)), len(matrix))
            raise DataError(
                f"the distance of {row} and {column} is {matrix.min():.4g}; distances are not negative "
                f"(is this an affinity?)"
            )
        matrix = np.maximum(matrix, 0.0)  # as 1 - cosine has it between equal points
    itself = int(np.argmax(np.diagonal(matrix)))
    if matrix[itself, itself] > _ROUNDING * scale:
        raise DataError(
            f"the distance of {itself} to itself is {matrix[itself, itself]:.4g}; it is 0 (is this an "
            f"affinity?)"
        )
    if not _symmetric(matrix, scale):
        raise DataError(
            "distances are not symmetric; give (D + D.T) / 2, or np.minimum(D, D.T) where one way is shorter"
        )
    return matrix


def _symmetric(D: NDArray[np.float64], scale: float) -> bool:
    """Whether both ways (n, n) are equally long up to rounding; inf is as long as inf alone."""
    for run in strips(len(D)):
        one, other = D[run, run.start :], D[run.start :, run].T
        with np.errstate(invalid="ignore"):  # of inf - inf, NaN, which is not above anything
            if (np.abs(one - other) > _ROUNDING * scale + _ROUNDING * np.minimum(one, other)).any():
                return False
    return True


def room_for(work: str, n: int, more: float = 0.0) -> AbstractContextManager[None]:
    """Raise TooLittleMemoryError where `work`, of PEAKS, on n points has too little memory, before and within
    it; `more` in bytes.
    """
    advice = "take fewer points, such as D[::4, ::4], and give the others the answer of the nearest one"
    return within(8 * n * n * PEAKS[work] + more, f"the {work} of {n:,} points", advice)


def finite_median(D: NDArray[np.float64]) -> float:
    """Median distance of different points that can reach each other. Raises DataError where there are
    none.
    """
    upper = D[~np.tri(len(D), dtype=bool)]
    upper = upper[np.isfinite(upper)]
    if not len(upper) or not upper.max() > 0:
        raise DataError(
            "no two different points can reach each other, so distances have no scale; give a larger "
            "eps= or k="
        )
    return float(np.median(upper))


def sizes_in_words(components: Ints) -> str:
    """Sizes of components for a sentence: '3 components of 120, 60 and 2 points'."""
    sizes = np.bincount(components)
    shown = [f"{size:,}" for size in sizes[:5]]
    if len(sizes) > 6:
        shown.append(f"{len(sizes) - 5} more of at most {sizes[5]:,}")
    elif len(sizes) == 6:
        shown.append(f"{sizes[5]:,}")
    listed = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return (
        f"{len(sizes)} component{'s' if len(sizes) > 1 else ''} of {listed} "
        f"point{'s' if sizes[0] > 1 or len(sizes) > 1 else ''}"
    )
