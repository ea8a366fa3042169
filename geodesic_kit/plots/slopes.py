"""Convergence: means with their bands on log scales, and fitted slopes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..checks import as_flag, as_labels, as_text, reals
from ..errors import DataError
from .canvas import markers, new_axes, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["convergence"]


def convergence(
    table: Any,
    x: str,
    y: str,
    hue: str | None = None,
    *,
    fit: bool = True,
    unit: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Log-log mean of column `y` against column `x` of a table, with a 95 % band over its rows and the fitted
    slope (Fig 4).

    `table` is a DataFrame or a dict of columns (m,); one line for each value of column `hue`. Raises
    DataError.
    """
    if not isinstance(table, Mapping) and not hasattr(table, "columns"):
        raise DataError(
            f"the table is of type {type(table).__name__}; give a DataFrame or a dict of columns (m,)"
        )
    x, y, unit, fit = as_text(x, "x"), as_text(y, "y"), as_text(unit, "unit"), as_flag(fit, "fit")
    hue = None if hue is None else as_text(hue, "hue")
    missing = [name for name in (x, y, hue) if name is not None and name not in table]
    if missing:
        raise DataError(
            f"the table has no column {', '.join(map(repr, missing))}; there are {', '.join(map(str, table))}"
        )
    across, up = (reals(table[name], name, give="give numbers (m,)") for name in (x, y))
    if across.ndim != 1 or across.shape != up.shape:
        raise DataError(f"{x} has shape {across.shape}, {y} has {up.shape}; give columns (m,) of one length")
    if not (np.isfinite(across) & np.isfinite(up) & (across > 0) & (up > 0)).all():
        raise DataError(
            f"{x} and {y} are drawn on log scales and must be positive and finite; drop the other rows before"
        )
    values, groups = as_labels(np.zeros(len(across)) if hue is None else table[hue], len(across))
    ax = new_axes(ax)
    for which, (colour, marker, value) in enumerate(
        zip(palette(len(values)), markers(len(values)), values, strict=True)
    ):
        here = groups == which
        places = np.unique(across[here])
        rows = [up[here & (across == place)] for place in places]
        mean = np.array([row.mean() for row in rows])
        half = np.array([1.96 * row.std(ddof=1) / np.sqrt(len(row)) if len(row) > 1 else 0.0 for row in rows])
        text = (
            ""
            if hue is None
            else f"{hue} = {value:g}"
            if isinstance(value, (int, float, np.number))
            else str(value)
        )
        if fit and len(places) > 1:
            slope, level = np.polyfit(np.log(places), np.log(mean), 1)
            ax.plot(places, np.exp(level) * places**slope, color=colour, linestyle=":", linewidth=1.2)
            text = f"{text}{', ' if text else ''}slope {slope:.2f}"
        ax.fill_between(
            places, np.maximum(mean - half, mean * 1e-3), mean + half, color=colour, alpha=0.2, linewidth=0
        )
        ax.plot(places, mean, color=colour, marker=marker, markersize=5, label=text or None)
    ax.set(xscale="log", yscale="log", xlabel=x, ylabel=f"{y}  [{unit}]" if unit else y)
    everywhere = np.unique(across)
    if len(everywhere) <= 10:  # the sizes that were run, where matplotlib's own marks on a log scale overlap
        ax.set_xticks(everywhere, [f"{place:,g}" for place in everywhere])
        ax.xaxis.minorticks_off()
    if hue is not None or fit:
        ax.legend(frameon=False)
    return ax
