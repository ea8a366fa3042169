"""Figures in the paper's manner: density maps, geodesics, graphs, convergence, heat maps, image strips; each
takes and returns an Axes. `live_page` writes a page that a browser redraws by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.scales import step_lengths
from ..checks import as_labels, as_text, integer, listed, number, reals
from ..checks.memory import within
from ..density.answers import drawn, log_density
from ..errors import DataError, InvalidParameter, shown
from ..geodesics.curve import Geodesic
from ..graph.graph import Graph, as_graph
from ..types import Density, Metric, Points, Riemannian, Samples, Values
from .canvas import INK, MANY, colour_bar, dots, new_axes, palette, planar, plane
from .heat_maps import affinity, heat_map
from .lines import lines
from .live.page import live_page
from .pictures import strip
from .slopes import convergence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "affinity",
    "convergence",
    "density",
    "embedding",
    "geodesics",
    "graph",
    "heat_map",
    "lines",
    "live_page",
    "points",
    "strip",
]

_MOST_ROWS = 20_000  # of a map of the plane
_A_PIXEL = 80  # bytes: its place, its value, and what a density makes of them and a figure (measured: 64)


def density(
    obj: Density | Metric | Riemannian,
    box: ArrayLike | None = None,
    *,
    resolution: int = 200,
    floor: float = 12.0,
    ax: Axes | None = None,
) -> Axes:
    """Map of log p of a density, of log c of a conformal metric, or of any other's log magnification factor,
    over a box of the plane.

    `box` is ((x0, x1), (y0, y1)) or points (n, 2) to frame; by default what the Axes shows, else the
    density's own draws. log p further than `floor` below its maximum is drawn as the darkest colour. Raises
    DataError where d is not 2.

    Examples
    --------
    >>> ax = gk.plots.density(gk.datasets.load("two_moons", n=400, seed=0).density)
    """
    mapped = None if isinstance(obj, type) else _mapped(obj)
    if mapped is None:
        raise InvalidParameter(
            f"{shown(obj)} is neither a density nor a Riemannian metric; give one, such "
            "as gk.as_density(f, dim=2)"
        )
    source = obj.density if hasattr(obj, "density") else obj
    dim = getattr(source, "dim", 2)
    if dim != 2:
        raise DataError(
            f"a map needs points in R^2, this density lives in R^{dim}; for images use gk.plots.strip"
        )
    (x0, x1), (y0, y1) = _frame(source, box, ax)
    ax = new_axes(ax)
    n = integer(resolution, "resolution", least=2, most=4000)
    with np.errstate(over="ignore"):
        tall = n * (y1 - y0) / (x1 - x0)
    if not tall <= _MOST_ROWS:
        raise DataError(
            f"the box from {x0:.4g}, {y0:.4g} to {x1:.4g}, {y1:.4g} is so narrow that "
            f"{tall:.3g} rows would fill it; give box="
        )
    xs, ys = np.linspace(x0, x1, n), np.linspace(y0, y1, max(2, round(tall)))
    with within(_A_PIXEL * n * len(ys), f"maps of {n:,} by {len(ys):,} points", "give a smaller resolution="):
        grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
        values = mapped.values(grid).reshape(len(ys), n)
    floor = number(floor, "floor", above=0)
    low = None if mapped.is_metric else max(float(values.min()), float(values.max()) - floor)
    image = ax.imshow(
        values,
        interpolation="bilinear",
        extent=(x0, x1, y0, y1),
        origin="lower",
        cmap="viridis" if mapped.is_metric else "cividis",
        vmin=low,
        aspect="equal",
        zorder=0,
    )
    colour_bar(
        ax,
        image,
        mapped.label,
        extend="neither" if mapped.is_metric else "min",
    )
    return plane(ax)


class _Mapped(NamedTuple):
    """What a map shows of an object: values at points (n, 2) -> (n,), and what they are."""

    values: Callable[[Points], Values]
    label: str
    is_metric: bool


def _mapped(obj: Any) -> _Mapped | None:
    if callable(getattr(obj, "log_factor", None)):
        return _Mapped(obj.log_factor, "log c(x)", True)
    if isinstance(obj, Riemannian):
        return _Mapped(obj.log_volume, "log √det G(z)", True)
    if isinstance(obj, Density):
        return _Mapped(lambda x: log_density(obj, x), "log p(x)  [log 1/length²]", False)
    return None


def points(x: ArrayLike, labels: ArrayLike | None = None, *, ax: Axes | None = None) -> Axes:
    """Scatter of points (n, 2), coloured by their labels (n,). Raises DataError where d is not 2."""
    x = planar(x)
    named = None if labels is None else as_labels(labels, len(x))
    ax = new_axes(ax)
    size = float(np.clip(6000 / len(x), 3, 24))
    if named is None:
        dots(ax, x, size, color=INK, alpha=0.45)
        return plane(ax)
    names, classes = named
    for which, (colour, name) in enumerate(zip(palette(len(names)), names, strict=True)):
        dots(ax, x[classes == which], size, color=colour, alpha=0.8, label=f"class {name}")
    return plane(ax)


def embedding(
    z: ArrayLike, labels: ArrayLike | None = None, *, name: str = "t-SNE", ax: Axes | None = None
) -> Axes:
    """Scatter of embedded points z (n, 2), coloured by their labels (n,); its axes have no units and no
    marks, since only nearness means anything (Fig 7). Raises DataError where d is not 2.

    Examples
    --------
    >>> ax = gk.plots.embedding(np.eye(2), labels=[0, 1])
    """
    name = as_text(name, "name")
    ax = points(z, labels, ax=ax)
    ax.set(xlabel=f"{name} 1", ylabel=f"{name} 2", xticks=[], yticks=[])
    ax.set_aspect("equal", adjustable="datalim")
    return ax


def graph(graph: Graph, *, ax: Axes | None = None) -> Axes:
    """Vertices and edges of a graph in the plane (Fig 3); a weighed one's edges are coloured by their mean
    factor c.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.colors import LogNorm

    x = planar(as_graph(graph, "plots.graph").points)
    ax = new_axes(ax)
    drawn_edges = LineCollection(
        list(x[graph.edges]), linewidths=float(np.clip(3000 / max(graph.m, 1), 0.25, 1.0)), zorder=0.5
    )
    drawn_edges.set_rasterized(graph.m > MANY)
    mean_c = None if graph.weights is None else graph.weights / step_lengths(*x[graph.edges].swapaxes(0, 1))
    if mean_c is not None and len(mean_c) and mean_c.max() > mean_c.min() * (1 + 1e-9):
        drawn_edges.set(array=mean_c, cmap="viridis", norm=LogNorm())
        colour_bar(ax, drawn_edges, "mean c along the edge")
    else:
        drawn_edges.set(color="#7a7a7a", alpha=0.6)
    ax.add_collection(drawn_edges)
    dots(ax, x, float(np.clip(6000 / len(x), 2, 20)), color=INK)
    return plane(ax)


