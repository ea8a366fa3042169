"""Checks of what callers give, with the errors that name the thing and the next step; each returns what it
has checked, converted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, GeodesicKitError, GraphError, InvalidParameter, shown
from .arrays import Edges, Ints, Points, Values, plain, reals
from .numbers import MOST_POINTS, MOST_SEED, as_count, index, integer, number, seeded

__all__ = [
    "MOST_DIMENSIONS",
    "MOST_NODES",
    "MOST_PANELS",
    "MOST_POINTS",
    "MOST_SEED",
    "as_count",
    "as_edges",
    "as_flag",
    "as_float_type",
    "as_labels",
    "as_metric",
    "as_pairs",
    "as_points",
    "as_shares",
    "as_sources",
    "as_text",
    "as_weights",
    "chosen",
    "index",
    "integer",
    "listed",
    "most_weight",
    "number",
    "reals",
    "seeded",
]


MOST_NODES = 10**6  # pieces of an edge, frames or corners of a curve
MOST_PANELS = 10**4  # that an edge starts from
MOST_DIMENSIONS = 10**6  # coordinates of a point


def as_points(x: Any, *, name: str = "points", dim: int | None = None, empty: bool = False) -> Points:
    """`x` as a finite C-ordered float64 array (n, d). Raises DataError on NaN, inf, other shapes, emptiness,
    and as `arrays.reals`.
    """
    points = np.asarray(reals(x, name, give="give an array of shape (n, d)"), order="C")
    if points.ndim != 2:
        raise DataError(
            f"{name} have shape {points.shape}; give an array of shape (n, d), for one coordinate x[:, None]"
        )
    if points.shape[1] == 0 or (points.shape[0] == 0 and not empty):
        raise DataError(
            f"{name} are empty: shape {points.shape}; give at least one point with at least one coordinate"
        )
    if dim is not None and points.shape[1] != dim:
        raise DataError(f"{name} have {points.shape[1]} coordinates, {dim} are needed")
    if not np.isfinite(points).all():
        bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
        raise DataError(
            f"{name} hold NaN or inf in {bad.size} row(s), the first is row {bad[0]}; drop or impute "
            f"them before"
        )
    return points


def as_edges(edges: Any, n: int) -> Edges:
    """`edges` as int64 (m, 2) with indices below n. Raises DataError."""
    array = plain(edges, "edges", give="give whole numbers of shape (m, 2)")
    if array.size == 0:
        return np.empty((0, 2), dtype=np.int64)
    if array.ndim != 2 or array.shape[1] != 2 or array.dtype.kind not in "iu":
        raise DataError(
            f"edges have shape {array.shape} and type {array.dtype}; give whole numbers of shape (m, 2)"
        )
    if array.min() < 0 or array.max() >= n:
        raise DataError(f"edges name the vertices {array.min()} to {array.max()}, there are 0 to {n - 1}")
    return np.ascontiguousarray(array, dtype=np.int64)


def as_weights(given: Any, edges: Edges, n: int) -> Values:
    """A positive weight for each edge, (m,), C-ordered, so that any path through n vertices has a length that
    float64 holds.

    Raises GraphError, which names the first edge that has none.
    """
    wanted = f"give {len(edges)} positive numbers, one an edge"
    weights = np.asarray(reals(given, "weights", give=wanted, error=GraphError), order="C")
    if weights.shape != (len(edges),):
        raise GraphError(f"weights have shape {weights.shape}; {len(edges)} edges need {(len(edges),)}")
    most = most_weight(n)
    good = (weights <= most) & (weights > 0)
    if not good.all():
        bad = int(np.flatnonzero(~good)[0])
        why = "weights are finite and positive"
        if np.isfinite(weights[bad]) and weights[bad] > most:
            why = (
                f"lengths of paths through {n} vertices fit float64 up to {most:.2g} an edge: scale the "
                f"weights"
            )
        raise GraphError(f"the weight of edge {tuple(edges[bad].tolist())} is {weights[bad]}; {why}")
    return weights


def most_weight(n: int) -> float:
    """The greatest weight of an edge that keeps the length of any path through n vertices within float64."""
    return float(np.finfo(np.float64).max) / max(n, 1)


def as_shares(t: Any, name: str = "t") -> Values:
    """`t` as numbers (k,) from 0 to 1; one number is an array of one. Raises InvalidParameter."""
    shares = np.atleast_1d(reals(t, name, give="give numbers from 0 to 1", error=InvalidParameter))
    if shares.ndim != 1 or not ((shares >= 0) & (shares <= 1)).all():
        raise InvalidParameter(f"{name}={shown(t)}: {name} must be numbers from 0 to 1, of shape (k,)")
    return shares


def as_labels(labels: Any, n: int) -> tuple[NDArray[Any], Ints]:
    """The names (k,) of the classes, sorted, and the class of each of n points, (n,). Raises DataError."""
    wanted = "give one a point, all of one kind: whole numbers or text"
    try:
        array = plain(labels, "labels", give=wanted)
        if array.dtype.kind == "f" and np.isnan(array).any():
            raise DataError(f"labels hold NaN at {int(np.isnan(array).argmax())}; {wanted}")
        names, classes = np.unique(array, return_inverse=True)
    except (TypeError, ValueError) as err:
        raise (
            err
            if isinstance(err, GeodesicKitError)
            else DataError(f"labels cannot be read or compared ({err}); {wanted}")
        ) from err
    if array.shape != (n,):
        raise DataError(f"labels have shape {array.shape}; {n} points need {(n,)}")
    return names, np.asarray(classes, dtype=np.int64)


def chosen(value: Any, name: str, choices: Iterable[str]) -> str:
    """`value`, which is one of the choices. Raises InvalidParameter, which names them."""
    known = list(choices)
    if not isinstance(value, str) or value not in known:
        raise InvalidParameter(f"{name}={shown(value)}; there are {', '.join(known)}")
    return value


def as_sources(sources: Any, n: int, name: str = "sources", *, one: bool = False) -> Ints:
    """`sources`, or `one`, int64 (s,), vertices from 0 to n - 1, in the order asked, repeated where repeated.
    Raises InvalidParameter.
    """
    wanted = "give whole numbers, (s,), such as [0, 5]"
    array = plain(sources, name, give=wanted, error=InvalidParameter)
    if array.size == 0:
        return np.empty(0, dtype=np.int64)
    array = array[None] if one and array.ndim == 0 else array
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise InvalidParameter(f"{name} have shape {array.shape} and type {array.dtype}; {wanted}")
    bad = np.flatnonzero((array < 0) | (array >= n))
    if bad.size:
        raise InvalidParameter(
            f"{name} name {bad.size} vertices that do not exist, the first is {array[bad[0]]}: there "
            f"are 0 to {n - 1}"
        )
    return np.ascontiguousarray(array, dtype=np.int64)


def as_pairs(pairs: Any, n: int) -> NDArray[np.int64]:
    """`pairs` as int64 (m, 2), vertices from 0 to n - 1, in the order asked. Raises InvalidParameter."""
    wanted = "give whole numbers of shape (m, 2), such as [[0, 5], [3, 1]]"
    array = plain(pairs, "pairs", give=wanted, error=InvalidParameter)
    if array.size == 0 and array.ndim <= 2:
        return np.empty((0, 2), dtype=np.int64)
    if array.ndim != 2 or array.shape[1] != 2 or array.dtype.kind not in "iu":
        raise InvalidParameter(f"pairs have shape {array.shape} and type {array.dtype}; {wanted}")
    bad = np.flatnonzero(((array < 0) | (array >= n)).any(axis=1))
    if bad.size:
        raise InvalidParameter(
            f"pairs name vertices that do not exist in {bad.size} row(s), the first is row {bad[0]}, "
            f"{tuple(array[bad[0]].tolist())}: there are 0 to {n - 1}"
        )
    return np.ascontiguousarray(array, dtype=np.int64)


def as_float_type(dtype: Any) -> np.dtype[Any]:
    """`dtype` as float64 or float32. Raises InvalidParameter."""
    try:
        kind = np.dtype(dtype)
    except Exception:  # noqa: BLE001  # a foreign object may raise anything when it is asked
        kind = None
    if kind not in (np.float64, np.float32):
        raise InvalidParameter(
            f"dtype={shown(dtype) if kind is None else kind}; there are float64 and float32"
        )
    return kind


def as_metric(metric: Any) -> Any:
    """`metric`, which measures edges. Raises InvalidParameter for anything else, a class too."""
    if isinstance(metric, type) or not all(
        callable(getattr(metric, name, None)) for name in ("edge_lengths", "lower_bound")
    ):
        raise InvalidParameter(
            f"{shown(metric)} is not a metric; give a GenerativeMetric(density, lam=, p0=) or anything with "
            "edge_lengths and lower_bound"
        )
    return metric


def listed(values: Any) -> list[Any]:
    """What `values` holds, in a list; what holds nothing, such as a number or an array of no axes, is in it
    itself.
    """
    try:
        return list(values)
    except TypeError:
        return [values]


def as_text(value: Any, name: str) -> str:
    """`value`, which is text. Raises InvalidParameter."""
    if not isinstance(value, str):
        raise InvalidParameter(f"{name}={shown(value)} is not text")
    return value


def as_flag(value: Any, name: str) -> bool:
    """`value`, which is True or False, NumPy's too. Raises InvalidParameter for all that is merely true or
    false in a condition.
    """
    if not isinstance(value, (bool, np.bool_)):
        raise InvalidParameter(f"{name}={shown(value)}: give True or False")
    return bool(value)
