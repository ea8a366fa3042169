"""README's moving figure: `python -m geodesic_kit.paper.experiments.make_animation` writes docs/geodesic.gif
in a clone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...base.files import make_folder, write_bytes
from ...geodesics.between import geodesic
from ...geodesics.curve import Geodesic
from ...graph.by_rule import epsilon_graph
from ...graph.suggest import suggest_graph
from ...metric.generative import GenerativeMetric
from ...plots import density as density_map
from ...registry import densities
from ...types import Density, Values
from .moving import gif, pages_of

__all__ = ["make_animation"]

_BOX, _P0 = 2.0, 0.5  # half a side; above the highest density: the setting of notebook 2.1
_ENDS = np.array([[-1.3, -0.2], [1.2, -0.1]])
_FRAME, _REST = 90, 1200  # milliseconds of a frame, and of the first and last
_COLOURS = 128
_CURVE = "#d55e00"  # vermilion, which the colour-blind tell from the map; edged in white


def make_animation(path: str | Path, *, n: int = 2000, frames: int = 28, seed: int = 0) -> Path:
    """A GIF at `path`: the geodesic between two points of a mixture as lam grows from .01, where it follows
    the ridge, to 10, where it is nearly straight, and back. Half a minute of CPU.
    """
    along = np.linspace(-1.3, 1.3, 7)
    ridge = np.stack([along, 0.8 - 0.75 * along**2], axis=1)
    mog = densities["mog"](means=ridge, covariances=0.1)
    x = np.concatenate([_ENDS, np.random.default_rng(seed).uniform(-_BOX, _BOX, (n, 2))])
    graph = epsilon_graph(x, eps=suggest_graph(x).eps)
    lams = np.logspace(-2, 1, frames)
    paths = [geodesic(graph.weigh(GenerativeMetric(mog, lam=lam, p0=_P0)), 0, 1, refine=True) for lam in lams]
    pages = _pages(mog, paths, lams)
    waits = [_REST, *[_FRAME] * (frames - 2)]
    place = Path(path)
    make_folder(place.parent)
    write_bytes(place, gif([*pages, *pages[-2:0:-1]], waits + waits))
    return place


def _pages(density: Density, paths: Sequence[Geodesic], lams: Values) -> list[object]:
    from matplotlib.figure import Figure
    from matplotlib.patheffects import Stroke, withStroke

    figure = Figure((5.6, 5.0), dpi=80)
    ax = figure.add_axes((0.12, 0.25, 0.68, 0.7))
    slider = figure.add_axes((0.12, 0.11, 0.68, 0.03))
    density_map(density, [(-_BOX, _BOX), (-1.5, 1.5)], ax=ax)
    halo = [withStroke(linewidth=5, foreground="white")]
    (curve,) = ax.plot([], [], color=_CURVE, linewidth=2.6, path_effects=halo, solid_capstyle="round")
    ax.plot(*_ENDS.T, ":", color="white", linewidth=1.4)
    (ends,) = ax.plot(*_ENDS.T, "o", color="white", markeredgecolor="black", markersize=8)
    told = ax.set_title("", fontsize=11)
    slider.set(xscale="log", xlim=(lams[0], lams[-1]), ylim=(-1, 1), yticks=[])
    slider.set_xlabel("λ  [density: 1/length²]")
    slider.spines[["left", "right", "top", "bottom"]].set_visible(False)
    slider.axhline(0, color="0.75", linewidth=4, path_effects=[Stroke(capstyle="round")])
    (knob,) = slider.plot([], [], "o", color=_CURVE, markersize=12, clip_on=False)
    straight = float(np.linalg.norm(_ENDS[1] - _ENDS[0]))

    def show(k: int) -> None:
        curve.set_data(*paths[k].at(np.linspace(0, 1, 200), by="euclidean").T)
        knob.set_data([lams[k]], [0])
        detour = paths[k].euclidean_length / straight - 1
        told.set_text(f"λ = {lams[k]:.2g}: the geodesic is {100 * detour:.1f} % longer than a straight line")

    moving = [curve, ends, knob, told]
    return pages_of(
        figure, moving, show, len(paths), lambda page: page.convert("RGB").quantize(_COLOURS, kmeans=1)
    )


if __name__ == "__main__":
    print(f"wrote {make_animation(Path('docs') / 'geodesic.gif')}")
