"""Figures of judged densities: what comes of each against its divergence from the truth, the families that
matter in colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...plots.canvas import markers, palette
from .density_table import Judged
from .panels import panels

__all__ = ["over_divergence"]

_REST = "#b5b5b5"
_LEAST = 0.01  # nats, where the log scale begins; the true density's 0 is drawn there


def over_divergence(
    rows: Sequence[Judged],
    measure: str,
    shown: Sequence[str],
    *,
    ylabel: str,
    title: str = "",
    log: bool = False,
) -> None:
    """A figure of `measure`, "nmi", "skip" or "turning", against the divergence in nats: a panel a data
    set, the families `shown`, as far as there are some, in colour before all others in grey."""
    there = {row.family for row in rows}
    families = [family for family in shown if family in there]

    def group(row: Judged) -> str:
        return row.family if row.family in families else "others"

    def one(ax: Any, name: str) -> None:
        styles = [
            ("others", _REST, "o"),
            *zip(families, palette(len(families)), markers(len(families) + 1)[1:], strict=True),
        ]
        for order, (family, colour, marker) in enumerate(styles):
            own = [row for row in rows if row.set == name and group(row) == family]
            values = [getattr(row, measure) for row in own]
            places = [max(row.kl, _LEAST) for row in own]
            options: dict[str, Any] = dict(color=colour, marker=marker, linewidths=0, zorder=2 + order)
            ax.scatter(places, values, 46, label=family, **options)
        ax.set(xscale="log", yscale="log" if log else "linear")

    names = list(dict.fromkeys(row.set for row in rows))
    xlabel = "KL divergence from the truth  [nats], at least .01"
    panels(
        one,
        names,
        across=len(names),
        size=(4.4, 3.7),
        title=title,
        xlabel=xlabel,
        ylabel=ylabel,
        shared=True,
        legend=True,
    )
