"""Figures of transport and curvature: a vector carried round a sphere, charts, curvature at codes, strips."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from ... import plots
from ...latent.pullback import PullbackMetric
from ...latent.translation import parallel_translation, projected
from ...plots.canvas import INK, colour_bar, dots, palette
from ...types import Points, Values
from .closed_geometry import line_and_geodesic
from .surfaces import latitude, sphere

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Journey", "draw_charts", "draw_curvature", "draw_rows", "draw_spread", "journey", "moving_vector"]

_ARROW = 0.5  # of the sphere's radius
_LINEAR = 10.0  # K diam^2 up to which the colours are linear: about a sphere's


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
    push = torch.func.jvp
    along = [push(sphere, (torch.tensor(loop),), (torch.tensor(np.array(w)),)) for w in (polar, ours)]
    return Journey(along[0][0].numpy(), along[0][1].numpy(), along[1][1].numpy())


def moving_vector(of: Journey, *, seconds: float = 6.0, inches: float = 3.6) -> bytes:
    """A GIF of the journey, seen from above the pole, with the angle turned and the norm kept.

    Made by Pillow, which matplotlib brings.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image

    figure = Figure(figsize=(inches, inches + 0.5), dpi=80, layout="constrained")
    canvas, ax = FigureCanvasAgg(figure), figure.subplots()
    pages = []
    for k in range(len(of.places)):
        _draw_moment(ax, of, k)
        canvas.draw()
        rgb = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        pages.append(rgb.quantize(32))
    kept, pace = BytesIO(), round(1000 * seconds / len(pages))
    wait = [pace] * (len(pages) - 1) + [5 * pace]  # at the end, where both are compared
    pages[0].save(kept, "GIF", save_all=True, append_images=pages[1:], duration=wait, loop=0)
    return kept.getvalue()


def _draw_moment(ax: Axes, of: Journey, k: int) -> None:
    ax.clear()
    rim = np.linspace(0, 2 * np.pi, 200)
    ax.plot(np.cos(rim), np.sin(rim), color=INK, linewidth=1)
    ax.plot(of.places[:, 0], of.places[:, 1], ":", color=INK, linewidth=1)
    blue, orange = palette(2)
    rows = (
        ("at the start", of.polar[:1], of.places[:1], "0.7"),
        ("projected, norm not restored", of.projected[k : k + 1], of.places[k : k + 1], orange),
        ("polar transport", of.polar[k : k + 1], of.places[k : k + 1], blue),
    )
    for name, v, x, colour in rows:
        away: dict[str, Any] = {"angles": "xy", "scale_units": "xy", "scale": 1 / _ARROW, "width": 0.012}
        ax.quiver(x[:, 0], x[:, 1], v[:, 0], v[:, 1], color=colour, label=name, **away)
    norm = np.linalg.norm(of.projected[k])
    ax.set(
        xlim=(-1.25, 1.25),
        ylim=(-1.25, 1.25),
        aspect="equal",
        xlabel="x₁  [radius]",
        ylabel="x₂  [radius]",
        title=f"step {k} of {len(of.places) - 1}; norm kept {norm:.2f}",
    )
    ax.legend(loc="lower left", frameon=False, fontsize="small")


def draw_charts(charts: Mapping[str, tuple[Callable[[Any], Any], Sequence[Points]]]) -> dict[str, float]:
    """A panel a chart: the straight line between two points (2,) and the geodesic; lengths' ratio by name."""
    import matplotlib.pyplot as plt

    size = (4.4 * len(charts), 3.8)
    axes = plt.subplots(1, len(charts), figsize=size, layout="constrained", squeeze=False)[1][0]
    ratios = {}
    for ax, (name, (surface, ends)) in zip(axes, charts.items(), strict=True):
        found = line_and_geodesic(PullbackMetric(surface, dim=2), *ends)
        ratios[name] = float(found["line"].length / found["geodesic"].length)
        ways = {"geodesic": found["geodesic"].points.T, "straight in the chart": found["line"].points.T}
        plots.lines(ways["geodesic"][0], ways, xlabel="z₁", ylabel="z₂", legend=ax is axes[0], ax=ax)
        ax.set_title(f"{name}: ratio {ratios[name]:.2f}")
    return ratios


def draw_curvature(at: Mapping[str, tuple[Points, Values]]) -> None:
    """A panel a decoder: its codes (n, 2), coloured by their curvature times the squared diameter, (n,)."""
    import matplotlib.pyplot as plt
    from matplotlib.colors import SymLogNorm

    size = (3.5 * len(at) + 0.7, 3.5)
    axes = plt.subplots(1, len(at), figsize=size, layout="constrained", squeeze=False)[1][0]
    scale = SymLogNorm(_LINEAR, vmin=-1000, vmax=1000)
    for ax, (name, (codes, values)) in zip(axes, at.items(), strict=True):
        dots(ax, codes, 16, c=values, norm=scale, cmap="PuOr")
        ax.set(title=name, xlabel="z₁", ylabel="z₂" if ax is axes[0] else "", aspect="equal")
    colour_bar(axes[-1], axes[-1].collections[0], "K · diam²  [1]", extend="both")


def draw_spread(values: Mapping[str, Values], *, sphere: float) -> None:
    """For each decoder |K| diam² of its codes, (n,), in order; a dotted line at a sphere's value."""
    share = {
        name: np.stack([(np.arange(len(v)) + 0.5) / len(v), np.sort(np.abs(v))]) for name, v in values.items()
    }
    levels = {"a sphere's, 4": sphere}
    x = next(iter(share.values()))[0]
    labels = {"xlabel": "share of the codes  [1]", "ylabel": "|K| · diam²  [1]"}
    plots.lines(x, share, log="y", levels=levels, **labels)


def draw_rows(rows: Mapping[str, Points], shape: Sequence[int], *, label: str) -> None:
    """A row of decoded pictures (k, D) a name."""
    pictures = np.array([row.reshape(len(row), *shape) for row in rows.values()])
    plots.strip(np.clip(pictures, 0, 1), list(rows), label=label)
