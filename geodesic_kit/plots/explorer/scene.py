"""What the explorer shows, without a browser: a data set with its density, the graph over it, and one picture
of the curves between two points. Each stage is kept until what it depends on changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ...checks import index, integer, number
from ...errors import DataError, InvalidParameter
from ...geodesics.curve import Geodesic
from ...graph.suggest import Suggestion, suggest_graph
from ...metric.generative import GenerativeMetric
from ...registry import densities
from ...types import Density, Ints, Metric, Points
from .curves import EUCLIDEAN, GEODESIC, NAMES, STRAIGHT, Curves, curves, table
from .given import Given
from .linked import Kept, Linked, linked
from .models import GIVEN, density_named, usual
from .picture import Picture, swatches
from .planes import PLANES, Plane, plane_of

__all__ = ["Scene", "View", "draw", "link", "named", "scene_of"]

_FILES = (".npz", ".safetensors")
_PLAIN = (GEODESIC, EUCLIDEAN, STRAIGHT)


@dataclass(frozen=True, eq=False)
class Scene:
    """Points (n, d) with a density, the end points and parameters to start from, and the order in which a
    slider visits the points; what is kept between two pictures.
    """

    data: Given
    density: Density
    density_name: str
    order: Ints
    ends: tuple[int, int]
    metric: GenerativeMetric
    seed: int
    kept: Kept
    _pictures: dict[Any, Picture] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.data.name

    @property
    def points(self) -> Points:
        return self.data.x

    @property
    def image_shape(self) -> tuple[int, int] | None:
        return self.data.image_shape

    @cached_property
    def advice(self) -> Suggestion:
        """The graph that `gk.suggest_graph` advises, which is the default."""
        return suggest_graph(self.points)

    def picture(self, plane: Plane, names: tuple[str, ...], linked: Linked | None) -> Picture:
        """What stands still behind the curves, drawn once; the last one is kept."""
        graph = None if linked is None else linked.graph
        key = (plane, names, graph)
        if key not in self._pictures:
            self._pictures.clear()
            self._pictures[key] = Picture(self.data, self.density, plane, names, graph)
        return self._pictures[key]

    @cached_property
    def plane(self) -> Plane:
        """Where points are drawn by default: as they are up to two dimensions, else by principal
        components.
        """
        name = PLANES[0] if self.points.shape[1] <= 2 else PLANES[1]
        return self.plane_named(name)

    def plane_named(self, name: str, columns: tuple[int, int] = (0, 1), weighed: Any = None) -> Plane:
        """The plane by one of PLANES; t-SNE takes the distances of the graph that `weighed` gives."""
        return plane_of(name, self.data, self.density, columns, self.seed, weighed)


@dataclass(frozen=True, eq=False)
class View:
    """A PNG picture, the curves in it by name, and a message where one could not be drawn."""

    png: bytes
    shown: Curves
    metric: Metric
    picture: Picture

    @property
    def curves(self) -> dict[str, Geodesic]:
        return self.shown.found

    @property
    def message(self) -> str:
        return self.shown.message

    @property
    def table(self) -> str:
        """HTML table of the curves: length under the metric, Euclidean length, lowest log p."""
        caption = repr(self.metric).partition("(")[0]
        if isinstance(self.metric, GenerativeMetric):
            caption = (
                f"λ = {_power_of_ten(self.metric.log_lam)}, p₀ = {_power_of_ten(self.metric.log_p0)}, "
                f"power = {self.metric.power:.3g}"
            )
        return table(self.shown, caption, swatches())


def named(density: Any) -> tuple[str | None, Any]:
    """The menu's name of a density, None where none is given, and one's own where it is that. Raises a file's
    errors.
    """
    if isinstance(density, str) and density.endswith(_FILES):
        density = densities.load(density)
    return (density, None) if density is None or isinstance(density, str) else (GIVEN, density)


def scene_of(data: Given, name: str | None, seed: int, own: Any = None, power: float | None = None) -> Scene:
    """A scene of these rows under the density of that name, by default the usual one. Raises DataError,
    InvalidParameter, UnknownPlugin, MissingPlugin.
    """
    x = data.x
    if len(x) < 2:
        raise DataError(f"the explorer shows two or more points; of these {len(x)} is distinct")
    name = usual(data, own) if name is None else name
    density = density_named(name, data, seed, own)
    metric = GenerativeMetric.from_sample(density, x, power="auto" if power is None else power)
    if data.y is not None and data.image_shape is not None:
        order = np.argsort(data.y, kind="stable")
    else:
        order = np.argsort(x[:, 0], kind="stable")
    ends = int(order[0]), int(order[-1])
    return Scene(data, density, name, order, ends, metric, seed, Kept(density, x))


def link(
    scene: Scene,
    *,
    rule: str | None = None,
    eps: float | None = None,
    k: int | None = None,
    bridged: bool | None = None,
) -> Linked:
    """The graph over the scene's points by one of RULES, with log p at its nodes.

    Without a rule it is by `eps` or by `k` where one is given, and by the advice otherwise; `bridged` joins
    its pieces, by default where nothing else was asked for. Raises InvalidParameter.
    """
    if rule is None and eps is not None and k is not None:
        raise InvalidParameter("give eps= or k=, and not both; or rule='adaptive', which takes both")
    if bridged is None:
        bridged = rule is None and eps is None and k is None
    if rule is None:
        rule = "epsilon" if eps is not None else "knn" if k is not None else scene.advice.rule
    eps = scene.advice.eps if eps is None else number(eps, "eps", above=0, finite=True)
    k = scene.advice.k if k is None else integer(k, "k", least=1, most=len(scene.points) - 1)
    return linked(scene.points, scene.kept, rule, eps, k, bridged)


def draw(
    scene: Scene,
    linked: Linked,
    metric: Metric | None = None,
    *,
    ends: tuple[int, int] | None = None,
    solver: str = "auto",
    refined: bool = False,
    plane: Plane | None = None,
    with_graph: bool = False,
    keyed: bool = False,
) -> View:
    """The geodesic between two points under the scene's metric or another, the Euclidean graph path and the
    straight line over the density, and where a row is a picture those along them.

    What cannot be computed is left out and named in the view's message; `keyed` keeps the refined geodesic's
    place in the key while it is not there yet. Raises InvalidParameter for a wrong index.
    """
    i, j = (
        index(end, name, len(scene.points))
        for end, name in zip(scene.ends if ends is None else ends, "ij", strict=True)
    )
    under = scene.metric if metric is None else metric
    found = curves(linked, scene.density, under, (i, j), solver=solver, refined=refined)
    picture = scene.picture(
        scene.plane if plane is None else plane,
        NAMES if refined or keyed else _PLAIN,
        linked if with_graph else None,
    )
    return View(picture.with_curves(found.found, (i, j)), found, under, picture)


def _power_of_ten(log_value: float) -> str:
    """A density from its log, where the number itself may not fit float64."""
    if abs(log_value) < 600:
        return f"{np.exp(log_value):.3g}"
    return f"10^{log_value / np.log(10):.1f}"
