"""The explorer's picture: what stands still is drawn once, the curves anew over it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...density.answers import log_density
from ...geodesics.curve import Geodesic
from ...graph.graph import Graph
from ...types import Density, Points
from .curves import EUCLIDEAN, GEODESIC, PLACES, REFINED, STRAIGHT
from .frames import FRAMES, draw_frames
from .given import Given
from .planes import Plane

__all__ = ["DRAWN", "Picture", "png_of", "swatches"]

DRAWN = 5000  # points and no more than so many edges times four, a random part of more
_EDGES = 20_000
_RESOLUTION, _FLOOR = 140, 12.0
_LOW = 0.05  # of the points, whose log p is drawn as the darkest colour
_DPI = 100
# name -> its place in the colour-blind safe palette and its dash, so that each is told apart without colour
_STYLES: dict[str, tuple[int, Any]] = {
    GEODESIC: (3, "-"),
    REFINED: (9, ":"),
    EUCLIDEAN: (2, "--"),
    STRAIGHT: (4, "-."),
}
_DASHES = {"-": "", ":": "2,3", "--": "8,4", "-.": "8,3,2,3"}
_UPWARDS = (STRAIGHT, EUCLIDEAN, GEODESIC, REFINED)  # the last one lies on top


class Picture:
    """Points of a plane with their density, the key to the curves, and below them pictures along these where
    a row is one; `with_curves` gives a PNG.
    """

    def __init__(
        self, data: Given, density: Density, plane: Plane, names: Sequence[str], graph: Graph | None = None
    ) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self._data, self._plane = data, plane
        pictures = data.image_shape is not None
        below = (0.42 * len(names) + 0.5) if pictures else 0.0
        figure = Figure(figsize=(7.0, 4.0 + below), dpi=_DPI, layout="constrained")
        if pictures:
            self.ax, self._below = figure.subplots(2, 1, height_ratios=(4.0, below))
        else:
            self.ax, self._below = figure.subplots(), None
        self._canvas = FigureCanvasAgg(figure)
        self._styles = _styles()
        self._draw_still(density, graph, names)
        self._settle(names)

    def with_curves(self, curves: Mapping[str, Geodesic], ends: tuple[int, int]) -> bytes:
        """The picture with these curves and their two ends, as PNG."""
        self._canvas.restore_region(self._still)
        for name in _UPWARDS:
            if name not in curves:
                continue
            curve = curves[name]
            corners = curve.points if self._plane.whole else curve.at(PLACES, by="euclidean")
            if curve.indices is not None and not self._plane.whole:
                corners = _with_vertices(corners, curve)
            line = self._line(name, self._plane.move(corners))
            self.ax.add_line(line)
            self.ax.draw_artist(line)
            line.remove()
        self._draw_ends(ends)
        if self._below is not None and curves:
            self._draw_rows(curves)
        return png_of(np.asarray(self._canvas.buffer_rgba()))

    def nearest(self, across: float, down: float) -> int | None:
        """The point drawn next to a place of the picture, in fractions of its width and height from the upper
        left corner; None outside the plane.
        """
        width, height = self._canvas.get_width_height()
        clicked = np.array([across * width, (1 - down) * height])
        if not self.ax.bbox.contains(*clicked):
            return None
        places = self.ax.transData.transform(self._plane.places[self._drawn])
        return int(self._drawn[np.square(places - clicked).sum(axis=1).argmin()])

    def place(self, vertex: int) -> tuple[float, float]:
        """Where a point lies in the picture, in fractions of its width and height from the upper left
        corner.
        """
        width, height = self._canvas.get_width_height()
        x, y = self.ax.transData.transform(self._plane.places[vertex])
        return float(x / width), float(1 - y / height)

    def _draw_still(self, density: Density, graph: Graph | None, names: Sequence[str]) -> None:
        from ... import plots

        places = self._plane.places
        some = (
            np.random.default_rng(0).choice(len(places), DRAWN, replace=False)
            if len(places) > DRAWN
            else None
        )
        self._drawn = np.arange(len(places)) if some is None else np.sort(some)
        seen = places[self._drawn]
        size = float(np.clip(4000 / len(seen), 1.5, 12))
        if self._plane.whole:
            plots.density(density, box=places, resolution=_RESOLUTION, ax=self.ax)
            plots.canvas.dots(self.ax, seen, size, color="white", alpha=0.55)
        else:
            log_p = log_density(density, self._data.x[self._drawn])
            low = float(np.quantile(log_p, _LOW))
            dots = self.ax.scatter(*seen.T, 2 * size, log_p, cmap="cividis", vmin=low, linewidths=0, zorder=1)
            plots.canvas.colour_bar(self.ax, dots, "log p(x)", extend="min")
        self.ax.set(xlabel=self._plane.labels[0], ylabel=self._plane.labels[1])
        self.ax.set_aspect(
            "equal" if self._plane.equal else "auto", adjustable="box" if self._plane.whole else "datalim"
        )
        if self._plane.labels[0].startswith("t-SNE"):
            self.ax.set(xticks=[], yticks=[])
        if graph is not None:
            self._draw_graph(graph)
        self.ax.legend(
            handles=[self._line(name, np.zeros((1, 2))) for name in names],
            loc="lower center",
            bbox_to_anchor=(0.5, 1.0),
            ncols=len(names),
            frameon=False,
            fontsize="small",
            handlelength=2.6,
        )

    def _draw_graph(self, graph: Graph) -> None:
        from matplotlib.collections import LineCollection

        edges = graph.edges
        if len(edges) > _EDGES:
            edges = edges[np.random.default_rng(0).choice(len(edges), _EDGES, replace=False)]
        colour = "white" if self._plane.whole else "#7a7a7a"
        lines = LineCollection(
            list(self._plane.places[edges]), linewidths=0.3, color=colour, alpha=0.5, zorder=0.5
        )
        self.ax.add_collection(lines, autolim=False)

    def _settle(self, names: Sequence[str]) -> None:
        """Draw what stands still, and keep it; the layout stays as it is from then on."""
        if self._below is not None:
            assert self._data.image_shape is not None
            blank = np.zeros((FRAMES, self._data.x.shape[1]))
            draw_frames(dict.fromkeys(names, blank), self._data.x, self._data.image_shape, self._below)
        figure = self._canvas.figure
        self._canvas.draw()
        self.ax.autoscale(False)  # curves do not move the view
        figure.set_layout_engine("none")
        if self._below is not None:
            self._below.set_visible(False)
            self._canvas.draw()
            self._below.set_visible(True)
        self._still = self._canvas.copy_from_bbox(figure.bbox)

    def _draw_ends(self, ends: tuple[int, int]) -> None:
        from matplotlib.patheffects import withStroke

        for which, end in enumerate(dict.fromkeys(ends)):
            x, y = self._plane.places[end]
            dot = self.ax.scatter(
                [x], [y], 42, facecolor="white", edgecolor="black", linewidths=1.2, zorder=4
            )
            name = self.ax.annotate(
                "AB"[which],
                (x, y),
                (6, 6),
                textcoords="offset points",
                fontsize=11,
                fontweight="bold",
                path_effects=[withStroke(linewidth=3, foreground="white")],
                annotation_clip=False,
            )
            for artist in (dot, name):
                self.ax.draw_artist(artist)
                artist.remove()

    def _draw_rows(self, curves: Mapping[str, Geodesic]) -> None:
        t = np.linspace(0, 1, FRAMES)
        self._below.clear()
        frames = {name: curve.at(t) for name, curve in curves.items()}
        draw_frames(frames, self._data.x, self._data.image_shape, self._below)
        self._canvas.figure.draw_artist(self._below)

    def _line(self, name: str, places: Points) -> Any:
        from matplotlib.lines import Line2D
        from matplotlib.patheffects import Normal, Stroke

        colour, dash = self._styles[name]
        halo = [Stroke(linewidth=4.5, foreground="white"), Normal()]  # keeps a line legible on any map
        return Line2D(
            *places.T, linestyle=dash, color=colour, linewidth=2.4, label=name, path_effects=halo, zorder=3
        )


def png_of(pixels: NDArray[np.uint8]) -> bytes:
    """Pixels (h, w, 4) as PNG, as fast as it goes."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels[..., :3]).save(buffer, "png", compress_level=1)
    return buffer.getvalue()


def swatches() -> dict[str, str]:
    """HTML of a short line for each curve, in its colour and dash."""
    from matplotlib.colors import to_hex

    return {
        name: f"<svg width='30' height='8' aria-hidden='true'><line x1='1' x2='28' y1='4' y2='4' "
        f"stroke='{to_hex(colour)}' stroke-width='3' stroke-dasharray='{_DASHES[dash]}'/></svg> "
        for name, (colour, dash) in _styles().items()
    }


def _styles() -> dict[str, tuple[Any, Any]]:
    from ..canvas import palette

    colours = palette(10)
    return {name: (colours[place], dash) for name, (place, dash) in _STYLES.items()}


def _with_vertices(corners: Points, curve: Geodesic) -> Points:
    """Samples of a path, its vertices among them in their order, so that no corner is cut."""
    steps = np.linalg.norm(np.diff(curve.points, axis=0), axis=1)
    passed = np.concatenate([[0.0], np.cumsum(steps)]) / max(float(steps.sum()), np.finfo(float).tiny)
    order = np.argsort(np.concatenate([PLACES, passed]), kind="stable")
    return np.concatenate([corners, curve.points])[order]
