"""Heat maps: a number for each pair of two settings, written in its cell, and the affinity of each pair of
points.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import as_labels, as_text, integer, listed
from ..checks.arrays import plain, reals
from ..checks.memory import require
from ..errors import DataError, InvalidParameter, shown
from .canvas import as_names, colour_bar, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["affinity", "heat_map"]

_MOST_CELLS = 10_000
_A_PAIR = 68  # bytes: in order, and as a figure scales and colours it (measured: 60)


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
    """A map of values (r, c), the first row on top, each written in its cell; NaN is a cell that was not run
    and stays empty.

    `rows` and `columns` name the cells; `marked` are the (row, column) of cells to frame, such as the
    default's; `label` is that of the colour bar, with its unit, which is left out without it; `limits` are
    the ends of its scale. Raises DataError and InvalidParameter.
    """
    numbers = reals(values, "values", give="give numbers (rows, columns)")
    if numbers.ndim != 2 or not numbers.size or np.isinf(numbers).any():
        raise DataError(
            f"values have shape {numbers.shape}; give finite numbers (rows, columns), NaN for a "
            "cell that was not run"
        )
    if numbers.size > _MOST_CELLS:
        raise DataError(
            f"values have {numbers.size:,} cells, each with a number in it, where a figure "
            f"holds {_MOST_CELLS:,}: draw a part"
        )
    row_names = as_names(rows, numbers.shape[0], "rows", "rows of values")
    column_names = as_names(columns, numbers.shape[1], "columns", "columns of values")
    label, digits = as_text(label, "label"), integer(digits, "digits", most=20)
    cells = _cells(marked, *numbers.shape)
    ax = new_axes(ax, size=(1.6 + 0.75 * len(column_names), 1.0 + 0.5 * len(row_names)))
    ends = _ends(numbers, limits)
    image = ax.imshow(
        numbers, cmap="cividis", vmin=ends[0], vmax=ends[1], aspect="auto", interpolation="nearest"
    )
    middle = (ends[0] + ends[1]) / 2
    for (row, column), value in np.ndenumerate(numbers):
        if np.isfinite(value):
            colour = "white" if value < middle else "black"
            ax.text(
                column, row, f"{value:.{digits}f}", ha="center", va="center", color=colour, fontsize="small"
            )
    for row, column in cells:
        _frame(ax, row, column)
    ax.set_xticks(range(len(column_names)), column_names)
    ax.set_yticks(range(len(row_names)), row_names)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    if label:
        colour_bar(ax, image, label)
    return ax


def affinity(A: ArrayLike, labels: ArrayLike | None = None, *, ax: Axes | None = None) -> Axes:
    """An affinity matrix (n, n) from 0 to 1, points sorted by their labels (n,), classes parted by lines (Fig
    5). Raises DataError.
    """
    numbers = reals(A, "affinities", give="give numbers (n, n), such as gk.affinity(D)")
    if (
        numbers.ndim != 2
        or numbers.shape[0] != numbers.shape[1]
        or not numbers.size
        or not np.isfinite(numbers).all()
    ):
        raise DataError(
            f"the affinity has shape {numbers.shape}; give finite numbers (n, n), such as gk.affinity(D)"
        )
    require(
        _A_PAIR * numbers.size,
        f"figures of {len(numbers):,} points' affinities",
        "draw a part, such as A[::4, ::4]",
    )
    ax = new_axes(ax, size=(4.6, 4.0))
    if labels is not None:
        groups = as_labels(labels, len(numbers))[1]
        order = np.argsort(groups, kind="stable")
        numbers = numbers[np.ix_(order, order)]
        for border in np.flatnonzero(np.diff(groups[order])) + 0.5:
            ax.axhline(border, color="white", linewidth=0.8)
            ax.axvline(border, color="white", linewidth=0.8)
    image = ax.imshow(numbers, cmap="cividis", vmin=0, vmax=1, interpolation="antialiased")
    colour_bar(ax, image, "affinity")
    ax.set(
        xlabel="point, by class" if labels is not None else "point",
        ylabel="point, by class" if labels is not None else "point",
    )
    return ax


def _ends(numbers: NDArray[np.float64], limits: Any) -> tuple[float, float]:
    """The ends of the colour scale, as asked or of the numbers that there are. Raises InvalidParameter."""
    if limits is None:
        there = numbers[~np.isnan(numbers)]
        return (float(there.min()), float(there.max())) if there.size else (0.0, 1.0)
    ends = reals(limits, "limits", give="give two numbers, the lower first", error=InvalidParameter)
    if ends.shape != (2,) or not np.isfinite(ends).all() or ends[0] > ends[1]:
        raise InvalidParameter(f"limits={shown(limits)}: give two numbers, the lower first")
    return float(ends[0]), float(ends[1])


def _cells(marked: Any, rows: int, columns: int) -> list[tuple[int, int]]:
    """The cells to frame. Raises InvalidParameter for one that the map has not."""
    pairs = plain(listed(marked), "marked", give="give pairs (row, column)", error=InvalidParameter)
    if pairs.size and (pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.dtype.kind not in "iu"):
        raise InvalidParameter(f"marked={shown(marked)}: give pairs (row, column)")
    for row, column in pairs.tolist():
        if not (0 <= row < rows and 0 <= column < columns):
            raise InvalidParameter(
                f"marked=({row}, {column}) is no cell of a map of {rows} rows and {columns} columns"
            )
    return [(row, column) for row, column in pairs.tolist()]


def _frame(ax: Axes, row: int, column: int) -> None:
    """A frame that shows on dark and on light cells: white on black."""
    from matplotlib.patches import Rectangle

    for colour, width in (("black", 4.0), ("white", 1.8)):
        ax.add_patch(
            Rectangle((column - 0.46, row - 0.45), 0.92, 0.9, fill=False, edgecolor=colour, linewidth=width)
        )
