"""Checks of single numbers: within bounds, whole, a count, a seed, a vertex."""

from __future__ import annotations

from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np

from ..errors import InvalidParameter, shown
from .arrays import plain
from .memory import require

__all__ = ["MOST_POINTS", "MOST_SEED", "as_count", "index", "integer", "number", "seeded"]


MOST_POINTS = 10**8  # that are drawn or loaded at once: in the plane 1.6 GB

MOST_SEED = 2**32 - 1  # what NumPy's, scikit-learn's and torch's generators all take


def number(
    value: Any,
    name: str,
    *,
    above: float | None = None,
    least: float | None = None,
    most: float | None = None,
    finite: bool = False,
) -> float:
    """`value` as a Python float within the bounds, and `finite` where asked. Raises InvalidParameter on NaN,
    on text and outside.
    """
    found = _scalar(value, name)
    if found is None:
        raise InvalidParameter(f"{name}={shown(value)} is not a number")
    try:
        result = float(found)
    except ValueError as err:  # a signalling NaN of decimal's
        raise InvalidParameter(f"{name}={shown(value)} is not a number") from err
    except OverflowError as err:
        raise InvalidParameter(
            f"{name}={shown(value)}: float64 ends at 1.8e+308; give a smaller number"
        ) from err
    bounds = (("above", above), ("at least", least), ("at most", most))
    wanted = [f"{word} {bound:g}" for word, bound in bounds if bound is not None]
    if finite and most is None:
        wanted.append("finite" if wanted else "that is finite")
    low = (above is not None and not result > above) or (least is not None and not result >= least)
    if np.isnan(result) or low or (most is not None and not result <= most) or (finite and np.isinf(result)):
        raise InvalidParameter(
            f"{name}={shown(value)}: give a number {' and '.join(wanted) or 'that is not NaN'}"
        )
    return result


def integer(value: Any, name: str, *, least: int = 0, most: int | None = None) -> int:
    """`value` as a Python int within [least, most]. Raises InvalidParameter."""
    found = _scalar(value, name)
    if not isinstance(found, int):
        raise InvalidParameter(f"{name}={shown(value)} is not a whole number")
    if found < least or (most is not None and found > most):
        raise InvalidParameter(
            f"{name}={shown(value)}: give a whole number from {least}"
            + (f" to {most}" if most is not None else " up")
        )
    return found


def as_count(n: Any, dim: int, *, least: int = 0) -> int:
    """`n`, how many points of `dim` coordinates to draw, as an int up to 10^8. Raises InvalidParameter and
    TooLittleMemoryError.
    """
    count = integer(n, "n", least=least, most=MOST_POINTS)
    # the draws, what moves them, and their sum
    require(3 * 8 * count * dim, f"{count:,} points in R^{dim}", "give a smaller n=")
    return count


def seeded(seed: Any, name: str = "seed") -> int:
    """`seed` as an int from 0 to 2^32 - 1, which every generator takes. Raises InvalidParameter."""
    return integer(seed, name, most=MOST_SEED)


def index(value: Any, name: str, n: int) -> int:
    """`value` as the number of one of n vertices; negative ones count from the end. Raises
    InvalidParameter.
    """
    found = _scalar(value, name)
    if not isinstance(found, int) or not -n <= found < n:
        raise InvalidParameter(f"{name}={shown(value)} is not a vertex: there are 0 to {n - 1}")
    return found % n


def _scalar(value: Any, name: str) -> int | Real | Decimal | None:
    """One real number, an integer as Python's own; arrays of no axes have one, and None is anything else's.
    Raises as `arrays.plain`.
    """
    if isinstance(value, (bool, str, bytes)):
        return None
    if getattr(value, "shape", None) == ():  # NumPy's scalars, arrays and tensors of no axes
        array = plain(value, name, give="give a number", error=InvalidParameter)
        return array.item() if array.dtype.kind in "iu" else float(array) if array.dtype.kind == "f" else None  # type: ignore[return-value]
    return (
        int(value) if isinstance(value, Integral) else value if isinstance(value, (Real, Decimal)) else None
    )
