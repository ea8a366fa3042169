"""Paths between pictures as a trajectory model makes them, how evenly any runs, what a classifier reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from ...applications.interpolation import Interval, mean_interval, skip, steps
from ...checks import as_points, integer, number
from ...errors import DataError
from ...latent.interpolation import latent_points
from ...types import Points, Values
from .digit_classifier import Reader

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "Readings",
    "by_jumps",
    "by_jumps_at_equal_steps",
    "confidence",
    "decoding_error",
    "largest_steps",
    "latent_ways",
    "latent_ways_at_equal_steps",
    "nearest_distance",
    "ratio_of_skips",
    "readings",
    "skip_ratios",
    "skips",
    "visited",
]

_KINDS = {"latent linear": "linear", "latent spherical": "slerp"}


class Jumper(Protocol):
    """What decodes latent points by a number of jumps, as gk.densities["ctm"] does."""

    def decode(self, z: Points, *, steps: int) -> Points:
        """(n, d) -> (n, d)."""
        ...


def by_jumps(
    model: Jumper, za: Points, zb: Points, n: int, *, jumps: int, kind: str = "linear"
) -> NDArray[np.float64]:
    """n pictures between latent points za and zb (m, d), uniform in the latent parameter, each decoded by
    `jumps`: (m, n, d) in [0, 1].

    `kind` is "linear" or "slerp", as in `latent_interpolation`. Raises DataError and InvalidParameter.
    """
    t = np.linspace(0, 1, integer(n, "n", least=2))
    return _decoded(model, za, zb, [t] * len(za), jumps, kind)


def by_jumps_at_equal_steps(
    model: Jumper, za: Points, zb: Points, frames: ArrayLike, *, jumps: int, kind: str
) -> NDArray[np.float64]:
    """As many pictures as the frames (m, n, d) of `by_jumps`, decoded anew where their polyline says that
    Euclidean steps are equal.

    So no picture is a blend, as it would be on the polyline: where the decoder leaps, a large step is left.
    (m, n, d).
    """
    shares = []
    for curve in np.asarray(frames):
        along = np.concatenate([[0.0], np.cumsum(steps(curve))])
        shares.append(np.interp(np.linspace(0, along[-1], len(curve)), along, np.linspace(0, 1, len(curve))))
    return _decoded(model, za, zb, shares, jumps, kind)


def latent_ways(
    model: Jumper,
    za: Points,
    zb: Points,
    n: int,
    *,
    jumps: int,
) -> dict[str, NDArray[np.float64]]:
    """`by_jumps` along straight lines and great circles, named "latent linear" and "latent spherical"."""
    return {way: by_jumps(model, za, zb, n, jumps=jumps, kind=kind) for way, kind in _KINDS.items()}


def latent_ways_at_equal_steps(
    model: Jumper, za: Points, zb: Points, ways: Mapping[str, ArrayLike], *, jumps: int
) -> dict[str, NDArray[np.float64]]:
    """`by_jumps_at_equal_steps` of what `latent_ways` gave, by the same names."""
    found = {}
    for way, kind in _KINDS.items():
        found[way] = by_jumps_at_equal_steps(model, za, zb, ways[way], jumps=jumps, kind=kind)
    return found


def _decoded(
    model: Jumper, za: Points, zb: Points, shares: Sequence[Values], jumps: int, kind: str
) -> NDArray[np.float64]:
    za, zb = as_points(za, name="za"), as_points(zb, name="zb")
    if za.shape != zb.shape or len(shares) != len(za):
        raise DataError(
            f"za has shape {za.shape}, zb {zb.shape}, and there are {len(shares)} paths; give "
            "one row of each a pair"
        )
    z = np.concatenate([latent_points(u, v, t, kind) for u, v, t in zip(za, zb, shares, strict=True)])
    return _pixels(model, z, jumps).reshape(len(za), -1, za.shape[1])


def _pixels(model: Jumper, z: Points, jumps: int) -> Points:
    return np.clip(model.decode(z, steps=integer(jumps, "jumps", least=1)), 0, 1)


def decoding_error(model: Jumper, z: Points, x: Points, jumps: Sequence[int]) -> dict[int, float]:
    """Root mean square error, over all pixels in [0, 1], of z (m, d) decoded by each number of jumps against
    the pictures x (m, d).
    """
    z, x = as_points(z, name="z"), as_points(x, name="x")
    if z.shape != x.shape:
        raise DataError(f"z has shape {z.shape}, the pictures {x.shape}; give each picture's latent point")
    return {k: float(np.sqrt(np.mean((_pixels(model, z, k) - x) ** 2))) for k in jumps}


def skips(paths: Any, reader: Reader | None = None) -> Values:
    """Largest over median step of each path (m, n, d), in the reader's features or without one in pixels:
    (m,).
    """
    return np.array([skip(path if reader is None else reader.features(path)) for path in paths])


def largest_steps(paths: Any, reader: Reader | None = None) -> Values:
    """Largest step of each path (m, n, d), in the reader's features or without one in pixels: (m,)."""
    return np.array([steps(path if reader is None else reader.features(path)).max() for path in paths])


