"""The live page that the site shows."""

from __future__ import annotations

from pathlib import Path

from ...datasets import load
from ...graph.suggest import suggest_graph
from ...metric.generative import GenerativeMetric
from ...plots import live_page
from ...registry import densities

__all__ = ["live_moons"]


def live_moons(path: Path, n: int = 1000) -> Path:
    """Write the live page of n points of two moons under a fitted mixture to `path`, which is returned."""
    x = load("two_moons", n=n, seed=0).x
    density = densities["mog"].fit(x, seed=0)
    graph = suggest_graph(x).build(x).weigh(GenerativeMetric.from_sample(density, x))
    return live_page(graph, path, title="Two moons: the geodesic as its metric changes")
