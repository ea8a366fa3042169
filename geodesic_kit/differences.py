"""The score of a density that offers none, by central differences."""

from __future__ import annotations

import numpy as np

from .segments import log_density
from .types import Density, Points

__all__ = ["central_differences"]

_STEP = np.finfo(float).eps ** (1 / 3)


def central_differences(density: Density, x: Points) -> Points:
    """Gradient of log p at each row, (n, d), from 2 d evaluations a point; its relative error is near 1e-10."""
    n, d = x.shape
    step = _STEP * np.maximum(1.0, np.abs(x))
    score = np.empty((n, d))
    for c in range(d):  # one coordinate at a time, so that memory stays (2 n, d)
        ahead, behind = x.copy(), x.copy()
        ahead[:, c] += step[:, c]
        behind[:, c] -= step[:, c]
        values = log_density(density, np.concatenate([ahead, behind]))
        with np.errstate(invalid="ignore"):  # inf - inf where p is 0 on both sides
            score[:, c] = (values[:n] - values[n:]) / (ahead[:, c] - behind[:, c])
    return score
