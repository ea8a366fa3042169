"""The score of a density that offers none, by central differences."""

from __future__ import annotations

import numpy as np

from ..types import Density, Points
from .answers import log_density

__all__ = ["central_differences", "difference_step"]

_STEP = np.finfo(float).eps ** (1 / 3)


def difference_step(x: Points) -> float:
    """A step for central differences at rows x: in their own units, and whatever their offset, from how far
    they spread.
    """
    spread = float(np.ptp(x, axis=0).max(initial=0.0)) if len(x) else 0.0
    return _STEP * (spread or float(np.abs(x).max(initial=0.0)) or 1.0)


def central_differences(density: Density, x: Points) -> Points:
    """Gradient of log p at each row, (n, d), from 2 d evaluations a point; its relative error is near 1e-8
    where log p varies with x.

    Where p is 0 on one side, the difference is that of the other side.
    """
    n, d = x.shape
    step = difference_step(x)
    score = np.empty((n, d))
    for c in range(d):  # one coordinate at a time, so that memory stays (2 n, d)
        ahead, behind = x.copy(), x.copy()
        ahead[:, c] += step
        behind[:, c] -= step
        values = log_density(density, np.concatenate([ahead, behind]))
        with np.errstate(invalid="ignore"):  # inf - inf where p is 0 on both sides
            score[:, c] = (values[:n] - values[n:]) / (ahead[:, c] - behind[:, c])
        brink = np.flatnonzero(np.isinf(values[:n]) != np.isinf(values[n:]))
        if len(brink):
            here, empty = log_density(density, x[brink]), np.isinf(values[:n])[brink]
            with np.errstate(invalid="ignore"):  # inf - inf on the side that is not taken
                rise = np.where(empty, here - values[n:][brink], values[:n][brink] - here)
            score[brink, c] = rise / np.where(
                empty, x[brink, c] - behind[brink, c], ahead[brink, c] - x[brink, c]
            )
    return score
