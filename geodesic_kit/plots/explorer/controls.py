"""The explorer's controls, what each may be set to for a scene, and which of them apply."""

from __future__ import annotations

from typing import Any

import ipywidgets as W
import numpy as np

from ...density.answers import log_density
from ...registry import solvers
from .given import MOST
from .models import METRICS, density_names
from .planes import PLANES, planes
from .scene import Scene

__all__ = ["TEN", "Controls", "moved"]

TEN = float(np.log(10))
_WIDE = {"width": "300px", "margin": "1px 2px"}  # a dict: a shared Layout would hide all with one
_NARROW = {"description_width": "76px"}
_RULES = [("radius ε", "epsilon"), ("k neighbours", "knn"), ("ε, and k at least", "adaptive")]


class Controls:
    """Menus, sliders and switches, stacked in `column`."""

    def _make(self, names: list[str]) -> None:
        self.data = _menu("data", names)
        self.n = _whole("n", 2, MOST)
        self.seed = _whole("seed", 0, 2**32 - 1)
        self.density = _menu("density", [])
        self.metric = _menu("metric", list(METRICS))
        self.lam = _slider(W.FloatSlider, "log₁₀ λ", step=0.1, readout_format=".1f")
        self.p0 = _slider(W.FloatSlider, "log₁₀ p₀", step=0.1, readout_format=".1f")
        self.power = _slider(W.FloatLogSlider, "power", step=0.02, min=-1, max=1, value=1)
        self.rule = _menu("graph", _RULES)
        self.bridged = W.Checkbox(description="pieces joined", indent=True, layout=_WIDE, style=_NARROW)
        self.eps = _slider(W.FloatSlider, "ε", step=0.001, readout_format=".3g")
        self.k = _slider(W.IntSlider, "k")
        self.solver = _menu("solver", ["auto", *solvers.names()])
        self.plane = _menu("drawn by", list(PLANES))
        self.across, self.up = _menu("across", []), _menu("up", [])
        self.start, self.end = (
            W.SelectionSlider(options=[0], description=name, layout=_WIDE, style=_NARROW)
            for name in ("start A", "end B")
        )
        self.graph = W.Checkbox(description="draw the graph", indent=True, layout=_WIDE, style=_NARROW)
        self.refine = W.Checkbox(description="refined geodesic", indent=True, layout=_WIDE, style=_NARROW)
        self.take = W.Button(
            description="Take it away", tooltip="the command and the program of what is shown"
        )
        sizes = W.HBox([self.n, self.seed], layout={"width": "300px"})
        self.column = W.VBox(
            [
                *(self.data, sizes, self.density, self.metric, self.lam, self.p0, self.power, self.rule),
                *(self.bridged, self.eps, self.k, self.solver, self.plane, self.across, self.up),
                *(self.start, self.end, self.graph, self.refine, self.take),
            ],
            layout={"flex": "0 0 310px", "overflow": "visible"},
        )

    def _fit(self, scene: Scene, own: Any) -> None:
        """Set menus and sliders to what suits the scene."""
        data, n, d = scene.data, len(scene.points), scene.points.shape[1]
        self.n.value, self.seed.value = n, scene.seed
        _choices(self.density, density_names(data, own), scene.density_name)
        self._fit_metric(scene)
        advice, flat = scene.advice, d == 2
        self.rule.value, self.bridged.value = advice.rule, True
        # distances concentrate in high dimension, where a little more radius joins everything
        _range(self.eps, advice.eps * (0.3 if flat else 0.7), advice.eps * (2.0 if flat else 1.3), advice.eps)
        self.eps.step = float(f"{advice.eps / 50:.1g}")
        _range(self.k, 1, min(n - 1, 3 * advice.k), min(advice.k, n - 1))
        _choices(self.plane, list(planes(d)), PLANES[0] if d <= 2 else PLANES[1])
        columns = [(name, place) for place, name in enumerate(data.columns)]
        _choices(self.across, columns, 0)
        _choices(self.up, columns, min(1, d - 1))
        for slider, end in zip((self.start, self.end), scene.ends, strict=True):
            slider.options = [int(vertex) for vertex in scene.order]
            slider.value = end
        self._apply(d)

    def _fit_metric(self, scene: Scene) -> None:
        """Set lam, p0 and the power to the rule's choice for the scene's density."""
        lam, p0 = scene.metric.log_lam / TEN, scene.metric.log_p0 / TEN
        highest = float(log_density(scene.density, scene.points).max()) / TEN
        _range(self.lam, round(lam, 1) - 3, round(max(highest, lam), 1) + 2, round(lam, 1))
        _range(self.p0, round(p0, 1) - 2, round(p0, 1) + 2, round(p0, 1))
        power = float(np.log10(scene.metric.power))
        _range(self.power, round(power, 1) - 1, round(power, 1) + 1, scene.metric.power)

    def _apply(self, d: int) -> None:
        """Hide what does not apply: one of eps and k, the columns; and mute what the metric does not heed."""
        _shown(self.eps, self.rule.value != "knn")
        _shown(self.k, self.rule.value != "epsilon")
        for menu in (self.across, self.up):
            _shown(menu, d > 2 and self.plane.value == PLANES[0])
        _shown(self.plane, d > 1)
        heeded = METRICS[self.metric.value]
        self.lam.disabled, self.p0.disabled = "lam" not in heeded, "p0" not in heeded
        self.power.disabled = "power" not in heeded


def moved(slider: Any, value: float) -> None:
    """A value the caller asked for; the bounds give way."""
    low = high = value
    if isinstance(slider, W.FloatLogSlider):  # its bounds are exponents
        low = high = float(np.log10(value))
    slider.min, slider.max = min(slider.min, low), max(slider.max, high)
    slider.value = value


def _menu(name: str, options: Any) -> Any:
    return W.Dropdown(options=options, description=name, layout=_WIDE, style=_NARROW)


def _whole(name: str, least: int, most: int) -> Any:
    half = {"width": "146px", "margin": "1px 2px"}
    width = {"description_width": "76px" if name == "n" else "36px"}
    return W.BoundedIntText(least, least, most, description=name, layout=half, style=width)


def _slider(kind: Any, name: str, **options: Any) -> Any:
    return kind(description=name, layout=_WIDE, style=_NARROW, **options)


def _shown(control: Any, shown: bool) -> None:
    control.layout.display = "" if shown else "none"


def _choices(menu: Any, options: list[Any], value: Any) -> None:
    menu.options = options
    menu.value = value


def _range(slider: Any, low: float, high: float, value: float) -> None:
    """New bounds and value, in an order in which low <= high holds all along."""
    slider.set_trait("min", min(low, slider.min))
    slider.max = high
    slider.min = low
    slider.value = value
