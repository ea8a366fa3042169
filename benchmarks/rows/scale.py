"""How time and memory of graph, weights, tree and path grow with n: slopes, each n in a process of its
own.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np

import geodesic_kit as gk

from .. import children, memory, warm
from ..bounds import BOUNDS
from ..lines import Line, duration, measured
from ..problems import square

__all__ = ["chain", "run"]

_DEGREE = 15


def run(quick: bool) -> list[Line]:
    """Fixed mean degree, and eps at 1.5 times the connectivity radius."""
    sizes = (2000, 4000, 8000) if quick else (10_000, 30_000, 100_000, 300_000, 1_000_000)
    found = {
        rule: [children.call(f"{__name__}:chain", n=n, rule=rule) for n in sizes]
        for rule in ("degree", "connectivity")
    }
    fixed, growing = found["degree"], found["connectivity"]
    time_slope, memory_slope = (
        _slope(sizes, [run[what] for run in fixed]) for what in ("seconds", "megabytes")
    )
    per_edge = [run["seconds"] / (run["edges"] * np.log(n)) for run, n in zip(growing, sizes, strict=True)]
    spread = max(per_edge) / min(per_edge)
    work = f"uniform in the square, n = {sizes[0]:,} … {sizes[-1]:,}, mean degree {_DEGREE}"
    bounds, steady = BOUNDS["scale"], "eps at 1.5 × connectivity: time an edge·log n, most over least"
    return [
        measured(
            "scale",
            f"{work}: log-log slope of time",
            time_slope,
            f"{time_slope:.2f}",
            bounds["time"],
            _times(fixed),
            runs=fixed,
        ),
        measured(
            "scale",
            "log-log slope of memory added",
            memory_slope,
            f"{memory_slope:.2f}",
            bounds["memory"],
            _megabytes(fixed),
        ),
        measured(
            "scale", steady, spread, f"×{spread:.2f}", bounds["connectivity"], _times(growing), runs=growing
        ),
    ]


def chain(n: int, rule: str) -> dict[str, Any]:
    """Median seconds of the chain on n points, megabytes that its first run adds, and its edges."""
    warm.up()
    problem = square(n)
    eps = float(
        np.sqrt(_DEGREE / (np.pi * n)) if rule == "degree" else 1.5 * np.sqrt(np.log(n) / (np.pi * n))
    )
    pairs = warm.best_for_pairs()
    i, j = (int(np.square(problem.points - corner).sum(axis=1).argmin()) for corner in (0.1, 0.9))
    seconds = []

    def once() -> int:
        start = time.perf_counter()
        graph = gk.epsilon_graph(problem.points, eps=eps).weigh(problem.metric)
        gk.distances(graph, [i])
        gk.geodesic(graph, i, j, solver=pairs)
        seconds.append(time.perf_counter() - start)
        return graph.m

    megabytes, edges = memory.added(once)
    for _ in range(14 if n < 50_000 else 6 if n < 500_000 else 2):  # small sizes settle only after some
        once()
    return {
        "n": n,
        "edges": edges,
        "seconds": statistics.median(seconds),
        "all_seconds": seconds,
        "megabytes": megabytes,
    }


def _slope(sizes: tuple[int, ...], values: list[float]) -> float:
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def _times(runs: list[dict[str, Any]]) -> str:
    return ", ".join(duration(run["seconds"]) for run in runs)


def _megabytes(runs: list[dict[str, Any]]) -> str:
    return ", ".join(f"{run['megabytes']:.0f} MB" for run in runs)
