"""One tree on 100,000 points in the caller's order, against the packages that people take for it."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

import geodesic_kit as gk

from .. import warm
from ..agreement import same
from ..lines import Line, against
from ..peers import PEERS, searcher
from ..problems import plane
from ..timing import Timings, interleaved

__all__ = ["run"]


def run(quick: bool) -> list[Line]:
    """Distances from one vertex; each package has its graph before the clock starts."""
    warm.up()
    n = 5000 if quick else 100_000
    problem = plane(n)
    graph = gk.epsilon_graph(problem.points, problem.radius(10)).weigh(problem.metric)
    source = np.array([int(np.square(problem.points).sum(axis=1).argmin())])
    work: dict[str, Any] = {"ours": partial(gk.distances, graph, source, solver="native")}
    work |= {name: partial(searcher(name, graph), source) for name in PEERS}
    times = interleaved(work, 5)
    exact = times["SciPy"]
    assert isinstance(exact, Timings)
    for name, found in times.items():
        if isinstance(found, Timings):
            same(found.result, exact.result, 1e-9, f"distances of {name}")
    work_done = f"one tree, n = {n:,}, mean degree 10"
    return [
        against("trees", work_done, times["ours"], name, times[name], None, "same distances to 1e-9")
        for name in PEERS
    ]
