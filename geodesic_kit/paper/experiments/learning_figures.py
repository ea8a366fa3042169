"""Figures of active learning: what is known at first, and what each way of asking learns with each label."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ... import plots
from ...plots.canvas import dots, palette
from .active_learning import Lesson, Task, bands
from .panels import panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_lessons", "draw_task"]


def draw_task(task: Task, ax: Axes | None = None) -> Axes:
    """Hands of the poses known at first, and the transitions between skills."""
    ways = {("transition" if k == 0 else f"_{k}"): pair for k, pair in enumerate(task.across)}
    ax = plots.lines(
        [0.0, 1.0],
        {name: pair.T for name, pair in ways.items()},
        xlabel="x₁ of the hand  [length]",
        ylabel="x₂ of the hand  [length]",
        legend=False,
        ax=ax,
    )
    for line in ax.get_lines():
        line.set(color="#999999", linestyle="-", linewidth=1, marker="")
    dots(ax, task.known, 8.0, color=palette(1)[0], zorder=3)
    ax.set_aspect("equal")
    ax.set_title("Five skills are known", fontsize="medium")
    return ax


def draw_lessons(
    found: Mapping[str, Sequence[Sequence[Lesson]]], measures: Mapping[str, Callable[[Lesson], float]]
) -> None:
    """A panel a measure: its mean over seeds against the labels, by utility, with bands of its standard
    error.
    """

    def one(ax: Axes, measure: str) -> None:
        curves, ends = bands(found, measures[measure])
        first = next(iter(curves.values()))[0]
        plots.lines(
            first,
            {name: curve[1] for name, curve in curves.items()},
            bands=ends,
            xlabel="labels  [1]",
            ylabel=measure,
            legend=False,
            ax=ax,
        )
        ax.set_xticks(first)
        ax.set_title(measure.partition("  [")[0])

    panels(one, list(measures), across=len(measures), size=(4.4, 3.6), legend=True)
