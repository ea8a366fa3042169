"""Figures of paths in the plane: numbered on a density's map, one way against another, log p along them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ... import plots
from ...geodesics.courses import CurveReport
from ...geodesics.curve import Geodesic
from ...plots.canvas import INK, new_axes, palette
from ...types import Density, Points, Values

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

__all__ = ["draw_against", "draw_lows", "draw_numbered", "draw_profiles"]


def draw_numbered(
    curves: Mapping[int, Geodesic | Points],
    density: Density,
    box: Any,
    title: str,
    ax: Axes,
) -> None:
    """Curves (k, 2) over a density's map of a box, each with its number at its first point.

    Of a figure's panels only those in the last column have the colour bar.
    """
    _map(density, box, ax)
    plots.geodesics(None, list(curves.values()), ax=ax)
    for number, curve in curves.items():
        _number(ax, number, (curve.points if isinstance(curve, Geodesic) else curve)[0])
    ax.set(title=title, xlim=box[0], ylim=box[1])
    ax.label_outer(remove_inner_ticks=False)


def draw_lows(
    found: Mapping[int, CurveReport], numbers: Mapping[int, int], density: Density, box: Any
) -> None:
    """Courses by pair, with a dot where each is least likely, and the number of the pair if it has one."""
    ax = new_axes(None)
    _map(density, box, ax)
    pair_of = {pair: number for number, pair in numbers.items()}
    for pair, course in found.items():
        low = course.points[course.log_p.argmin()]
        ax.plot(*course.points.T, color="white", linewidth=0.8, alpha=0.8)
        ax.plot(*low, "o", color=palette(4)[3], markeredgecolor="white", markersize=6)
        if pair in pair_of:
            _number(ax, pair_of[pair], low)
    ax.set(title="Geodesics with a lower low than the latent path, and where", xlim=box[0], ylim=box[1])


def draw_against(
    table: DataFrame,
    quantity: str,
    rivals: Sequence[str],
    groups: Mapping[str, NDArray[np.bool_]],
    *,
    unit: str,
) -> None:
    """One panel for each rival: the geodesic's value over the rival's, a mark a pair of a `course_table`.

    `groups` (m,) tell the marks apart; below the diagonal the geodesic's value is the smaller.
    """
    import matplotlib.pyplot as plt

    size = (4.5 * len(rivals), 4.1)
    fig, _ = plt.subplots(1, len(rivals), figsize=size, layout="constrained", sharex=True, sharey=True)
    for ax, rival in zip(fig.axes, rivals, strict=True):
        for (name, of), colour, marker in zip(groups.items(), palette(len(groups)), "o^sDv", strict=False):
            pair = table[rival, quantity][of], table["geodesic", quantity][of]
            ax.plot(*pair, marker, color=colour, markerfacecolor="none", markersize=6, label=name)
        ax.axline((0, 0), slope=1, color=INK, linewidth=1)
        ax.set(xlabel=f"{quantity}: {rival} path  [{unit}]", ylabel=f"{quantity}: geodesic  [{unit}]")
        ax.label_outer(remove_inner_ticks=False)
    fig.axes[-1].legend(frameon=False)


def draw_profiles(profiles: Mapping[str, Values], groups: Mapping[str, NDArray[np.bool_]]) -> None:
    """One panel for each group of pairs (m,): along each way the median of log p (m, n) in a band of 80 %."""
    import matplotlib.pyplot as plt

    size = (5 * len(groups), 3.8)
    fig, _ = plt.subplots(1, len(groups), figsize=size, layout="constrained", sharey=True)
    for ax, (group, of) in zip(fig.axes, groups.items(), strict=True):
        cuts = {way: np.quantile(values[of], [0.1, 0.5, 0.9], axis=0) for way, values in profiles.items()}
        fraction = np.linspace(0, 1, next(iter(cuts.values())).shape[1])
        plots.lines(
            fraction,
            {way: middle for way, (_, middle, _) in cuts.items()},
            bands={way: [low, high] for way, (low, _, high) in cuts.items()},
            xlabel="fraction of the path's Euclidean length  [1]",
            ylabel="log p(x)  [log 1/length²]",
            legend=ax is fig.axes[0],
            ax=ax,
        )
        ax.set_title(group)
        ax.label_outer(remove_inner_ticks=False)


def _map(density: Density, box: Any, ax: Axes) -> None:
    """The map of a density, its colour bar only in the last column of a figure's panels."""
    plots.density(density, box, resolution=160, ax=ax)
    place = ax.get_subplotspec()
    if place is not None and not place.is_last_col():
        ax.images[0].colorbar.remove()  # type: ignore[union-attr]


def _number(ax: Axes, number: int, place: Values) -> None:
    disc = {"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": INK, "linewidth": 0.8}
    style: Any = {"bbox": disc, "color": "black", "fontsize": 7, "ha": "center", "va": "center", "zorder": 6}
    ax.text(place[0], place[1], str(number), **style)
