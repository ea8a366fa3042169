"""Maps of a metric's magnification factor over the codes, and how it goes with the distance to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ... import plots
from ...checks import integer, number
from ...plots.canvas import dots, palette
from ...types import Ints, Points, Riemannian

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["code_box", "code_grid", "distance_correlation", "draw_magnification", "latent_plane"]

_DOT = 3.0


def code_box(codes: Points, middle: float = 1.0) -> NDArray[np.float64]:
    """((x0, x1), (y0, y1)) that holds the middle share of the codes (n, 2) in each coordinate."""
    outside = (1 - number(middle, "middle", above=0, most=1)) / 2
    return np.asarray(np.quantile(codes, [outside, 1 - outside], axis=0).T)


def code_grid(codes: Points, resolution: int, middle: float = 1.0) -> Points:
    """Points of a square grid over `code_box`, (resolution ** 2, 2)."""
    n = integer(resolution, "resolution", least=2)
    sides = [np.linspace(low, high, n) for low, high in code_box(codes, middle)]
    return np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)


def distance_correlation(
    metric: Riemannian, codes: Points, *, resolution: int = 32, middle: float = 1.0
) -> float:
    """Correlation, over a grid of the plane, of the log magnification factor and the distance to the nearest
    code.
    """
    grid = code_grid(codes, resolution, middle)
    return float(np.corrcoef(cKDTree(codes).query(grid)[0], metric.log_volume(grid))[0, 1])


def draw_magnification(
    rows: Mapping[str, Mapping[str, Riemannian]],
    codes: Mapping[str, Points],
    labels: Mapping[str, Ints | None],
    *,
    resolution: int = 60,
) -> None:
    """A row of maps for each set, one a metric, on one colour scale, with the codes (n, 2) on them.

    The box of a row is that of its codes; `labels` (n,), where there are, colour the codes.
    """
    import matplotlib.pyplot as plt

    across = max(len(metrics) for metrics in rows.values())
    size = (5.0 * across, 4.2 * len(rows))
    axes = plt.subplots(len(rows), across, figsize=size, layout="constrained", squeeze=False)[1]
    for row, (name, metrics) in zip(axes, rows.items(), strict=True):
        for ax, (kind, metric) in zip(row, metrics.items(), strict=False):
            plots.density(metric, box=codes[name], resolution=resolution, ax=ax)
            _codes(ax, codes[name], labels[name])
            latent_plane(ax, f"{name}, {kind}")
        maps = [ax.images[0] for ax in row[: len(metrics)]]
        values = np.concatenate([np.ravel(shown.get_array()) for shown in maps])
        for shown in maps:
            shown.set_clim(values.min(), values.max())
        for ax in row[len(metrics) :]:
            ax.set_axis_off()


def latent_plane(ax: Any, title: str) -> None:
    """Name a plane of codes."""
    ax.set(xlabel="z₁  [1]", ylabel="z₂  [1]", title=title)


def _codes(ax: Axes, codes: Points, labels: Ints | None) -> None:
    if labels is None:
        dots(ax, codes, _DOT, color="white", alpha=0.7)
        return
    kinds = np.unique(labels)
    for kind, colour in zip(kinds, palette(len(kinds)), strict=True):
        dots(ax, codes[labels == kind], _DOT, color=colour, label=f"{kind}")
    ax.legend(
        loc="upper left",
        bbox_to_anchor=(0, -0.12),
        ncols=10,
        frameon=False,
        fontsize="x-small",
        markerscale=2,
        handletextpad=0,
        columnspacing=0.8,
    )
