"""One path on its way to a geodesic: the energy's minimum for more and more pieces, until the length stands
still.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline, PchipInterpolator

from ..types import Points, Values
from .batched import OUTSIDE, Asking, Least
from .rulers import chord_lengths, looks_along, polygon_lengths, spline_lengths

__all__ = ["Descent", "Smooth", "Start", "straightened"]

_PIECES = (32, 64, 128, 256, 512, 1024)  # optimised
_ROUNDS = 16  # more at the finest, of points that do not slide, whose places and directions are chosen anew
_MOST_INSCRIBED = 8192  # inscribed in the spline through them
_SAME_VALLEY = 0.01  # of the extent: two curves so near are one
# relative change of length by twice as many pieces, from which on two valleys can be compared
_RESOLVED = 0.01
_LEAPT = 0.02  # of its length: a polygon of chords that misses more is too coarse to begin with
_LOOKS = 256  # at c along the path given, at least, to place the first points
_LEAST_SHARE = 1e-6  # of the mean share: keeps the energy finite where c is next to nothing


@dataclass(frozen=True, eq=False)
class Start:
    """A polygon (k, d) and its metric length."""

    points: Points
    length: float


@dataclass(frozen=True, eq=False)
class Descent:
    """How a polygon of least energy is found from a start (k, d), shares of its length (k - 1,), rtol, and
    whether it is near rest; the fewest pieces that it begins with, and a piece of the path given; whether
    pieces are measured by chords, which leap over what is narrower; and `steady`, which keeps points from
    sliding along the polygon, for paths that `least` makes no shorter.
    """

    least: Callable[[Points, Values, float, bool], Asking[Least]]
    fewest: int
    a_piece: int
    by_chords: bool
    steady: Callable[[Points, Values, float, bool], Asking[Least]] | None = None

    def levels(self, path: Points) -> list[int]:
        """Numbers of pieces to be optimised, ascending."""
        fewest = min(max(self.a_piece * (len(path) - 1), self.fewest), _PIECES[-2])
        return [n for n in _PIECES if n >= fewest]


@dataclass(frozen=True, eq=False)
class Smooth:
    """A polygon (k, d) in a spline of metric length `smooth`; its pieces' lengths, (k - 1,), or None where
    still to be measured; `certified` as `Least` has it.
    """

    points: Points
    pieces: Values | None
    smooth: float
    converged: bool
    certified: bool | None = None


def straightened(
    path: Start, others: list[Start], descent: Descent, asked: int | None, rtol: float
) -> Asking[Smooth]:
    """The geodesic near the path, or near one of the others where that is shorter once both are resolved."""
    levels = descent.levels(path.points)
    best, pieces = yield from _followed([path, *others], descent, levels, rtol)
    if best.spline is None and descent.steady is not None:
        steadily = replace(descent, least=descent.steady)
        best, pieces = yield from _followed([path], steadily, levels + levels[-1:] * _ROUNDS, rtol)
    if best.spline is None:
        return Smooth(path.points, None, np.inf, converged=False)
    converged = best.change <= rtol
    if asked is not None or not converged:
        return Smooth(
            _inscribed(best.spline, pieces if asked is None else asked, path.points),
            None,
            best.smooth,
            converged,
            best.certified,
        )
    while True:
        points = _inscribed(best.spline, pieces, path.points)
        lengths = yield from polygon_lengths(points, descent.by_chords)
        excess = float(lengths.sum()) - best.smooth
        if excess <= 0.5 * rtol * best.smooth or pieces >= _MOST_INSCRIBED:
            return Smooth(points, lengths, best.smooth, excess <= rtol * best.smooth, best.certified)
        # a chord's excess falls with the square of its length
        wanted = pieces * np.sqrt(excess / (0.4 * rtol * best.smooth))
        pieces = min(pieces * 2 ** int(np.ceil(np.log2(max(wanted / pieces, 2.0)))), _MOST_INSCRIBED)


def _followed(
    starts: list[Start], descent: Descent, levels: list[int], rtol: float
) -> Asking[tuple[_Track, int]]:
    """The start that became the shortest, and the number of pieces at which its length stood still or the
    levels ended.
    """
    tracks = [_Track(start, descent) for start in starts]
    for pieces in levels:
        for track in tracks:
            yield from track.advance(pieces, rtol)
        tracks = _kept(tracks)
        if len(tracks) == 1 and tracks[0].change <= rtol:
            break
    return min(tracks, key=lambda track: track.smooth), pieces


class _Track:
    """A start on its way: the spline through its last polygon, the metric length up to each knot, and how
    that length changed.
    """

    def __init__(self, start: Start, descent: Descent) -> None:
        self.start, self.descent = start, descent
        self.certified: bool | None = None
        self.spline: Any = None
        self._metric = self._ruler = np.empty(0)
        self.smooth = self.change = np.inf

    def advance(self, pieces: int, rtol: float) -> Asking[None]:
        """The next level. Too coarse a polygon may leap over walls: where its spline is longer than the
        start, it is forgotten.
        """
        start = self.start.points
        if self.spline is None:
            nodes, shares = yield from _spread(start, pieces, self.descent.by_chords)
            if self.descent.by_chords and (yield from _leaps(nodes, self.start.length)):
                return
        else:
            place, shares = _placed(self.spline.x, self._metric, self._ruler, pieces)
            nodes = _ends_tied(self.spline(place), start)
        nodes, rests, self.certified = yield from self.descent.least(
            nodes, shares, rtol, self.spline is not None
        )
        before, self.smooth, self.change = self.smooth, np.inf, np.inf
        spline = CubicSpline(np.linspace(0, 1, pieces + 1), nodes)
        try:
            self._metric, self._ruler = yield from spline_lengths(spline, self.descent.by_chords)
        except OUTSIDE:  # too coarse a spline may swing out of the density's domain
            self.spline = None
            return
        length = float(self._metric.sum())
        self.spline = spline if length <= self.start.length * (1 + rtol) else None
        if self.spline is not None:
            self.smooth = length
            if rests and np.isfinite(before):
                self.change = abs(before - length) / length


def _kept(tracks: list[_Track]) -> list[_Track]:
    """The tracks still worth following: one of those in the same valley, and the shortest once all are
    resolved.
    """
    if len(tracks) == 1 or any(track.spline is None for track in tracks):
        return tracks
    first, *others = [track.spline(track.spline.x) for track in tracks]
    near = _SAME_VALLEY * float(np.ptp(first, axis=0).max())
    tracks = [
        tracks[0],
        *(
            track
            for track, nodes in zip(tracks[1:], others, strict=True)
            if np.abs(nodes - first).max() > near
        ),
    ]
    if all(track.change <= _RESOLVED for track in tracks):
        return [min(tracks, key=lambda track: track.smooth)]
    return tracks


def _leaps(nodes: Points, length: float) -> Asking[bool]:
    """Whether the chords of a polygon (k, d) miss too much of the length of the curve that it is inscribed
    in; the finest is taken as it is.
    """
    if len(nodes) > _PIECES[-1]:
        return False
    return float((yield from chord_lengths(nodes)).sum()) < (1 - _LEAPT) * length


def _spread(path: Points, pieces: int, by_chords: bool) -> Asking[tuple[Points, Values]]:
    """Points along the polygon, (pieces + 1, d), placed by `_placed`, and the share of the metric length
    between them.
    """
    cuts = max(4, -(-_LOOKS // (len(path) - 1)))
    metric = yield from looks_along(path, cuts, by_chords)
    steps = np.diff(path, axis=0)
    ruler = np.repeat(np.linalg.norm(steps, axis=1), cuts)
    place, shares = _placed(np.arange(len(ruler) + 1) / cuts, metric, ruler, pieces)
    piece = np.minimum(place.astype(int), len(steps) - 1)
    return _ends_tied(path[piece] + (place - piece)[:, None] * steps[piece], path), shares


def _placed(knots: Values, metric: Values, ruler: Values, pieces: int) -> tuple[Values, Values]:
    """Parameters, (pieces + 1,), at equal steps of half the metric and half the Euclidean length, and the
    metric share of each step.

    By metric length alone, a narrow well of small c would fall into one step, whose midpoint then lies about
    the rest of it.
    """
    both = metric / metric.sum() + ruler / ruler.sum()
    kept = np.append(True, both > 0)  # a standing piece has no place
    passed = np.concatenate([[0.0], np.cumsum(both)])[kept]
    place = PchipInterpolator(passed, knots[kept])(np.linspace(0, passed[-1], pieces + 1)).clip(
        knots[0], knots[-1]
    )
    shares = np.diff(PchipInterpolator(knots, np.concatenate([[0.0], np.cumsum(metric)]))(place))
    return place, np.maximum(shares / shares.sum(), _LEAST_SHARE / pieces)


def _inscribed(spline: CubicSpline, pieces: int, path: Points) -> Points:
    """Points of the spline at equal steps of its parameter, with the ends of the path to the bit."""
    return _ends_tied(spline(np.linspace(0, 1, pieces + 1)), path)


def _ends_tied(points: Points, path: Points) -> Points:
    points[[0, -1]] = path[[0, -1]]
    return points
