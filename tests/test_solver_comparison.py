"""What the notebook on shortest paths compares solvers by: each measure sees what it is there to see."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.paper.experiments import solver_comparison as sc

LINE = gk.Graph(np.arange(5.0)[:, None], np.array([[0, 1], [1, 2], [2, 3]]), np.array([1.0, 2.0, 4.0]))


class Wrong:
    """SciPy's distances times a factor, and unreachable ones finite where asked."""

    name, rtol = "wrong", 1e-9

    def __init__(self, factor: float = 1.0, reach: bool = False) -> None:
        self.factor, self.reach = factor, reach

    def solve(self, graph: gk.Graph, sources: Any, **options: Any) -> gk.ShortestPaths:
        found = gk.solvers["scipy"]().solve(graph, sources, **options)
        found.distances[...] *= self.factor
        if self.reach:
            found.distances[np.isinf(found.distances)] = 9.0
        return found


class Liar(Wrong):
    """Names a path that jumps over an edge that the graph does not have."""

    def search(self, graph: gk.Graph, source: int, target: int) -> Any:
        from geodesic_kit.types import Search

        return Search(np.array([source, target]), np.array([7.0]), 1)

    def path(self, graph: gk.Graph, source: int, target: int) -> tuple[Any, float, int]:
        return np.array([source, target]), 7.0, 1


def test_reference_is_worked_out_by_hand() -> None:
    np.testing.assert_array_equal(sc.reference(LINE, [1]), [[1, 0, 2, 6, np.inf]])


def test_every_solver_that_runs_is_found_and_others_have_a_reason() -> None:
    found, absent = sc.installed()
    assert {"astar", "native", "networkx", "scipy"} <= set(found) | set(absent)
    assert "scipy" in found
    assert set(found) | set(absent) == {
        n for n, by in gk.solvers.providers().items() if by.startswith("geodesic-kit ")
    }
    assert all("pip install" in why or "GPU" in why for why in absent.values())


@pytest.mark.parametrize("name", ["scipy", "networkx"])
def test_agreement_on_what_is_reached_and_what_is_not(name: str) -> None:
    sources, targets = np.array([0, 4]), np.array([3, 1])
    assert sc.disagreement(LINE, gk.solvers[name](), sources, targets, sc.reference(LINE, sources)) == (
        0.0,
        0.0,
    )


def test_disagreement_is_seen() -> None:
    sources, targets = np.array([0]), np.array([3])
    exact = sc.reference(LINE, sources)
    assert sc.disagreement(LINE, Wrong(1 + 1e-6), sources, targets, exact)[0] == pytest.approx(1e-6, rel=1e-6)
    assert sc.disagreement(LINE, Wrong(reach=True), sources, targets, exact)[0] == np.inf
    assert sc.disagreement(LINE, Liar(), sources, targets, exact)[1] == np.inf


def test_expansions_count_what_dijkstra_settles() -> None:
    first, last = sc.expansions(LINE, [0], [1 / 3, 1.0])
    assert (first.target, first.distance, first.early_exit, first.tree) == (1, 1.0, 2, 4)
    assert (last.target, last.distance, last.early_exit, last.tree) == (3, 7.0, 4, 4)
    assert 0 < first.astar <= 4


def test_targets_are_ranked_by_distance_among_those_reached() -> None:
    assert sc.spread_targets(np.array([0.0, np.inf, 3.0, 1.0, 2.0]), [0, 1 / 3, 1]).tolist() == [0, 3, 2]


def test_counted_density_counts_points_and_offers_log_p_alone() -> None:
    mog = gk.densities["mog"](means=[[0.0, 0.0]], covariances=1.0)
    counted = sc.Counted(mog)
    x = np.random.default_rng(0).normal(size=(30, 2))
    np.testing.assert_array_equal(counted.log_prob(x), mog.log_prob(x))
    assert counted.points == 30
    assert gk.GenerativeMetric(counted, lam=0.1, p0=0.1).lower_bound() == 0.0  # nothing is proven
    weights = gk.knn_graph(x, 3).weigh(gk.GenerativeMetric(counted, lam=0.1, p0=0.1)).weights
    np.testing.assert_allclose(
        weights, gk.knn_graph(x, 3).weigh(gk.GenerativeMetric(mog, lam=0.1, p0=0.1)).weights, rtol=1e-6
    )


def test_recorded_metric_keeps_what_a_lazy_search_asks() -> None:
    x = np.random.default_rng(1).uniform(size=(300, 2))
    metric = gk.GenerativeMetric(gk.densities["mog"](means=[[0.5, 0.5]], covariances=0.1), lam=0.1, p0=1.0)
    graph = gk.knn_graph(x, 8)
    watched = sc.Recorded(metric, 0.0)
    path = gk.geodesic(graph, 0, 1, metric=watched, solver="astar")
    assert len(watched.edges) == path.search.integrated  # none is asked twice
    assert path.length == pytest.approx(gk.geodesic(graph.weigh(metric), 0, 1).length, rel=1e-9)
    assert sc.Recorded(metric).lower_bound() == metric.lower_bound() > 0


def test_medians_are_of_as_many_runs_as_asked() -> None:
    calls: list[str] = []
    seconds = sc.median_seconds({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=3)
    assert calls == ["a", "b"] * 3
    assert set(seconds) == {"a", "b"}
    assert all(s >= 0 for s in seconds.values())


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the system does not tell a process its peak"
)
def test_a_tree_takes_at_least_its_row_of_distances() -> None:
    assert sc.tree_memory("scipy", 20_000, lam=0.1, p0=1.0, seed=0) > 20_000 * 8