def geodesics(
    graph: Graph | ArrayLike | None,
    paths: Mapping[str, Geodesic | ArrayLike] | Sequence[Geodesic | ArrayLike],
    labels: ArrayLike | None = None,
    *,
    density: Density | Metric | Riemannian | None = None,
    resolution: int = 200,
    ax: Axes | None = None,
) -> Axes:
    """Geodesics, or any curves (k, 2), over the points of a graph and over the map of `density` (Figs 1 and
    2).

    A dict names its curves in the legend; `labels` (n,) colour the points. Raises DataError where d is not 2.

    Examples
    --------
    >>> x = gk.datasets.load("two_moons", n=400, seed=0).x
    >>> metric = gk.GenerativeMetric.from_sample(gk.densities["mog"].fit(x, seed=0, n_components=8), x)
    >>> graph = gk.suggest_graph(x).build(x).weigh(metric)
    >>> ax = gk.plots.geodesics(graph, [gk.geodesic(graph, 0, 1)])
    """
    # "_" keeps a name out of the legend
    named = paths if isinstance(paths, Mapping) else {f"_{i}": path for i, path in enumerate(listed(paths))}
    curves = {
        name: planar(path.points if isinstance(path, Geodesic) else path) for name, path in named.items()
    }
    vertices = None if graph is None else planar(graph.points if isinstance(graph, Graph) else graph)
    if vertices is None and not curves:
        raise InvalidParameter("there is nothing to draw: give a graph, its points, or at least one path")
    ax = new_axes(ax)
    if density is not None:
        _this_density(
            density,
            np.concatenate([*curves.values(), *([] if vertices is None else [vertices])]),
            resolution=resolution,
            ax=ax,
        )
    if vertices is not None:
        if labels is None and density is not None:
            dots(ax, vertices, float(np.clip(4000 / len(vertices), 1.5, 10)), color="white", alpha=0.55)
        else:
            points(vertices, labels, ax=ax)
    _curves(ax, curves)
    return plane(ax)


_this_density = density  # `geodesics` has a keyword of that name


def _curves(ax: Axes, curves: Mapping[str, Points]) -> None:
    from matplotlib.patheffects import Normal, Stroke

    halo = [Stroke(linewidth=4.5, foreground="white"), Normal()]  # keeps a line legible on any map
    order = [3, 2, 4, 9, 1, 8, 6, 0, 5, 7]  # neighbours stay apart, and the first ones stand out on cividis
    colours = palette(10)
    styles = ["-", "--", "-.", ":"]  # told apart without colour too
    for i, (name, curve) in enumerate(curves.items()):
        colour, style = colours[order[i % len(order)]], styles[i % len(styles)]
        ax.plot(*curve.T, style, color=colour, linewidth=2.4, label=name, path_effects=halo, zorder=3)
    if curves:
        ends = np.concatenate([curve[[0, -1]] for curve in curves.values()])
        dots(ax, np.unique(ends, axis=0), 42, facecolor="white", edgecolor="black", linewidths=1.2, zorder=4)
    if any(not name.startswith("_") for name in curves):
        columns = min(len(curves), 3)  # above the plane, where it covers nothing
        ax.legend(
            loc="lower center",
            bbox_to_anchor=(0.5, 1.0),
            ncols=columns,
            frameon=False,
            fontsize="small",
            handlelength=2.6,
        )


def _frame(source: Any, box: ArrayLike | None, ax: Axes | None) -> NDArray[np.float64]:
    """((x0, x1), (y0, y1)) to draw, padded where it comes from points."""
    if box is None:
        if ax is not None and ax.has_data():
            return np.array([ax.get_xlim(), ax.get_ylim()], dtype=float)
        if not isinstance(source, Samples):
            raise InvalidParameter(
                "what part of the plane to draw is not known: give box=((x0, x1), (y0, y1)) or box=points"
            )
        box = drawn(source, 500, 0, 2)
    given = reals(box, "box", give="give ((x0, x1), (y0, y1)) or points (n, 2)")
    if given.shape == (2, 2) and np.isfinite(given).all() and (given[:, 0] < given[:, 1]).all():
        return given
    x = planar(given)
    low, high = x.min(axis=0), x.max(axis=0)
    pad = 0.08 * max(float((high - low).max()), 1e-9)
    return np.stack([low - pad, high + pad], axis=1)
