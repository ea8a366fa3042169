"""The figure of a sweep: one panel a claim, what was swept against what was measured."""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...base.extras import needing
from ...plots.canvas import INK, palette
from ..claims.claim import Claim
from .collect import Run, table_of
from .figures import stamped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw"]

_COLUMNS, _SIZE = 4, (3.3, 2.6)  # panels side by side; of each, inches
_DECADES = 30  # times the least value from which the largest asks for a logarithmic axis
_LEGEND = "each run is a dot, a hollow one where the claim is not as declared; dotted: the bound"
_REPEATED = "; line and band: mean and range of the runs that share a place"


def draw(axes: Mapping[str, Sequence[Any]], runs: Sequence[Run], title: str) -> bytes:
    """The PNG of a sweep along `axes`: the first that is no seed runs across, the second sets the colour.

    Runs that share both, such as those of several seeds, are joined at their mean, with a band from the least
    to the largest. Raises MissingPlugin where plots are not installed.
    """
    with needing("the figure of a sweep needs", "plots"):
        import seaborn as sns
        from matplotlib.figure import Figure

    # Seeds repeat a measurement: they run across only where nothing else was swept.
    several = [name for name in axes if len(axes[name]) > 1] or list(axes)
    order = sorted(several, key=lambda name: name == "seed")
    table, (x, *more) = table_of(runs), order
    hue = more[0] if more and more[0] != "seed" else None
    numeric = all(_is_number(one) for one in axes[x])
    for name in {x, hue} - {None}:
        if name == hue or not numeric:
            table[name] = table[name].map(str)
    claims = list({claim.name: claim for _, found in runs for claim in found}.values())
    odd = {(record["name"], claim.name) for record, found in runs for claim in found if not claim.as_declared}
    rows, columns = max(1, math.ceil(len(claims) / _COLUMNS)), min(max(1, len(claims)), _COLUMNS)
    with sns.axes_style("ticks"), sns.plotting_context("notebook", font_scale=0.8):
        figure = Figure((max(2, columns) * _SIZE[0], rows * _SIZE[1] + 0.9), dpi=110, layout="constrained")
        panels = list(figure.subplots(rows, columns, squeeze=False).flat)
        for panel, claim in zip(panels, claims, strict=False):
            _panel(panel, table, claim, x, hue, odd)
            if numeric and min(axes[x]) > 0 and max(axes[x]) >= _DECADES * min(axes[x]):
                panel.set_xscale("log")
        for panel in panels[len(claims) :]:
            panel.set_axis_off()
        figure.suptitle(title)
        repeated = table.duplicated(subset=[x, hue] if hue else [x]).any()
        legend = textwrap.fill(_LEGEND + _REPEATED * bool(repeated), 45 * max(2, columns))
        figure.supxlabel(legend, fontsize="small", color=INK)
        _legend(figure, panels[0], hue)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    record = runs[0][0]
    return stamped(file.getvalue(), record | {"cell": "sweep", "parameters": {}, "defaults": dict(axes)})


def _panel(ax: Axes, table: Any, claim: Claim, x: str, hue: str | None, odd: set[tuple[str, str]]) -> None:
    import seaborn as sns

    colours = palette(table[hue].nunique() if hue else 1)
    values = table.dropna(subset=[claim.name])
    options: dict[str, Any] = dict(data=values, x=x, y=claim.name, hue=hue, ax=ax)
    options |= dict(palette=colours) if hue else dict(color=colours[0])
    if len(values):
        sns.lineplot(**options, errorbar=("pi", 100), style=hue, legend="brief" if hue else False)
        levels = list(dict.fromkeys(table[hue])) if hue else [None]
        for level, colour in zip(levels, colours, strict=False):
            here = values if level is None else values[values[hue] == level]
            faces = ["none" if (run, claim.name) in odd else colour for run in here["run"]]
            ax.scatter(here[x], here[claim.name], s=22, facecolors=faces, edgecolors=[colour], zorder=3)
    for end in (claim.low, claim.high):
        if math.isfinite(end):
            ax.axhline(end, color=INK, linewidth=1, linestyle=(0, (1, 2)))
    name = "\n".join(textwrap.wrap(claim.name, 34))
    ax.set(title=name, xlabel=x, ylabel=f"measured ({claim.bound})")
    ax.title.set_fontsize("small")
    ax.yaxis.label.set_fontsize("small")
    sns.despine(ax=ax)


def _legend(figure: Any, first: Axes, hue: str | None) -> None:
    """One legend for all panels, beside them."""
    if hue is None:
        return
    handles, labels = first.get_legend_handles_labels()
    for panel in figure.axes:
        if panel.get_legend() is not None:
            panel.get_legend().remove()
    figure.legend(handles, labels, title=hue, loc="outside right upper", frameon=False)


def _is_number(entry: Any) -> bool:
    return isinstance(entry, (int, float)) and not isinstance(entry, bool)
