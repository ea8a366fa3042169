"""Lengths of straight latent edges by secants of their images, doubled until they settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base.warn import tell
from ..errors import QuadratureWarning
from ..types import Points, Values

if TYPE_CHECKING:
    from .torch_map import TorchMap

__all__ = ["secant_lengths", "settled_lengths"]

_FIRST = 8  # secants that an edge starts from
_MOST = 1 << 13
_HELD = 1 << 22  # numbers of images held at once: 32 MB


def secant_lengths(map: TorchMap, x: Points, y: Points, pieces: int) -> Values:
    """Length of the polygon through the images at `pieces` + 1 even places of each edge, (m,). [C19]"""
    return _sums(map, x, y, pieces, (1,))[0]


def settled_lengths(map: TorchMap, x: Points, y: Points, rtol: float) -> Values:
    """Length of the image of each straight edge, (m,), to a relative `rtol`, never below its ends' distance.

    The error of n secants is a series in 1/n^2, so that n, n/2 and n/4 of them, which share their images, are
    extrapolated twice; n is doubled until the second extrapolation changes the first by less than rtol, or
    than rounding of the images does. Warns QuadratureWarning where 8,192 are too few.
    """
    lengths = np.empty(len(x))
    left, pieces = np.arange(len(x)), _FIRST
    while len(left):
        fine, half, quarter = _sums(map, x[left], y[left], pieces, (1, 2, 4))
        once = fine + (fine - half) / 3
        twice = once + (once - half - (half - quarter) / 3) / 15
        lengths[left] = np.maximum(twice, fine)  # an inscribed polygon is never longer
        change = np.abs(twice - once)
        noise = map.precision * pieces * np.abs(map.image(x[left])).max(axis=1)
        wrong = change > rtol * fine + noise
        left, pieces, worst = left[wrong], 2 * pieces, float((change / fine)[wrong].max(initial=0.0))
        if len(left) and pieces > _MOST:
            tell(
                f"{len(left)} of {len(lengths)} edges did not settle to rtol={rtol:g} with {_MOST:,} secants "
                f"(worst {worst:.1g}): the decoder jumps or is noisy there; give pieces= or a larger rtol=",
                QuadratureWarning,
            )
            break
    return lengths


def _sums(map: TorchMap, x: Points, y: Points, pieces: int, strides: tuple[int, ...]) -> list[Values]:
    """Sums of secants over every place, every second ... of `pieces` + 1 even ones, each (m,)."""
    t = np.linspace(0, 1, pieces + 1)[:, None]
    found = [np.empty(len(x)) for _ in strides]
    step = max(1, _HELD // (len(t) * max(map.width, map.dim)))
    for start in range(0, len(x), step):
        rows = slice(start, start + step)
        places = (1 - t) * x[rows, None, :] + t * y[rows, None, :]
        images = map.image(places.reshape(-1, x.shape[1])).reshape(len(places), len(t), -1)
        for sums, stride in zip(found, strides, strict=True):
            sums[rows] = np.linalg.norm(np.diff(images[:, ::stride], axis=1), axis=2).sum(axis=1)
    return found
