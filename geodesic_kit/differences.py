"""The score of a density that offers none, by central differences."""

from __future__ import annotations

import warnings

import numpy as np

from .errors import FallbackNotice
from .segments import log_density
from .types import Density, Points

__all__ = ["finite_difference_score"]

_STEP = np.finfo(float).eps ** (1 / 3)


def finite_difference_score(density: Density, x: Points) -> Points:
    """Gradient of log p at each row, (n, d), by 2 d calls' worth of points in one batch; says so in a FallbackNotice."""
    warnings.warn(
        f"{density!r} offers no score: its gradient is taken by central differences, {2 * x.shape[1]} evaluations a point; "
        "give score= to gk.as_density",
        FallbackNotice,
        stacklevel=4,
    )
    n, d = x.shape
    step = _STEP * np.maximum(1.0, np.abs(x))
    score = np.empty((n, d))
    for c in range(d):  # one coordinate at a time, so that memory stays (2 n, d)
        ahead, behind = x.copy(), x.copy()
        ahead[:, c] += step[:, c]
        behind[:, c] -= step[:, c]
        values = log_density(density, np.concatenate([ahead, behind]))
        score[:, c] = (values[:n] - values[n:]) / (ahead[:, c] - behind[:, c])
    return score
