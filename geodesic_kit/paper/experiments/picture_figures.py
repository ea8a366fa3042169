"""Figures of paths between pictures: rows of frames, how much they skip, what is read along them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ... import plots
from ...plots.canvas import new_axes, palette
from ...types import Points, Values
from .picture_paths import Jumper

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_along", "draw_by_jumps", "draw_decoded", "draw_skips", "draw_strips"]

_SKIPS = (1, 2, 5, 10, 20, 50, 100)


def draw_strips(
    ways: Mapping[str, NDArray[np.float64]],
    titles: Sequence[str],
    shape: Sequence[int],
    *,
    label: str,
    which: Sequence[int] = (0, 1, -1),
    columns: int = 13,
) -> None:
    """Rows of pictures: of each path that `which` numbers, one a way (m, n, d), `columns` frames of it.

    `titles` (m,) name the paths, `shape` is (h, w), `label` says what the frames are equal steps of.
    """
    rows = np.array([_spread(ways[way][p], columns) for p in which for way in ways])
    names = [f"{titles[p]}: {way}" for p in which for way in ways]
    plots.strip(np.clip(rows, 0, 1).reshape(len(rows), columns, *shape), names, label=label)


def _spread(frames: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
    """Of frames (n, d) the first, the last and those evenly between them: (columns, d)."""
    return frames[np.linspace(0, len(frames) - 1, columns).round().astype(int)]


def draw_decoded(
    model: Jumper,
    z: Points,
    x: Points,
    samples: Points,
    shape: Sequence[int],
    *,
    jumps: Sequence[int],
    columns: int = 12,
) -> None:
    """Pictures x (m, d), what their latent points z (m, d) are decoded to by so many jumps, and samples."""
    rows = {"test images": x[:columns]}
    for k in jumps:
        rows[f"by {k} jump{'s' if k > 1 else ''}"] = np.clip(model.decode(z[:columns], steps=k), 0, 1)
    pictures = np.array([*rows.values(), samples[:columns], samples[columns : 2 * columns]])
    names = [*rows, "samples", "samples"]
    label = "encoded and decoded test images above, samples below: none belongs to another"
    ax = plots.strip(pictures.reshape(len(names), columns, *shape), names, label=label)
    ax.set_xticks([])  # columns are no fractions of anything


def draw_skips(
    skips: Mapping[str, Values],
    *,
    title: str = "",
    bound: float | None = None,
    legend: bool = True,
    ax: Axes | None = None,
) -> None:
    """For each way the share of its paths whose skip, (m,), is at most so; a dotted line at the bound."""
    from matplotlib.ticker import LogLocator

    ends = (
        min(1.0, *(float(values.min()) for values in skips.values())),
        max(float(values.max()) for values in skips.values()),
    )
    stairs = {way: _shares(values, *ends) for way, values in skips.items()}
    ax = plots.lines(
        ends,
        stairs,
        xlabel="skip: largest step / median step  [1]",
        ylabel="fraction of pairs at or below  [1]",
        log="x",
        marks={} if bound is None else {"bound": bound},
        legend=legend,
        ax=new_axes(ax, size=(7.2, 4.4)),
    )
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))  # fixed ticks would be the last panel's on all
    ax.xaxis.set_major_formatter("{x:g}")
    ax.minorticks_off()
    ax.label_outer(remove_inner_ticks=False)
    ax.set_title(title)


def _shares(values: Values, low: float, high: float) -> NDArray[np.float64]:
    """The empirical distribution of values (m,) from `low` to `high`, as places and shares (2, 2 m + 2)."""
    places = np.repeat(np.sort(values), 2)
    heights = np.repeat(np.arange(len(values) + 1) / len(values), 2)
    return np.stack([np.concatenate([[low], places, [high]]), heights])


def draw_along(panels: Mapping[str, Mapping[str, ArrayLike]]) -> None:
    """A panel for each label of its vertical axis: a line a way over the fraction of the path, (n,)."""
    import matplotlib.pyplot as plt

    axes = plt.subplots(1, len(panels), figsize=(4.75 * len(panels), 3.6), layout="constrained")[1]
    for i, (ax, (ylabel, by_way)) in enumerate(zip(np.ravel(axes), panels.items(), strict=True)):
        values = [np.asarray(line) for line in by_way.values()]
        t = np.linspace(0, 1, len(values[0]))
        plots.lines(t, by_way, xlabel="fraction of the path  [1]", ylabel=ylabel, legend=i == 0, ax=ax)
        if all(line.min() >= 0 and line.max() <= 1 for line in values):  # shares
            ax.set_ylim(0, 1.02)


def draw_by_jumps(jumps: Sequence[int], panels: Mapping[str, tuple[ArrayLike, float]]) -> None:
    """A panel a quantity: of latent paths by the jumps that decode them, (j, m), and a geodesic's median."""
    import matplotlib.pyplot as plt

    axes: Any = plt.subplots(1, len(panels), figsize=(4.75 * len(panels), 3.6), layout="constrained")[1]
    geodesic, latent = palette(2)
    for ax, (ylabel, (values, level)) in zip(np.ravel(axes), panels.items(), strict=True):
        lines = ax.plot(list(jumps), np.asarray(values), "s-", color=latent, linewidth=1, markersize=4)
        lines[0].set_label("latent linear, one line a pair")
        ax.axhline(level, linestyle="--", color=geodesic, label="geodesics of the same pairs, median")
        ax.set(xscale="log", xlabel="jumps that decode a latent point", ylabel=ylabel)
        ax.set_xticks(list(jumps), [str(number) for number in jumps])
        if np.min(values) >= 0 and np.max(values) <= 1:  # shares
            ax.set_ylim(-0.02, 1.02)
        else:
            ax.set_yscale("log")
            ax.set_yticks(_SKIPS, [str(tick) for tick in _SKIPS])
        ax.minorticks_off()
    np.ravel(axes)[-1].legend(frameon=False, fontsize="small", loc="center")
