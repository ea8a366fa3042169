"""Distances by a cluster: what a tree costs a worker's core and the caller, and what that makes of a million
sources.
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import numpy as np

import geodesic_kit as gk

from .. import warm
from ..bounds import BOUNDS
from ..lines import Disagreement, Line, duration, measured, not_run
from ..problems import plane

__all__ = ["run"]

_FEW = 4  # sources, whose cost is that of sending the graph
_MACHINES, _CORES = 100, 16


def run(quick: bool) -> list[Line]:
    """CPU seconds by two workers on this machine, which what else runs here changes little."""
    try:
        from distributed import Client, LocalCluster
    except ModuleNotFoundError as err:
        return [not_run("cluster", f"needs {err.name}")]
    warm.up()
    sizes = {1000: 512, 4000: 256} if quick else {10_000: 1024, 100_000: 64, 1_000_000: 8}
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        costs = {n: _costs(client, n, count) for n, count in sizes.items()}
    lines = []
    for n, (worker, caller, different) in costs.items():
        lines.append(
            measured(
                "cluster",
                f"n = {n:,}, float32, two workers",
                different,
                f"{1 / worker:,.3g} trees a second a core",
                BOUNDS["cluster"]["different"],
                f"{duration(worker)} of a worker's core and {duration(caller)} of the caller's a tree; "
                f"{different} entries differ from the local result",
                worker_s=worker,
                caller_s=caller,
            )
        )
    return [*lines, _model({n: (worker, caller) for n, (worker, caller, _) in costs.items()})]


def _costs(client: Any, n: int, count: int) -> tuple[float, float, int]:
    """CPU seconds of the workers and of the caller a tree, and the entries that differ from the local
    result's.
    """
    problem = plane(n)
    graph = gk.epsilon_graph(problem.points, problem.radius(10)).weigh(problem.metric)
    sources = np.random.default_rng(0).choice(n, _FEW + count, replace=False)
    gk.distances(graph, sources[:_FEW], dtype=np.float32, client=client)  # compiles
    spent = [_spent(client)]
    for some in (sources[:_FEW], sources):
        there = gk.distances(graph, some, dtype=np.float32, client=client)
        spent.append(_spent(client))
    few, all_ = (np.subtract(after, before) for before, after in pairwise(spent))
    worker, caller = (all_ - few) / count
    here = gk.distances(graph, sources, dtype=np.float32)
    if worker <= 0:
        raise Disagreement(f"n = {n}: {count} trees more took no more time")
    return float(worker), max(float(caller), 0.0), int((here != there).sum())


def _spent(client: Any) -> tuple[float, float]:
    """CPU seconds so far, of the workers and of this process."""
    return sum(client.run(time.process_time).values()), time.process_time()


def _model(costs: dict[int, tuple[float, float]]) -> Line:
    """A tree costs a worker a n log n, the caller b n: both by least squares of the logarithms, and what they
    say of 10^6 sources on 10^6 points.
    """
    n = np.array(list(costs), dtype=float)
    worker, caller = np.array(list(costs.values())).T
    laws = {"worker": (worker, n * np.log2(n)), "caller": (caller, n)}
    fits = {
        name: float(np.exp(np.mean(np.log(np.maximum(took, 1e-9) / size))))
        for name, (took, size) in laws.items()
    }
    off = {
        name: float(np.exp(np.abs(np.log(np.maximum(took, 1e-9) / (fits[name] * size))).max()))
        for name, (took, size) in laws.items()
    }
    million = 10**6
    core = fits["worker"] * million * np.log2(million) * million
    alone = fits["caller"] * million * million
    wall = core / (_MACHINES * _CORES)
    return measured(
        "cluster",
        f"10^6 x 10^6 on {_MACHINES} machines of {_CORES} cores, by the model",
        wall,
        f"{wall / 3600:.2g} h of the workers, {alone / 3600:.2g} h of one caller",
        note=(
            f"a worker's tree {fits['worker']:.2g} s x n log2 n (within a factor {off['worker']:.2g} of what "
            f"was measured), the caller's {fits['caller']:.2g} s x n ({off['caller']:.2g})"
        ),
        core_s=core,
        caller_s=alone,
        fits=fits,
        off=off,
    )
