"""How long a curve under way is: by the metric's speed at Gauss nodes, or by its chords, which need no
derivatives and are extrapolated.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from ..types import Chords, Points, Values
from .batched import Asking, Pieces, Speed

__all__ = ["chord_lengths", "looks_along", "polygon_lengths", "spline_lengths"]

_GAUSS = {k: np.polynomial.legendre.leggauss(k) for k in (3, 5)}
_CHORDS = {"spline": 4, "polygon": 2}  # of a piece; half as many are measured too


def chord_lengths(nodes: Points) -> Asking[Values]:
    """Length of each chord of a polygon (k, d), (k - 1,)."""
    found: Chords = yield Pieces(nodes[:-1], nodes[1:], 0)
    return np.sqrt(found.squares)


def looks_along(path: Points, cuts: int, by_chords: bool) -> Asking[Values]:
    """What each of `cuts` even parts of each piece of a polygon (k, d) has of the metric length, but for a
    factor, ((k - 1) * cuts,).
    """
    steps = np.diff(path, axis=0)
    if by_chords:
        return (yield from chord_lengths(_cut(path, cuts)))
    middle = ((np.arange(cuts) + 0.5) / cuts)[:, None]
    x = (path[:-1, None, :] + middle * steps[:, None, :]).reshape(-1, path.shape[1])
    return (yield Speed(x, np.repeat(steps, cuts, axis=0)))


def spline_lengths(spline: CubicSpline, by_chords: bool) -> Asking[tuple[Values, Values]]:
    """Metric and Euclidean length of the spline between knots, by four chords or five Gauss nodes each."""
    width = np.diff(spline.x)
    if by_chords:
        share = np.arange(_CHORDS["spline"]) / _CHORDS["spline"]
        t = np.append((spline.x[:-1, None] + width[:, None] * share).ravel(), spline.x[-1])
        nodes = spline(t)
        ruler = np.linalg.norm(np.diff(nodes, axis=0), axis=1).reshape(len(width), -1).sum(axis=1)
        return (yield from _extrapolated(nodes, _CHORDS["spline"])), ruler
    place, weight = _GAUSS[5]
    t = (spline.x[:-1, None] + width[:, None] * (place + 1) / 2).ravel()
    velocity = spline(t, 1)
    metric = yield Speed(spline(t), velocity)
    both = np.stack([metric, np.linalg.norm(velocity, axis=1)]).reshape(2, width.size, -1)
    lengths: NDArray[np.float64] = (both * weight * width[:, None] / 2).sum(axis=2)
    return lengths[0], lengths[1]


def polygon_lengths(points: Points, by_chords: bool) -> Asking[Values]:
    """Metric length of each piece of a polygon so fine that two chords or three Gauss nodes a piece are exact
    to all digits that matter.
    """
    if by_chords:
        return (yield from _extrapolated(_cut(points, _CHORDS["polygon"]), _CHORDS["polygon"]))
    place, weight = _GAUSS[3]
    steps = np.diff(points, axis=0)
    x = points[:-1, None, :] + ((place + 1) / 2)[:, None] * steps[:, None, :]
    speed = yield Speed(x.reshape(-1, points.shape[1]), np.repeat(steps, len(place), axis=0))
    return np.asarray(speed.reshape(-1, len(place)) @ weight / 2)


def _extrapolated(nodes: Points, cuts: int) -> Asking[Values]:
    """Length of each run of `cuts` chords, whose error falls with the square of their number, from those and
    half as many.
    """
    wide = nodes[::2]
    found: Chords = yield Pieces(
        np.concatenate([nodes[:-1], wide[:-1]]), np.concatenate([nodes[1:], wide[1:]]), 0
    )
    chords = np.sqrt(found.squares)
    fine = chords[: len(nodes) - 1].reshape(-1, cuts).sum(axis=1)
    coarse = chords[len(nodes) - 1 :].reshape(-1, cuts // 2).sum(axis=1)
    return np.asarray(fine + (fine - coarse) / 3)


def _cut(path: Points, cuts: int) -> Points:
    """A polygon (k, d) with each piece cut evenly, ((k - 1) * cuts + 1, d)."""
    share = (np.arange(cuts) / cuts)[:, None]
    inner = path[:-1, None, :] + share * np.diff(path, axis=0)[:, None, :]
    return np.concatenate([inner.reshape(-1, path.shape[1]), path[-1:]])
