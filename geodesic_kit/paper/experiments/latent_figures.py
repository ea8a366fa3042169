"""Figures of paths between codes: on the map, what they decode to, how fast they run, how long they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import plots
from ...geodesics.curve import Geodesic
from ...plots.canvas import new_axes, palette
from ...types import Points, Riemannian, Values
from .latent_lengths import WAYS, Ways, speed, speed_variations
from .magnification_maps import latent_plane
from .moving import gif, pages_of
from .panels import panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_latent_paths", "draw_ratios", "draw_speeds", "moving_pictures", "picture_rows", "uneven"]

_RESOLUTION = 40  # of a map below paths
_SLOWEST = 0.05  # share of the mean speed from which on it is drawn
_TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_TIME, _SPEED = "time t  [1]", "speed / mean speed  [1]"


def uneven(ways: Ways) -> int:
    """The pair whose straight line's speed varies as the median pair's does."""
    variations = speed_variations(ways.straight)
    return int(np.argsort(variations)[len(variations) // 2])


def draw_latent_paths(
    paths: Mapping[str, Mapping[str, Geodesic]],
    metrics: Mapping[str, Riemannian],
    codes: Mapping[str, Points],
    *,
    size: tuple[float, float] = (5.4, 4.6),
) -> None:
    """A panel a set: its paths by way over the map of its metric, with the codes (n, 2)."""

    def one(ax: Axes, name: str) -> None:
        plots.geodesics(codes[name], paths[name], density=metrics[name], resolution=_RESOLUTION, ax=ax)
        latent_plane(ax, "")
        ax.set_title(name, pad=24)  # above the legend

    panels(one, list(paths), across=len(paths), size=size)


def draw_speeds(found: Mapping[str, Mapping[str, Geodesic]]) -> None:
    """A panel a set: the speed of each path, over its mean, against time."""
    speeds = {name: {way: _speeds(path) for way, path in of.items()} for name, of in found.items()}
    every = np.concatenate([row[1] for of in speeds.values() for row in of.values()])
    limits = max(_SLOWEST, every.min() / 1.1), every.max() * 1.1
    most = [name for name in found if len(found[name]) == max(map(len, found.values()))][:1]

    def one(ax: Axes, name: str) -> None:
        shown = speeds[name]
        time = next(iter(shown.values()))[0]
        plots.lines(time, shown, xlabel=_TIME, ylabel=_SPEED, log="y", legend=[name] == most, ax=ax)
        ax.set_ylim(limits)
        ax.set_yticks([tick for tick in _TICKS if limits[0] <= tick <= limits[1]])
        ax.yaxis.set_major_formatter("{x:g}")
        ax.minorticks_off()

    panels(one, list(found), across=len(found), size=(4.6, 3.6), shared=True)


def _speeds(path: Geodesic) -> Values:
    values = speed(path)
    middles = (np.arange(len(values)) + 0.5) / len(values)
    return np.stack([middles, values / values.mean()])


def draw_ratios(found: Mapping[str, Ways]) -> None:
    """A panel a set: each pair's lengths over its straight line's, against that line's length."""
    least = min(ways.ratios(way).min() for ways in found.values() for way in WAYS[1:])

    def one(ax: Axes, name: str) -> None:
        ways = found[name]
        for way, colour, marker, big in zip(WAYS[1:], palette(2), "ox", (7, 5), strict=True):
            style: Any = {"markerfacecolor": "none", "markersize": big, "label": way}
            ax.plot(ways.lengths("straight"), ways.ratios(way), marker, color=colour, **style)
        ax.axhline(1, color="#333333", linewidth=1, linestyle=(0, (1, 2)))
        ax.set(xlabel="length of the straight line  [units of the data]")
        ax.set_ylim(1 - 1.08 * (1 - least), 1 + 0.08 * (1 - least))

    panels(
        one,
        list(found),
        across=len(found),
        size=(4.6, 3.8),
        ylabel="length / straight line's  [1]",
        legend=True,
    )


def moving_pictures(
    ways: Mapping[str, Points], shape: Sequence[int], *, seconds: float = 4.0, inches: float = 1.6
) -> bytes:
    """A GIF that goes there and back along the frames (n, d) of each way, side by side, with the fraction of
    the path.
    """
    from matplotlib.figure import Figure

    frames = {way: 1 - np.clip(of, 0, 1).reshape(len(of), *shape) for way, of in ways.items()}
    count = len(next(iter(frames.values())))
    figure = Figure(figsize=(inches * len(ways), inches + 0.5), dpi=80, layout="constrained")
    axes = np.ravel(figure.subplots(1, len(ways), squeeze=False))
    images = []
    for ax, (way, of) in zip(axes, frames.items(), strict=True):
        images.append(ax.imshow(of[0], cmap="gray", vmin=0, vmax=1, interpolation="nearest"))
        ax.set(title=way, xticks=[], yticks=[])
    told = figure.supxlabel(" ", fontsize="medium")

    def show(k: int) -> None:
        for image, of in zip(images, frames.values(), strict=True):
            image.set_data(of[k])
        told.set_text(f"fraction of the path: {k / max(count - 1, 1):.2f}")

    frame = [spine for ax in axes for spine in ax.spines.values()]  # over the pictures
    pages = pages_of(figure, [*images, *frame, told], show, count, lambda page: page.convert("L"))
    loop = pages + pages[-2:0:-1]
    return gif(loop, max(20, round(1000 * seconds / len(loop))))


def picture_rows(
    ways: Mapping[str, Points], shape: Sequence[int], *, label: str, ax: Axes | None = None
) -> None:
    """A row of decoded pictures (n, d) a way."""
    rows = np.array([of.reshape(len(of), *shape) for of in ways.values()])
    size = (0.7 * rows.shape[1] + 1.2, 0.8 * len(rows) + 0.7)
    plots.strip(rows, list(ways), label=label, ax=new_axes(ax, size=size))
