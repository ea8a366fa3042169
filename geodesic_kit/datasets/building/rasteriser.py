"""Pictures of surfaces: a z-buffer in NumPy, one grey per face."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...types import Ints, Points, Values

__all__ = ["drawn"]

_PIXELS = 1 << 22  # looked at at once


def drawn(corners: Points, triangles: Ints, shade: Values, side: int, *, finer: int = 1) -> Points:
    """The picture (side, side) of triangles (m, 3) among corners (n, 3), each in its shade (m,), on 0.

    Corners are in pixels, right, down from the picture's upper left corner, and away from the viewer; the
    nearest triangle at a sample is seen. A pixel is the mean of finer x finer samples, each in the middle of
    its share.
    """
    sharp = side * finer
    at = corners[triangles] * [finer, finer, 1.0]  # (m, 3 corners, 3)
    area = _cross(at[:, 1] - at[:, 0], at[:, 2] - at[:, 0])
    # The samples that can lie within, as rows and columns: their middles are at halves.
    first = np.clip(np.ceil(at[:, :, :2].min(axis=1) - 0.5), 0, sharp).astype(np.int64)
    last = np.clip(np.floor(at[:, :, :2].max(axis=1) - 0.5), -1, sharp - 1).astype(np.int64)
    sizes = last - first + 1
    seen = np.flatnonzero((sizes > 0).all(axis=1) & (area != 0))
    away = np.full(sharp * sharp, np.inf)
    picture = np.zeros(sharp * sharp)
    # Triangles of like size are looked at together, in boxes whose sides are powers of two.
    boxes = np.exp2(np.ceil(np.log2(sizes[seen]))).astype(np.int64)
    found = []
    for wide, high in np.unique(boxes, axis=0):
        alike = seen[(boxes == (wide, high)).all(axis=1)]
        for part in np.array_split(alike, -(-len(alike) * wide * high // _PIXELS)):
            found.append(_samples(at[part], area[part], first[part], last[part], (wide, high), part, sharp))
    place, depth, owner = (np.concatenate(parts) for parts in zip(*found, strict=True))
    np.minimum.at(away, place, depth)
    front = depth == away[place]
    np.maximum.at(picture, place[front], shade[owner[front]])
    return picture.reshape(side, finer, side, finer).mean(axis=(1, 3))


def _samples(
    at: Points, area: Values, first: Ints, last: Ints, box: tuple[int, int], names: Ints, sharp: int
) -> tuple[Ints, Values, Ints]:
    """Of triangles whose samples fit into a box: where each sample lies in the picture, how far away, and of
    which triangle.
    """
    column, row = (first[:, k, None] + np.arange(box[k]) for k in (0, 1))
    x, y = column[:, None, :] + 0.5, row[:, :, None] + 0.5
    weights = []
    for k in range(3):  # barycentric coordinates: all positive within
        a, b = at[:, (k + 1) % 3, :, None, None], at[:, (k + 2) % 3, :, None, None]
        weights.append(
            ((b[:, 0] - a[:, 0]) * (y - a[:, 1]) - (b[:, 1] - a[:, 1]) * (x - a[:, 0])) / area[:, None, None]
        )
    within = (np.minimum(np.minimum(weights[0], weights[1]), weights[2]) >= 0) & (
        (column <= last[:, 0, None])[:, None, :] & (row <= last[:, 1, None])[:, :, None]
    )
    depth = sum(weight * at[:, k, 2, None, None] for k, weight in enumerate(weights))
    place = row[:, :, None] * sharp + column[:, None, :]
    owner = np.broadcast_to(names[:, None, None], within.shape)
    return place[within], np.asarray(depth)[within], owner[within]


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> Values:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
