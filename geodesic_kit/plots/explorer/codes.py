"""What the explorer of a decoder shows, without a browser: codes over the map of the magnification factor,
three curves between two of them, and what they decode to.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from ...checks import index, seeded
from ...datasets import Dataset
from ...errors import (
    ContrastWarning,
    DataError,
    FallbackNotice,
    GeodesicKitError,
    InvalidParameter,
    RefinementNotice,
    shown,
)
from ...geodesics.between import geodesic
from ...geodesics.curve import Geodesic, measured
from ...geodesics.refine import refine
from ...graph.by_rule import knn_graph
from ...graph.graph import Graph
from ...latent.pullback import PullbackMetric
from ...types import Ints, LatentModel, Points, Values
from .frames import FRAMES, draw_frames
from .given import given
from .planes import principal_axes

__all__ = ["KINDS", "CodeScene", "CodeView", "code_scene", "draw_codes"]

KINDS = ("mean", "mean and deviation")
_RTOL = 1e-4  # of edges
_REFINED = 1e-3  # of the refined curve: four figures are shown, and it follows a slider
_RESOLUTION = 60  # of the map
_SPEEDS = 100  # pieces along a curve


@dataclass(frozen=True, eq=False)
class CodeScene:
    """A decoder, the rows x (n, d) and their codes (n, z), the metric of its mean, the order in which a
    slider visits the rows, and what is kept between two pictures.
    """

    name: str
    model: Any
    x: Points
    labels: Ints | None
    image_shape: tuple[int, int] | None
    codes: Points
    mean: PullbackMetric
    order: Ints
    ends: tuple[int, int]
    _graphs: dict[tuple[str, int], Graph] = field(default_factory=dict)
    _figures: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def mean_and_deviation(self) -> PullbackMetric:
        """The metric with walls round the codes. Raises DataError where the decoder is exact."""
        return self.mean.with_variance(self.codes, self.x)

    def metric(self, kind: str) -> PullbackMetric:
        """The metric of one of KINDS."""
        return self.mean if kind == KINDS[0] else self.mean_and_deviation

    def graph(self, kind: str, k: int) -> Graph:
        """The graph of k nearest codes, its pieces joined, weighed by the metric of that kind."""
        if (kind, k) not in self._graphs:
            self._graphs[kind, k] = knn_graph(self.codes, k).bridged().weigh(self.metric(kind))
        return self._graphs[kind, k]

    def plane(self, z: Points) -> Points:
        """Codes (k, z) as points of a plane, (k, 2): themselves, or their first two principal coordinates."""
        if self.codes.shape[1] == 2:
            return z
        middle, axes, _ = self._principal
        return np.asarray((z - middle) @ axes.T)

    @cached_property
    def _principal(self) -> tuple[Values, Points, Values]:
        return principal_axes(self.codes)


@dataclass(frozen=True, eq=False)
class CodeView:
    """A PNG picture, the curves in it by name, and a message where one could not be drawn."""

    png: bytes
    curves: dict[str, Geodesic]
    table: str
    message: str = ""


def code_scene(
    model: Any, dataset: str | Dataset | ArrayLike, n: int | None = None, seed: int = 0
) -> CodeScene:
    """A scene of a decoder that also encodes, and the rows of a data set or (n, d). Raises DataError,
    InvalidParameter, UnknownName.
    """
    if isinstance(model, type) or not isinstance(model, LatentModel) or not hasattr(model, "decoder"):
        raise InvalidParameter(
            f"{shown(model)} has no encode, decode and decoder; give such a model, for example "
            "gk.decoders['iwae'].pretrained('pendulum')"
        )
    seed = seeded(seed)
    data = given(dataset, n, seed)
    x, labels = data.x, data.y
    codes = model.encode(x)
    if len(x) < 5 or codes.shape[1] < 2:
        raise DataError(
            f"the explorer shows five or more codes of two coordinates or more; these are {len(x)} in "
            f"R^{codes.shape[1]}"
        )
    with warnings.catch_warnings(action="ignore", category=FallbackNotice):  # of a bijective decoder
        plain = PullbackMetric(model, rtol=_RTOL)
    order = np.argsort(codes[:, 0] if labels is None else labels, kind="stable")
    return CodeScene(
        data.name,
        model,
        x,
        labels,
        data.image_shape,
        codes,
        plain,
        order,
        (int(order[0]), int(order[-1])),
    )


def draw_codes(scene: CodeScene, kind: str, k: int, ends: tuple[int, int]) -> CodeView:
    """The refined geodesic, the shortest path over the codes and the straight line between two rows' codes.

    Walls of deviation are so steep that refining a path through them takes half a minute: the metric of mean
    and deviation shows the other two. What cannot be computed is left out and named in the view's message.
    Raises InvalidParameter for a wrong index.
    """
    i, j = (index(end, name, len(scene.codes)) for end, name in zip(ends, "ij", strict=True))
    metric, curves = scene.metric(kind), dict[str, Geodesic]()
    message = "" if i != j else f"start and end are the same row, {i}: choose another"
    if i != j:
        try:
            straight = measured(scene.codes[[i, j]], metric)
            curves["straight line"] = straight
            with warnings.catch_warnings(action="ignore", category=ContrastWarning):  # seen in the picture
                path = geodesic(scene.graph(kind, k), i, j)
            curves["graph path"] = path
            if kind == KINDS[0]:
                with warnings.catch_warnings(action="ignore", category=RefinementNotice):  # the table says so
                    refined = refine([straight, path], rtol=_REFINED)
                curves["geodesic"] = min(refined, key=lambda curve: curve.length)
        except GeodesicKitError as err:
            message = str(err)
    curves = dict(reversed(curves.items()))
    return CodeView(_picture(scene, kind, curves), curves, _table(scene, curves), message)


def _table(scene: CodeScene, curves: Mapping[str, Geodesic]) -> str:
    """HTML: length, how far each curve goes from the codes, whether it is a certified minimum."""
    tree, t = cKDTree(scene.codes), np.linspace(0, 1, 2 * _SPEEDS)
    heads = ("", "length", "furthest from a code", "certified minimum")
    rows = [[f"<th style='text-align:right;padding:0 10px'>{head}</th>" for head in heads]]
    for name, curve in curves.items():
        away = tree.query(curve.at(t))[0].max()
        certified = "" if curve.certified is None else "yes" if curve.certified else "no"
        cells = [f"{curve.length:.4g}", f"{away:.3g}", certified]
        rows.append(
            [f"<td>{escape(name)}</td>"]
            + [f"<td style='text-align:right;padding:0 10px'>{cell}</td>" for cell in cells]
        )
    return (
        "<table style='line-height:1.5'>" + "".join(f"<tr>{''.join(row)}</tr>" for row in rows) + "</table>"
    )


def _picture(scene: CodeScene, kind: str, curves: Mapping[str, Geodesic]) -> bytes:
    """The map is computed once a kind; only what moves is drawn anew."""
    from ... import plots

    if kind not in scene._figures:
        scene._figures[kind] = _background(scene, kind)
    figure, above, below = scene._figures[kind]
    still = set(above.get_children())
    in_plane = {name: scene.plane(_places(curve)) for name, curve in curves.items()}
    if in_plane:
        plots.geodesics(None, in_plane, ax=above)
        above.set(xlabel=_axis(scene, 1), ylabel=_axis(scene, 2))
    below.clear()
    below.set_axis_on()
    if not curves:
        below.set_axis_off()
    elif scene.image_shape is None:
        _speeds(scene, curves, above, below)
    else:
        t = np.linspace(0, 1, FRAMES)
        frames = {name: scene.model.decode(curve.at(t)) for name, curve in curves.items()}
        draw_frames(frames, scene.x, scene.image_shape, below)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    for artist in set(above.get_children()) - still:
        artist.remove()
    return buffer.getvalue()


def _background(scene: CodeScene, kind: str) -> tuple[Any, Any, Any]:
    from matplotlib.figure import Figure

    from ... import plots

    figure = Figure(figsize=(8.4, 7.0), dpi=100, layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=(2.6, 1))
    codes = scene.plane(scene.codes)
    if scene.codes.shape[1] == 2:
        plots.density(scene.metric(kind), box=codes, resolution=_RESOLUTION, ax=above)
        above.scatter(*codes.T, 4, color="white", alpha=0.6, linewidths=0, zorder=1)
    else:
        plots.points(codes, scene.labels, ax=above)
    above.set(xlabel=_axis(scene, 1), ylabel=_axis(scene, 2))
    return figure, above, below


def _axis(scene: CodeScene, which: int) -> str:
    name = f"z{'₁₂'[which - 1]}" if scene.codes.shape[1] == 2 else f"principal code {which}"
    return f"{name}  [1]"


def _places(curve: Geodesic) -> Points:
    return curve.at(np.linspace(0, 1, 2 * _SPEEDS + 1))


def _speeds(scene: CodeScene, curves: Mapping[str, Geodesic], above: Any, below: Any) -> None:
    """How fast the decoded point moves while the code moves evenly, in the lines of the map."""
    t = np.linspace(0, 1, _SPEEDS + 1)
    drawn = {line.get_label(): line for line in above.get_lines()}
    for name, curve in curves.items():
        images = scene.model.decode(curve.at(t, by="euclidean"))
        speed = np.linalg.norm(np.diff(images, axis=0), axis=1) * _SPEEDS
        line = drawn[name]
        below.plot((t[1:] + t[:-1]) / 2, speed, line.get_linestyle(), color=line.get_color(), linewidth=1.8)
    below.set(
        xlabel="fraction of the latent length  [1]", ylabel="decoded speed  [units of x]", ylim=(0, None)
    )
