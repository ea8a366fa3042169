"""What the explorer shows, without a browser: a data set with its density, the graph over it, and one picture
of three curves.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...checks import index, seeded
from ...datasets import Dataset
from ...density.along_edges import LogDensityOnEdges
from ...density.answers import log_density
from ...density.as_density import as_density
from ...errors import ContrastWarning, DataError, GeodesicKitError, InvalidParameter
from ...geodesics.between import geodesic
from ...geodesics.curve import Geodesic, measured
from ...graph.by_rule import epsilon_graph, knn_graph
from ...graph.graph import Graph
from ...graph.suggest import suggest_graph
from ...metric.generative import EuclideanMetric, GenerativeMetric
from ...registry import densities
from ...types import Density, Ints, Points, Values
from .shown import FRAMES, draw_frames, rows_shown

__all__ = ["Linked", "Scene", "View", "draw", "link", "scene"]

_PIECES = 8  # of the trapezoid that chooses the path; the lengths shown are integrated to 1e-6
_GROW = 1.12


@dataclass(frozen=True, eq=False)
class Scene:
    """Points (n, d) with a density, the end points and parameters to start from, and the order in which a
    slider visits the points.
    """

    name: str
    points: Points
    density: Density
    image_shape: tuple[int, int] | None
    order: Ints
    ends: tuple[int, int]
    metric: GenerativeMetric
    eps: float
    k: int

    def with_parameters(self, log_lam: float, log_p0: float) -> GenerativeMetric:
        """The metric of this scene at other parameters; its power stays."""
        return GenerativeMetric(self.density, log_lam=log_lam, log_p0=log_p0, power=self.metric.power)


@dataclass(frozen=True, eq=False)
class Linked:
    """A graph over the scene's points, Euclidean weights (m,), and log p at the trapezoid's nodes of every
    edge, (m, 9).
    """

    graph: Graph
    lengths: Values
    log_p: NDArray[np.float64]

    def weigh(self, metric: GenerativeMetric) -> Graph:
        """The graph under `metric`: nothing is evaluated anew, so that a slider can follow. Raises
        GraphError.
        """
        with np.errstate(over="ignore"):
            c = np.exp(metric.log_c(self.log_p))
        return replace(self.graph, weights=self.lengths * np.trapezoid(c, axis=1) / _PIECES, metric=metric)


@dataclass(frozen=True, eq=False)
class View:
    """A PNG picture, the curves in it by name, and a message where one could not be drawn."""

    png: bytes
    curves: dict[str, Geodesic]
    metric: GenerativeMetric
    message: str = ""

    @property
    def table(self) -> str:
        """HTML table of the curves: length under the metric, Euclidean length, lowest log p."""
        head = "".join(
            f"<th style='text-align:right;padding:0 10px'>{text}</th>"
            for text in ("length", "Euclidean", "lowest log p")
        )
        rows = "".join(
            f"<tr><td style='padding-right:10px'>{escape(name)}</td>"
            + "".join(
                f"<td style='text-align:right;padding:0 10px'>{value:.4g}</td>"
                for value in self._numbers(curve)
            )
            + "</tr>"
            for name, curve in self.curves.items()
        )
        power = f", power = {self.metric.power:.3g}" if self.metric.power != 1 else ""
        caption = f"λ = {_power_of_ten(self.metric.log_lam)}, p₀ = {_power_of_ten(self.metric.log_p0)}{power}"
        return (
            f"<table style='line-height:1.5'><tr><th "
            f"style='text-align:left'>{caption}</th>{head}</tr>{rows}</table>"
        )

    def _numbers(self, curve: Geodesic) -> tuple[float, float, float]:
        lowest = log_density(self.metric.density, curve.at(np.linspace(0, 1, 201), by="euclidean")).min()
        return curve.length, curve.euclidean_length, float(lowest)


def scene(
    dataset: str | Dataset | ArrayLike = "two_moons",
    density: Any = None,
    n: int | None = None,
    seed: int = 0,
    power: float | None = None,
) -> Scene:
    """A scene from a data set's name, a Dataset, or points (n, 2) or pictures (n, h * h), with its density
    fitted if need be.

    A density that is given is used; else the true one; else a mixture fitted to the points. `n` bounds the
    points; `power` is the metric's. Raises UnknownName, DataError, InvalidParameter.
    """
    seed = seeded(seed)
    data = rows_shown(dataset, n, seed)
    x, shape = data.x, data.image_shape or _square(data.x.shape[1])
    if len(x) < 2 or (x.shape[1] != 2 and shape is None):
        raise DataError(
            f"the explorer shows two or more points of R^2 or square pictures; these are {len(x)} "
            f"points in R^{x.shape[1]}"
        )
    p = as_density(density, dim=x.shape[1]) if density is not None else data.density or _fitted(x, seed)
    if not p.normalised:
        raise InvalidParameter(
            f"{p!r} is not normalised, so the sliders of lam and p0 have no scale; give a normalised density"
        )
    metric = GenerativeMetric.from_sample(p, x, power="auto" if power is None else power)
    order = (
        np.argsort(x[:, 0], kind="stable")
        if x.shape[1] == 2
        else np.arange(len(x))
        if data.y is None
        else np.argsort(data.y, kind="stable")
    )
    advice = suggest_graph(x)
    ends = (int(order[0]), int(order[-1]))
    return Scene(
        data.name,
        x,
        p,
        None if x.shape[1] == 2 else shape,
        order,
        ends,
        metric,
        _connecting(x, advice.eps),
        advice.k,
    )


def link(scene: Scene, *, eps: float | None = None, k: int | None = None) -> Linked:
    """The ε-graph or, with `k`, the neighbour graph over the scene's points, with log p at its nodes. Raises
    InvalidParameter.
    """
    if eps is not None and k is not None:
        raise InvalidParameter("give eps= or k=, and not both")
    graph = (
        knn_graph(scene.points, k)
        if k is not None
        else epsilon_graph(scene.points, scene.eps if eps is None else eps)
    )
    places = np.broadcast_to(np.linspace(0, 1, _PIECES + 1), (graph.m, _PIECES + 1))
    log_p = LogDensityOnEdges(scene.density, graph.points, graph.edges)(np.arange(graph.m), places)
    return Linked(graph, EuclideanMetric().edge_lengths(graph.points, graph.edges), log_p)


def draw(
    scene: Scene,
    linked: Linked,
    *,
    log_lam: float | None = None,
    log_p0: float | None = None,
    ends: tuple[int, int] | None = None,
) -> View:
    """The geodesic between two points, the Euclidean graph path and the straight line, over the density's map
    or as rows of pictures.

    What cannot be computed is left out and named in the view's message. Raises InvalidParameter for a wrong
    index.
    """
    i, j = (
        index(end, name, len(scene.points))
        for end, name in zip(scene.ends if ends is None else ends, "ij", strict=True)
    )
    metric = scene.with_parameters(
        scene.metric.log_lam if log_lam is None else log_lam,
        scene.metric.log_p0 if log_p0 is None else log_p0,
    )
    curves: dict[str, Geodesic] = {}
    message = "" if i != j else f"start and end are the same point, {i}: choose another"
    if i != j:
        try:
            curves["straight line"] = _measured(scene.points, np.array([i, j]), metric)
            flat = geodesic(replace(linked.graph, weights=linked.lengths), i, j)
            curves["shortest Euclidean path"] = _measured(scene.points, flat.indices, metric)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ContrastWarning)  # a long edge is seen in the picture
                curves["geodesic"] = _measured(
                    scene.points, geodesic(linked.weigh(metric), i, j).indices, metric
                )
        except GeodesicKitError as err:
            message = str(err)
    curves = dict(reversed(curves.items()))
    return View(_picture(scene, curves), curves, metric, message)


def _measured(points: Points, vertices: Ints | None, metric: GenerativeMetric) -> Geodesic:
    """The polygon through these vertices, its pieces integrated to 1e-6."""
    assert vertices is not None
    return replace(measured(points[vertices], metric), indices=vertices)


def _picture(scene: Scene, curves: dict[str, Geodesic]) -> bytes:
    from matplotlib.figure import Figure

    from ... import plots

    buffer = io.BytesIO()
    if scene.image_shape is None:
        figure = Figure(figsize=(7.0, 4.2), dpi=110, layout="constrained")
        plots.geodesics(scene.points, curves, density=scene.density, resolution=140, ax=figure.subplots())
    elif curves:
        figure = Figure(figsize=(8.4, 0.6 * len(curves) + 0.55), dpi=110, layout="constrained")
        t = np.linspace(0, 1, FRAMES)
        frames = {name: curve.at(t) for name, curve in curves.items()}
        draw_frames(frames, scene.points, scene.image_shape, figure.subplots())
    else:
        figure = Figure(figsize=(8.4, 0.6), dpi=110)
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _fitted(x: Points, seed: int) -> Density:
    mixture: Density
    if x.shape[1] == 2:
        mixture = densities["mog"].fit(x, seed=seed)
    else:
        mixture = densities["mog"].fit(
            x, seed=seed, method="kmeans", n_components=max(1, min(40, len(x) // 10))
        )
    return mixture


def _connecting(x: Points, eps: float) -> float:
    """The advisor's radius, grown in steps until the graph is connected, so that the first picture shows a
    path.
    """
    for _ in range(30):
        if epsilon_graph(x, eps).components().max() == 0:
            return eps
        eps *= _GROW
    return eps


def _square(dim: int) -> tuple[int, int] | None:
    side = round(dim**0.5)
    return (side, side) if side * side == dim and side > 1 else None


def _power_of_ten(log_value: float) -> str:
    """A density from its log, where the number itself may not fit float64."""
    if abs(log_value) < 600:
        return f"{np.exp(log_value):.3g}"
    return f"10^{log_value / np.log(10):.1f}"
