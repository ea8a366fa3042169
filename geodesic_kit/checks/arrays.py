"""Anything array-like as float64, looked at before the cast: nothing is unmasked, merged, parsed or dropped
in silence.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from itertools import pairwise
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, GeodesicKitError, shown

__all__ = ["Edges", "Ints", "Point", "Points", "Values", "plain", "reals"]

Points = NDArray[np.float64]  # (n, d): one point a row
Point = NDArray[np.float64]  # (d,)
Values = NDArray[np.float64]  # (n,): one number a point or an edge
Edges = NDArray[np.int64]  # (m, 2): indices into the points, i < j
Ints = NDArray[np.int64]  # (s,)

_EXACT = 2**53  # up to which float64 holds every integer
_DEEPEST = 64  # nested lists: as many axes as an array may have
_MISSING = ("NoneType", "NAType", "NaTType")
_ADVICE = {
    "M": ("dates", "give numbers in a unit that you choose: (x - x.min()) / np.timedelta64(1, 's')"),
    "m": ("durations", "give numbers in a unit that you choose: x / np.timedelta64(1, 's')"),
    "c": ("complex", "give real numbers, such as x.real or abs(x)"),
    "V": (
        "records with named fields",
        "give one column a field: np.lib.recfunctions.structured_to_unstructured(x)",
    ),
}


class _Unreadable(Exception):
    """Why something is no array of numbers, and what to do."""

    def __init__(self, why: str, advice: str = "") -> None:
        super().__init__(why)
        self.advice = advice


def reals(
    given: Any, name: str, *, give: str, error: type[GeodesicKitError] = DataError
) -> NDArray[np.float64]:
    """`given` as float64, whatever its shape; no copy of what is float64 already. NaN and inf stay.

    `give` says in words what is wanted. Raises `error` on masks, also inside lists, on complex numbers,
    dates, text, missing values, integers that float64 would merge, rows of different lengths, sparse
    matrices, and tensors with a gradient or without data.
    """
    array = plain(given, name, give=give, error=error)
    if array.dtype == np.float64 and isinstance(given, np.ndarray):
        return array
    try:
        return _cast(array, given)
    except _Unreadable as why:
        raise error(f"{name} cannot be read as numbers: {why}; {why.advice or give}") from why.__cause__


def plain(given: Any, name: str, *, give: str, error: type[GeodesicKitError] = DataError) -> NDArray[Any]:
    """`given` as a plain array of its own type. Raises `error` on masks, ragged lists, sparse matrices and
    such tensors as `reals`.
    """
    if type(given) is np.ndarray:
        return given
    try:
        try:
            return np.asarray(_unwrapped(given))
        except (TypeError, ValueError, RuntimeError, OverflowError, AttributeError, LookupError) as err:
            raise _Unreadable(_ragged(given) or str(err).partition("\n")[0]) from err
    except _Unreadable as why:
        raise error(f"{name} cannot be read: {why}; {why.advice or give}") from why.__cause__


def _unwrapped(x: Any, depth: int = 0) -> Any:
    """`x` without masks that hide nothing and without tensors, also within lists. Raises _Unreadable."""
    if isinstance(x, np.ma.MaskedArray):
        if np.ma.is_masked(x):
            raise _Unreadable(
                "they are masked",
                "drop the masked rows, x[~x.mask.any(axis=1)].data, or fill them, x.filled(value)",
            )
        return x.data
    if isinstance(x, (list, tuple)):
        if depth > _DEEPEST:
            raise _Unreadable(f"lists are nested more than {_DEEPEST} deep")
        if any(
            issubclass(kind, (list, tuple, np.ma.MaskedArray)) or _foreign(kind) for kind in set(map(type, x))
        ):
            return [_unwrapped(item, depth + 1) for item in x]
        return x
    if _is_tensor(type(x)):
        return _from_torch(x)
    if _foreign(type(x)):
        raise _Unreadable(f"a {type(x).__name__} is sparse", "give x.toarray()")
    return x


def _foreign(kind: type) -> bool:
    """Whether a type is a tensor's or a sparse matrix's."""
    return _is_tensor(kind) or (hasattr(kind, "todense") and not issubclass(kind, np.ndarray))


def _is_tensor(kind: type) -> bool:
    tensor = getattr(sys.modules.get("torch"), "Tensor", None)  # who has a tensor has imported torch
    return tensor is not None and issubclass(kind, tensor)


def _from_torch(x: Any) -> NDArray[Any]:
    """A tensor's numbers, to the bit, from whatever device. Raises _Unreadable."""
    if x.is_meta:
        raise _Unreadable("a tensor on the meta device holds no numbers", "give one with data")
    if x.layout is not sys.modules["torch"].strided or x.is_nested:
        raise _Unreadable("the tensor is sparse or nested", "give x.to_dense()")
    if x.requires_grad:
        raise _Unreadable("the tensor carries a gradient, which would end here", "give x.detach()")
    if x.is_complex():
        raise _Unreadable("they are complex", _ADVICE["c"][1])
    if x.is_floating_point() and x.dtype.itemsize < 4:
        x = x.float()  # bfloat16 and float8 are no types of NumPy's; float32 holds them all
    return np.asarray(x.resolve_neg().cpu().numpy())


