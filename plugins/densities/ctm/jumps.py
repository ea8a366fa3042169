"""From noise to data by jumps: γ-sampling. Kim et al. 2024 (CTM), Algorithm 3."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from .trajectory import Trajectory

__all__ = ["descend"]


def descend(model: Trajectory, z: Tensor, steps: int, gamma: float, rng: np.random.Generator) -> Tensor:
    """Data of latent rows z (n, d) by `steps` jumps down the noise levels, the last to noise 0.

    At gamma = 0 the jumps follow one path of the ODE, at 1 each begins with noise drawn anew.
    """
    noise = model.noise
    levels = noise.level(torch.arange(steps, dtype=z.dtype, device=z.device) / steps)
    x = z * math.hypot(noise.highest, noise.data)
    for t, s in pairwise([*levels, torch.zeros_like(levels[0])]):
        x = model.jump(x, t, (1 - gamma**2) ** 0.5 * s)
        if gamma and s > 0:
            x = x + gamma * s * torch.tensor(rng.standard_normal(x.shape), dtype=x.dtype, device=x.device)
    return x
