"""What shortest-path solvers are compared by: agreement with SciPy, memory, vertices expanded."""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from ...checks import as_points, integer
from ...errors import (
    BrokenPlugin,
    ContrastWarning,
    DisconnectedError,
    MissingPlugin,
    NameClash,
    NoGPUError,
    PluginError,
)
from ...geodesics.between import geodesic
from ...graph.by_rule import epsilon_graph
from ...graph.graph import Graph
from ...paths.distances import distances
from ...registry import solvers
from ...types import Density, Edges, Ints, Metric, Points, Solver, Values
from . import own_process, scale

__all__ = [
    "Counted",
    "Expansion",
    "Recorded",
    "disagreement",
    "expansions",
    "installed",
    "median_seconds",
    "reference",
    "spread_targets",
    "tree_memory",
]


def installed(owner: str = "geodesic-kit") -> tuple[dict[str, Solver], dict[str, str]]:
    """Every solver of one package that runs here, by name, and for each other one the sentence that says why
    it does not.
    """
    found: dict[str, Solver] = {}
    absent: dict[str, str] = {}
    two = Graph(np.array([[0.0], [1.0]]), np.array([[0, 1]]), np.array([1.0]))
    for name in (name for name, by in solvers.providers().items() if by.startswith(f"{owner} ")):
        try:
            solver = solvers[name]()
            solver.solve(two, np.array([0]))  # a package may be there and its GPU not
            found[name] = solver
        except (MissingPlugin, BrokenPlugin, NameClash, NoGPUError) as err:
            absent[name] = str(err)
    return found, absent


def reference(graph: Graph, sources: ArrayLike) -> Values:
    """Distances (s, n) by `scipy.sparse.csgraph.dijkstra`, on a matrix built here, by no code of the kit."""
    (i, j), w = graph.edges.T, graph.require_weights()
    ends = (np.concatenate([i, j]), np.concatenate([j, i]))
    matrix = coo_array((np.concatenate([w, w]), ends), shape=(graph.n, graph.n)).tocsr()
    return np.asarray(dijkstra(matrix, directed=True, indices=np.atleast_1d(sources)), dtype=np.float64)


def disagreement(
    graph: Graph, solver: Solver, sources: Ints, targets: Ints, exact: Values
) -> tuple[float, float]:
    """Worst relative difference of the distances from `sources`, and of the lengths of the paths to
    `targets`, to `exact` (s, n).

    It is inf where one says unreachable and the other does not. The path of row k leads from sources[k] to
    targets[k]; its length is summed from the graph's own weights along its vertices.
    """
    paths = np.array(
        [_path_length(graph, solver, int(i), int(j)) for i, j in zip(sources, targets, strict=True)]
    )
    of_paths = _worst(paths, exact[np.arange(len(sources)), targets])
    return _worst(solver.solve(graph, sources).distances, exact), of_paths


def _path_length(graph: Graph, solver: Solver, i: int, j: int) -> float:
    try:
        # The comparison is of solvers, not of metrics.
        with warnings.catch_warnings(action="ignore", category=ContrastWarning):
            path = geodesic(graph, i, j, solver=solver)
    except DisconnectedError:
        return float("inf")
    except PluginError:  # the path is none of this graph, or not as long as it says
        return float("nan")
    assert path.indices is not None
    walked = np.sort(np.stack([path.indices[:-1], path.indices[1:]], axis=1), axis=1) @ [graph.n, 1]
    keys = graph.edges @ [graph.n, 1]
    order = np.argsort(keys)
    at = order[np.minimum(np.searchsorted(keys, walked, sorter=order), graph.m - 1)]
    joined = (keys[at] == walked).all() and (path.indices[0], path.indices[-1]) == (i, j)
    return float(graph.require_weights()[at].sum()) if joined else float("nan")


def _worst(found: Values, exact: Values) -> float:
    reached = np.isfinite(exact)
    if (np.isfinite(found) != reached).any() or np.isnan(found).any():
        return float("inf")
    apart = np.abs(found[reached] - exact[reached])
    return float((apart / np.where(exact[reached] > 0, exact[reached], 1.0)).max(initial=0.0))


