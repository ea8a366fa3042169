"""Lines by name over common places: told apart by colour, dash and marker, with levels that they are held
against.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..checks import as_flag, as_text, chosen, reals
from ..errors import DataError, InvalidParameter
from ..types import Values
from .canvas import INK, markers, new_axes, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["lines"]

_STYLES = ["-", "--", "-.", ":"]
_LOGS = ("", "x", "y", "xy")
_DOTTED = 40  # places up to which each has a marker


def lines(
    x: ArrayLike,
    named: Mapping[str, ArrayLike],
    *,
    xlabel: str,
    ylabel: str,
    log: str = "",
    bands: Mapping[str, ArrayLike] | None = None,
    levels: Mapping[str, float] | None = None,
    marks: Mapping[str, float] | None = None,
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Lines (k,) by name over the places x (k,), or each over its own: (2, k), its places and its values.

    `bands` are the ends (2, k) of an interval around a line of that name; `levels` and `marks` are heights
    and places that thin dotted lines show, by name, "_" before a name that the legend leaves out; `log` is
    "", "x", "y" or "xy". Labels carry the units. Raises DataError and InvalidParameter.
    """
    if not isinstance(named, Mapping) or not named:
        raise DataError("there is no line to draw: give a dict of values (k,) by name")
    across = _row(x, "x")
    curves = {str(name): _curve(across, values, str(name)) for name, values in named.items()}
    chosen(log, "log", _LOGS)
    labels = dict(xlabel=as_text(xlabel, "xlabel"), ylabel=as_text(ylabel, "ylabel"))
    show = as_flag(legend, "legend")
    ax = new_axes(ax)
    for i, ((name, (places, values)), colour, marker) in enumerate(
        zip(curves.items(), palette(len(curves)), markers(len(curves)), strict=True)
    ):
        options: dict[str, Any] = dict(marker=marker, markersize=5) if len(places) <= _DOTTED else {}
        ax.plot(places, values, _STYLES[i % len(_STYLES)], color=colour, linewidth=1.8, label=name, **options)
        if bands is not None and name in bands:
            low, high = _ends(bands[name], len(places), name)
            ax.fill_between(places, low, high, color=colour, alpha=0.18, linewidth=0)
    if bands is not None and (unknown := [str(name) for name in bands if str(name) not in curves]):
        raise InvalidParameter(f"bands= names {', '.join(unknown)}; there are the lines {', '.join(curves)}")
    for draw, each in ((ax.axhline, levels), (ax.axvline, marks)):
        for name, value in (each or {}).items():
            draw(float(value), color=INK, linewidth=1, linestyle=(0, (1, 2)), label=name)
    ax.set(**labels, **{f"{axis}scale": "log" for axis in log})
    if show and any(not name.startswith("_") for name in [*curves, *(levels or {}), *(marks or {})]):
        ax.legend(frameon=False, fontsize="small")
    return ax


def _row(values: ArrayLike, name: str) -> Values:
    row = reals(values, name, give="give numbers (k,)")
    if row.ndim != 1 or not row.size or not np.isfinite(row).all():
        raise DataError(f"{name} has shape {row.shape}; give finite numbers (k,), at least one")
    return row


def _curve(x: Values, values: ArrayLike, name: str) -> tuple[Values, Values]:
    array = reals(values, name, give="give values (k,), or places and values (2, k)")
    if array.shape == x.shape:
        return x, array
    if array.ndim == 2 and len(array) == 2 and array.size:
        return array[0], array[1]
    raise DataError(
        f"the line {name!r} has shape {array.shape}; give {x.shape} values over x, or its "
        "places and values, (2, k)"
    )


def _ends(band: ArrayLike, k: int, name: str) -> tuple[Values, Values]:
    array = reals(band, f"the band of {name!r}", give="give its lower and upper ends, (2, k)")
    if array.shape != (2, k):
        raise DataError(
            f"the band of {name!r} has shape {array.shape}; give its lower and upper ends, {(2, k)}"
        )
    return array[0], array[1]
