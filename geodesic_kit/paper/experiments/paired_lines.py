"""Pairs of lines, each pair in one colour: one solid, the other dotted with open marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ...plots.canvas import markers, new_axes, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["paired_lines"]


def paired_lines(
    x: ArrayLike,
    pairs: Mapping[str, tuple[ArrayLike, ArrayLike]],
    kinds: tuple[str, str],
    *,
    xlabel: str,
    ylabel: str,
    title: str,
    log: bool = False,
) -> Axes:
    """Two lines a name, each of values (k,) over the places x (k,), which are marked on the axis; `kinds`
    tells the two apart.

    `log` makes both scales logarithmic. Labels carry the units.
    """
    places = np.asarray(x, dtype=float)
    ax = new_axes(None, size=(7.5, 4.6))
    for (name, both), colour, marker in zip(
        pairs.items(), palette(len(pairs)), markers(len(pairs)), strict=True
    ):
        # The open mark is a ring around the other: both are seen where the lines coincide.
        for values, kind, style, face, size in zip(both, kinds, "-:", (colour, "none"), (5, 9), strict=True):
            look = {"color": colour, "linestyle": style, "marker": marker, "markerfacecolor": face}
            ax.plot(places, values, **look, markersize=size, label=f"{name}: {kind}")
    scale = "log" if log else "linear"
    ax.set(xscale=scale, yscale=scale, xlabel=xlabel, ylabel=ylabel, title=title)
    ax.set_xticks(places, [f"{float(f'{place:.3g}'):,g}" for place in places])
    ax.xaxis.minorticks_off()
    ax.legend(frameon=False, fontsize="small")
    return ax
