"""The same lines in several situations: a panel each, side by side, on one scale and under one legend."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from ...plots.lines import lines

__all__ = ["line_panels"]


def line_panels(
    panels: Mapping[str, Mapping[str, ArrayLike]],
    *,
    xlabel: str,
    ylabel: str,
    title: str,
    log: str = "",
    bands: Mapping[str, Mapping[str, ArrayLike]] | None = None,
) -> None:
    """Draw a panel a name, each with lines by name, (2, k), places and values; `bands` are those of
    `gk.plots.lines`, by panel.
    """
    import matplotlib.pyplot as plt

    fig = plt.figure(figsize=(4 * len(panels) + 2, 4.6), layout="constrained")
    axes = fig.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    for ax, (name, named) in zip(axes, panels.items(), strict=True):
        places = np.asarray(next(iter(named.values())), dtype=float)[0]
        own = None if bands is None else bands[name]
        lines(places, named, xlabel=xlabel, ylabel=ylabel, log=log, bands=own, legend=False, ax=ax)
        ax.set_title(name)
        ax.label_outer()
    fig.suptitle(title)
    fig.legend(*axes[0].get_legend_handles_labels(), frameon=False, ncols=4, loc="outside lower center")
