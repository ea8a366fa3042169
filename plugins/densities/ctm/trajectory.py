"""The trajectory model G(x_t, t, s): from a point at noise level t to the same path's point at noise level
s.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

__all__ = ["Noise", "Trajectory"]


@dataclass(frozen=True)
class Noise:
    """Noise levels of Karras et al. 2022 (EDM): standard deviations from `lowest` to `highest`, `data` that
    of the data.
    """

    data: float = 0.5
    lowest: float = 0.002
    highest: float = 80.0
    rho: float = 7.0

    def level(self, share: Tensor) -> Tensor:
        """The level at a share of the way down: `highest` at 0, `lowest` at 1, even in the rho-th root."""
        top, bottom = self.highest ** (1 / self.rho), self.lowest ** (1 / self.rho)
        return (top + share * (bottom - top)) ** self.rho

    def share(self, level: Tensor) -> Tensor:
        """The inverse of `level`."""
        top, bottom = self.highest ** (1 / self.rho), self.lowest ** (1 / self.rho)
        return (top - level ** (1 / self.rho)) / (top - bottom)


class Trajectory(nn.Module):
    """G and the denoiser within it, by one network with the preconditioning of EDM. Kim et al. 2024 (CTM),
    Eqns 3 to 5.

    All methods take x (n, d) and levels (n,), or one for all points; the level s = 0 stands for the clean
    end.
    """

    def __init__(self, network: nn.Module, noise: Noise) -> None:
        super().__init__()
        self.network, self.noise = network, noise

    def estimate(self, x: Tensor, t: Tensor, s: Tensor) -> Tensor:
        """g(x_t, t, s); at s = t the denoiser E[x_0 | x_t]."""
        data, low = self.noise.data, self.noise.lowest
        t, s = t.reshape(-1), s.reshape(-1).clamp(min=low)  # a network knows no noise below the lowest
        total = (t**2 + data**2).sqrt()
        keep, out = data**2 / total**2, t * data / total
        raw = self.network(x / total[:, None], t, torch.minimum(s, t))
        # its own precision, where the network runs in a coarser one
        return keep[:, None] * x + out[:, None] * raw.to(x.dtype)

    def jump(self, x: Tensor, t: Tensor, s: Tensor) -> Tensor:
        """G(x_t, t, s) = (s/t) x_t + (1 − s/t) g(x_t, t, s)."""
        share = (s / t).reshape(-1, 1)
        return share * x + (1 - share) * self.estimate(x, t, s)

    def slope(self, x: Tensor, t: Tensor) -> Tensor:
        """dx/dt of the probability-flow ODE, (x − D(x, t)) / t."""
        return (x - self.estimate(x, t, t)) / t.reshape(-1, 1)
