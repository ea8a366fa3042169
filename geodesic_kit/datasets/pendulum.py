"""Pictures of a pendulum: a rod and a bob at every angle, drawn with soft edges."""

from __future__ import annotations

import numpy as np

from ..types import Points, Values

__all__ = ["SIDE", "pictures"]

SIDE = 16  # pixels
# in pixels: from the pivot, in the middle, to the centre of the bob; radius of the bob; half the rod's width
_LENGTH, _BOB, _ROD = 5.0, 1.8, 0.6
_BLOCK = 4096  # pictures drawn at once


def pictures(angle: Values) -> Points:
    """The picture of each angle (n,), in radians from hanging down, counter-clockwise: (n, 256) in [0, 1],
    row by row from the top.

    A pixel's value is the share of it that the figure covers, by the signed distance of its centre.
    """
    return np.concatenate(
        [np.empty((0, SIDE**2))]
        + [_drawn(angle[start : start + _BLOCK]) for start in range(0, len(angle), _BLOCK)]
    )


def _drawn(angle: Values) -> Points:
    middle = (SIDE - 1) / 2
    row, column = np.divmod(np.arange(SIDE**2), SIDE)
    right, up = column - middle, middle - row
    sin, cos = np.sin(angle)[:, None], -np.cos(angle)[:, None]
    along, across = right * sin + up * cos, right * cos - up * sin
    rod = np.hypot(along - np.clip(along, 0.0, _LENGTH), across) - _ROD
    bob = np.hypot(along - _LENGTH, across) - _BOB
    return np.clip(0.5 - np.minimum(rod, bob), 0.0, 1.0)
