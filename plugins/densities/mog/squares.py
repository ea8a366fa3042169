"""Squared distances from means, and precisions that float64 holds."""

from __future__ import annotations

from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from geodesic_kit.errors import InvalidParameter
from geodesic_kit.types import Points

__all__ = ["EXACT_DIM", "LOST", "inverse", "refuse_narrow", "squared_distances"]


# up to here differences are formed one by one; above, one matrix product does it 30 times faster
EXACT_DIM = 16

# squares from which on what that product rounds off would show in log p
LOST = 1e-9 / np.finfo(np.float64).eps


def inverse(variances: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / variances. Raises InvalidParameter where float64 does not hold it."""
    with np.errstate(over="ignore"):
        precisions = 1.0 / variances
    if not np.isfinite(precisions).all():
        refuse_narrow(float(variances.min()))
    return precisions


def refuse_narrow(variance: float) -> NoReturn:
    raise InvalidParameter(
        f"a covariance of {variance:.3g} is too small: float64 does not hold its inverse; scale points and "
        "covariances up"
    )


def squared_distances(x: Points, means: Points, sharpest: float = 1.0) -> NDArray[np.float64]:
    """Of each row from each mean, (n, K), to be multiplied by `sharpest` at the most."""
    if x.shape[1] > EXACT_DIM:
        centre = means.mean(axis=0)  # small numbers lose little in the expanded square
        u, v = x - centre, means - centre
        squares = np.einsum("kd,kd->k", v, v)
        if squares.max() * sharpest < LOST:
            form = u @ (-2 * v.T)
            form += np.einsum("nd,nd->n", u, u)[:, None]
            form += squares
            return np.maximum(form, 0.0, out=form)
    from scipy.spatial.distance import cdist

    return cdist(x, means, "sqeuclidean")
