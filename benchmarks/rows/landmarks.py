"""What landmarks save and how tight they are: searches, latent graphs, a million points scaled, bounds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import geodesic_kit as gk
from geodesic_kit.applications.scaling import classical_mds

from .. import warm
from ..agreement import same
from ..bounds import BOUNDS
from ..lines import Disagreement, Line, against, duration, measured
from ..memory import added
from ..problems import plane
from ..timing import Timings

__all__ = ["bounds", "latent", "pair", "scaling"]

_K = 64
_SETS = ("two_moons", "two_spirals", "three_rings", "unequal_gaussians", "four_spirals")


def pair(quick: bool) -> list[Line]:
    """One pair of the largest component of a million points, near and far, against A* without landmarks."""
    warm.up()
    n = 20_000 if quick else 1_000_000
    graph = _weighed(n)
    gk.distances(graph, [0])  # lays the graph out
    spent, marks = _spent(lambda: gk.landmarks(graph, k=_K))
    solver: Any = gk.solvers["astar"]()
    seconds: dict[str, list[float]] = {"ours": [], "plain": []}
    expanded: dict[str, list[int]] = {"ours": [], "plain": []}
    for i, j, true in _pairs(graph, 3 if quick else 6):
        for name, on in (("plain", graph), ("ours", marks.graph)):
            solver.search(on, i, j)
            rounds = [_spent(lambda on=on, i=i, j=j: solver.search(on, i, j)) for _ in range(3)]
            seconds[name].append(statistics.median(cpu for cpu, _ in rounds))
            expanded[name].append(rounds[0][1].expanded)
            same(rounds[0][1].length, true, 1e-9, f"length from {i} to {j}")
    ours, plain = (Timings((statistics.mean(each),)) for each in seconds.values())
    fewer = sum(expanded["plain"]) / sum(expanded["ours"])
    work = f"n = {n:,}, {_K} landmarks: mean of near (5 % of the diameter) and far (80 %) pairs, CPU time"
    promised = BOUNDS["landmark_pair"]
    return [
        against("landmark_pair", work, ours, "A* without", plain, promised["ratio"], "same lengths to 1e-9"),
        measured(
            "landmark_pair",
            "vertices expanded, A* without over with landmarks",
            fewer,
            f"×{fewer:.3g}",
            promised["vertices"],
            f"{sum(expanded['plain']):,} and {sum(expanded['ours']):,}",
        ),
        measured("landmark_pair", f"{_K} landmarks, once a graph, CPU time", spent, duration(spent)),
    ]


def latent(quick: bool) -> list[Line]:
    """Random pairs of codes of MNIST's decoder, eight landmarks, against Dijkstra with early exit."""
    from geodesic_kit.paper.experiments.latent_searches import landmark_costs
    from geodesic_kit.paper.experiments.latent_sets import latent_set

    warm.up()
    lines = []
    for n in (500,) if quick else (2000, 10_000):
        of = latent_set("mnist", n, seed=0, drawn=True)
        graph = gk.knn_graph(of.codes, 10).bridged().weigh(of.metric)
        some = np.random.default_rng(0).integers(n, size=(100, 2))
        found = landmark_costs(graph, some, k=8)
        share, faster = found.loc["landmarks", "expanded"], 1 / found.loc["landmarks", "CPU time"]
        work, promised = f"n = {n:,} codes of MNIST, 8 landmarks", BOUNDS["latent_graphs"]
        shown = f"{share:.3f}"
        lines += [
            measured(
                "latent_graphs", f"{work}: vertices over Dijkstra's", share, shown, promised["vertices"]
            ),
            measured("latent_graphs", f"{work}: times faster", faster, f"×{faster:.3g}", promised["ratio"]),
        ]
    return lines


