"""How noisy a log-density is: by the precision that its values have, and by their differences over steps too short for anything else."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .types import Values

__all__ = ["STEPS", "noise_of"]

STEPS = np.linspace(0, 1 / 64, 9)  # of a panel: what is smooth at the panel's scale has no high differences here
_ORDERS = (4, 5, 6)


def noise_of(log_p: NDArray[np.float64]) -> Values:
    """Standard deviation of the noise in log p along rows of equispaced values, (P, T) -> (P,).

    Noise has k-th differences of variance sigma^2 (2k)! / (k!)^2, whatever the step; smooth values have none. Values that half or
    single precision holds exactly have at least its rounding. Source: Moré and Wild, Estimating computational noise, SISC 33 (2011).
    """
    finite = np.asarray(np.isfinite(log_p).all(axis=1))
    values = np.where(finite[:, None], log_p, 0.0)
    found = np.full(len(values), np.inf)
    for order in _ORDERS:
        scale = math.factorial(order) ** 2 / math.factorial(2 * order)
        found = np.minimum(found, np.sqrt(scale * np.square(np.diff(values, order, axis=1)).mean(axis=1)))
    with np.errstate(over="ignore"):  # beyond half precision's range it is not of half precision
        for kind in (np.float16, np.float32):
            if np.array_equal(values.astype(kind), values):
                return np.maximum(found, np.finfo(kind).eps * np.abs(values).max(axis=1))
    return found
