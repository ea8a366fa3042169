"""What the notebook on shortest paths sees of searches that measure edges when they meet them."""

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.paper.experiments import edges_on_demand as ed
from geodesic_kit.paper.experiments.solver_comparison import Counted

LINE = gk.Graph(
    np.arange(5.0)[:, None], np.array([[0, 1], [1, 2], [2, 3], [3, 4]]), np.array([1.0, 2.0, 4.0, 0.5])
)


def test_the_least_factor_is_that_of_the_cheapest_edge() -> None:
    assert ed.least_factor(LINE) == pytest.approx(0.5)
    assert ed.least_factor(LINE) < 0.5


@pytest.mark.parametrize(("length", "edges"), [(0.5, 1), (1.0, 2), (3.0, 3), (7.5, 4)])
def test_dijkstra_looks_at_the_edges_of_what_it_settles(length: float, edges: int) -> None:
    assert len(ed.settled_edges(LINE, 0, length)) == edges


def test_searches_are_counted_and_right() -> None:
    x = np.random.default_rng(0).uniform(size=(200, 2))
    counted = Counted(gk.densities["mog"](means=[[0.5, 0.5]], covariances=0.1))
    metric = gk.GenerativeMetric(counted, lam=1.0, p0=1.0)
    graph = gk.knn_graph(x, 8)
    weighed = graph.weigh(metric)
    of_all = counted.points
    searches = {"proven": (metric, "astar"), "sampled": (metric, gk.solvers["astar"](bound="sampled"))}
    rows = ed.on_demand(graph, weighed, counted, searches, [0, 3], [0.1, 1.0])
    assert [(row.how, row.share) for row in rows] == [
        (how, s) for how in searches for _ in range(2) for s in (0.1, 1.0)
    ]
    assert all(row.error < 1e-9 and 0 < row.integrated <= 1 for row in rows)
    assert all(row.exact == (row.how == "proven") for row in rows)
    assert all(row.points > 0 for row in rows)
    assert rows[0].points < of_all
