"""Where a model carries points: as far as floats go."""

from __future__ import annotations

import numpy as np

from geodesic_kit.errors import DataError
from geodesic_kit.types import Points

__all__ = ["reached"]


def reached(ends: Points, name: str) -> Points:
    """The ends (n, d) of the rows of `name`. Raises DataError where the way of one left what floats hold."""
    lost = np.flatnonzero(~np.isfinite(ends).all(axis=1))
    if lost.size:
        raise DataError(
            f"{lost.size} row(s) of {name} lie too far out for the model, the first is row {lost[0]}; give "
            "points nearer to its data"
        )
    return ends
