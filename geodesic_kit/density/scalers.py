"""scikit-learn's affine transformers as maps with a linear part that was verified and a log-Jacobian."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from ..errors import NotADensityError
from .affine import AffineMap

__all__ = ["as_affine_step"]

_THERE_ARE = (
    "there are StandardScaler, MinMaxScaler(clip=False), MaxAbsScaler, RobustScaler, and PCA that keeps "
    "every component"
)


def as_affine_step(step: Any, name: str) -> AffineMap:
    """The fitted transformer `step`, called `name` in its pipeline, as an affine map. Raises NotADensityError
    where it is none.

    The linear part is read from what was fitted, not measured by differences, which would lose digits where
    data lie far from the origin; then it is held against the transformer itself at four points.
    """
    what = f"the pipeline's step {name!r} ({type(step).__name__})"
    linear = _linear_part(step, what)
    affine = AffineMap(step.transform, step.inverse_transform, linear)
    if not np.isfinite(affine.log_det):
        raise NotADensityError(
            f"{what} flattens a direction, so it has no Jacobian; drop constant and collinear columns first"
        )
    rng = np.random.default_rng(0)
    x = step.inverse_transform(rng.standard_normal((4, linear.shape[-1])) * [[1.0], [-0.5], [5.0], [20.0]])
    moved = step.transform(x) - step.transform(x[:1])
    rounding = 16 * np.finfo(np.float64).eps * np.abs(x).max() * np.abs(linear).max()
    if not np.allclose(moved, affine.push(x - x[:1]), rtol=1e-5, atol=1e-5 + rounding):
        raise NotADensityError(
            f"{what} is not the affine map that it was fitted as; {_THERE_ARE}; or fit the density on "
            f"scaled data"
        )
    return affine


def _linear_part(step: Any, what: str) -> NDArray[np.float64]:
    """Scales (d,) or a matrix (d, d), so that z - z' = (x - x') * scales or (x - x') @ matrix."""
    if isinstance(step, PCA):
        return _rotation(step, what)
    ones = np.ones(getattr(step, "n_features_in_", 1))
    if isinstance(step, (StandardScaler, RobustScaler)):
        return ones if step.scale_ is None else 1.0 / np.asarray(step.scale_, dtype=np.float64)
    if isinstance(step, MaxAbsScaler) and not getattr(step, "clip", False):
        return 1.0 / np.asarray(step.scale_, dtype=np.float64)
    if isinstance(step, MinMaxScaler) and not step.clip:
        return np.asarray(step.scale_, dtype=np.float64)
    if isinstance(step, (MinMaxScaler, MaxAbsScaler)):
        raise NotADensityError(f"{what} clips, so it has no Jacobian; fit the pipeline with clip=False")
    raise NotADensityError(
        f"{what} is not an affine map that is known here; {_THERE_ARE}; or fit the density on the "
        "transformed points and use those"
    )


def _rotation(step: Any, what: str) -> NDArray[np.float64]:
    if step.n_components_ != step.n_features_in_:
        raise NotADensityError(
            f"{what} keeps {step.n_components_} of {step.n_features_in_} dimensions, so the density lives "
            "on a lower-dimensional space; transform the points first and fit the density there, or keep "
            "all components"
        )
    matrix = np.asarray(step.components_, dtype=np.float64).T
    if not step.whiten:
        return matrix
    variances = np.asarray(step.explained_variance_, dtype=np.float64)
    flat = variances <= len(variances) * np.finfo(np.float64).eps * variances.max()
    with np.errstate(divide="ignore"):
        return matrix / np.sqrt(np.where(flat, 0.0, variances))
