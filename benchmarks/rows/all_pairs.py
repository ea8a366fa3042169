"""All distances between 5,000 points, against SciPy, igraph and networkx."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

import geodesic_kit as gk

from .. import warm
from ..agreement import same
from ..bounds import BOUNDS
from ..lines import Line, against
from ..peers import searcher
from ..problems import plane
from ..timing import Timings, interleaved

__all__ = ["run"]


def run(quick: bool) -> list[Line]:
    """The kit's engine on this machine's cores; igraph and networkx on a part of the sources, since they take
    long.
    """
    warm.up()
    n = 1000 if quick else 5000
    problem = plane(n)
    graph = gk.epsilon_graph(problem.points, problem.radius(15)).weigh(problem.metric)
    sources = {"SciPy": np.arange(n), "igraph": np.arange(n // 20), "networkx": np.arange(10)}
    work: dict[str, Any] = {"ours": partial(gk.distances, graph, solver="native")}
    work |= {name: partial(searcher(name, graph), of) for name, of in sources.items()}
    times = interleaved(work, 3)
    exact = times["SciPy"]
    assert isinstance(exact, Timings)
    for name, found in times.items():
        if isinstance(found, Timings):
            rows = sources.get(name, sources["SciPy"])
            same(found.result, exact.result[rows], 1e-9, f"distances of {name}")
            times[name] = found.of(len(rows) / n)
    return [
        against(
            "all_pairs",
            f"n = {n:,}, mean degree {graph.mean_degree:.0f}",
            times["ours"],
            name,
            times[name],
            BOUNDS["all_pairs"]["ratio"] if name == "SciPy" else None,
            "same distances to 1e-9",
        )
        for name in sources
    ]
