"""Checks of what comes in from callers, with the errors that name the thing and the next step."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import DataError, InvalidParameter
from .types import Edges, Ints, Points

__all__ = ["LARGEST", "as_edges", "as_float_type", "as_points", "as_sources", "index", "integer", "number"]


LARGEST = float(np.finfo(np.float64).max)


def as_points(x: Any, *, name: str = "points", dim: int | None = None, empty: bool = False) -> Points:
    """`x` as a finite C-ordered float64 array (n, d). Raises DataError on NaN, inf, other shapes and emptiness."""
    if np.ma.is_masked(x):
        raise DataError(f"{name} are masked; drop the masked rows or fill them: x[~x.mask.any(axis=1)].data")
    if np.iscomplexobj(x):
        raise DataError(f"{name} are complex; give real coordinates of shape (n, d)")
    try:
        points = np.ascontiguousarray(x, dtype=np.float64)
    except (TypeError, ValueError) as err:
        raise DataError(f"{name} cannot be read as numbers ({err}); give an array of shape (n, d)") from err
    if points.ndim != 2:
        raise DataError(f"{name} have shape {np.shape(x)}; give an array of shape (n, d), for one coordinate x[:, None]")
    if points.shape[1] == 0 or (points.shape[0] == 0 and not empty):
        raise DataError(f"{name} are empty: shape {points.shape}; give at least one point with at least one coordinate")
    if dim is not None and points.shape[1] != dim:
        raise DataError(f"{name} have {points.shape[1]} coordinates, {dim} are needed")
    if not np.isfinite(points).all():
        bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
        raise DataError(f"{name} hold NaN or inf in {bad.size} row(s), the first is row {bad[0]}; drop or impute them before")
    return points


def as_edges(edges: Any, n: int) -> Edges:
    """`edges` as int64 (m, 2) with indices below n. Raises DataError."""
    array = np.asarray(edges)
    if array.size == 0:
        return np.empty((0, 2), dtype=np.int64)
    if array.ndim != 2 or array.shape[1] != 2 or array.dtype.kind not in "iu":
        raise DataError(f"edges have shape {array.shape} and type {array.dtype}; give whole numbers of shape (m, 2)")
    if array.min() < 0 or array.max() >= n:
        raise DataError(f"edges name the vertices {array.min()} to {array.max()}, there are 0 to {n - 1}")
    return np.ascontiguousarray(array, dtype=np.int64)


def number(value: Any, name: str, *, above: float | None = None, least: float | None = None, most: float | None = None) -> float:
    """`value` as a float within the bounds. Raises InvalidParameter on NaN, on text and outside the bounds."""
    try:
        result = float(value)
    except (TypeError, ValueError):
        result = None
    if result is None or isinstance(value, (bool, np.bool_)):
        raise InvalidParameter(f"{name}={value!r} is not a number")
    bounds = (("above", above), ("at least", least), ("at most", most))
    wanted = ["finite" if bound == LARGEST else f"{word} {bound:g}" for word, bound in bounds if bound is not None]
    low = (above is not None and not result > above) or (least is not None and not result >= least)
    if np.isnan(result) or low or (most is not None and not result <= most):
        raise InvalidParameter(f"{name}={value!r}: give a number {' and '.join(wanted) or 'that is not NaN'}")
    return result


def integer(value: Any, name: str, *, least: int = 0, most: int | None = None) -> int:
    """`value` as an int within [least, most]. Raises InvalidParameter."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise InvalidParameter(f"{name}={value!r} is not a whole number")
    if value < least or (most is not None and value > most):
        raise InvalidParameter(f"{name}={value!r}: give a whole number from {least}" + (f" to {most}" if most is not None else " up"))
    return int(value)


def index(value: Any, name: str, n: int) -> int:
    """`value` as the number of one of n vertices; negative ones count from the end. Raises InvalidParameter."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)) or not -n <= value < n:
        raise InvalidParameter(f"{name}={value!r} is not a vertex: there are 0 to {n - 1}")
    return int(value) % n


def as_sources(sources: Any, n: int) -> Ints:
    """`sources` as int64 (s,), vertices from 0 to n - 1, in the order asked, repeated where repeated. Raises InvalidParameter."""
    array = np.asarray(sources)
    if array.size == 0:
        return np.empty(0, dtype=np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise InvalidParameter(f"sources have shape {array.shape} and type {array.dtype}; give whole numbers, (s,), such as [0, 5]")
    bad = np.flatnonzero((array < 0) | (array >= n))
    if bad.size:
        raise InvalidParameter(f"sources name {bad.size} vertices that do not exist, the first is {array[bad[0]]}: there are 0 to {n - 1}")
    return np.ascontiguousarray(array, dtype=np.int64)


def as_float_type(dtype: Any) -> np.dtype[Any]:
    """`dtype` as float64 or float32. Raises InvalidParameter."""
    try:
        kind = np.dtype(dtype)
    except TypeError:
        kind = None
    if kind not in (np.float64, np.float32):
        raise InvalidParameter(f"dtype={dtype if kind is None else kind}; there are float64 and float32")
    return kind
