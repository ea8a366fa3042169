"""How much a decoder stretches latent volume."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..checks import as_points
from ..types import Riemannian, Values
from .pullback import PullbackMetric

__all__ = ["magnification_factor"]


def magnification_factor(model: Any, z: ArrayLike) -> Values:
    """sqrt det G at each latent point, (n, z) -> (n,), of a metric, or of a model's pullback metric. [C18]

    0 where a direction leaves the image unmoved. Raises DataError and InvalidParameter.
    """
    metric = model if isinstance(model, Riemannian) else PullbackMetric(model)
    return np.asarray(np.exp(metric.log_volume(as_points(z, name="z", dim=metric.dim))))
