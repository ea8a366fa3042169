"""Figures of hard distributions: where c is large, how many distances are right, what refinement does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ... import plots
from ...plots.canvas import INK, markers, new_axes, palette
from .hard_distributions import SAMPLINGS, Case, Refined
from .quadrature_rules import RuleOutcome

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["draw_cases", "draw_errors", "draw_outcomes", "draw_refined", "draw_shares"]


def draw_cases(cases: Mapping[str, Case]) -> None:
    """The map of log c of each case over its box, with its sources as stars."""
    import matplotlib.pyplot as plt

    fig, _ = plt.subplots(1, len(cases), figsize=(16, 4.6))
    for ax, (name, of) in zip(fig.axes, cases.items(), strict=True):
        plots.density(of.metric, of.box, ax=ax)
        ax.plot(*of.sources.T, "*", color="white", markeredgecolor="black", markersize=13)
        ax.set_title(f"{name}: λ = {of.metric.lam:.2g}, p₀ = {of.metric.p0:.2g}")
    fig.suptitle("Where there is little data c is large (stars: sources of distances)", y=1.03)
    fig.subplots_adjust(wspace=0.45, left=0.05, right=0.94)


def draw_errors(table: DataFrame) -> None:
    """Mean relative error of each distribution of a `trial_table` against n, with its slope."""
    ax = plots.convergence(table, "n", "mean relative error", hue="distribution", unit="1")
    ax.set(title="Over uniform vertices the error falls, jump or no jump", xlabel="n  [vertices]")


def draw_shares(shares: DataFrame, names: Sequence[str], sizes: Sequence[int]) -> None:
    """Share of pairs within 5 % against n, a panel a distribution, a line a sampling; dashed: with bridges.

    `shares` has the columns `within` and `bridged` and is indexed by distribution, sampling and n, sorted;
    `names` are the distributions.
    """
    import matplotlib.pyplot as plt

    fig, _ = plt.subplots(1, len(names), figsize=(14, 4.4), layout="constrained", sharey=True)
    looks = zip(palette(len(SAMPLINGS)), markers(len(SAMPLINGS)), strict=True)
    styles = dict(zip(SAMPLINGS, looks, strict=True))
    for ax, name in zip(fig.axes, names, strict=True):
        for sampling, (colour, marker) in styles.items():
            ax.plot(shares["within"][name, sampling], marker=marker, color=colour, label=sampling)
        colour, marker = styles["from p"]
        bridged = {"color": colour, "marker": marker, "markerfacecolor": "white"}
        ax.plot(shares["bridged"][name, "from p"], "--", **bridged, label="from p, bridges")
        ax.set(title=name, xscale="log", xlabel="n  [vertices]", ylim=(-0.04, 1.04))
        ax.set_xticks(list(sizes), [f"{n:,}" for n in sizes])
        ax.minorticks_off()
    fig.axes[0].set_ylabel("share of pairs within 5 %  [1]")
    fig.axes[0].legend(frameon=False)
    fig.suptitle("Between modes a sample from p knows no way; half of the vertices uniform, and it is found")


def draw_refined(rows: Mapping[tuple[str, str], Refined], *, tolerance: float) -> None:
    """Errors of paths before and after refinement, by distribution and sampling; dotted: `tolerance`."""
    ax, (first, second) = new_axes(None, size=(8.5, 4.4)), palette(2)
    for place, of in enumerate(rows.values()):
        before, after = np.maximum(np.abs([of.before, of.after]), 1e-5)
        left, right = place - 0.18, place + 0.18
        ax.plot([left, right], [before, after], "-", color=INK, alpha=0.5, linewidth=1)
        names = ("path of the graph", "refined") if place == 0 else (None, None)
        ax.plot(np.full(len(before), left), before, "o", color=first, label=names[0])
        ax.plot(np.full(len(after), right), after, "s", color=second, label=names[1])
    bridges = {"from p": "from p, bridges"}
    under = [f"{name},\n{bridges.get(sampling, sampling)}" for name, sampling in rows]
    ax.set_xticks(range(len(rows)), under)
    ax.set(yscale="log", ylabel="relative error of the length  [1]")
    ax.set_title("Refinement takes the graph's error away, save where c jumps")
    ax.axhline(tolerance, color=INK, linestyle=":", linewidth=1)
    ax.legend(frameon=False)


def draw_outcomes(runs: Mapping[str, Sequence[RuleOutcome]]) -> None:
    """Mean and largest error of an edge's length against the evaluations that it takes, one line a rule."""
    ax = new_axes(None, size=(7.5, 4.6))
    looks = zip(palette(len(runs)), markers(len(runs)), strict=True)
    for (rule, found), (colour, marker) in zip(runs.items(), looks, strict=True):
        spent, style = [of.evaluations for of in found], {"color": colour, "marker": marker}
        ax.plot(spent, [of.errors.mean() for of in found], label=f"{rule}, mean", **style)
        largest = [of.errors.max() for of in found]
        ax.plot(spent, largest, "--", markerfacecolor="white", label=f"{rule}, largest", **style)
    ax.set(xscale="log", yscale="log", xlabel="evaluations of p an edge  [1]")
    ax.set(ylabel="relative error of an edge's length  [1]")
    ax.set_title("At a jump the trapezoid is slow; knowing the faces is exact")
    ax.legend(frameon=False, fontsize="small")
