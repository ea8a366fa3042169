"""What every figure shares: a new Axes, the colour-blind safe palette, dots, colour bars, the labelled
plane.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..base.extras import needing
from ..checks import as_points, integer, listed
from ..errors import DataError, InvalidParameter, shown
from ..types import Points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "INK",
    "MANY",
    "as_axes",
    "as_image_shape",
    "as_names",
    "colour_bar",
    "dots",
    "markers",
    "new_axes",
    "palette",
    "planar",
    "plane",
]

MANY = 2000  # more points or edges than this are drawn as pixels, so that a vector file stays small
INK = "#333333"
_WIDEST = 1e300  # an axis is a little wider than what it shows


def new_axes(ax: Axes | None, size: tuple[float, float] = (6.4, 4.8)) -> Axes:
    """`ax`, or that of a new pyplot figure, which a notebook shows by itself."""
    if ax is not None:
        return as_axes(ax)
    with needing("plots need", "plots"):
        import matplotlib.pyplot as plt
        import seaborn as sns
    with sns.axes_style("ticks"), sns.plotting_context("notebook", font_scale=0.95):
        return plt.subplots(figsize=size, layout="constrained")[1]


def as_axes(ax: Any) -> Axes:
    """`ax`, which is matplotlib's. Raises InvalidParameter for anything else, such as an array of them."""
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        raise InvalidParameter(
            f"ax={shown(ax)} is no matplotlib Axes; give one, such as plt.subplots()[1], or leave it out"
        )
    return ax


def as_image_shape(shape: Any) -> tuple[int, int]:
    """(h, w) of a picture that is a row of points. Raises InvalidParameter."""
    sides = shape if isinstance(shape, Sequence) else [shape]
    sides = [integer(side, "image_shape", least=1) for side in sides]
    if len(sides) != 2:
        raise InvalidParameter(f"image_shape={shown(shape)}: give (h, w)")
    return sides[0], sides[1]


def palette(n: int) -> list[Any]:
    """n colours that stay apart for the colour-blind; more than ten come from viridis."""
    with needing("plots need", "plots"):
        import seaborn as sns
    colours: list[Any] = sns.color_palette("colorblind", n) if n <= 10 else sns.color_palette("viridis", n)
    return colours


def markers(n: int) -> list[str]:
    """n markers, so that lines are told apart without colour."""
    return [["o", "s", "^", "D", "v", "P", "X"][i % 7] for i in range(n)]


def as_names(names: Any, n: int, what: str, of: str) -> list[str]:
    """`names`, one for each of n, as texts. Raises DataError."""
    given = [names] if isinstance(names, str) else listed(names)
    if len(given) != n:
        raise DataError(f"there are {len(given)} {what} for {n} {of}; give one for each")
    return [str(name) for name in given]


def dots(ax: Axes, x: Points, size: float, **options: Any) -> None:
    """Scatter of points (n, 2), each of `size` square points."""
    ax.scatter(
        x[:, 0], x[:, 1], size, **({"linewidths": 0, "zorder": 1, "rasterized": len(x) > MANY} | options)
    )


def colour_bar(ax: Axes, drawn: Any, label: str, extend: str = "neither") -> None:
    """A colour bar exactly as high as the Axes, whatever the aspect of the plane."""
    bar = ax.figure.colorbar(drawn, cax=ax.inset_axes((1.03, 0.0, 0.03, 1.0)), label=label, extend=extend)
    bar.outline.set_visible(False)


def plane(ax: Axes) -> Axes:
    """Equal scales and labels with units."""
    ax.set(xlabel="x₁  [length]", ylabel="x₂  [length]")
    ax.set_aspect("equal", adjustable="box")
    return ax


def planar(x: ArrayLike) -> Points:
    """`x` as points (n, 2). Raises DataError that names d and the next step."""
    array = as_points(x)
    if array.shape[1] != 2:
        raise DataError(
            f"a plane figure needs points in R^2, these are in R^{array.shape[1]}; for images "
            "use gk.plots.strip"
        )
    if np.abs(array).max() > _WIDEST:
        raise DataError(
            f"points lie up to {np.abs(array).max():.3g} from 0, where a figure's axes "
            "overflow; divide them by a constant"
        )
    return array
