"""Maps of a metric's magnification factor over the codes, and how it goes with the distance to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ... import plots
from ...checks import integer, number
from ...errors import DataError
from ...plots.canvas import dots, palette
from ...types import Ints, Points, Riemannian
from .panels import panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "code_box",
    "code_grid",
    "distance_correlation",
    "draw_magnification",
    "latent_plane",
    "share_beyond",
]

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


def share_beyond(codes: Points, reach: float, *, resolution: int = 32, middle: float = 1.0) -> float:
    """Share of the points of `code_grid` that lie farther than `reach` from every code."""
    grid = code_grid(codes, resolution, middle)
    return float((cKDTree(codes).query(grid)[0] > reach).mean())


def draw_magnification(
    rows: Mapping[str, Mapping[str, Riemannian]],
    codes: Mapping[str, Points],
    labels: Mapping[str, Ints | None],
    *,
    resolution: int = 40,
) -> None:
    """A row of maps for each set, one a metric, on one colour scale, with the codes (n, 2) on them.

    The box of a row is that of its codes; `labels` (n,), where there are, colour the codes.
    """
    across = max(len(metrics) for metrics in rows.values())
    if any(len(metrics) < across for metrics in rows.values()):
        raise DataError("a row has fewer metrics than another: give each set as many")
    shown: dict[str, list[Any]] = {name: [] for name in rows}

    def one(ax: Axes, name: str, kind: str) -> None:
        plots.density(rows[name][kind], box=codes[name], resolution=resolution, ax=ax)
        _codes(ax, codes[name], labels[name])
        latent_plane(ax, f"{name}, {kind}")
        shown[name].append(ax.images[0])

    panels(one, [(name, kind) for name in rows for kind in rows[name]], across=across, size=(5.0, 4.2))
    for maps in shown.values():
        values = np.concatenate([np.ravel(image.get_array()) for image in maps])
        for image in maps:
            image.set_clim(values.min(), values.max())


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
