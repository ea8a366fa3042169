"""Small multiples: figures of panels that share their labels and, where asked for, their scales and their
legend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ...base.extras import needing
from ...checks import integer, listed
from ...errors import DataError
from ...plots.heat_maps import heat_map

__all__ = ["heat_maps", "panels"]


def panels(
    draw: Callable[..., Any],
    keys: Sequence[Any],
    *,
    across: int,
    size: tuple[float, float] = (4.1, 3.5),
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    shared: bool = False,
    legend: bool = False,
    xticks: Sequence[float] | None = None,
) -> None:
    """A figure with a panel for each key, a text or several, `across` a row, each of `size` in inches:
    `draw(ax, *key)` draws it.

    A panel that `draw` gives no title is named by its key. `xlabel` stands below the lowest row and `ylabel`
    left of the first column; `shared` panels have their scales in common, and labels inside the figure are
    left out; the `legend` below all is the first panel's; `xticks` are the places that x is marked at. Raises
    DataError, InvalidParameter and MissingPlugin.
    """
    with needing("plots need", "plots"):
        import matplotlib.pyplot as plt
    parts = [(key,) if isinstance(key, str) else tuple(listed(key)) for key in listed(keys)]
    if not parts:
        raise DataError("there is no panel to draw: give one key or more")
    columns = min(integer(across, "across", least=1), len(parts))
    rows = -(-len(parts) // columns)
    figure = plt.figure(figsize=(size[0] * columns, size[1] * rows), layout="constrained")
    axes = figure.subplots(rows, columns, sharex=shared, sharey=shared, squeeze=False)
    for ax in axes.flat[len(parts) :]:
        ax.set_axis_off()
    for place, (ax, key) in enumerate(zip(axes.flat, parts, strict=False)):
        draw(ax, *key)
        if not ax.get_title():
            ax.set_title(", ".join(map(str, key)))
        if xticks is not None:
            ax.set_xticks(xticks, [f"{tick:g}" for tick in xticks])
            ax.minorticks_off()
        if shared:
            ax.label_outer()
        if place + columns >= len(parts):
            ax.tick_params(labelbottom=True)
            ax.set_xlabel(xlabel or ax.get_xlabel())
        if place % columns == 0:
            ax.set_ylabel(ylabel or ax.get_ylabel())
    if legend:
        lines, names = axes[0, 0].get_legend_handles_labels()
        figure.legend(lines, names, frameon=False, ncols=8, loc="outside lower center")
    if title:
        figure.suptitle(title)


def heat_maps(
    tables: Mapping[str, Any],
    *,
    label: str,
    xlabel: str,
    ylabel: str,
    marked: Iterable[tuple[int, int]] = (),
    limits: tuple[float, float] = (0.0, 1.0),
    size: tuple[float, float] = (4.8, 3.6),
    title: str = "",
) -> None:
    """A figure with a heat map of each DataFrame by its name, side by side on one scale, whose bar is named
    `label`.

    `marked` are the (row, column) of cells to frame in every map. Raises as `panels` and `gk.plots.heat_map`.
    """
    framed, last = list(marked), list(tables)[-1:]

    def one(ax: Any, name: str) -> None:
        own = tables[name]
        bar = label if [name] == last else ""
        heat_map(own, list(own.index), list(own.columns), marked=framed, limits=limits, label=bar, ax=ax)

    panels(
        one,
        list(tables),
        across=max(len(tables), 1),
        size=size,
        title=title,
        xlabel=xlabel,
        ylabel=ylabel,
        shared=True,
    )
