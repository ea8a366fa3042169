"""A geodesic under a metric that spans a hundred nats: over the passes of Müller and Brown's potential."""

from __future__ import annotations

import time

import numpy as np
from scipy.optimize import fsolve

import geodesic_kit as gk
from geodesic_kit.paper.experiments.muller_brown import MullerBrown

from .. import warm
from ..bounds import BOUNDS
from ..lines import Line, duration, measured

__all__ = ["run"]

_BETA = 0.8
_ENDS = ((-0.558, 1.442), (0.623, 0.028))  # about the two deepest wells
_PASS = (-0.822, 0.624)  # about the higher of the passes between them


def run(quick: bool) -> list[Line]:
    """The graph path between the wells, refined: CPU time, and its highest point against the pass."""
    warm.up()
    wells = MullerBrown(_BETA)
    n = 12_000 if quick else 60_000
    points = np.random.default_rng(0).uniform([-1.5, -0.3], [1.2, 2.0], size=(n, 2))
    points = np.concatenate([_ENDS, points[wells.potential(points) < 20]])
    path = gk.geodesic(gk.knn_graph(points, 10).weigh(gk.FermatMetric(wells, beta=1.0)), 0, 1)
    began = time.process_time()
    fine = gk.refine(path)
    spent = time.process_time() - began
    summit = fsolve(lambda at: wells.score(at[None])[0], _PASS)
    highest = wells.potential(fine.at(np.linspace(0, 1, 10_001), by="euclidean")).max()
    off = abs(float(highest - wells.potential(summit[None])[0]))
    work, bounds = f"{len(points):,} points, β = {_BETA}", BOUNDS["refine_steep"]
    shorter = f"{1 - fine.length / path.length:.1%} shorter than the graph's path"
    return [
        measured("refine_steep", f"{work}: CPU time", spent, duration(spent), bounds["time"], shorter),
        measured("refine_steep", f"{work}: highest V from the pass's", off, f"{off:.4f}", bounds["height"]),
    ]
