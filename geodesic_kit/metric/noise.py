"""How noisy a log-density is: by its values' precision, and by what no polynomial follows over places close
together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..types import Values

__all__ = ["STEPS", "noise_of"]

# Shares of a panel: what is smooth at the panel's scale is a polynomial here. Unequal gaps, multiples of the
# golden ratio, share no period.
STEPS = np.sort(np.arange(9) * (np.sqrt(5) - 1) / 2 % 1) / 64
_DEGREES = (3, 4, 5)
# orthonormal at STEPS, the column k of degree k
_POLYNOMIALS = np.linalg.qr(np.vander(128 * STEPS - 1, len(STEPS), increasing=True))[0]


def noise_of(log_p: NDArray[np.float64]) -> Values:
    """Standard deviation of the noise in log p along rows of values at `STEPS` of a panel, (P, T) -> (P,).

    Noise keeps its variance where a polynomial is fitted to it, of smooth values nothing is left. Values that
    half or single precision holds exactly have at least its rounding. After Moré and Wild, Estimating
    computational noise, SISC 33 (2011), by equal steps.
    """
    finite = np.asarray(np.isfinite(log_p).all(axis=1))
    values = np.where(finite[:, None], log_p, 0.0)
    left = np.square((values - values[:, :1]) @ _POLYNOMIALS)
    found = np.sqrt(np.min([left[:, degree + 1 :].mean(axis=1) for degree in _DEGREES], axis=0))
    with np.errstate(over="ignore"):  # beyond half precision's range it is not of half precision
        for kind in (np.float16, np.float32):
            if np.array_equal(values.astype(kind), values):
                return np.maximum(found, np.finfo(kind).eps * np.abs(values).max(axis=1))
    return found
