"""Figures of transport and curvature: a vector carried round a sphere, charts, curvature at codes, strips."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ... import plots
from ...latent.pullback import PullbackMetric
from ...latent.translation import parallel_translation, projected
from ...plots.canvas import INK, dots, palette
from ...types import Points, Values
from .closed_geometry import line_and_geodesic
from .magnification_maps import latent_plane
from .moving import gif, pages_of
from .surfaces import latitude, sphere

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Journey", "draw_charts", "draw_curvature", "draw_spread", "journey", "moving_vector"]

_ARROW = 0.7  # of the sphere's radius
_ACROSS = 3  # panels a row
_LINEAR, _MOST = 1.0, 100.0  # K diam^2 up to which the colours are linear, and the scale's end


class Journey(NamedTuple):
    """A vector on its way round a latitude of the sphere, in space, (T + 1, 3) each: where it is, and what
    polar transport and [S18]'s projections, norms not restored, make of it.
    """

    places: Points
    polar: Points
    projected: Points


def journey(angle: float, steps: int) -> Journey:
    """The unit vector that points along the latitude `angle` from the pole, carried round it in `steps`."""
    metric = PullbackMetric(sphere, dim=2)
    loop = latitude(angle, steps)
    v = np.array([0.0, 1.0])
    v = v / metric.speed(loop[:1], v[None])[0]
    polar, ours = [v], [v]
    for k in range(1, steps + 1):
        polar.append(parallel_translation(metric, loop[: k + 1], v))
        theirs = projected(metric, loop[: k + 1], v)
        ours.append(theirs.vector * (1 - theirs.lost))
    push = metric.jacobian(loop)
    arrows = (np.einsum("nDz,nz->nD", push, np.array(vectors)) for vectors in (polar, ours))
    return Journey(metric.image(loop), *arrows)


def moving_vector(of: Journey, *, seconds: float = 6.0, inches: float = 3.6) -> bytes:
    """A GIF of the journey, seen from above the pole, with the angle turned and the norm kept."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(inches, 1.2 * inches), dpi=80, layout="constrained")
    ax = figure.subplots()
    arrows = _scene(ax, of)

    def show(k: int) -> None:
        for arrow, v in zip(arrows, (of.polar[k], of.projected[k]), strict=True):
            arrow.set_offsets(of.places[k, :2])
            arrow.set_UVC(v[0], v[1])
        kept = np.linalg.norm(of.projected[k])
        ax.set_title(f"step {k} of {len(of.places) - 1}; norm kept {kept:.2f}")

    pages = pages_of(
        figure, [*arrows, ax.title], show, len(of.places), lambda page: page.convert("RGB").quantize(32)
    )
    pace = round(1000 * seconds / len(pages))
    return gif(pages, [pace] * (len(pages) - 1) + [5 * pace])  # at the end, where both are compared


def _scene(ax: Axes, of: Journey) -> list[Any]:
    """What stands still, and the two arrows that move."""
    rim = np.linspace(0, 2 * np.pi, 200)
    ax.plot(np.cos(rim), np.sin(rim), color=INK, linewidth=1)
    ax.plot(of.places[:, 0], of.places[:, 1], ":", color=INK, linewidth=1)
    blue, orange = palette(2)
    rows = (
        ("at the start", of.polar, "0.75", 0.022),
        ("polar transport", of.polar, blue, 0.022),
        ("projected, norm not restored", of.projected, orange, 0.011),
    )
    drawn = []
    for name, (v, *_), colour, width in rows:
        away: dict[str, Any] = {"angles": "xy", "scale_units": "xy", "scale": 1 / _ARROW, "width": width}
        x, y = of.places[0, :2]
        drawn.append(ax.quiver(x, y, v[0], v[1], color=colour, label=name, **away))
    ax.set(xlim=(-1.6, 1.6), ylim=(-2.2, 1.6), aspect="equal", xlabel="x₁  [radius]", ylabel="x₂  [radius]")
    ax.legend(loc="lower center", frameon=False, fontsize="small")
    return drawn[1:]


def draw_charts(
    charts: Mapping[str, tuple[Callable[[Any], Any], ArrayLike, Sequence[str]]],
) -> dict[str, float]:
    """A panel a chart of a surface: the straight line between two points (2, 2) and the geodesic; `names` of
    both coordinates label the axes. The lengths' ratio by name.
    """
    import matplotlib.pyplot as plt

    size = (4.4 * len(charts), 3.8)
    axes = plt.subplots(1, len(charts), figsize=size, layout="constrained", squeeze=False)[1][0]
    ratios = {}
    for ax, (name, (surface, ends, (across, up))) in zip(axes, charts.items(), strict=True):
        found = line_and_geodesic(PullbackMetric(surface, dim=2), *np.asarray(ends))
        ratios[name] = float(found["line"].length / found["geodesic"].length)
        ways = {"geodesic": found["geodesic"].points.T, "straight in the chart": found["line"].points.T}
        plots.lines(ways["geodesic"][0], ways, xlabel=across, ylabel=up, legend=ax is axes[0], ax=ax)
        ax.set_title(f"{name}: ratio {ratios[name]:.2f}")
    return ratios


def draw_curvature(at: Mapping[str, tuple[Points, Values]]) -> None:
    """A panel a decoder, three a row: its codes (n, 2), coloured by their curvature times the squared
    diameter, (n,).
    """
    import matplotlib.pyplot as plt
    from matplotlib.colors import SymLogNorm

    across = min(len(at), _ACROSS)
    down = -(-len(at) // across)
    size = (3.4 * across + 0.8, 3.4 * down)
    figure, axes = plt.subplots(down, across, figsize=size, layout="constrained", squeeze=False)
    scale = SymLogNorm(_LINEAR, vmin=-_MOST, vmax=_MOST)
    for ax, (name, (codes, values)) in zip(axes.flat, at.items(), strict=False):
        dots(ax, codes, 22, c=values, norm=scale, cmap="PuOr", edgecolors=INK, linewidths=0.3)
        latent_plane(ax, name)
        ax.set_aspect("equal", adjustable="datalim")
    for ax in axes.flat[len(at) :]:
        ax.set_axis_off()
    figure.colorbar(axes[0, 0].collections[0], ax=axes, label="K · diam²  [1]", extend="both", aspect=30)


def draw_spread(values: Mapping[str, Values], *, sphere: float) -> None:
    """For each decoder |K| diam² of its codes, (n,), in order; a dotted line at a sphere's value."""
    share = {
        name: np.stack([(np.arange(len(v)) + 0.5) / len(v), np.sort(np.abs(v))]) for name, v in values.items()
    }
    x, levels = next(iter(share.values()))[0], {f"a sphere's, {sphere:g}": sphere}
    plots.lines(x, share, xlabel="share of the codes  [1]", ylabel="|K| · diam²  [1]", log="y", levels=levels)
