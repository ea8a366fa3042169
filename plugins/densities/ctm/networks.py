"""The two networks of a trajectory model: a perceptron for points of a few coordinates, a U-Net for small
pictures.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

__all__ = ["Perceptron", "UNet"]

_FREQUENCIES = 12  # sines and cosines of each noise level's logarithm


class Perceptron(nn.Module):
    """Residual layers of `width` units, `depth` of them, each shifted and scaled by the noise levels; (n, d)
    -> (n, d).
    """

    def __init__(self, dim: int, width: int, depth: int) -> None:
        super().__init__()
        self.levels = Levels(width)
        self.enter = nn.Linear(dim, width)
        self.layers = nn.ModuleList(_Layer(width) for _ in range(depth))
        self.leave = _silent(nn.Linear(width, dim))

    def forward(self, x: Tensor, t: Tensor, s: Tensor) -> Tensor:
        """What the preconditioned model predicts at x (n, d) for noise levels t and s, (n,) or (1,)."""
        levels = self.levels(t, s)
        h = self.enter(x)
        for layer in self.layers:
            h = layer(h, levels)
        return self.leave(F.silu(h))


class UNet(nn.Module):
    """Convolutions at half and a quarter of a square picture's side, attention at the quarter; (n, side²) ->
    (n, side²).

    The picture enters as blocks of 2 × 2 pixels: at full resolution the same width would cost four times as
    much.
    """

    def __init__(self, dim: int, channels: tuple[int, int], levels: int = 128) -> None:
        super().__init__()
        self.side = math.isqrt(dim)
        fine, coarse = channels
        self.levels = Levels(levels)
        self.enter = nn.Conv2d(4, fine, 3, padding=1)
        self.down = nn.ModuleList([_Block(fine, fine, levels), _Block(fine, fine, levels)])
        self.fall = nn.Conv2d(fine, coarse, 3, stride=2, padding=1)
        self.middle = nn.ModuleList(
            [
                _Block(coarse, coarse, levels),
                _Attention(coarse),
                _Block(coarse, coarse, levels),
                _Block(coarse, coarse, levels),
            ]
        )
        self.rise = nn.Conv2d(coarse, fine, 3, padding=1)
        self.up = nn.ModuleList([_Block(2 * fine, fine, levels), _Block(2 * fine, fine, levels)])
        self.leave = _silent(nn.Conv2d(fine, 4, 3, padding=1))

    def forward(self, x: Tensor, t: Tensor, s: Tensor) -> Tensor:
        """What the preconditioned model predicts at x (n, side²) for noise levels t and s, (n,) or (1,)."""
        levels = self.levels(t, s)
        blocks = F.pixel_unshuffle(x.reshape(-1, 1, self.side, self.side), 2)
        # channels innermost: a fifth less time on a CPU
        h = self.enter(blocks.contiguous(memory_format=torch.channels_last))
        kept = []
        for block in self.down:
            h = block(h, levels)
            kept.append(h)
        h = self.fall(h)
        for block in self.middle:
            h = block(h, levels)
        h = self.rise(F.interpolate(h, scale_factor=2.0))
        for block in self.up:
            h = block(torch.cat([h, kept.pop()], dim=1), levels)
        return F.pixel_shuffle(self.leave(F.silu(h)), 2).reshape(x.shape)


class Levels(nn.Module):
    """One vector for the two noise levels; at s = t it depends on t alone.

    The part of s starts at zero: a network trained on the denoising loss alone already is a trajectory model,
    of Euler steps.
    """

    frequencies: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer(
            "frequencies", 2 * math.pi * 0.25 * 2 ** (torch.arange(_FREQUENCIES) / 2), persistent=False
        )
        self.of_t = nn.Sequential(nn.Linear(2 * _FREQUENCIES, width), nn.SiLU(), nn.Linear(width, width))
        self.of_s = nn.Sequential(
            nn.Linear(4 * _FREQUENCIES, width), nn.SiLU(), _silent(nn.Linear(width, width))
        )

    def forward(self, t: Tensor, s: Tensor) -> Tensor:
        """(n,), (n,) -> (n, width), one row for one pair of levels; both are at least the smallest noise."""
        waves_t, waves_s = self._waves(t), self._waves(s)
        return F.silu(
            self.of_t(waves_t) + (1 - s / t)[:, None] * self.of_s(torch.cat([waves_t, waves_s], dim=1))
        )

    def _waves(self, t: Tensor) -> Tensor:
        angles = (torch.log(t) / 4)[:, None] * self.frequencies
        return torch.cat([angles.sin(), angles.cos()], dim=1)


class _Layer(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.film = nn.Linear(width, 2 * width)
        self.first, self.second = nn.Linear(width, width), _silent(nn.Linear(width, width))

    def forward(self, h: Tensor, levels: Tensor) -> Tensor:
        scale, shift = self.film(levels).chunk(2, dim=1)
        return h + self.second(F.silu(self.first(F.silu(F.layer_norm(h, h.shape[1:]) * (1 + scale) + shift))))


class _Block(nn.Module):
    def __init__(self, inner: int, outer: int, levels: int) -> None:
        super().__init__()
        self.norm_in, self.norm_out = nn.GroupNorm(8, inner), nn.GroupNorm(8, outer)
        self.first, self.second = (
            nn.Conv2d(inner, outer, 3, padding=1),
            _silent(nn.Conv2d(outer, outer, 3, padding=1)),
        )
        self.film = nn.Linear(levels, 2 * outer)
        self.skip = nn.Conv2d(inner, outer, 1) if inner != outer else nn.Identity()

    def forward(self, x: Tensor, levels: Tensor) -> Tensor:
        scale, shift = self.film(levels)[:, :, None, None].chunk(2, dim=1)
        h = self.norm_out(self.first(F.silu(self.norm_in(x)))) * (1 + scale) + shift
        return self.skip(x) + self.second(F.silu(h))


class _Attention(nn.Module):
    heads = 4

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, channels)
        self.ask, self.answer = (
            nn.Conv2d(channels, 3 * channels, 1),
            _silent(nn.Conv2d(channels, channels, 1)),
        )

    def forward(self, x: Tensor, levels: Tensor) -> Tensor:
        n, c, height, width = x.shape
        parts = (
            self.ask(self.norm(x))
            .reshape(n, 3, self.heads, c // self.heads, height * width)
            .transpose(3, 4)
            .unbind(1)
        )
        with sdpa_kernel(SDPBackend.MATH):  # the one that a score can be differentiated through
            attended = F.scaled_dot_product_attention(*parts)
        h = attended.transpose(2, 3).reshape(n, c, height, width)
        return x + self.answer(h)


def _silent(layer: Any) -> Any:
    """The layer with all weights zero: what it is added to passes unchanged at first."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer
