"""The path between two of a million points, against SciPy's full tree on the same graph in kd-tree order."""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

import geodesic_kit as gk

from .. import warm
from ..agreement import same
from ..bounds import BOUNDS
from ..lines import Line, against, duration, measured, not_run
from ..problems import plane
from ..timing import Timings, timed

__all__ = ["run"]

_SOLVER, _PEER = "astar", "SciPy's full tree in kd order"
_FAR, _NEAR = 0.8, 0.05  # of the diameter, as two sweeps of Dijkstra find it


def run(quick: bool) -> list[Line]:
    """Near and far pairs by A*; the ratio is of the mean of both."""
    try:
        gk.solvers[_SOLVER]
    except gk.errors.GeodesicKitError as err:
        return [not_run("single_pair", str(err))]
    warm.up()
    n = 20_000 if quick else 1_000_000
    problem = plane(n)
    graph = gk.epsilon_graph(problem.points, problem.radius(10)).weigh(problem.metric)
    matrix = graph.matrix

    def reordered() -> Any:
        order = cKDTree(problem.points).indices
        return order, matrix[order][:, order].tocsr()

    reordering, (order, relabelled) = timed(reordered)
    rank = np.argsort(order)
    pairs = _pairs(relabelled, order, 3 if quick else 5)
    first, _ = timed(lambda: gk.geodesic(graph, *pairs["near"][0], solver=_SOLVER))

    seconds: dict[str, dict[str, list[float]]] = {kind: {"ours": [], "peer": []} for kind in pairs}
    expanded: dict[str, list[tuple[int, int]]] = {kind: [] for kind in pairs}
    solver = gk.solvers[_SOLVER]()
    turns = 2 if quick else 3
    for turn in range(turns):
        for kind, of_kind in pairs.items():
            for i, j in of_kind:
                start = time.perf_counter()
                path = gk.geodesic(graph, i, j, solver=_SOLVER)
                between = time.perf_counter()
                row, predecessors = dijkstra(
                    relabelled, directed=True, indices=rank[i], return_predecessors=True
                )
                walked = _walk(predecessors, rank[i], rank[j])
                end = time.perf_counter()
                seconds[kind]["ours"].append(between - start)
                seconds[kind]["peer"].append(end - between)
                same(path.length, row[walked[0]], 1e-9, f"length from {i} to {j}")
                if turn == 0:
                    expanded[kind].append((solver.path(graph, i, j)[2], int((row <= row[rank[j]]).sum())))

    both = {
        side: Timings((statistics.mean(_typical(seconds[kind][side], pairs[kind]) for kind in pairs),))
        for side in ("ours", "peer")
    }
    once = max(first - statistics.median(seconds["near"]["ours"]), 0.0)
    work = f"n = {n:,}, mean degree 10: mean of near (5 % of the diameter) and far (80 %)"
    lines = [
        against(
            "single_pair",
            work,
            both["ours"],
            _PEER,
            both["peer"],
            BOUNDS["single_pair"]["ratio"],
            "same lengths to 1e-9",
        )
    ]
    for kind, of_kind in seconds.items():
        mine, exits = (int(statistics.mean(x)) for x in zip(*expanded[kind], strict=True))
        note = f"expanded {mine:,} vertices, early-exit Dijkstra {exits:,}"
        sides = {side: Timings((_typical(of_kind[side], pairs[kind]),)) for side in of_kind}
        lines.append(against("single_pair", f"{kind} pairs", sides["ours"], _PEER, sides["peer"], None, note))
    whole = {side: sum(map(sum, (of[side] for of in seconds.values()))) / turns for side in ("ours", "peer")}
    with_it = (whole["peer"] + reordering) / (whole["ours"] + once)
    over = f"with it, over these {sum(map(len, pairs.values()))} pairs, ×{with_it:.2g}"
    note = f"peer {duration(reordering)}: kd-tree and relabelled matrix; not in the times above, {over}"
    shown, raw = duration(max(once, 1e-6)), {"peer_s": reordering, "seconds": seconds}
    lines.append(measured("single_pair", "reordering, once a graph", once, shown, None, note, **raw))
    return lines


def _typical(seconds: list[float], pairs: list[Any]) -> float:
    """The mean over the pairs of each one's median; the list runs over the pairs again and again."""
    return float(np.median(np.reshape(seconds, (-1, len(pairs))), axis=0).mean())


def _pairs(relabelled: Any, order: Any, count: int) -> dict[str, list[tuple[int, int]]]:
    """`count` near and far pairs of vertices, in the caller's numbers, inside the largest component."""
    rng = np.random.default_rng(0)

    def tree(source: int) -> Any:
        return dijkstra(relabelled, directed=True, indices=source)

    middle = next(
        row
        for row in (tree(rng.integers(len(order))) for _ in range(100))
        if np.isfinite(row).sum() > len(order) / 2
    )
    end = tree(int(np.where(np.isfinite(middle), middle, -1).argmax()))
    diameter = end[np.isfinite(end)].max()
    found: dict[str, list[tuple[int, int]]] = {}
    for kind, share, among in (("near", _NEAR, np.isfinite(end)), ("far", _FAR, end <= 0.15 * diameter)):
        found[kind] = []
        for i in rng.choice(np.flatnonzero(among), size=count, replace=False):
            row = tree(i)
            j = int(np.where(np.isfinite(row), np.abs(row - share * diameter), np.inf).argmin())
            found[kind].append((int(order[i]), int(order[j])))
    return found


def _walk(predecessors: Any, i: int, j: int) -> list[int]:
    path = [int(j)]
    while path[-1] != i:
        path.append(int(predecessors[path[-1]]))
    return path
