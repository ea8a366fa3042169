"""Figures of the two geometries: how far paths run from the codes, the same data in several models, and which
distances vary less over them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...plots.canvas import INK, markers, new_axes, palette
from ...types import Points, Values
from .magnification_maps import latent_plane

__all__ = ["draw_codes_of_models", "draw_farthest", "draw_variations"]


def draw_farthest(found: Mapping[str, Mapping[str, Values]], reach: Mapping[str, float]) -> None:
    """A panel a set: each pair's largest distance to a code by way, pairs in the order of the last way's, and
    the reach of the codes.
    """
    import matplotlib.pyplot as plt

    size = (4.6 * len(found), 3.6)
    axes = plt.subplots(1, len(found), figsize=size, layout="constrained", squeeze=False)[1][0]
    for ax, (name, by_way) in zip(axes, found.items(), strict=True):
        order = np.argsort(by_way[list(by_way)[-1]], kind="stable")
        places = np.arange(len(order)) + 1
        for (way, values), colour, marker in zip(
            by_way.items(), palette(len(by_way)), markers(len(by_way)), strict=True
        ):
            ax.plot(places, values[order], marker, color=colour, markerfacecolor="none", label=way)
        ax.axhline(reach[name], color=INK, linewidth=1, linestyle=(0, (1, 2)), label="reach of the codes")
        ax.set(title=name, xlabel="pair", ylabel="largest distance to a code  [1]")
        ax.set_ylim(0, None)
        ax.set_xticks(places[:: max(1, len(places) // 8)])
    axes[0].legend(frameon=False, fontsize="small")


def draw_codes_of_models(codes: Sequence[Points], angle: Values, *, across: int = 4) -> None:
    """The codes (n, 2) of the same data in each model, coloured by the angle (n,) in radians."""
    import matplotlib.pyplot as plt

    down = -(-len(codes) // across)
    fig, axes = plt.subplots(
        down, across, figsize=(2.5 * across + 0.8, 2.5 * down), layout="constrained", squeeze=False
    )
    shown: Any = None
    for k, ax in enumerate(axes.flat):
        if k >= len(codes):
            ax.set_axis_off()
            continue
        shown = ax.scatter(*codes[k].T, c=angle, cmap="twilight_shifted", vmin=0, vmax=2 * np.pi, s=5)
        latent_plane(ax, f"model {k}")
        ax.set_aspect("equal", adjustable="datalim")
        ax.label_outer(remove_inner_ticks=False)
    bar = fig.colorbar(shown, ax=axes, label="angle of the pendulum  [rad]")
    bar.set_ticks([0, np.pi, 2 * np.pi], labels=["0", "π", "2π"])


def draw_variations(variations: Mapping[str, Values]) -> None:
    """Each pair's coefficient of variation by the last kind of distance against that by the others."""
    ax = new_axes(None, size=(5.2, 4.4))
    *others, last = variations
    most = max(float(values.max()) for values in variations.values()) * 1.15
    for name, colour, marker in zip(others, palette(len(others)), markers(len(others)), strict=True):
        ax.plot(variations[name], variations[last], marker, color=colour, markerfacecolor="none", label=name)
    ax.plot([0, most], [0, most], color=INK, linewidth=1, linestyle=(0, (1, 2)), label="as much")
    ax.set(
        xlabel="deviation / mean over models, Euclidean  [1]",
        ylabel=f"deviation / mean over models, {last}  [1]",
    )
    ax.legend(frameon=False, fontsize="small")
