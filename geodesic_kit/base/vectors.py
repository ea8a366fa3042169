"""Points with a vector or another point at each, as callers give them."""

from __future__ import annotations

from typing import Any

from ..checks import as_points, reals
from ..errors import DataError
from ..types import Points
from .scales import check_scale

__all__ = ["as_pairs", "as_rows"]


def as_pairs(x: Any, *more: Any, dim: int, name: str = "the tangent vectors") -> tuple[Points, ...]:
    """Points (n, d) and, of each further array, which is called `name`, one row a point, squares within
    float64. Raises DataError.
    """
    points = as_points(x, name="the points", dim=dim)
    rows = [as_points(value, name=name, dim=dim) for value in more]
    if wrong := [value for value in rows if len(value) != len(points)]:
        raise DataError(f"{len(points)} points and {len(wrong[0])} of {name}; give one a point")
    for value, called in zip((points, *rows), ("the points", *[name] * len(rows)), strict=True):
        check_scale(value, called)
    return points, *rows


def as_rows(x: Any, *, name: str, dim: int) -> tuple[Points, bool]:
    """Points (n, d), and whether one alone was given, (d,). Raises DataError."""
    given = reals(x, name, give="give an array of shape (n, d), or one row of it")
    return as_points(given[None] if given.ndim == 1 else given, name=name, dim=dim), given.ndim == 1
