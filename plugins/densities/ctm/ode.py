"""The probability-flow ODE in log noise: from the data to the latent end and back, and the density along
it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torchdiffeq import odeint

from .trajectory import Trajectory

__all__ = ["ahead", "back", "log_density"]


def ahead(model: Trajectory, x: Tensor, steps: int) -> Tensor:
    """From x (n, d) at the lowest noise to its latent point, x at the highest noise in units of its deviation
    there.
    """
    noise = model.noise
    return _solve(model, x / _size(model, noise.lowest), noise.lowest, noise.highest, steps)


def back(model: Trajectory, z: Tensor, steps: int) -> Tensor:
    """The inverse of `ahead` up to the error of the steps."""
    noise = model.noise
    return _solve(model, z, noise.highest, noise.lowest, steps) * _size(model, noise.lowest)


def log_density(model: Trajectory, x: Tensor, steps: int, probes: Tensor) -> Tensor:
    """log p of x (n, d) at the lowest noise, (n, k), by each row of probes (k, d): v·Jv estimates the trace
    of J. Their mean is log p.

    The instantaneous change of variables along the ODE, whose end is the standard normal. Chen et al. 2018
    (neural ODEs), Hutchinson 1990.
    """
    noise, (n, d) = model.noise, x.shape
    size = _size(model, noise.lowest)

    def slope(log_t: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        return _with_trace(lambda y: _slope(model, log_t, y), state[0], probes)

    start = x / size, torch.zeros(n, len(probes), dtype=x.dtype, device=x.device)
    z, gained = odeint(slope, start, _times(noise.lowest, noise.highest, steps, x), method="rk4")
    normal = -0.5 * (z[-1].square().sum(dim=1) + d * math.log(2 * math.pi))
    return normal[:, None] + gained[-1] - d * math.log(size)


def _with_trace(slope: Callable[[Tensor], Tensor], y: Tensor, probes: Tensor) -> tuple[Tensor, Tensor]:
    """The slope at y (n, d), and v·Jv of its Jacobian by each probe, (n, k).

    Backwards: torch's forward derivative of layer_norm has itself no right gradient (2.13), which a score
    needs.
    """
    outer = torch.is_grad_enabled()
    with torch.enable_grad():
        y = y if y.requires_grad else y.detach().requires_grad_(True)
        value = slope(y)
        pulled = [
            torch.autograd.grad(value, y, probe.expand_as(y), retain_graph=True, create_graph=outer)[0]
            for probe in probes
        ]
    traces = torch.stack(
        [(part * probe).sum(dim=1) for part, probe in zip(pulled, probes, strict=True)], dim=1
    )
    return (value, traces) if outer else (value.detach(), traces.detach())


def _solve(model: Trajectory, y: Tensor, start: float, stop: float, steps: int) -> Tensor:
    return odeint(lambda log_t, y: _slope(model, log_t, y), y, _times(start, stop, steps, y), method="rk4")[
        -1
    ]


def _slope(model: Trajectory, log_t: Tensor, y: Tensor) -> Tensor:
    """dy / d log t of y = x / sqrt(t² + data²), which stands still where the data are normal: few steps are
    enough.
    """
    t = torch.exp(log_t)
    data = model.noise.data
    size = (t**2 + data**2).sqrt()
    return y * (data / size) ** 2 - model.estimate(y * size, t, t) / size


def _size(model: Trajectory, t: float) -> float:
    return math.hypot(t, model.noise.data)


def _times(start: float, stop: float, steps: int, like: Tensor) -> Tensor:
    return torch.linspace(math.log(start), math.log(stop), steps + 1, dtype=like.dtype, device=like.device)
