"""Lengths of straight latent edges by secants of their images, halved where they do not settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base.warn import tell
from ..errors import QuadratureWarning
from ..types import Points, Values

if TYPE_CHECKING:
    from .torch_map import TorchMap

__all__ = ["secant_lengths", "settled_lengths"]

_SECANTS = 8  # of a panel
_MOST_HALVINGS = 24
_AGREEING = 60.0  # 16 times 15 where the series has set in; less, since it may not have
_SHARE = 1 / 16  # of rtol: what a panel's error may be, since few of an edge do not settle by far
_HELD = 1 << 19  # numbers of images held at once: 4 MB, which a processor's cache holds


def secant_lengths(map: TorchMap, x: Points, y: Points, pieces: int) -> Values:
    """Length of the polygon through the images at `pieces` + 1 even places of each edge, (m,). [C19]"""
    return _sums(map, x, y, pieces, (1,))[0][0]


def settled_lengths(map: TorchMap, x: Points, y: Points, rtol: float) -> Values:
    """Length of the image of each straight edge, (m,), to a relative `rtol`, never below its ends' distance.

    The error of n secants is a series in 1/n^2, so that 8, 4, 2 and 1 of them, which share their images, are
    extrapolated twice. A panel is halved until the second extrapolation changes the first by less than a
    sixteenth of rtol of the edge, or than rounding of the images does, and 4, 2 and 1 secants agree with each
    other as well as that lets expect: one difference alone can be small by accident. Warns QuadratureWarning
    where that takes more than 24 halvings.
    """
    m = len(x)
    lengths, whole = np.zeros(m), np.zeros(m)
    edge, start, width = np.arange(m), np.zeros(m), 1.0
    for halving in range(_MOST_HALVINGS + 1):
        step = y[edge] - x[edge]
        first = x[edge] + start[:, None] * step
        (fine, half, quarter, one), size = _sums(map, first, first + width * step, _SECANTS, (1, 2, 4, 8))
        once, coarse, coarsest = (a + (a - b) / 3 for a, b in ((fine, half), (half, quarter), (quarter, one)))
        twice = once + (once - coarse) / 15
        found = np.maximum(twice, fine)  # an inscribed polygon is never longer
        if halving == 0:
            whole = found.copy()
        noise = map.precision * _SECANTS * size
        change = np.maximum(np.abs(twice - once), np.abs(coarse - coarsest) / _AGREEING)
        wrong = change > _SHARE * rtol * whole[edge] + noise
        if not wrong.any() or halving == _MOST_HALVINGS:
            np.add.at(lengths, edge, found)
            if wrong.any():
                worst = float((change[wrong] / whole[edge[wrong]]).max())
                tell(
                    f"{len(np.unique(edge[wrong]))} of {m} edges did not settle to rtol={rtol:g} (worst "
                    f"{worst:.1g}): the decoder jumps or is noisy there; give pieces= or a larger rtol=",
                    QuadratureWarning,
                )
            break
        np.add.at(lengths, edge[~wrong], found[~wrong])
        width /= 2
        edge = np.repeat(edge[wrong], 2)
        start = np.repeat(start[wrong], 2)
        start[1::2] += width
    return lengths


def _sums(
    map: TorchMap, x: Points, y: Points, pieces: int, strides: tuple[int, ...]
) -> tuple[list[Values], Values]:
    """Sums of secants over every place, every second ... of `pieces` + 1 even ones, each (m,); the largest
    coordinate of the first image, (m,).
    """
    t = np.linspace(0, 1, pieces + 1)[:, None]
    found, size = [np.empty(len(x)) for _ in strides], np.empty(len(x))
    step = max(1, _HELD // (len(t) * max(map.width, map.dim)))
    for start in range(0, len(x), step):
        rows = slice(start, start + step)
        places = (1 - t) * x[rows, None, :] + t * y[rows, None, :]
        images = map.image(places.reshape(-1, x.shape[1])).reshape(len(places), len(t), map.width)
        size[rows] = np.abs(images[:, 0]).max(axis=1, initial=0.0)
        for sums, stride in zip(found, strides, strict=True):
            sums[rows] = np.linalg.norm(np.diff(images[:, ::stride], axis=1), axis=2).sum(axis=1)
    return found, size
