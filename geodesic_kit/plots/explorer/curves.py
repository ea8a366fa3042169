"""The curves between two points that the explorer shows, and their numbers."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from html import escape

import numpy as np

from ...density.answers import log_density
from ...errors import ContrastWarning, FallbackNotice, GeodesicKitError, RefinementNotice
from ...geodesics.between import geodesic
from ...geodesics.curve import Geodesic, measured
from ...geodesics.refine import refine
from ...graph.graph import Graph
from ...types import Density, Ints, Metric, Points
from .linked import Linked

__all__ = ["EUCLIDEAN", "GEODESIC", "NAMES", "PLACES", "REFINED", "STRAIGHT", "Curves", "curves", "table"]

GEODESIC, REFINED = "geodesic", "refined geodesic"
EUCLIDEAN, STRAIGHT = "shortest Euclidean path", "straight line"
NAMES = (GEODESIC, REFINED, EUCLIDEAN, STRAIGHT)  # in the order of the table
_REFINED = 1e-3  # four figures are shown
PLACES = np.linspace(0, 1, 201)  # along a curve, where its lowest log p is looked for and it is drawn


@dataclass(frozen=True, eq=False)
class Curves:
    """The curves by name, in the order of NAMES, the contrast on the graph, and a message where one could not
    be had.
    """

    found: dict[str, Geodesic]
    contrast: float = float("nan")
    message: str = ""
    lowest: dict[str, float] = field(default_factory=dict)


def curves(
    linked: Linked,
    density: Density,
    metric: Metric,
    ends: tuple[int, int],
    *,
    solver: str = "auto",
    refined: bool = False,
) -> Curves:
    """The straight line, the shortest Euclidean path of the graph and the geodesic, refined where asked; what
    cannot be computed is named in the message.
    """
    i, j = ends
    if i == j:
        return Curves({}, message=f"start and end are the same point, {i}: choose another")
    found: dict[str, Geodesic] = {}
    contrast, message = float("nan"), ""
    points = linked.graph.points
    try:
        found[STRAIGHT] = _polygon(points, np.array([i, j]), metric)
        found[EUCLIDEAN] = _polygon(points, _flat(linked, i, j, solver), metric)
        graph, contrast = linked.weigh(metric)
        found[GEODESIC] = _polygon(points, _path(graph, i, j, solver), metric)
        if refined:
            found[REFINED] = _straightened(found[GEODESIC])
    except GeodesicKitError as err:
        message = str(err)
    ordered = {name: found[name] for name in NAMES if name in found}
    lowest = {name: _lowest(density, curve) for name, curve in ordered.items()}
    return Curves(ordered, contrast, message, lowest)


def _flat(linked: Linked, i: int, j: int, solver: str) -> Ints:
    if (i, j, solver) not in linked.paths:
        linked.paths[i, j, solver] = _path(linked.euclidean, i, j, solver)
    return linked.paths[i, j, solver]


def _path(graph: Graph, i: int, j: int, solver: str) -> Ints:
    """The vertices of the shortest path."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ContrastWarning)  # a long edge is seen in the picture
        vertices = geodesic(graph, i, j, solver=solver).indices
    assert vertices is not None
    return vertices


def _polygon(points: Points, vertices: Ints, metric: Metric) -> Geodesic:
    """The polygon through these vertices, its pieces integrated to 1e-6."""
    return replace(measured(points[vertices], metric), indices=vertices)


def _straightened(path: Geodesic) -> Geodesic:
    """The smooth geodesic near the path; the table says where it falls short."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RefinementNotice)
        warnings.simplefilter("ignore", FallbackNotice)
        return refine(path, rtol=_REFINED)


def _lowest(density: Density, curve: Geodesic) -> float:
    return float(log_density(density, curve.at(PLACES, by="euclidean")).min())


def table(shown: Curves, caption: str, swatches: dict[str, str]) -> str:
    """HTML table of the curves: length under the metric, Euclidean length, lowest log p; `swatches` are the
    HTML of each one's line.
    """
    heads = "".join(
        f"<th scope='col' style='text-align:right;padding:0 10px'>{text}</th>"
        for text in ("length", "Euclidean", "lowest log p")
    )
    rows = ""
    for name, curve in shown.found.items():
        numbers = (curve.length, curve.euclidean_length, shown.lowest[name])
        cells = "".join(f"<td style='text-align:right;padding:0 10px'>{value:.4g}</td>" for value in numbers)
        told = f" <span style='opacity:.7'>({escape('; '.join(curve.notes))})</span>" if curve.notes else ""
        first = f"{swatches.get(name, '')}{escape(name)}{told}"
        rows += f"<tr><td style='padding-right:10px'>{first}</td>{cells}</tr>"
    return (
        "<table style='line-height:1.4'>"
        f"<tr><th scope='col' style='text-align:left'>{caption}</th>{heads}</tr>"
        f"{rows}</table>"
    )
