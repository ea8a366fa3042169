"""Points of any size that float64 holds: powers of two on entry, and distances whose squares would not fit,
measured again.

A power of two changes no digit, so that the graph and its lengths are the same at every scale. Squares of
distances fit float64, with all their digits, from 2^-450 to 2^500; nothing here does anything to points
within.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import DataError
from ..types import Ints, Points, Values

__all__ = ["LEAST", "check_scale", "fitted", "settled", "shifted", "step_lengths", "total"]

_TOO_FAR = "points lie farther apart than float64 holds (1.8e308); scale them, as by points * 2.0**-2"

LEAST, MOST = 2.0**-450, 2.0**500  # distances whose squares float64 holds
# sizes whose squares may be summed, and multiplied by each other's ratios
_LEAST_WORKED, _MOST_WORKED = 2.0**-400, 2.0**400
_SMALL = 2.0**-300  # size of a cloud whose distances may be less than LEAST
_NEAR = 2.0**-200  # of a cloud's size: nearer pairs are looked for among what is so small itself
# a coordinate so many times the distance asked about is equal in two points that near, or they are not
_DIGITS = 2.0**60


def fitted(*clouds: Points, within: float = np.inf) -> tuple[int, tuple[Points, ...]]:
    """A power e of two and the clouds times 2^e, so that squares of their distances fit; 0 and the clouds
    themselves where they do.

    Where only pairs less than `within` apart are asked about, these keep their distances, and all others stay
    at least `within` apart. Raises DataError where a distance exceeds float64.
    """
    size = max((_size(cloud) for cloud in clouds), default=0.0)
    if (_SMALL <= size <= MOST or size == 0) and within > LEAST:
        return 0, clouds
    if size > MOST:
        _refuse_too_far(clouds)
    if within < _NEAR * size:
        clouds = _drawn_together(clouds, within)
        size = max(_size(cloud) for cloud in clouds)
    e = -int(np.frexp(size)[1]) if size > 0 else 0
    return e, tuple(np.ldexp(cloud, e) for cloud in clouds)


def shifted(value: Any, e: int) -> Any:
    """`value` times 2^e, inf where that exceeds float64."""
    if e == 0:
        return value
    with np.errstate(over="ignore"):
        return np.ldexp(value, e)


def settled(lengths: Values, steps: Callable[[Ints], Points], measure: Callable[[Points], Values]) -> Values:
    """`lengths` (m,), changed in place where a square did not fit: `steps` of some of them, by number,
    measured in units of their own.

    `measure` gives the norm of each row. Raises DataError where a length exceeds float64.
    """
    if not len(lengths) or (lengths.min() >= LEAST and lengths.max() <= MOST):
        return lengths
    rows = np.flatnonzero(~((lengths >= LEAST) & (lengths <= MOST)))
    with np.errstate(over="ignore"):
        step = steps(rows)
        e = np.frexp(np.abs(step).max(axis=1))[1]
        lengths[rows] = np.ldexp(measure(np.ldexp(step, -e[:, None])), e)
    if not np.isfinite(lengths).all():
        raise DataError(_TOO_FAR)
    return lengths


def step_lengths(first: Points, last: Points) -> Values:
    """Euclidean distance of each row from the same row of the other, (m, d) -> (m,). Raises DataError where
    one exceeds float64.
    """

    def measure(rows: Points) -> Values:
        return np.asarray(np.linalg.norm(rows, axis=1))

    with np.errstate(over="ignore"):
        steps = last - first
        return settled(measure(steps), lambda rows: steps[rows], measure)


def total(lengths: Values) -> float:
    """The sum of lengths (m,). Raises DataError where it exceeds float64."""
    with np.errstate(over="ignore"):
        length = float(lengths.sum())
    if not np.isfinite(length):
        raise DataError(
            "the length of the curve exceeds float64 (1.8e308); scale the points, as by points * 2.0**-20"
        )
    return length


def check_scale(points: Points, what: str) -> None:
    """Raise DataError where points, a plural called `what`, are so large or so near each other that their
    squares do not fit float64.
    """
    size = _size(points)
    if size > _MOST_WORKED:
        raise DataError(
            f"{what} have coordinates up to {size:.3g}, whose squares do not fit float64; "
            "divide them by so much"
        )
    extent = float(np.ptp(points, axis=0).max(initial=0.0)) if len(points) else 0.0
    if 0 < extent < _LEAST_WORKED:
        raise DataError(
            f"{what} lie within {extent:.3g} of each other, whose square does not fit float64; "
            "divide them by so much"
        )


def _size(cloud: Points) -> float:
    """The greatest coordinate without its sign."""
    return max(float(cloud.max()), -float(cloud.min())) if cloud.size else 0.0


def _refuse_too_far(clouds: tuple[Points, ...]) -> None:
    filled = [cloud for cloud in clouds if len(cloud)]
    low, high = (
        np.min([cloud.min(axis=0) for cloud in filled], axis=0),
        np.max([cloud.max(axis=0) for cloud in filled], axis=0),
    )
    with np.errstate(over="ignore"):
        if not np.isfinite(np.ldexp(np.linalg.norm(np.ldexp(high, -600) - np.ldexp(low, -600)), 600)):
            raise DataError(_TOO_FAR)


def _drawn_together(clouds: tuple[Points, ...], within: float) -> tuple[Points, ...]:
    """The clouds, coordinates beyond 2^60 times `within` replaced by ranks: two of those are equal, or
    farther apart than `within`.
    """
    every = np.concatenate(clouds)
    far = np.abs(every) > within * _DIGITS
    for column, large in zip(every.T, far.T, strict=True):
        _, rank = np.unique(column[large], return_inverse=True)
        column[large] = within * (2 * _DIGITS + 2.0**12 * rank)
    return tuple(np.split(every, np.cumsum([len(cloud) for cloud in clouds])[:-1]))
