"""Whether two answers are the same: a fast wrong answer is worthless."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .lines import Disagreement

__all__ = ["same"]


def same(ours: ArrayLike, theirs: ArrayLike, rtol: float, what: str) -> float:
    """The largest relative deviation where both are finite and not 0; raises Disagreement above rtol, on NaN,
    where one alone is inf.
    """
    a, b = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    if a.shape != b.shape:
        raise Disagreement(f"{what}: shapes {a.shape} and {b.shape}")
    if np.isnan(a).any() or np.isnan(b).any():
        raise Disagreement(f"{what}: not a number")
    finite = np.isfinite(a)
    if not np.array_equal(a[~finite], b[~finite]) or not np.isfinite(b[finite]).all():
        raise Disagreement(f"{what}: not the same are reachable ({finite.sum()} and {np.isfinite(b).sum()})")
    scale = np.maximum(np.abs(a[finite]), np.abs(b[finite]))
    deviation = float((np.abs(a[finite] - b[finite]) / np.where(scale > 0, scale, 1)).max(initial=0.0))
    if not deviation <= rtol:
        raise Disagreement(f"{what}: they differ by {deviation:.2g}, {rtol:g} is allowed")
    return deviation