def scaling(quick: bool) -> list[Line]:
    """Trees and landmark scaling of a connected graph; its stress on a subset beside classical scaling's."""
    warm.up()
    n, few = (20_000 if quick else 1_000_000), 150  # trees of the whole graph
    graph = _weighed(n).bridged()
    gk.distances(graph, [0])
    kept: list[Any] = []
    megabytes, spent = added(
        lambda: _spent(lambda: kept.append(gk.landmarks(graph, k=_K, dtype=np.float32).embed(2)))[0]
    )
    some = np.random.default_rng(0).choice(n, few, replace=False)
    true = gk.distances(graph, some, dtype=np.float32)[:, some].astype(np.float64)
    true = (true + true.T) / 2
    over = _stress(kept[0][some], true) / _stress(classical_mds(true, 2).points, true)
    work, promised = f"n = {n:,}, {_K} landmarks in float32, two dimensions", BOUNDS["landmark_scaling"]
    where = f"{work}: stress-1 on {few:,} points over classical scaling's"
    return [
        measured("landmark_scaling", f"{work}: CPU time", spent, duration(spent), promised["time"]),
        measured("landmark_scaling", f"{work}: memory", megabytes, f"{megabytes:.0f} MB", promised["memory"]),
        measured("landmark_scaling", where, over, f"{over:.4f}", promised["stress"]),
    ]


def bounds(quick: bool) -> list[Line]:
    """Random pairs of five sets, float64 and float32, against the distances."""
    warm.up()
    n, sources, targets = (2000, 20, 50) if quick else (100_000, 250, 400)
    lines = []
    for name in _SETS:
        x = gk.datasets.load(name, n=n, seed=0).x
        density = gk.densities["mog"].fit(x[:5000], seed=0, n_components=32)
        metric = gk.GenerativeMetric.from_sample(density, x[:5000])
        graph = gk.knn_graph(x, 10).bridged().weigh(metric)
        rng = np.random.default_rng(0)
        pairs = np.stack(
            [np.repeat(rng.integers(n, size=sources), targets), rng.integers(n, size=sources * targets)], 1
        )
        pairs = pairs[pairs[:, 0] != pairs[:, 1]]
        true = gk.distances(graph, pairs=pairs)
        marks = [gk.landmarks(graph, k=_K, dtype=kind) for kind in (np.float64, np.float32)]
        for each in marks:
            lower, upper = each.bounds(pairs)
            broken = int(((lower > true) | (upper < true)).sum())
            if broken:
                raise Disagreement(f"{name}: {broken} of {len(pairs):,} bounds do not hold")
        lower, upper = marks[0].bounds(pairs)
        below, above = 1 - lower / true, upper / true - 1
        promised = BOUNDS["bounds"]
        note = f"{len(pairs):,} pairs, {_K} landmarks; all hold, in float32 too"
        for what, value, key in (
            ("lower, median", np.median(below), "lower"),
            ("lower, 90 %", np.quantile(below, 0.9), "lower_90"),
            ("upper, median", np.median(above), "upper"),
        ):
            found = float(100 * value)
            lines.append(
                measured("bounds", f"{name}, n = {n:,}: {what}", found, f"{found:.2g} %", promised[key], note)
            )
    return lines


def _weighed(n: int) -> Any:
    problem = plane(n)
    return gk.epsilon_graph(problem.points, problem.radius(10)).weigh(problem.metric)


def _pairs(graph: Any, count: int) -> list[tuple[int, int, float]]:
    """`count` near and as many far pairs of vertices of the largest component, and their distances."""
    rng = np.random.default_rng(0)
    inside = np.flatnonzero(graph.components() == 0)
    (first,) = gk.distances(graph, rng.choice(inside, 1))
    end = int(np.where(np.isfinite(first), first, -1).argmax())
    (rim,) = gk.distances(graph, [end])
    diameter = rim[np.isfinite(rim)].max()
    found = []
    for share, among in ((0.05, inside), (0.8, np.flatnonzero(rim <= 0.15 * diameter))):
        for i in rng.choice(among, count, replace=False).tolist():
            (row,) = gk.distances(graph, [i])
            j = int(np.where(np.isfinite(row), np.abs(row - share * diameter), np.inf).argmin())
            found.append((i, j, float(row[j])))
    return found


def _spent(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of CPU of one run, and what it returned."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def _stress(z: Any, true: Any) -> float:
    """Stress-1 of places (n, 2) for distances (n, n), without a scale of its own."""
    apart = np.linalg.norm(z[:, None] - z, axis=-1)
    return float(np.sqrt(np.square(apart - true).sum() / np.square(true).sum()))
