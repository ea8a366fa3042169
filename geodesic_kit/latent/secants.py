"""Lengths of straight latent edges by secants of their images, halved where they do not settle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..base.warn import tell
from ..errors import QuadratureWarning
from ..types import Edges, Ints, Points, Values

if TYPE_CHECKING:
    from .torch_map import TorchMap

__all__ = ["secant_lengths", "settled_lengths"]

_SECANTS = 8  # of a panel
_MOST_HALVINGS = 24
_AGREEING = 60.0  # 16 times 15 where the series has set in; less, since it may not have
_SHARE = 1 / 16  # of rtol: what a panel's error may be, since few of an edge do not settle by far
_HELD = 1 << 19  # numbers of images held at once: 4 MB, which a processor's cache holds
_STRIDES = (1, 2, 4, 8)


class _Panels(NamedTuple):
    """Parts of edges after so many halvings: the rows (k,) that they are of, where they begin, (k,) from 0 to
    1, and the images of their nine places, (k, 9, D).
    """

    halvings: int
    edge: Ints
    start: Values
    images: NDArray[np.float64]


def secant_lengths(map: TorchMap, x: Points, y: Points, pieces: int) -> Values:
    """Length of the polygon through the images at `pieces` + 1 even places of each edge, (m,). [C19]"""
    lengths, t = np.empty(len(x)), np.linspace(0, 1, pieces + 1)
    for rows in _blocks(len(x), len(t) * max(map.width, map.dim)):
        lengths[rows] = _secants(_images(map, x[rows], y[rows], np.tile(t, (len(x[rows]), 1))), 1)
    return lengths


def settled_lengths(map: TorchMap, z: Points, edges: Edges, rtol: float) -> Values:
    """Length of the image of each straight edge between two rows of z, (m,), to a relative `rtol`, never
    below its ends' distance.

    The error of n secants is a series in 1/n^2, so that 8, 4, 2 and 1 of them, which share their images, are
    extrapolated twice. A panel is halved until the second extrapolation changes the first by less than a
    sixteenth of rtol of the edge, or than rounding of the images does, and 4, 2 and 1 secants agree with each
    other as well as that lets expect: one difference alone can be small by accident. Halves share the images
    of the whole. Warns QuadratureWarning where that takes more than 24 halvings.
    """
    m, numbers = len(edges), (_SECANTS + 1) * max(map.width, map.dim)
    lengths, whole, error = np.zeros(m), np.zeros(m), np.zeros(m)
    x, y = z[edges[:, 0]], z[edges[:, 1]]
    for rows in _blocks(m, numbers):
        waiting = [_whole(map, z, edges, np.arange(m)[rows])]
        while waiting:
            panels = waiting.pop()
            found, change, noise = _extrapolated(map, panels.images)
            if panels.halvings == 0:
                whole[panels.edge] = found
            wrong = change > _SHARE * rtol * whole[panels.edge] + noise
            if panels.halvings == _MOST_HALVINGS:
                np.maximum.at(error, panels.edge[wrong], change[wrong] / whole[panels.edge[wrong]])
                wrong[:] = False
            np.add.at(lengths, panels.edge[~wrong], found[~wrong])
            # the last ones first, so that few wait at any time
            again = np.flatnonzero(wrong)
            for part in _blocks(len(again), 2 * numbers):
                waiting.append(_halves(map, x, y, panels, again[part]))
    if error.any():
        tell(
            f"{np.count_nonzero(error)} of {m} edges did not settle to rtol={rtol:g} (worst "
            f"{error.max():.1g}): the decoder jumps or is noisy there; give pieces= or a larger rtol=",
            QuadratureWarning,
        )
    return lengths


def _whole(map: TorchMap, z: Points, edges: Edges, chosen: Ints) -> _Panels:
    """The chosen edges, whose ends are shared by many."""
    places = np.linspace(0, 1, _SECANTS + 1)
    vertices, ends = np.unique(edges[chosen], return_inverse=True)
    images = np.empty((len(chosen), len(places), map.width))
    images[:, [0, -1]] = map.image(z[vertices])[ends.reshape(-1, 2)]
    x, y = z[edges[chosen, 0]], z[edges[chosen, 1]]
    images[:, 1:-1] = _images(map, x, y, np.tile(places[1:-1], (len(chosen), 1)))
    return _Panels(0, chosen, np.zeros(len(chosen)), images)


def _extrapolated(map: TorchMap, images: NDArray[np.float64]) -> tuple[Values, Values, Values]:
    """Of panels by the images of their places, (k, 9, D): lengths, how far these are settled, and rounding,
    (k,) each.
    """
    fine, half, quarter, one = (_secants(images, stride) for stride in _STRIDES)
    once, coarse, coarsest = (a + (a - b) / 3 for a, b in ((fine, half), (half, quarter), (quarter, one)))
    twice = once + (once - coarse) / 15
    change = np.maximum(np.abs(twice - once), np.abs(coarse - coarsest) / _AGREEING)
    noise = map.precision * _SECANTS * np.abs(images[:, 0]).max(axis=1, initial=0.0)
    return np.maximum(twice, fine), change, noise  # an inscribed polygon is never longer


def _halves(map: TorchMap, x: Points, y: Points, panels: _Panels, chosen: Ints) -> _Panels:
    """Both halves of the chosen panels, whose every second place is one of the whole."""
    width = 0.5 ** (panels.halvings + 1)
    edge, start = np.repeat(panels.edge[chosen], 2), np.repeat(panels.start[chosen], 2)
    start[1::2] += width
    images = np.empty((len(edge), *panels.images.shape[1:]))
    middle, whole = _SECANTS // 2, panels.images[chosen]
    images[::2, ::2], images[1::2, ::2] = whole[:, : middle + 1], whole[:, middle:]
    between = (np.arange(middle) + 0.5) / middle
    images[:, 1::2] = _images(map, x[edge], y[edge], start[:, None] + width * between)
    return _Panels(panels.halvings + 1, edge, start, images)


def _images(map: TorchMap, x: Points, y: Points, t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Images at the places t (k, p) of edges, (k, p, D)."""
    places = (1 - t)[..., None] * x[:, None, :] + t[..., None] * y[:, None, :]
    return map.image(places.reshape(-1, x.shape[1])).reshape(*t.shape, map.width)


def _secants(images: NDArray[np.float64], stride: int) -> Values:
    """Length of the polygon through every so many images (k, p, D), (k,)."""
    return np.asarray(np.linalg.norm(np.diff(images[:, ::stride], axis=1), axis=2).sum(axis=1))


def _blocks(rows: int, numbers: int) -> Iterator[slice]:
    """Parts of so many rows, one at least, of `numbers` each, that are held at once."""
    step = max(1, _HELD // numbers)
    for start in range(0, rows, step):
        yield slice(start, start + step)
