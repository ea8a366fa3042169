"""Straightened paths against the closed forms of the hyperbolic half-plane and the sphere."""

from __future__ import annotations

import time

import numpy as np

import geodesic_kit as gk
from geodesic_kit.paper.experiments.closed_forms import DOMAINS

from .. import warm
from ..bounds import BOUNDS
from ..lines import Line, duration, measured

__all__ = ["run"]


def run(quick: bool) -> list[Line]:
    """Random pairs at least a quarter of the domain apart; the graph path is given, only `gk.refine` is
    timed.
    """
    warm.up()
    lines = []
    bounds = BOUNDS["refine"]
    for name, domain in DOMAINS.items():
        points = domain.sample(500 if quick else 2000, seed=0)
        graph = gk.knn_graph(points, 15).weigh(domain.metric())
        rng = np.random.default_rng(1)
        errors, seconds, before, longer = [], [], [], 0
        while len(errors) < (10 if quick else 100):
            i, j = rng.choice(len(points), size=2, replace=False)
            if np.linalg.norm(points[i] - points[j]) < domain.radius / 2:
                continue
            path = gk.geodesic(graph, i, j)
            start = time.perf_counter()
            smooth = gk.refine(path)
            seconds.append(time.perf_counter() - start)
            exact = float(domain.distance(points[i], points[j]))
            errors.append(abs(smooth.length / exact - 1))
            before.append(path.length / exact - 1)
            longer += bool(smooth.length > path.length)
        work, note = f"{name}, {len(errors)} pairs", f"the graph path's error: median {np.median(before):.1g}"
        slow = duration(float(np.quantile(seconds, 0.9)))
        lines += [
            measured(
                "refine",
                f"{work}: worst relative error",
                max(errors),
                f"{max(errors):.1e}",
                bounds["error"],
                note,
                errors=errors,
            ),
            measured(
                "refine",
                f"{work}: median time a path",
                float(np.median(seconds)),
                duration(float(np.median(seconds))),
                bounds["time"],
                f"90 % within {slow}",
                seconds=seconds,
            ),
            measured(
                "refine", f"{work}: paths longer than the graph's", longer, str(longer), bounds["longer"]
            ),
        ]
    return lines
