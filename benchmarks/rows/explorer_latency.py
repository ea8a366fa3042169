"""How soon the explorer's picture follows a control: CPU time from its move to the new PNG, graph and all."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import numpy as np

import geodesic_kit as gk

from .. import warm
from ..bounds import BOUNDS
from ..lines import Line, duration, measured

__all__ = ["run"]

_STEPS = 10  # of a drag, each of which redraws
_ROW = "explorer_latency"


def run(quick: bool) -> list[Line]:
    """Drags of each slider over two moons and 10 coordinates; the slowest step counts."""
    warm.up()
    few, many = (100, 200) if quick else (2000, 10_000)
    cloud = np.random.default_rng(0).normal(size=(few, 10))
    plain = gk.widgets.explore("two_moons", n=few)
    wide = gk.widgets.explore(cloud)
    large = gk.widgets.explore("two_moons", n=many)
    for box in (plain, wide, large):
        box.lam.value += 0.1
    ends = "lam, p0, power and both ends"
    return [
        _line("curves", f"{ends}, {few:,} points of the plane", _curves(plain)),
        _line("curves", f"{ends}, {few:,} points in R^10", _curves(wide)),
        _line("curves_large", f"{ends}, {many:,} points of the plane", _curves(large)),
        _line("graph", f"eps and k, {few:,} points of the plane", _graph(plain)),
        _line("graph", f"eps and k, {few:,} points in R^10", _graph(wide)),
    ]


def _curves(box: Any) -> dict[str, list[float]]:
    n = len(box._scene.points)
    vertices = [int(vertex) for vertex in np.random.default_rng(1).choice(n, 2 * _STEPS, replace=False)]
    sliders = {
        "lam": (box.lam, box.lam.value + np.linspace(0.1, 2, _STEPS)),
        "p0": (box.p0, box.p0.value + np.linspace(0.1, 1, _STEPS)),
        "power": (box.power, box.power.value * np.linspace(0.95, 0.4, _STEPS)),
        "start": (box.start, vertices[:_STEPS]),
        "end": (box.end, vertices[_STEPS:]),
    }
    return {name: _drag(slider, values) for name, (slider, values) in sliders.items()}


def _graph(box: Any) -> dict[str, list[float]]:
    box.rule.value = "epsilon"
    eps = _drag(box.eps, box.eps.value * np.linspace(0.8, 1.25, _STEPS))
    box.rule.value = "knn"
    start = max(2, round(0.8 * box.k.value))
    return {"eps": eps, "k": _drag(box.k, range(start, start + 2 * _STEPS, 2))}


def _drag(slider: Any, values: Iterable[Any]) -> list[float]:
    """Seconds of CPU of each step."""
    took = []
    for value in values:
        start = time.process_time()
        slider.value = value
        took.append(time.process_time() - start)
    return took


def _line(bound: str, work: str, took: dict[str, list[float]]) -> Line:
    slowest = max(max(steps) for steps in took.values())
    medians = ", ".join(f"{name} {duration(float(np.median(steps)))}" for name, steps in took.items())
    return measured(
        _ROW,
        f"{work}: CPU time of the slowest step",
        slowest,
        duration(slowest),
        BOUNDS[_ROW][bound],
        f"medians: {medians}",
        seconds=took,
    )
