"""How much a decoder stretches latent volume."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..checks import as_points
from ..errors import DataError
from ..types import Riemannian, Values
from .pullback import PullbackMetric

__all__ = ["magnification_factor"]


def magnification_factor(model: Any, z: ArrayLike) -> Values:
    """sqrt det G at each latent point, (n, z) -> (n,), of a metric, or of a model's pullback metric. [C18]

    0 where a direction leaves the image unmoved. Raises DataError and InvalidParameter.
    """
    metric = model if isinstance(model, Riemannian) else PullbackMetric(model)
    log_volume = metric.log_volume(as_points(z, name="z", dim=metric.dim))
    if log_volume.max(initial=-np.inf) > np.log(np.finfo(float).max):
        raise DataError(
            f"the magnification factor is exp({log_volume.max():.4g}), which does not fit float64; use the "
            "metric's log_volume"
        )
    return np.asarray(np.exp(log_volume))
