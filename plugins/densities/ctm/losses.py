"""The two losses of a Consistency Trajectory Model: denoising score matching, and soft consistency matching
with an EMA target.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from .trajectory import Trajectory

__all__ = ["consistency", "denoising"]


def denoising(
    model: Trajectory, x: Tensor, generator: torch.Generator, *, centre: float, spread: float
) -> Tensor:
    """Weighted mean squared error of the denoiser; log noise levels are normal with mean `centre` and
    deviation `spread`. EDM, Eqn 8.
    """
    noise = model.noise
    t = torch.exp(centre + spread * _drawn(torch.randn, (len(x),), x, generator)).clamp(
        noise.lowest, noise.highest
    )
    noisy = x + t[:, None] * _drawn(torch.randn, x.shape, x, generator)
    weight = (t**2 + noise.data**2) / (t * noise.data) ** 2
    return (weight * (model.estimate(noisy, t, t) - x).square().mean(dim=1)).mean()


def consistency(
    model: Trajectory, target: Trajectory, x: Tensor, generator: torch.Generator, *, levels: int, most: int
) -> Tensor:
    """How far the model's jump t → s is from the target's ODE step t → u and jump u → s, both brought to
    noise 0 by the target.

    t > u ≥ s lie on a grid of `levels`; the ODE step is of 1 to `most` grid steps, by Heun's method. The
    distance is the pseudo-Huber one, for points and pictures alike, in place of the paper's learned one
    (LPIPS). CTM, Eqns 6 to 9.
    """
    noise, n = model.noise, len(x)
    start = torch.randint(0, levels - 1, (n,), generator=generator).to(x.device)
    # levels − 1 stands for noise 0
    stop = start + 1 + (_drawn(torch.rand, (n,), x, generator) * (levels - 1 - start)).long()
    # half of them jump to the end, as one-step samples do
    to_end = _drawn(torch.rand, (n,), x, generator) < 0.5
    stop = torch.where(to_end, levels - 1, stop)
    hops = int(torch.randint(1, most + 1, (1,), generator=generator))
    between = torch.minimum(start + hops, stop)
    t, u = (noise.level(which.to(x.dtype) / (levels - 1)) for which in (start, between))
    s = torch.where(stop == levels - 1, 0.0, noise.level(stop.to(x.dtype) / (levels - 1)))
    noisy = x + t[:, None] * _drawn(torch.randn, x.shape, x, generator)

    def to_the_end(points: Tensor) -> Tensor:
        return torch.where(
            s[:, None] > 0, target.jump(points, s.clamp(min=noise.lowest), torch.zeros_like(s[:1])), points
        )

    with torch.no_grad():
        aim = to_the_end(target.jump(heun(target, noisy, t, u, hops), u, s))  # where u = s it stands still
    difference = to_the_end(model.jump(noisy, t, s)) - aim
    small = 0.00054 * x.shape[1] ** 0.5  # Song and Dhariwal 2024
    return ((difference.square().sum(dim=1) + small**2).sqrt() - small).mean() / x.shape[1] ** 0.5


def _drawn(
    kind: Callable[..., Tensor], shape: tuple[int, ...], like: Tensor, generator: torch.Generator
) -> Tensor:
    """Random numbers of the type of `like`, drawn on the CPU, so that they are the same on every device, and
    brought to its device.
    """
    return kind(shape, generator=generator, dtype=like.dtype).to(like.device)


def heun(model: Trajectory, x: Tensor, t: Tensor, u: Tensor, steps: int) -> Tensor:
    """x carried from level t to level u, (n,), along the probability-flow ODE in `steps` of Heun's method."""
    noise = model.noise
    start, stop = noise.share(t), noise.share(u)
    for step in range(steps):
        here, there = (noise.level(start + (stop - start) * part / steps) for part in (step, step + 1))
        slope = model.slope(x, here)
        ahead = x + (there - here)[:, None] * slope
        x = x + (there - here)[:, None] * (slope + model.slope(ahead, there)) / 2
    return x
