"""The importance-weighted bound on log p, and log p itself by many weights, on standardised points.

Burda et al. 2016, Eqn 8: log p(x) >= E log mean_k p(x, z_k) / q(z_k | x). One weight is the bound of the
variational autoencoder; many bring the bound to log p.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from geodesic_kit.checks import integer
from geodesic_kit.errors import InvalidParameter

from .networks import Autoencoder

__all__ = ["as_draws", "bound", "log_evidence", "quasi_normal"]

REPEATS = 8  # independent sets of quasi-random points, from whose spread the error is told
_LOG_2PI = math.log(2 * math.pi)


def bound(model: Autoencoder, x: Tensor, noise: Tensor) -> Tensor:
    """The bound of each row of x (n, d) by the draws `noise` (k, n, z), or (k, 1, z) for all rows: (n,)."""
    mean, log_variance = model.code(x)
    z = mean + (0.5 * log_variance).exp() * noise
    squares = (x - model.decoder(z)).square().sum(dim=2)
    weights = _log_weights(model, squares, x.shape[1], z, log_variance, noise)
    return torch.logsumexp(weights, dim=0) - math.log(len(noise))


def log_evidence(model: Autoencoder, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """log p of each row of x (n, d), (n,), and its standard error, (n,), from `noise` (repeats, k, z), the
    same for every row.
    """
    mean, log_variance = model.code(x)
    repeats, k, width = noise.shape
    draws = noise.reshape(repeats * k, 1, width)
    z = mean + (0.5 * log_variance).exp() * draws
    squares = _squares(model, x, z)
    weights = _log_weights(model, squares, x.shape[1], z, log_variance, draws)
    parts = torch.logsumexp(weights.reshape(repeats, k, len(x)), dim=1) - math.log(k)
    log_p = torch.logsumexp(parts, dim=0) - math.log(repeats)
    shares = torch.where(log_p.isinf(), 1.0, (parts - log_p).exp())
    return log_p, shares.std(dim=0) / repeats**0.5


def _squares(model: Autoencoder, x: Tensor, z: Tensor) -> Tensor:
    """|x - decoder(z)|^2 of x (n, d) and z (k, n, z), (k, n).

    Where the last layer is linear and dense, distances to its range are taken in that range's own
    coordinates: of 784 pixels and 200 units, 200.
    """
    last = model.last
    if last is None:
        return (x - model.decoder(z)).square().sum(dim=2)
    basis, triangle = torch.linalg.qr(last.weight)
    inside = (x - last.bias) @ basis
    outside = (x - last.bias - inside @ basis.T).square().sum(dim=1)
    return (inside - model.decoder[:-1](z) @ triangle.T).square().sum(dim=2) + outside


def quasi_normal(count: int, width: int, seed: int) -> Tensor:
    """Scrambled Sobol points, normally distributed: (8, count / 8, width); float64, always the same for a
    seed.

    Owen 1997: of a smooth integrand their mean is far nearer than that of independent draws.
    """
    from scipy.special import ndtri
    from scipy.stats import qmc

    seeds = np.random.SeedSequence(seed).spawn(REPEATS)
    sets = [qmc.Sobol(width, seed=np.random.default_rng(one)).random(count // REPEATS) for one in seeds]
    tiny = np.finfo(np.float64).eps  # a point on the rim of the cube would be infinite
    return torch.from_numpy(ndtri(np.clip(np.stack(sets), tiny, 1 - tiny)))


def as_draws(count: Any) -> int:
    """The number of importance weights, a power of two, which is what Sobol points are even in. Raises
    InvalidParameter.
    """
    count = integer(count, "n_importance", least=REPEATS, most=1 << 20)
    if count & (count - 1):
        raise InvalidParameter(
            f"n_importance={count}: give a power of two, such as {1 << count.bit_length()}"
        )
    return count


def _log_weights(
    model: Autoencoder, squares: Tensor, dim: int, z: Tensor, log_variance: Tensor, noise: Tensor
) -> Tensor:
    """log p(x | z) + log p(z) - log q(z | x); the 2 pi of the last two cancel."""
    likelihood = -0.5 * squares * (-2 * model.log_noise).exp() - dim * (model.log_noise + 0.5 * _LOG_2PI)
    return likelihood + 0.5 * (noise.square() + log_variance - z.square()).sum(dim=2)
