"""Figures of graphs over codes: paths on the map, length against k, and a search on its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ... import plots
from ...errors import DataError
from ...plots.canvas import dots, palette
from ...types import Ints, Points, Values
from .latent_graphs import GraphWays
from .latent_searches import Reached
from .magnification_maps import latent_plane
from .moving import gif, pages_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_excess", "moving_searches"]

_LEAST = 1e-4  # of an excess on a logarithmic axis
_GREY = "#bbbbbb"


def draw_excess(found: Mapping[str, GraphWays]) -> None:
    """A panel a set: the mean excess of the graph paths over the refined curves against k, and the band from
    its 5 % to its 95 % quantile; the neural curve's mean as a level.
    """
    import matplotlib.pyplot as plt

    size = (4.6 * len(found), 3.8)
    axes = plt.subplots(1, len(found), figsize=size, layout="constrained", sharey=True, squeeze=False)[1][0]
    for ax, (name, ways) in zip(axes, found.items(), strict=True):
        ks = np.array(list(ways.by_k), dtype=float)
        excess = np.array([ways.excess(paths) for paths in ways.by_k.values()])
        shown = np.maximum(excess, _LEAST)
        plots.lines(
            ks,
            {"graph path, mean": np.maximum(excess.mean(axis=1), _LEAST)},
            bands={"graph path, mean": np.quantile(shown, [0.05, 0.95], axis=1)},
            levels={"5 %": 0.05},
            xlabel="neighbours k  [1]",
            ylabel="length / refined length − 1  [1]",
            log="xy",
            legend=ax is axes[0],
            ax=ax,
        )
        ax.set_xticks(ks, [f"{k:g}" for k in ks])
        ax.minorticks_off()
        ax.set_title(name)
        ax.label_outer(remove_inner_ticks=False)


def moving_searches(
    codes: Points,
    searches: Mapping[str, Reached],
    ends: tuple[int, int],
    path: Points,
    *,
    frames: int = 24,
    seconds: float = 4.0,
    inches: float = 3.4,
) -> bytes:
    """A GIF of searches from one end over codes (n, 2), side by side: the vertices that each has expanded
    after so many steps, and once it is there the path (k, 2).
    """
    from matplotlib.figure import Figure

    if codes.shape[1] != 2:
        raise DataError(f"codes of {codes.shape[1]} coordinates do not fit a plane; give codes (n, 2)")
    orders = [_order(found) for found in searches.values()]
    most = max(len(order) for order in orders)
    figure = Figure(figsize=(inches * len(searches), inches + 0.6), dpi=80, layout="constrained")
    axes: Sequence[Axes] = list(np.ravel(figure.subplots(1, len(searches), squeeze=False)))
    grown, ways, marks = [], [], []
    for ax, (name, order) in zip(axes, zip(searches, orders, strict=True), strict=True):
        dots(ax, codes, 4.0, color=_GREY)
        grown.append(ax.plot([], [], ".", color=palette(1)[0], markersize=4)[0])
        ways.append(ax.plot([], [], "-", color=palette(4)[3], linewidth=2)[0])
        marks += ax.plot(*codes[list(ends)].T, "o", color="black", markersize=6)
        latent_plane(ax, f"{name}: {len(order):,} vertices")
        ax.set_aspect("equal", adjustable="box")
        ax.label_outer()
    told = figure.supxlabel(" ", fontsize="medium")

    def show(k: int) -> None:
        count = round(most * (k + 1) / frames)
        for line, way, order in zip(grown, ways, orders, strict=True):
            line.set_data(*codes[order[:count]].T)
            way.set_data(*(path if count >= len(order) else path[:0]).T)
        told.set_text(f"after {count:,} vertices")

    moving = [*grown, *ways, *marks, told]
    pages = pages_of(figure, moving, show, frames, lambda page: page.convert("RGB").quantize(32))
    wait = max(20, round(1000 * seconds / frames))
    return gif(pages, [wait] * (frames - 1) + [1500])


def _order(found: Reached) -> Ints:
    """The vertices that the search expands, in its order."""
    inside = np.flatnonzero(found.expanded)
    order: Values = found.promised[inside]
    return np.asarray(inside[np.argsort(order, kind="stable")])