def nearest_distance(x: Points) -> float:
    """Median over the rows of x (n, d) of the distance to the nearest other row, in the units of x."""
    points = as_points(x, name="x")
    if len(points) < 2:
        raise DataError("one picture has no nearest other; give at least two")
    return float(np.median(np.partition(cdist(points, points), 1, axis=1)[:, 1]))


def ratio_of_skips(ours: ArrayLike, theirs: ArrayLike, *, seed: int) -> Interval:
    """Geometric mean over pairs of skip / other skip, (m,) and (m,), with its 95 % bootstrap interval; below
    1 the first is smoother.
    """
    first, second = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    if (
        first.shape != second.shape
        or not (np.isfinite(first) & np.isfinite(second) & (first > 0) & (second > 0)).all()
    ):
        raise DataError(
            f"skips of shapes {first.shape} and {second.shape}; give finite ones, one a pair of each way"
        )
    logs = mean_interval(np.log(first / second), seed=seed)
    return Interval(*(float(np.exp(value)) for value in (logs.mean, logs.low, logs.high)))


def skip_ratios(
    forms: Mapping[str, Mapping[str, Values]],
    rivals: Sequence[str],
    groups: Mapping[str, NDArray[np.bool_]],
    *,
    seed: int,
) -> DataFrame:
    """`ratio_of_skips` of the geodesic against each rival, in each form of skip and over each group of pairs.

    `forms` are skips (m,) by way, one of which is "geodesic", `groups` choose among the m pairs. Rows are a
    form and a rival, columns are groups, cells are Intervals.
    """
    import pandas as pd

    return pd.DataFrame(
        {
            group: {
                (form, way): ratio_of_skips(by_way["geodesic"][chosen], by_way[way][chosen], seed=seed)
                for form, by_way in forms.items()
                for way in rivals
            }
            for group, chosen in groups.items()
        }
    )


def confidence(paths: Any, reader: Reader) -> NDArray[np.float64]:
    """Largest class probability of each frame, paths (m, n, d) -> (m, n)."""
    return np.array([reader.probabilities(path).max(axis=1) for path in paths])


def visited(paths: Any, reader: Reader, sure: float = 0.9) -> NDArray[np.int64]:
    """How many different classes each path (m, n, d) is read as, with probability `sure` or more: (m,)."""
    sure = number(sure, "sure", above=0, most=1)
    read = [reader.probabilities(path) for path in paths]
    return np.array([len(np.unique(odds.argmax(axis=1)[odds.max(axis=1) >= sure])) for odds in read])


@dataclass(frozen=True, eq=False)
class Readings:
    """Of some pictures, the share read with enough probability, and each class's share of all, (C,)."""

    sure: float
    shares: Values


def readings(x: Points, reader: Reader, sure: float = 0.9) -> Readings:
    """What the pictures x (n, d) are read as; `sure` is the probability from which on a picture counts as a
    digit.
    """
    odds = reader.probabilities(as_points(x, name="x"))
    shares = np.bincount(odds.argmax(axis=1), minlength=len(reader.classes)) / len(odds)
    return Readings(float((odds.max(axis=1) >= number(sure, "sure", above=0, most=1)).mean()), shares)
