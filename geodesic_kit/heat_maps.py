"""Heat maps: a number for each pair of two settings, written in its cell, and the affinity of each pair of points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from .canvas import colour_bar, new_axes
from .errors import DataError, InvalidParameter

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["affinity", "heat_map"]


def heat_map(
    values: ArrayLike,
    rows: Sequence[object],
    columns: Sequence[object],
    *,
    marked: Iterable[tuple[int, int]] = (),
    label: str = "",
    limits: tuple[float, float] | None = None,
    digits: int = 2,
    ax: Axes | None = None,
) -> Axes:
    """A map of values (r, c), the first row on top, each written in its cell; NaN is a cell that was not run and stays empty.

    `rows` and `columns` name the cells; `marked` are the (row, column) of cells to frame, such as the default's; `label` is that of the
    colour bar, with its unit, which is left out without it; `limits` are the ends of its scale. Raises DataError and InvalidParameter.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 2 or not numbers.size or np.isinf(numbers).any():
        raise DataError(f"values have shape {numbers.shape}; give finite numbers (rows, columns), NaN for a cell that was not run")
    if numbers.shape != (len(rows), len(columns)):
        raise DataError(f"values of shape {numbers.shape} have {len(rows)} row and {len(columns)} column names; give one name each")
    ax = new_axes(ax, size=(1.6 + 0.75 * len(columns), 1.0 + 0.5 * len(rows)))
    ends = limits or (float(np.nanmin(numbers)), float(np.nanmax(numbers)))
    image = ax.imshow(numbers, cmap="cividis", vmin=ends[0], vmax=ends[1], aspect="auto", interpolation="nearest")
    middle = (ends[0] + ends[1]) / 2
    for (row, column), value in np.ndenumerate(numbers):
        if np.isfinite(value):
            colour = "white" if value < middle else "black"
            ax.text(column, row, f"{value:.{digits}f}", ha="center", va="center", color=colour, fontsize="small")
    for row, column in marked:
        if not (0 <= row < len(rows) and 0 <= column < len(columns)):
            raise InvalidParameter(f"marked=({row}, {column}) is no cell of a map of {len(rows)} rows and {len(columns)} columns")
        _frame(ax, row, column)
    ax.set_xticks(range(len(columns)), [str(name) for name in columns])
    ax.set_yticks(range(len(rows)), [str(name) for name in rows])
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    if label:
        colour_bar(ax, image, label)
    return ax


def affinity(A: ArrayLike, labels: ArrayLike | None = None, *, ax: Axes | None = None) -> Axes:
    """An affinity matrix (n, n) from 0 to 1, points sorted by their labels (n,), classes parted by lines (Fig 5). Raises DataError."""
    numbers = np.asarray(A, dtype=np.float64)
    if numbers.ndim != 2 or numbers.shape[0] != numbers.shape[1] or not numbers.size or not np.isfinite(numbers).all():
        raise DataError(f"the affinity has shape {numbers.shape}; give finite numbers (n, n), such as gk.affinity(D)")
    ax = new_axes(ax, size=(4.6, 4.0))
    if labels is not None:
        groups = np.asarray(labels)
        if groups.shape != (len(numbers),):
            raise DataError(f"labels have shape {groups.shape}; {len(numbers)} points need {(len(numbers),)}")
        order = np.argsort(groups, kind="stable")
        numbers = numbers[np.ix_(order, order)]
        for border in np.flatnonzero(np.diff(groups[order])) + 0.5:
            ax.axhline(border, color="white", linewidth=0.8)
            ax.axvline(border, color="white", linewidth=0.8)
    image = ax.imshow(numbers, cmap="cividis", vmin=0, vmax=1, interpolation="antialiased")
    colour_bar(ax, image, "affinity")
    ax.set(xlabel="point, by class" if labels is not None else "point", ylabel="point, by class" if labels is not None else "point")
    return ax


def _frame(ax: Axes, row: int, column: int) -> None:
    """A frame that shows on dark and on light cells: white on black."""
    from matplotlib.patches import Rectangle

    for colour, width in (("black", 4.0), ("white", 1.8)):
        ax.add_patch(Rectangle((column - 0.46, row - 0.45), 0.92, 0.9, fill=False, edgecolor=colour, linewidth=width))
