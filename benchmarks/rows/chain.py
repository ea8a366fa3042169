"""Graph, weights, one tree and one path on a million points, each side in a process of its own."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import geodesic_kit as gk
from geodesic_kit.errors import InvalidParameter

from .. import children, memory, warm
from ..agreement import same
from ..bounds import BOUNDS
from ..lines import Disagreement, Line, against, measured
from ..naive import sklearn_log_p, trapezoid
from ..problems import Problem, plane
from ..reference import sample, worst
from ..timing import Failure, Timings

__all__ = ["ours", "peer", "run"]

_DEGREE = 10
_PIECES = 2  # the fewest that come near the kit's tolerance on edges this short
_STAGES = ("graph", "weights", "one tree and one path")
_PEER = "scikit-learn graph + score_samples + SciPy"


def run(quick: bool) -> list[Line]:
    """The whole chain at n = 10^6, its stages, and the memory it adds."""
    n = 20_000 if quick else 1_000_000
    runs: dict[str, list[dict[str, Any]]] = {"ours": [], "peer": []}
    failures: dict[str, Failure] = {}
    for turn in range(2 if quick else 3):
        for side in sorted(set(runs) - set(failures), reverse=bool(turn % 2)):
            try:
                runs[side].append(children.call(f"{__name__}:{side}", n=n))
            except InvalidParameter as err:
                failures[side] = Failure(str(err))
    times = {
        side: failures.get(side) or Timings(tuple(sum(r["seconds"]) for r in found))
        for side, found in runs.items()
    }
    work = f"n = {n:,}, d = 2, K = 2, mean degree {_DEGREE}"
    if failures:
        return [against("chain", work, times["ours"], _PEER, times["peer"], BOUNDS["chain"]["ratio"])]
    one, other = runs["ours"][0], runs["peer"][0]
    _compare(one, other)
    errors = (
        f"{one['edges']:,} edges; worst relative error of an edge: ours {one['error']:.1g}, peer "
        f"{other['error']:.1g}"
    )
    note = f"{errors} (trapezoid, {_PIECES} pieces)"
    added = {side: statistics.median(r["megabytes"] for r in found) for side, found in runs.items()}
    lines = [against("chain", work, times["ours"], _PEER, times["peer"], BOUNDS["chain"]["ratio"], note)]
    for k, stage in enumerate(_STAGES):
        sides = {side: Timings(tuple(r["seconds"][k] for r in found)) for side, found in runs.items()}
        lines.append(against("chain", stage, sides["ours"], _PEER, sides["peer"]))
    shown, peers = (f"{added[side]:.0f} MB" for side in ("ours", "peer"))
    return [
        *lines,
        measured(
            "chain",
            "memory added",
            added["ours"],
            shown,
            BOUNDS["chain"]["memory"],
            f"peer {peers}",
            runs=runs,
        ),
    ]


def ours(n: int) -> dict[str, Any]:
    """The chain by the kit: seconds a stage, megabytes added, the answers."""
    warm.up()
    problem = plane(n)
    eps, (i, j), pairs = problem.radius(_DEGREE), _ends(problem), warm.best_for_pairs()

    def work(clock: Callable[[], None]) -> tuple[Any, ...]:
        graph = gk.epsilon_graph(problem.points, eps=eps)
        clock()
        weighed = graph.weigh(problem.metric)
        clock()
        row = gk.distances(weighed, [i])[0]
        return weighed, row, gk.geodesic(weighed, i, j, solver=pairs).length

    (weighed, row, length), measures = _measured(work)
    return measures | _answers(problem, weighed.edges, weighed.weights, row, length)


def peer(n: int) -> dict[str, Any]:
    """The same by scikit-learn and SciPy."""
    from scipy.sparse import csr_array, triu
    from scipy.sparse.csgraph import dijkstra
    from sklearn.neighbors import radius_neighbors_graph

    problem = plane(n)
    eps, (i, j), log_p = problem.radius(_DEGREE), _ends(problem), sklearn_log_p(problem)

    def work(clock: Callable[[], None]) -> tuple[Any, ...]:
        upper = triu(
            radius_neighbors_graph(problem.points, eps, mode="connectivity", n_jobs=-1), format="coo"
        )
        edges = np.stack([upper.row, upper.col], axis=1).astype(np.int64)
        clock()
        weights = trapezoid(problem, edges, _PIECES, log_p)
        clock()
        half = csr_array((weights, (edges[:, 0], edges[:, 1])), shape=(n, n))
        # The matrix is symmetric, so "directed" spares SciPy a transpose.
        row, predecessors = dijkstra(half + half.T, directed=True, indices=i, return_predecessors=True)
        path = [j]
        while path[-1] != i:
            path.append(int(predecessors[path[-1]]))
        return edges, weights, row, float(row[path[0]])

    (edges, weights, row, length), measures = _measured(work)
    return measures | _answers(problem, edges, weights, row, length)


def _ends(problem: Problem) -> tuple[int, int]:
    """The points nearest to the two means."""
    return tuple(int(np.square(problem.points - mean).sum(axis=1).argmin()) for mean in problem.means)  # type: ignore[return-value]


def _measured(work: Callable[[Callable[[], None]], Any]) -> tuple[Any, dict[str, Any]]:
    ticks: list[float] = []

    def clock() -> None:
        ticks.append(time.perf_counter())

    def whole() -> Any:
        clock()
        result = work(clock)
        clock()
        return result

    megabytes, result = memory.added(whole)
    return result, {"seconds": np.diff(ticks), "megabytes": megabytes}


def _answers(problem: Problem, edges: Any, weights: Any, row: Any, length: float) -> dict[str, Any]:
    looked_at = sample(200, len(edges))
    some = np.random.default_rng(0).choice(len(row), size=1000)
    error = worst(problem, edges[looked_at], weights[looked_at])
    return {
        "edges": len(edges),
        "error": error,
        "length": length,
        "row": np.where(np.isfinite(row[some]), row[some], -1.0),
    }


def _compare(one: dict[str, Any], other: dict[str, Any]) -> None:
    if one["edges"] != other["edges"]:
        raise Disagreement(f"{one['edges']} edges and {other['edges']}")
    # Two quadratures, each within its own error.
    allowed = 2e-6 + 2 * (one["error"] + other["error"])
    same(one["row"], other["row"], allowed, "distances")
    same(one["length"], other["length"], allowed, "length of the path")
