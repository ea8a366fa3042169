"""Figures in the paper's manner: density maps, geodesics, graphs, convergence, heat maps, image strips; each
takes and returns an Axes. `live_page` writes a page that a browser redraws by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..base.scales import step_lengths
from ..checks import as_labels, as_text, listed
from ..errors import InvalidParameter
from ..geodesics.curve import Geodesic
from ..graph.graph import Graph, as_graph
from ..types import Density, Metric, Points, Riemannian
from .canvas import INK, MANY, colour_bar, dots, new_axes, palette, planar, plane
from .density_maps import density
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
    """Scatter of embedded points; its axes have no units and no marks, since only nearness means anything
    (Fig 7).

    Parameters
    ----------
    z : array (n, 2)
        Points.
    labels : array (n,), optional
        They colour the points.
    name : str, default "t-SNE"
        Of the axes.
    ax : matplotlib.axes.Axes, optional
        That of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    DataError
        Where d is not 2.

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
    """Geodesics, or any curves, over the points of a graph and over the map of a density (Figs 1 and 2).

    Parameters
    ----------
    graph : Graph, array (n, 2) or None
        A graph, or its points.
    paths : dict or list of Geodesic or array (k, 2)
        A dict names its curves in the legend.
    labels : array (n,), optional
        They colour the points.
    density : Density, Metric or Riemannian, optional
        What `gk.plots.density` maps beneath them.
    resolution : int, default 200
        Columns of that map, from 2 to 4,000.
    ax : matplotlib.axes.Axes, optional
        That of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    DataError
        Where d is not 2.

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
