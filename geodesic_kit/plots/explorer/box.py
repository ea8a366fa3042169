"""The explorer's box of sliders, wired by `observe` to an image: papermill hangs now and then on
ipywidgets.Output and interact.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

import ipywidgets as W
import numpy as np

from ...checks import index, integer, number
from ...datasets import names
from ...datasets.downloads import RECIPES
from ...density.answers import log_density
from ...errors import GeodesicKitError
from .scene import Linked, Scene, View, draw, link, scene
from .still import Still

__all__ = ["Explorer"]

_TEN = float(np.log(10))
_WIDE = {"width": "300px"}  # a dict: a Layout object would be shared, and hiding one slider would hide all
_NARROW = {"description_width": "64px"}


class Explorer(Still):
    """The box that `gk.widgets.explore` returns; `view` holds what is shown as numbers."""

    view: View

    def __init__(
        self,
        first: Scene,
        *,
        lam: float | None,
        p0: float | None,
        eps: float | None,
        k: int | None,
        i: int | None,
        j: int | None,
        n: int | None,
        seed: int,
    ) -> None:
        self._n, self._seed, self._first, self._quiet = n, seed, first, False
        own = [first.name] if first.name not in names() else []
        # a click should not start a fetch
        choices = [*own, *(name for name in names() if name not in RECIPES or name == first.name)]
        self.data = W.Dropdown(
            options=choices, value=first.name, description="data", layout=_WIDE, style=_NARROW
        )
        self.lam = _slider(W.FloatSlider, "log₁₀ λ", step=0.1, readout_format=".1f")
        self.p0 = _slider(W.FloatSlider, "log₁₀ p₀", step=0.1, readout_format=".1f")
        self.rule = W.ToggleButtons(
            options=[("radius ε", "eps"), ("k neighbours", "k")],
            layout=_WIDE,
            style={"button_width": "110px"},
        )
        self.eps = _slider(W.FloatSlider, "ε", step=0.001, readout_format=".3g")
        self.k = _slider(W.IntSlider, "k")
        self.start, self.end = (
            W.SelectionSlider(
                options=[0], description=name, continuous_update=False, layout=_WIDE, style=_NARROW
            )
            for name in ("start", "end")
        )
        self.image = W.Image(format="png", width=680, layout={"object_fit": "contain", "max_width": "100%"})
        self.lengths, self.message = W.HTML(), W.HTML(layout={"max_width": "680px"})
        self._show_scene(first)
        with self._silence():
            if lam is not None:
                _set(self.lam, np.log(number(lam, "lam", above=0, finite=True)) / _TEN)
            if p0 is not None:
                _set(self.p0, np.log(number(p0, "p0", above=0, finite=True)) / _TEN)
            if eps is not None:
                _set(self.eps, number(eps, "eps", above=0, finite=True))
            if k is not None:
                _set(self.k, integer(k, "k", least=1, most=len(first.points) - 1))
                self.rule.value = "k" if eps is None else "eps"
            for slider, end, name in ((self.start, i, "i"), (self.end, j, "j")):
                if end is not None:
                    slider.value = index(end, name, len(first.points))
        self._link()
        self._draw()
        self.data.observe(self._on_data, names="value")
        for control in (self.rule, self.eps, self.k):
            control.observe(self._on_graph, names="value")
        for control in (self.lam, self.p0, self.start, self.end):
            control.observe(self._on_metric, names="value")
        controls = W.VBox(
            [self.data, self.lam, self.p0, self.rule, self.eps, self.k, self.start, self.end],
            layout={"flex": "0 0 310px", "overflow": "visible"},
        )
        shown = W.VBox(
            [self.image, self.lengths, self.message], layout={"flex": "1 1 auto", "min_width": "0"}
        )
        super().__init__([W.HBox([controls, shown])])

    def __repr__(self) -> str:
        n, d = self._scene.points.shape
        return f"Explorer of {self._scene.name}: {n} points in R^{d}"

    @contextmanager
    def _silence(self) -> Iterator[None]:
        """Set several sliders and draw once."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def _show_scene(self, shown: Scene) -> None:
        self._scene: Scene = shown
        lam, p0 = shown.metric.log_lam / _TEN, shown.metric.log_p0 / _TEN
        highest = float(log_density(shown.density, shown.points).max()) / _TEN
        n, plane = len(shown.points), shown.points.shape[1] == 2
        with self._silence():
            _range(self.lam, round(lam, 1) - 3, round(max(highest, lam), 1) + 2, round(lam, 1))
            _range(self.p0, round(p0, 1) - 2, round(p0, 1) + 2, round(p0, 1))
            # distances concentrate in high dimension, where a little more radius joins everything
            _range(
                self.eps, shown.eps * (0.3 if plane else 0.7), shown.eps * (2.0 if plane else 1.3), shown.eps
            )
            self.eps.step = float(f"{shown.eps / 50:.1g}")
            _range(self.k, 1, min(n - 1, 3 * shown.k), min(shown.k, n - 1))
            for slider, end in zip((self.start, self.end), shown.ends, strict=True):
                slider.options = [int(vertex) for vertex in shown.order]
                slider.value = end

    def _link(self) -> None:
        by_eps = self.rule.value == "eps"
        self.eps.layout.display, self.k.layout.display = ("", "none") if by_eps else ("none", "")
        self._linked: Linked = (
            link(self._scene, eps=self.eps.value) if by_eps else link(self._scene, k=self.k.value)
        )

    def _draw(self) -> None:
        ends = (self.start.value, self.end.value)
        self.view = draw(
            self._scene, self._linked, log_lam=self.lam.value * _TEN, log_p0=self.p0.value * _TEN, ends=ends
        )
        self.image.value, self.lengths.value = self.view.png, self.view.table
        graph = self._linked.graph
        note = f"<span style='opacity:.7'>{graph.m:,} edges, mean degree {graph.mean_degree:.3g}</span>"
        self._say(self.view.message) if self.view.message else setattr(self.message, "value", note)

    def _say(self, problem: str) -> None:
        self.message.value = f"<b style='color:#b03a00'>{escape(problem)}</b>"

    def _on_data(self, change: Any) -> None:
        try:
            own = change["new"] == self._first.name
            self._show_scene(self._first if own else scene(change["new"], None, self._n, self._seed))
            self._link()
            self._draw()
        except GeodesicKitError as err:
            self._say(str(err))

    def _on_graph(self, change: Any) -> None:
        if not self._quiet:
            try:
                self._link()
                self._draw()
            except GeodesicKitError as err:
                self._say(str(err))

    def _on_metric(self, change: Any) -> None:
        if not self._quiet:
            try:
                self._draw()
            except GeodesicKitError as err:
                self._say(str(err))


def _slider(kind: Any, name: str, **options: Any) -> Any:
    return kind(description=name, continuous_update=False, layout=_WIDE, style=_NARROW, **options)


def _range(slider: Any, low: float, high: float, value: float) -> None:
    """New bounds and value, in an order in which low <= high holds all along."""
    slider.set_trait("min", min(low, slider.min))
    slider.max = high
    slider.min = low
    slider.value = value


def _set(slider: Any, value: float) -> None:
    """A value the caller asked for; the bounds give way."""
    slider.min, slider.max = min(slider.min, value), max(slider.max, value)
    slider.value = value
