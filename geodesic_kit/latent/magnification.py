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
    """sqrt det G at each latent point. [C18]

    Parameters
    ----------
    model : Any
        A Riemannian metric, or what `PullbackMetric(model)` takes.
    z : array (n, z)
        Latent points.

    Returns
    -------
    array (n,)
        0 where a direction leaves the image unmoved.

    Raises
    ------
    DataError, InvalidParameter

    Examples
    --------
    >>> import torch
    >>> def sphere(z):
    ...     theta, phi = z[..., 0], z[..., 1]
    ...     return torch.stack([theta.sin() * phi.cos(), theta.sin() * phi.sin(), theta.cos()], dim=-1)
    >>> metric = gk.latent.PullbackMetric(sphere, dim=2)
    >>> gk.latent.magnification_factor(metric, [[np.pi / 2, 0.0]]).round(6)
    array([1.])
    """
    metric = model if isinstance(model, Riemannian) else PullbackMetric(model)
    log_volume = metric.log_volume(as_points(z, name="z", dim=metric.dim))
    if log_volume.max(initial=-np.inf) > np.log(np.finfo(float).max):
        raise DataError(
            f"the magnification factor is exp({log_volume.max():.4g}), which does not fit float64; use the "
            "metric's log_volume"
        )
    return np.asarray(np.exp(log_volume))
