"""Graphs over codes: their vertices, several k at the cost of one, how long their paths are beside smooth
geodesics.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import process_time
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ...checks import integer
from ...errors import InvalidParameter, RefinementNotice
from ...geodesics.between import geodesic
from ...geodesics.curve import Geodesic, measured
from ...geodesics.refine import refine
from ...graph.by_rule import knn_graph
from ...graph.graph import Graph
from ...latent.neural import neural_geodesic
from ...latent.pullback import PullbackMetric
from ...types import Ints, Metric, Points, Values

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "GraphWays",
    "NestedGraphs",
    "filled",
    "graph_paths",
    "graph_ways",
    "lengths",
    "lengths_by_k",
    "nested_graphs",
    "query_costs",
    "unsettled",
]

_MANY = 1024  # secants that stand for the exact length


def filled(codes: Points, n: int, *, seed: int) -> Points:
    """The codes (m, z), and after them n points drawn uniformly from their box, (m + n, z)."""
    rng = np.random.default_rng(seed)
    count = integer(n, "n", least=0)
    return np.concatenate([codes, rng.uniform(codes.min(axis=0), codes.max(axis=0), (count, codes.shape[1]))])


@dataclass(frozen=True, eq=False)
class NestedGraphs:
    """Weighed nearest-neighbour graphs over the same points by k, and the seconds of CPU that the largest
    took, by stage.
    """

    graphs: Mapping[int, Graph]
    seconds: Mapping[str, float]

    @property
    def largest(self) -> Graph:
        """The graph of the largest k."""
        return self.graphs[max(self.graphs)]


def nested_graphs(points: Points, metric: Metric, ks: Sequence[int]) -> NestedGraphs:
    """The graph of each k, its components joined by their shortest edges; but for those only the largest is
    measured, whose edges the others' are among. [C19]
    """
    if not ks:
        raise InvalidParameter("ks is empty; give one number of neighbours or more")
    began = process_time()
    whole = knn_graph(points, max(ks)).bridged()
    joined = process_time()
    whole = whole.weigh(metric)
    seconds = {"neighbours": joined - began, "lengths": process_time() - joined}
    keys, weights = whole.edges @ [whole.n, 1], whole.require_weights()
    order = np.argsort(keys)
    graphs = {max(ks): whole}
    for k in sorted({*ks} - {max(ks)}):
        part = knn_graph(points, k)
        at = order[np.searchsorted(keys, part.edges @ [whole.n, 1], sorter=order)]
        graphs[k] = Graph(part.points, part.edges, weights[at], metric, part.link).bridged()
    return NestedGraphs(dict(sorted(graphs.items())), seconds)


def unsettled(graph: Graph, *, secants: int, most: int = 10) -> tuple[float, float]:
    """The largest relative error of the `most` longest edges, by a fixed number of secants and as the graph
    has them, against 1,024 secants extrapolated from half as many.
    """
    metric, weights = graph.metric, graph.require_weights()
    if not isinstance(metric, PullbackMetric):
        raise InvalidParameter(f"the graph is weighed by {metric!r}; secants are a PullbackMetric's")
    longest = np.argsort(weights)[-most:]
    edges = graph.edges[longest]
    plain, half, whole = (
        PullbackMetric(metric.model, dim=metric.dim, pieces=pieces).edge_lengths(graph.points, edges)
        for pieces in (secants, _MANY // 2, _MANY)
    )
    exact = whole + (whole - half) / 3
    return tuple(float(np.abs(found / exact - 1).max()) for found in (plain, weights[longest]))  # type: ignore[return-value]


def graph_paths(graph: Graph, pairs: ArrayLike) -> list[Geodesic]:
    """The shortest path between the vertices of each pair, (m, 2), by A*."""
    # A path of a few long edges is what a latent graph has: no reason for advice.
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        return [geodesic(graph, int(i), int(j), solver="astar") for i, j in np.asarray(pairs)]


@dataclass(frozen=True, eq=False)
class GraphWays:
    """Paths between the same pairs of vertices: straight, along the graph of each k, refined from that of the
    largest k, neural for the first few pairs; seconds of CPU a pair by way.
    """

    straight: list[Geodesic]
    by_k: Mapping[int, list[Geodesic]]
    refined: list[Geodesic]
    neural: list[Geodesic]
    seconds: Mapping[str, float]

    @property
    def graph(self) -> list[Geodesic]:
        """The paths along the graph of the largest k."""
        return self.by_k[max(self.by_k)]

    def excess(self, paths: Sequence[Geodesic]) -> Values:
        """How much longer each path is than the refined one of its pair, relatively; below 0: shorter."""
        return lengths(paths) / lengths(self.refined[: len(paths)]) - 1

    def shorter(self, paths: Sequence[Geodesic]) -> float:
        """Share of the paths that are shorter than the straight line of their pair."""
        return float((lengths(paths) < lengths(self.straight[: len(paths)])).mean())


def lengths(paths: Sequence[Geodesic]) -> Values:
    """Metric length of each path, (m,)."""
    return np.array([path.length for path in paths])


def graph_ways(
    graphs: NestedGraphs,
    metric: PullbackMetric,
    pairs: Ints,
    *,
    n_neural: int,
    rtol: float,
    seed: int,
    n: int = 50,
    steps: int = 200,
) -> GraphWays:
    """The ways between pairs (m, 2) of vertices, n_neural of them by [C18]'s network too, trained together at
    n times for so many steps, without its fall-back.

    `refine` begins from the graph path and from the straight line, and keeps the shorter curve.
    """
    ends = graphs.largest.points[np.asarray(pairs).T]
    seconds = {}
    straight = [measured(np.stack(pair), metric) for pair in zip(*ends, strict=True)]
    by_k: dict[int, list[Geodesic]] = {}
    for k, graph in graphs.graphs.items():
        graph_paths(graph, pairs[:1])  # lays the graph out
        began = process_time()
        by_k[k] = graph_paths(graph, pairs)
        seconds["graph"] = (process_time() - began) / len(pairs)
    began = process_time()
    with warnings.catch_warnings(action="ignore", category=RefinementNotice):
        refined = refine(by_k[max(by_k)], rtol=rtol)
    seconds["refined"] = (process_time() - began) / len(pairs)
    began = process_time()
    few = ends[:, :n_neural]
    neural = neural_geodesic(metric, *few, n=n, steps=steps, fallback=False, seed=seed)
    seconds["neural"] = (process_time() - began) / n_neural
    return GraphWays(straight, by_k, refined, neural if isinstance(neural, list) else [neural], seconds)


def lengths_by_k(found: Mapping[str, GraphWays]) -> DataFrame:
    """By set and k: the mean excess over the refined curve, its 95 % quantile, the shares of pairs within 5 %
    and of paths shorter than the straight line.
    """
    import pandas as pd

    rows = {}
    for name, ways in found.items():
        for k, paths in ways.by_k.items():
            excess = ways.excess(paths)
            rows[name, k] = {
                "mean excess": excess.mean(),
                "95 % quantile": np.quantile(excess, 0.95),
                "within 5 %": (np.abs(excess) <= 0.05).mean(),
                "shorter than straight": ways.shorter(paths),
            }
    table = pd.DataFrame(rows).T
    return table.rename_axis(index=["set", "k"])


def query_costs(found: Mapping[str, GraphWays], built: Mapping[str, NestedGraphs]) -> DataFrame:
    """By set: seconds of CPU that building took and those of one answer by each way; how many times faster a
    query is than a neural curve, and how many queries pay for the graph.
    """
    import pandas as pd

    rows = {}
    for name, ways in found.items():
        build, each = sum(built[name].seconds.values()), ways.seconds
        rows[name] = {
            "edges": built[name].largest.m,
            "build  [s]": build,
            "query  [ms]": 1e3 * each["graph"],
            "neural  [ms]": 1e3 * each["neural"],
            "refined  [ms]": 1e3 * each["refined"],
            "neural / query": each["neural"] / each["graph"],
            "queries that pay, against neural": build / max(each["neural"] - each["graph"], 1e-9),
            "queries that pay, against refined": build / max(each["refined"] - each["graph"], 1e-9),
        }
    return pd.DataFrame(rows).T
