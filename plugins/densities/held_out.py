"""Points that a training does not see."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from geodesic_kit.types import Points

__all__ = ["hold_out"]


def hold_out(x: Points, count: int, *, seed: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """`count` of the points x (n, d), by the seed, and the others: (count, d) held out and (n - count, d) to learn from, as float32."""
    order = np.random.default_rng(seed).permutation(len(x))
    held_out, taught = (torch.tensor(x[part], dtype=torch.float32, device=device) for part in (order[:count], order[count:]))
    return held_out, taught