def tree_memory(solver: str, n: int, *, lam: float, p0: float, seed: int) -> float:
    """Bytes that one tree over n uniform points, mean degree 15, takes at its peak beside the graph, in a
    fresh interpreter.
    """
    answer: float = own_process.call(
        f"{__name__}:_memory_here", solver=solver, n=n, lam=lam, p0=p0, seed=seed
    )
    return answer


def _memory_here(solver: str, n: int, lam: float, p0: float, seed: int) -> float:
    rule, metric = "mean degree 15", scale.two_modes(lam, p0)

    def graph_of(size: int) -> Graph:
        return epsilon_graph(scale.uniform(size, seed), scale.radius(rule, size)).weigh(metric)

    distances(graph_of(400), [0], solver=solver)  # loads what is to be loaded
    graph = graph_of(n)
    return own_process.peaks([("tree", lambda: distances(graph, [0], solver=solver))])["tree"]


def median_seconds(work: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Median wall seconds of each piece of work, taken in turns, so that a busy machine slows all of them
    alike.
    """
    spent: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(integer(rounds, "rounds", least=1)):
        for name, one in work.items():
            start = time.perf_counter()
            one()
            spent[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in spent.items()}


@dataclass(frozen=True)
class Expansion:
    """One pair: its distance, the vertices that A* expands, those that Dijkstra settles up to the target, and
    all it can reach.

    `share` is the rank of the target among those reached.
    """

    source: int
    target: int
    share: float
    distance: float
    astar: int
    early_exit: int
    tree: int


def expansions(graph: Graph, sources: Sequence[int], shares: Sequence[float]) -> list[Expansion]:
    """For each source and each share of the vertices it reaches, nearest first: the target there, and what it
    takes to get to it.
    """
    rows = []
    for i, row in zip(sources, reference(graph, sources), strict=True):
        for share, j in zip(shares, spread_targets(row, shares), strict=True):
            with warnings.catch_warnings(action="ignore", category=ContrastWarning):
                search = geodesic(graph, int(i), int(j), solver="astar").search
            assert search is not None
            nearer = int(np.count_nonzero(row <= row[j]))
            pair = (int(i), int(j), float(share), float(row[j]))
            rows.append(Expansion(*pair, search.expanded, nearer, int(np.isfinite(row).sum())))
    return rows


def spread_targets(row: Values, shares: Sequence[float]) -> Ints:
    """The vertices that lie nearest, by rank in the distances (n,), to these shares of all reached."""
    order = np.argsort(row, kind="stable")[: np.count_nonzero(np.isfinite(row))]
    return np.asarray(order[np.rint(np.asarray(shares) * (len(order) - 1)).astype(np.int64)])


class Counted:
    """A density that counts the points it is asked about and offers nothing but log p: what a flow looks like
    from outside.
    """

    def __init__(self, density: Density) -> None:
        self.density, self.dim, self.normalised = density, density.dim, density.normalised
        self.points = 0

    def log_prob(self, x: Points) -> Values:
        """Natural log, (n, d) -> (n,); adds n to `points`."""
        x = as_points(x)
        self.points += len(x)
        return np.asarray(self.density.log_prob(x))

    def __repr__(self) -> str:
        return f"Counted({self.density!r})"


class Recorded:
    """A metric that remembers which edges it was asked to measure, and states the `bound` it is given, else
    its own.

    On one graph its least length per Euclidean length is a true bound; 0 is always one.
    """

    def __init__(self, metric: Metric, bound: float | None = None) -> None:
        self.metric, self.bound = metric, bound
        self.asked: list[Edges] = []

    def edge_lengths(self, points: Points, edges: Edges) -> Values:
        """Length of each edge, (m,), which `edges` keeps."""
        self.asked.append(np.array(edges))
        return np.asarray(self.metric.edge_lengths(points, edges))

    def lower_bound(self) -> float:
        """The bound given, else that of the metric."""
        return float(self.metric.lower_bound()) if self.bound is None else self.bound

    @property
    def edges(self) -> Edges:
        """The edges measured so far, (m, 2), in the order asked."""
        return np.concatenate([np.empty((0, 2), dtype=np.int64), *self.asked])