def _ragged(given: Any) -> str:
    """Which rows of a list differ in length, '' where none do."""
    if not isinstance(given, (list, tuple)):
        return ""
    lengths = [len(row) if hasattr(row, "__len__") and not isinstance(row, str) else 0 for row in given]
    for row, (one, other) in enumerate(pairwise(lengths)):
        if one != other:
            return f"row {row} has {one} number(s), row {row + 1} has {other}"
    return ""


def _cast(array: NDArray[Any], given: Any) -> NDArray[np.float64]:
    """An array of any type as float64. Raises _Unreadable."""
    kind = array.dtype.kind
    if kind == "O":
        return _from_objects(array)
    if kind in "UST":
        raise _Unreadable(
            f"they are text{f', such as {array.ravel()[0]!s:.40}' if array.size else ''}",
            "give numbers: x.astype(float)",
        )
    if kind in "Mmc" or (kind == "V" and array.dtype.type is np.void):  # a small float of JAX's is no void
        what, advice = _ADVICE[kind]
        raise _Unreadable(f"they are {what}", advice)
    if kind in "iu":
        _refuse_merged(array)
    with np.errstate(over="ignore"):
        result = np.asarray(array, dtype=np.float64)
    several = isinstance(given, (list, tuple)) or hasattr(given, "iloc") or hasattr(given, "columns")
    if kind == "f" and several and (np.isfinite(result) & (np.abs(result) >= _EXACT)).any():
        # Integers beside a float were merged when the array was made, so each is looked at as it was given.
        return _from_objects(
            given.to_numpy(dtype=object)
            if hasattr(given, "iloc")
            else np.asarray(_unwrapped(given), dtype=object)
        )
    return result


def _refuse_merged(array: NDArray[Any]) -> None:
    """Raises _Unreadable where float64 would change an integer, which is one of more than 53 binary
    digits.
    """
    if (
        array.dtype.itemsize < 8
        or not array.size
        or (int(array.max()) <= _EXACT and int(array.min()) >= -_EXACT)
    ):
        return
    places = (
        np.flatnonzero((array > _EXACT) | (array < -_EXACT))
        if array.dtype.kind == "i"
        else np.flatnonzero(array > _EXACT)
    )
    beyond = array.ravel()[places]
    inexact = beyond % np.spacing(np.abs(beyond.astype(np.float64))).astype(array.dtype) != 0
    if inexact.any():
        raise _merged(array, int(places[inexact][0]))


def _from_objects(array: NDArray[Any]) -> NDArray[np.float64]:
    """Python's numbers as float64. Raises _Unreadable, which names the first row that holds anything else."""
    flat = array.ravel()
    wrong = {kind for kind in set(map(type, flat)) if not _is_real(kind)}
    if wrong:
        place = next(i for i, value in enumerate(flat) if type(value) in wrong)
        kind = type(flat[place]).__name__
        what = f"{_row(array, place)} holds {shown(flat[place])}"
        if kind in _MISSING:
            raise _Unreadable(f"{what}, a missing value", "drop or fill it before")
        raise _Unreadable(f"{what} of type {kind}")
    try:
        result = array.astype(np.float64)
    except (OverflowError, ValueError) as err:
        place = next(i for i, value in enumerate(flat) if _no_float(value))
        why = "which is beyond float64" if isinstance(err, OverflowError) else "which is not a number"
        raise _Unreadable(f"{_row(array, place)} holds {shown(flat[place])}, {why}") from err
    for place in map(int, np.flatnonzero(np.isfinite(result) & (np.abs(result) >= _EXACT))):
        if isinstance(flat[place], Integral) and int(result.flat[place]) != int(flat[place]):
            raise _merged(array, place)
    return result


def _is_real(kind: type) -> bool:
    # which NumPy calls an integer
    return issubclass(kind, (Real, Decimal, np.bool_)) and not issubclass(kind, np.timedelta64)


def _no_float(value: Any) -> bool:
    try:
        float(value)
    except (OverflowError, ValueError):  # too large, or a signalling NaN of decimal's
        return True
    return False


def _merged(array: NDArray[Any], place: int) -> _Unreadable:
    value = shown(int(array.flat[place]))
    return _Unreadable(
        f"{_row(array, place)} holds {value}, and float64 merges integers beyond 2^53",
        "subtract what they have in common, or take the rounding: x.astype(float)",
    )


def _row(array: NDArray[Any], place: int) -> str:
    return f"row {np.unravel_index(place, array.shape)[0]}" if array.ndim else "it"
