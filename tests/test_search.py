"""The kit's own searches: trees on threads, A* from both ends, and lengths learnt on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

import geodesic_kit as gk
from geodesic_kit.base import threads as parallel
from geodesic_kit.errors import DisconnectedError, InvalidParameter, UnweightedError
from geodesic_kit.graph.graph import Graph

pytestmark = pytest.mark.skipif(
    not parallel.compiled(),
    reason="numba comes with the extra `native`, and GEODESIC_KIT_COMPILED=0 turns it off",
)


def random_graph(n: int, m: int, d: int, decades: float, seed: int) -> Graph:
    """Any graph over any points, lengths over some decades; it may fall into components."""
    rng = np.random.default_rng(seed)
    pairs = np.sort(rng.integers(n, size=(m, 2)), axis=1)
    edges = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    return Graph(rng.standard_normal((n, d)), edges, 10.0 ** rng.uniform(-decades, 0, len(edges)))


def ball_graph(n: int, seed: int, lam: float = 0.01) -> Graph:
    """A weighed eps-graph of a mixture, where the bound is worth something."""
    rng = np.random.default_rng(seed)
    density = gk.densities["mog"](means=rng.uniform(-1, 1, (3, 2)), covariances=0.1)
    points = rng.uniform(-1.5, 1.5, (n, 2))
    return gk.epsilon_graph(points, eps=3 * np.sqrt(2.5 / n)).weigh(
        gk.GenerativeMetric(density, lam=lam, p0=0.1)
    )


def agrees_with_dijkstra(graph: Graph, solver: Any, i: int, j: int) -> None:
    expected = dijkstra(graph.matrix, indices=i)[j]
    vertices, length, expanded = solver.path(graph, i, j)
    assert 0 <= expanded <= graph.n
    if not np.isfinite(expected):
        assert len(vertices) == 0
        assert length == np.inf
        return
    assert length == pytest.approx(expected, rel=1e-9)
    assert (vertices[0], vertices[-1]) == (i, j)
    assert graph.along(vertices).sum() == pytest.approx(expected, rel=1e-9)  # every step is an edge
    assert len(set(vertices.tolist())) == len(vertices)


@settings(max_examples=1000, deadline=None)
@given(
    n=st.integers(1, 40),
    m=st.integers(0, 120),
    d=st.integers(1, 4),
    decades=st.floats(0, 6),
    seed=st.integers(0, 10**6),
)
def test_astar_equals_dijkstra_on_any_graph(n: int, m: int, d: int, decades: float, seed: int) -> None:
    graph = random_graph(n, m, d, decades, seed)
    i, j = np.random.default_rng(seed).integers(n, size=2).tolist()
    agrees_with_dijkstra(graph, gk.solvers["astar"](), i, j)


@settings(max_examples=100, deadline=None)
@given(n=st.integers(2, 150), seed=st.integers(0, 10**6), lam=st.floats(1e-6, 10))
def test_astar_equals_dijkstra_on_ball_graphs(n: int, seed: int, lam: float) -> None:
    graph = ball_graph(n, seed, lam)
    i, j = np.random.default_rng(seed).integers(n, size=2).tolist()
    agrees_with_dijkstra(graph, gk.solvers["astar"](), i, j)


@settings(max_examples=200, deadline=None)
@given(n=st.integers(1, 30), m=st.integers(0, 80), decades=st.floats(0, 6), seed=st.integers(0, 10**6))
def test_python_search_equals_dijkstra(n: int, m: int, decades: float, seed: int) -> None:
    graph = random_graph(n, m, 2, decades, seed)
    i, j = np.random.default_rng(seed).integers(n, size=2).tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("geodesic_kit_plugins.solvers.astar.compiled", lambda: False)
        agrees_with_dijkstra(graph, gk.solvers["astar"](), i, j)


def test_points_in_one_place_and_lengths_of_one_value() -> None:
    """No Euclidean length, so no bound, and ties everywhere."""
    n = 30
    edges = np.stack(np.triu_indices(n, 1), axis=1)[::3]
    graph = Graph(np.zeros((n, 2)), edges, np.ones(len(edges)))
    for j in range(n):
        agrees_with_dijkstra(graph, gk.solvers["astar"](), 0, j)


def test_native_distances_are_scipys_to_the_bit_on_any_number_of_threads() -> None:
    graph = ball_graph(800, seed=0)
    sources = np.array([5, 700, 5, 0, 33, 34, 35])
    expected = gk.distances(graph, sources, solver="scipy")
    for threads in (1, 2, 5):
        np.testing.assert_array_equal(
            gk.distances(graph, sources, solver=gk.solvers["native"](threads=threads)), expected
        )
    np.testing.assert_array_equal(gk.distances(graph, sources), expected)
    np.testing.assert_array_equal(
        gk.distances(graph, sources, limit=0.7), np.where(expected <= 0.7, expected, np.inf)
    )


def test_native_in_blocks_gives_what_it_gives_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    graph = ball_graph(300, seed=1)
    whole = gk.distances(graph)
    monkeypatch.setattr("geodesic_kit_plugins.solvers.native._AT_ONCE", 700)  # two sources at a time
    np.testing.assert_array_equal(gk.distances(graph), whole)
    out = np.memmap(tmp_path / "distances", dtype=np.float32, mode="w+", shape=whole.shape)
    gk.distances(graph, dtype=np.float32, out=out)
    np.testing.assert_array_equal(np.asarray(out), whole.astype(np.float32))


def test_threads_must_be_a_number() -> None:
    with pytest.raises(InvalidParameter, match="threads=0: give a whole number from 1 to 1024"):
        gk.distances(ball_graph(10, 0), solver=gk.solvers["native"](threads=0))


def test_without_numba_scipy_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    from geodesic_kit.paths.solving import automatic

    assert (automatic().name, automatic(pair=True).name) == ("native", "astar")
    monkeypatch.setenv("GEODESIC_KIT_COMPILED", "0")
    parallel.compiled.cache_clear()
    try:
        assert (automatic().name, automatic(pair=True).name) == ("scipy", "scipy")
        path = gk.geodesic(ball_graph(200, 0), 0, 1)
    finally:
        monkeypatch.delenv("GEODESIC_KIT_COMPILED")
        parallel.compiled.cache_clear()
    np.testing.assert_array_equal(path.indices, gk.geodesic(ball_graph(200, 0), 0, 1).indices)


def test_search_expands_less_than_dijkstra_with_early_exit_and_says_so() -> None:
    graph = ball_graph(3000, seed=2, lam=1.0)
    i, j = (int(np.argmin(np.square(graph.points - end).sum(axis=1))) for end in ([-0.5, -0.5], [0.5, 0.5]))
    path = gk.geodesic(graph, i, j)
    settled = int((gk.distances(graph, [i])[0] < path.length).sum())
    assert 0 < path.search.expanded < 0.6 * settled
    assert path.search.integrated is None


class Slow:
    """A density without a fast path, which counts the points it was asked for."""

    normalised, dim = True, 2

    def __init__(self) -> None:
        self.inner = gk.densities["mog"](means=[[-0.5, 0.0], [0.5, 0.0]], covariances=0.1)
        self.asked = self.calls = 0

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        self.asked += len(x)
        self.calls += 1
        return self.inner.log_prob(x)


class SlowWithBound(Slow):
    def log_prob_upper_bound(self) -> float:
        return self.inner.log_prob_upper_bound()


@pytest.mark.parametrize("make", [Slow, SlowWithBound])
@pytest.mark.parametrize("bound", ["proven", "sampled"])
def test_edges_are_integrated_only_where_the_search_meets_them(make: type[Slow], bound: str) -> None:
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, (1500, 2))
    points[:2] = [-0.3, -0.2], [0.3, 0.1]
    graph = gk.epsilon_graph(points, eps=0.12)
    eager = make()
    expected = gk.geodesic(graph.weigh(gk.GenerativeMetric(eager, lam=0.05, p0=0.2)), 0, 1)
    lazy = make()
    path = gk.geodesic(
        graph,
        0,
        1,
        metric=gk.GenerativeMetric(lazy, lam=0.05, p0=0.2),
        solver=gk.solvers["astar"](bound=bound),
    )
    assert path.length == pytest.approx(expected.length, rel=1e-9)  # here the sampled bound is right, too
    np.testing.assert_array_equal(path.indices, expected.indices)
    assert path.search.integrated < 0.35 * graph.m
    assert lazy.asked < 0.5 * eager.asked
    assert lazy.calls < 400
    assert path.exact == (bound == "proven")
    assert f"{path.search.integrated:,} edges integrated" in repr(path)
    assert ("by a bound that is not proven" in repr(path)) == (not path.exact)


@settings(max_examples=60, deadline=None)
@given(n=st.integers(2, 60), seed=st.integers(0, 10**6))
def test_lazy_search_equals_dijkstra(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.uniform(-1, 1, (n, 2))
    graph = gk.epsilon_graph(points, eps=rng.uniform(0.1, 1.0))
    metric = gk.GenerativeMetric([Slow, SlowWithBound][seed % 2](), lam=10 ** rng.uniform(-4, 1), p0=0.2)
    i, j = rng.integers(n, size=2).tolist()
    expected = gk.distances(graph.weigh(metric), [i])[0, j]
    if np.isfinite(expected):
        assert gk.geodesic(graph, i, j, metric=metric, solver="astar").length == pytest.approx(
            expected, rel=1e-9
        )
    else:
        with pytest.raises(DisconnectedError, match="no path joins vertex"):
            gk.geodesic(graph, i, j, metric=metric, solver="astar")


class Straight(gk.EuclideanMetric):
    """Lengths as they are, no ratio, and a heuristic that knows them."""

    def lower_bound(self) -> float:
        return 0.0

    def to_target(self, points: np.ndarray, target: np.ndarray) -> np.ndarray:
        return (1 - 1e-9) * np.linalg.norm(points - target, axis=1)


def test_a_metric_may_bring_its_own_heuristic() -> None:
    points = np.random.default_rng(0).uniform(-1, 1, (1500, 2))
    graph = gk.epsilon_graph(points, eps=0.12)
    i, j = (int(np.argmin(np.square(points - end).sum(axis=1))) for end in ([-0.4, 0.0], [0.4, 0.1]))
    blind = type("Blind", (gk.EuclideanMetric,), {"lower_bound": lambda self: 0.0})
    told, untold = (
        gk.geodesic(graph, i, j, metric=metric, solver="astar") for metric in (Straight(), blind())
    )
    assert told.length == pytest.approx(untold.length, rel=1e-12)
    assert told.search.integrated < 0.5 * untold.search.integrated
    assert told.exact


def test_metric_goes_with_a_graph_that_has_no_weights() -> None:
    graph = ball_graph(50, 0)
    with pytest.raises(InvalidParameter, match="metric= goes with a graph that has no weights"):
        gk.geodesic(graph, 0, 1, metric=gk.EuclideanMetric())
    bare = Graph(graph.points, graph.edges)
    with pytest.raises(UnweightedError, match=r"graph\.weigh\(metric\)"):
        gk.geodesic(bare, 0, 1)
    with pytest.raises(UnweightedError, match="neither weights nor a metric"):
        gk.solvers["astar"]().search(bare, 0, 1)
    lengths = [
        gk.geodesic(bare, 0, 1, metric=gk.EuclideanMetric(), solver=name).length
        for name in ("astar", "scipy", "native", "auto")
    ]
    np.testing.assert_allclose(lengths, lengths[0], rtol=1e-12)


def test_bounds_are_named() -> None:
    with pytest.raises(InvalidParameter, match="bound='tight'; there are proven, sampled"):
        gk.solvers["astar"](bound="tight")
    with pytest.raises(InvalidParameter, match='bound="sampled" needs a metric with log_factor'):
        gk.geodesic(
            Graph(np.eye(2), np.array([[0, 1]])),
            0,
            1,
            metric=OfAnotherMake(),
            solver=gk.solvers["astar"](bound="sampled"),
        )


class OfAnotherMake:
    def edge_lengths(self, points: np.ndarray, edges: np.ndarray) -> np.ndarray:
        return np.ones(len(edges))

    def lower_bound(self) -> float:
        return 0.0


@pytest.mark.parametrize("link", [lambda x: gk.epsilon_graph(x, eps=0.35), lambda x: gk.knn_graph(x, k=4)])
def test_attached_points_are_found_without_laying_the_graph_out_again(link: Any) -> None:
    rng = np.random.default_rng(0)
    points, new = rng.uniform(-1, 1, (200, 2)), rng.uniform(-1, 1, (7, 2))
    metric = gk.GenerativeMetric(
        gk.densities["mog"](means=[[-0.5, 0.0], [0.5, 0.0]], covariances=0.1), lam=0.05, p0=0.2
    )
    graph = link(points).weigh(metric)
    before = gk.distances(graph, solver="native")
    grown = graph.attach(new)
    assert grown.forms.layout is not None
    np.testing.assert_array_equal(gk.distances(grown, solver="native"), gk.distances(grown, solver="scipy"))
    for j in range(200, 207):
        agrees_with_dijkstra(grown, gk.solvers["astar"](), 200, j)
    np.testing.assert_array_equal(gk.distances(graph, solver="native"), before)  # the old graph is as it was
    twice = grown.attach(rng.uniform(-1, 1, (1, 2)))
    np.testing.assert_array_equal(gk.distances(twice, solver="native"), gk.distances(twice, solver="scipy"))
