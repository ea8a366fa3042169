"""Landmarks: bounds that hold, estimates that are calibrated, scaling that is classical, and searches that
find their way by them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra
from sklearn.metrics import adjusted_rand_score

import geodesic_kit as gk
from geodesic_kit.applications.scaling import classical_mds
from geodesic_kit.base import threads as parallel
from geodesic_kit.errors import ComponentsNotice, InvalidParameter, UnweightedError
from geodesic_kit.graph.graph import Graph


def random_graph(n: int, m: int, decades: float, seed: int) -> Graph:
    """Any graph over any points, lengths over some decades; it may fall into components."""
    rng = np.random.default_rng(seed)
    pairs = np.sort(rng.integers(n, size=(m, 2)), axis=1)
    edges = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    return Graph(rng.standard_normal((n, 2)), edges, 10.0 ** rng.uniform(-decades, 0, len(edges)))


def every_pair(n: int) -> Any:
    return np.stack(np.meshgrid(np.arange(n), np.arange(n), indexing="ij"), axis=-1).reshape(-1, 2)


@pytest.fixture(scope="module")
def moons() -> Graph:
    return gk.knn_graph(gk.datasets.load("two_moons", n=600, seed=0).x, 10).bridged().weigh(metric())


def metric() -> Any:
    density = gk.densities["mog"](means=[[-0.5, 0.5], [1.5, 0.0]], covariances=0.3)
    return gk.GenerativeMetric(density, lam=0.01, p0=0.1)


# Bounds


@settings(max_examples=300, deadline=None)
@given(
    n=st.integers(1, 40),
    m=st.integers(0, 120),
    decades=st.sampled_from([0.0, 1.0, 8.0]),
    dtype=st.sampled_from([np.float64, np.float32]),
    share=st.floats(0, 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_bounds_hold_and_searches_by_them_find_the_shortest_path(
    n: int, m: int, decades: float, dtype: Any, share: float, seed: int
) -> None:
    graph = random_graph(n, m, decades, seed)
    k = 1 + int(share * (n - 1))
    marks = gk.landmarks(graph, k=k, seed=seed, dtype=dtype)
    assert len(np.unique(marks.vertices)) == k
    true = dijkstra(graph.matrix).ravel()
    lower, upper = marks.bounds(every_pair(n))
    assert (lower <= true).all()
    assert (true <= upper).all()
    assert np.isinf(lower[np.isinf(true)]).all()
    distance, error = marks.estimate(every_pair(n))
    assert ((lower <= distance) & (distance <= upper)).all()
    assert (distance[np.isfinite(error)] - error[np.isfinite(error)] <= upper[np.isfinite(error)]).all()
    i, j = np.random.default_rng(seed).integers(n, size=2)
    vertices, length, expanded = gk.solvers["astar"]().path(marks.graph, i, j)
    assert length == pytest.approx(true[i * n + j], rel=1e-9)
    assert expanded <= n
    if len(vertices):
        assert (vertices[0], vertices[-1]) == (i, j)


def test_every_vertex_as_a_landmark_bounds_to_rounding(moons: Graph) -> None:
    pairs = np.random.default_rng(0).integers(moons.n, size=(5000, 2))
    true = dijkstra(moons.matrix)[pairs[:, 0], pairs[:, 1]]
    lower, upper = gk.landmarks(moons, k=moons.n).bounds(pairs)
    np.testing.assert_allclose(lower, true, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(upper, true, rtol=1e-9, atol=1e-9)


def test_float32_is_rounded_outward_where_plain_float32_breaks(moons: Graph) -> None:
    true = dijkstra(moons.matrix).ravel()
    marks = gk.landmarks(moons, k=32, dtype=np.float32)
    pairs = every_pair(moons.n)
    a, b = (marks.distances[end].astype(np.float64) for end in pairs.T)
    plain = np.abs(a - b).max(axis=1)
    assert (plain > true).any()
    lower, upper = marks.bounds(pairs)
    assert (lower <= true).all()
    assert (true <= upper).all()
    np.testing.assert_allclose(lower, np.maximum(plain, 0), atol=1e-5 * true.max())


def test_random_landmarks_bound_from_above_and_those_at_the_rim_from_below(moons: Graph) -> None:
    true = dijkstra(moons.matrix).ravel()
    apart = true > 0
    lower, upper = gk.landmarks(moons, k=64).bounds(every_pair(moons.n))
    assert np.median(1 - lower[apart] / true[apart]) < 0.005
    assert np.median(upper[apart] / true[apart] - 1) < 0.05


# Estimates


def test_the_error_bar_holds_the_share_it_says(moons: Graph) -> None:
    true = dijkstra(moons.matrix).ravel()
    marks = gk.landmarks(moons, k=32)
    distance, error = marks.estimate(every_pair(moons.n))
    lower, upper = marks.bounds(every_pair(moons.n))
    assert 0.92 < (np.abs(distance - true) <= error).mean() <= 1
    assert (error <= upper - lower).all()


def test_where_no_landmark_reaches_the_error_is_infinite() -> None:
    points = np.array([[0.0], [1.0], [2.0], [3.0], [10.0], [11.0]])
    graph = Graph(points, np.array([[0, 1], [1, 2], [2, 3], [4, 5]]), np.ones(4))
    marks = gk.landmarks(graph, k=1, seed=1)
    assert marks.vertices[0] < 4
    assert marks.bounds([[4, 5], [4, 4], [0, 4], [4, 0]]).lower.tolist() == [0, 0, np.inf, np.inf]
    assert marks.bounds([[4, 5], [4, 4], [0, 4], [4, 0]]).upper.tolist() == [np.inf, 0, np.inf, np.inf]
    distance, error = marks.estimate([[4, 5], [4, 4], [0, 4]])
    assert distance.tolist() == [0, 0, np.inf]
    assert error.tolist() == [np.inf, 0, 0]


def test_each_large_component_has_a_landmark() -> None:
    rng = np.random.default_rng(0)
    blobs = np.concatenate([rng.normal(c * 100, 1, (40, 2)) for c in range(6)] + [[[1e4, 0]]])
    graph = gk.epsilon_graph(blobs, 8.0).weigh(gk.EuclideanMetric())
    for seed in range(5):
        held = graph.components()[gk.landmarks(graph, k=9, seed=seed).vertices]
        assert set(held.tolist()) == set(range(6))  # the lone point has none: others say more


# Searches


@pytest.mark.skipif(not parallel.compiled(), reason="needs numba, which comes with the extra `native`")
def test_searches_by_landmarks_expand_a_fraction(moons: Graph) -> None:
    marks, rows = gk.landmarks(moons, k=16), dijkstra(moons.matrix)
    solver = gk.solvers["astar"]()
    pairs = np.random.default_rng(3).integers(moons.n, size=(50, 2))
    guided = [solver.search(marks.graph, i, j) for i, j in pairs]
    plain = [solver.search(moons, i, j) for i, j in pairs]
    assert [s.length for s in guided] == pytest.approx([rows[i, j] for i, j in pairs], rel=1e-9)
    by_dijkstra = sum(int((rows[i] <= rows[i, j]).sum()) for i, j in pairs)
    assert sum(s.expanded for s in guided) < 0.25 * by_dijkstra
    assert sum(s.expanded for s in guided) < 0.5 * sum(s.expanded for s in plain)


def test_searches_without_numba_take_the_same_bounds(moons: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = gk.landmarks(moons, k=16)
    solver = gk.solvers["astar"]()
    plain = solver.search(moons, 3, 400)
    monkeypatch.setattr("geodesic_kit_plugins.solvers.astar.compiled", lambda: False)
    guided, unguided = (solver.search(graph, 3, 400) for graph in (marks.graph, moons))
    assert guided.length == pytest.approx(plain.length, rel=1e-12)
    assert guided.expanded < unguided.expanded


def test_two_components_are_told_apart_without_a_search() -> None:
    points = np.arange(8.0)[:, None]
    graph = Graph(points, np.array([[0, 1], [1, 2], [2, 3], [4, 5], [5, 6], [6, 7]]), np.ones(6))
    marks = gk.landmarks(graph, k=2)
    found = gk.solvers["astar"]().search(marks.graph, 0, 7)
    assert (len(found.vertices), found.length, found.expanded) == (0, np.inf, 0)
    with pytest.raises(gk.errors.DisconnectedError):
        gk.geodesic(marks.graph, 0, 7)


def test_a_graph_that_changes_carries_no_landmarks(moons: Graph) -> None:
    carried = gk.landmarks(moons, k=4).graph
    assert carried.landmarks is not None
    assert repr(carried).endswith(", 4 landmarks)")
    assert moons.landmarks is None
    assert carried.attach(np.array([[0.5, 0.2]])).landmarks is None
    assert carried.weigh(gk.EuclideanMetric()).landmarks is None
    assert carried.bridged().landmarks is carried.landmarks  # nothing was to be added
    assert gk.geodesic(carried, 0, 300).length == pytest.approx(gk.geodesic(moons, 0, 300).length, rel=1e-12)


# Scaling


@pytest.mark.parametrize("dim", [1, 2, 5])
def test_with_all_points_as_landmarks_it_is_classical_scaling(moons: Graph, dim: int) -> None:
    expected = classical_mds(gk.distances(moons), dim).points
    found = gk.landmarks(moons, k=moons.n).embed(dim)
    np.testing.assert_allclose(found, expected, atol=1e-8 * np.abs(expected).max())


def test_euclidean_distances_of_the_plane_are_embedded_exactly() -> None:
    x = np.random.default_rng(0).normal(size=(60, 2))
    edges = np.stack(np.triu_indices(60, 1), axis=1)
    graph = Graph(x, edges).weigh(gk.EuclideanMetric())
    for dtype, rtol in ((np.float64, 1e-9), (np.float32, 1e-5)):
        z = gk.landmarks(graph, k=5, dtype=dtype).embed(3)
        apart = np.linalg.norm(z[edges[:, 0]] - z[edges[:, 1]], axis=1)
        np.testing.assert_allclose(apart, graph.require_weights(), rtol=rtol, atol=rtol)
        assert np.abs(z[:, 2]).max() < 1e-2 * np.abs(z[:, 1]).max()


def test_weights_by_nearest_points_make_the_stress_less(moons: Graph) -> None:
    true = gk.distances(moons)

    def stress(z: Any) -> float:
        apart = np.linalg.norm(z[:, None] - z, axis=-1)
        return float(np.sqrt(np.square(apart - true).sum() / np.square(true).sum()))

    marks = gk.landmarks(moons, k=40)
    assert stress(marks.embed(2)) < 1.02 * stress(classical_mds(true, 2).points)


def test_components_are_laid_side_by_side_and_one_without_a_landmark_is_refused() -> None:
    points = np.arange(12.0)[:, None]
    edges = np.array([[i, i + 1] for i in (0, 1, 2, 3, 4, 6, 7, 8, 9, 10)])
    graph = Graph(points, edges, np.ones(10))
    with pytest.warns(ComponentsNotice, match="2 components"):
        z = gk.landmarks(graph, k=12).embed(1)[:, 0]
    assert np.abs(np.diff(np.sort(z[:6]))) == pytest.approx(1.0)
    assert z[:6].max() < z[6:].min() or z[6:].max() < z[:6].min()
    with pytest.raises(InvalidParameter, match="1 of 2 components, of 6 vertices together, have no landmark"):
        gk.landmarks(graph, k=1).embed()


# What is refused


def test_what_cannot_be_is_refused_before_work(moons: Graph) -> None:
    with pytest.raises(InvalidParameter, match="k=601: give a whole number from 1 to 600"):
        gk.landmarks(moons, k=601)
    with pytest.raises(UnweightedError):
        gk.landmarks(gk.knn_graph(moons.points, 5))
    with pytest.raises(InvalidParameter, match="dtype"):
        gk.landmarks(moons, dtype=np.int32)
    marks = gk.landmarks(moons, k=2)
    for pairs, says in (
        ([[0, 600]], r"row 0, \(0, 600\): there are 0 to 599"),
        ([[0, 1], [-1, 3]], r"row 1, \(-1, 3\)"),
        ([[0.0, np.nan]], "type float64; give whole numbers of shape"),
        ([0, 1], r"shape \(2,\)"),
        ([[0, 1, 2]], r"shape \(1, 3\)"),
    ):
        for take in (marks.bounds, marks.estimate):
            with pytest.raises(InvalidParameter, match=says):
                take(pairs)
    for empty in (np.empty((0, 2), dtype=int), np.empty(0)):
        assert [len(each) for each in (*marks.bounds(empty), *marks.estimate(empty))] == [0] * 4


def test_distances_that_float32_cannot_hold_are_refused() -> None:
    graph = Graph(np.array([[0.0], [1.0]]), np.array([[0, 1]]), np.array([1e39]))
    with pytest.raises(InvalidParameter, match="1e\\+39 do not fit"):
        gk.landmarks(graph, k=1, dtype=np.float32)
    tiny = Graph(np.array([[0.0], [1.0], [2.0]]), np.array([[0, 1], [1, 2]]), np.array([1e-46, 3e-46]))
    lower, upper = gk.landmarks(tiny, k=1, dtype=np.float32).bounds([[0, 2], [0, 1]])
    assert (lower <= [4e-46, 1e-46]).all()
    assert (upper >= [4e-46, 1e-46]).all()


def test_one_vertex_and_no_edges() -> None:
    alone = Graph(np.zeros((1, 1)), np.empty((0, 2), dtype=int), np.empty(0))
    marks = gk.landmarks(alone, k=1)
    assert marks.bounds([[0, 0]]) == ([0.0], [0.0])
    assert marks.embed(2).tolist() == [[0.0, 0.0]]


def test_the_seed_decides(moons: Graph) -> None:
    first, again, other = (gk.landmarks(moons, k=8, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.distances, again.distances)
    assert not np.array_equal(first.vertices, other.vertices)


# Clusters and embeddings of what is too large for all distances


@pytest.mark.parametrize(("name", "k"), [("two_moons", 2), ("three_rings", 3), ("unequal_gaussians", 3)])
def test_clusters_by_way_of_landmarks_are_those_of_all_distances(name: str, k: int) -> None:
    data = gk.datasets.load(name, n=1200, seed=0)
    graph = gk.GenerativeGeodesics(density=data.density, n_neighbors=10).fit(data.x)
    marks = gk.landmarks(graph.graph_, k=64)
    exact, found = gk.cluster(graph.graph_, k), gk.cluster(marks, k)
    assert np.array_equal(exact, gk.cluster(graph.distances_, k))
    assert adjusted_rand_score(exact, found) > 0.95
    assert "by way of 64 landmarks" in repr(found)


def test_a_large_graph_is_clustered_and_scaled_by_landmarks(
    monkeypatch: pytest.MonkeyPatch, moons: Graph
) -> None:
    from geodesic_kit.applications import landmark_clusters

    true = gk.distances(moons)
    monkeypatch.setattr(landmark_clusters, "_EXACT", 100)
    monkeypatch.setattr(landmark_clusters, "_LANDMARKS", 48)
    assert "48 landmarks" in gk.cluster(moons, 2).note
    carried = gk.landmarks(moons, k=32)
    assert "32 landmarks" in gk.cluster(carried.graph, 2).note
    for tau, kernel in ((None, "gaussian"), (0.05, "gaussian"), (0.05, "exponential")):
        exact, found = (gk.cluster(by, 2, tau=tau, kernel=kernel) for by in (true, carried))
        assert adjusted_rand_score(exact, found) > 0.95
    np.testing.assert_array_equal(gk.embed(carried.graph, method="mds"), carried.embed(2))
    np.testing.assert_array_equal(gk.embed(carried, method="mds", dim=3), carried.embed(3))
    with pytest.raises(InvalidParameter, match="tsne"):
        gk.embed(carried)
    with pytest.raises(InvalidParameter, match="ising"):
        gk.cluster(carried, 2, method="ising")
    with pytest.raises(InvalidParameter, match="n_clusters=33: give a whole number from 1 to 32"):
        gk.cluster(carried, 33)


def test_components_are_clusters_by_landmarks_too() -> None:
    points = np.arange(12.0)[:, None]
    edges = np.array([[i, i + 1] for i in (0, 1, 2, 3, 4, 6, 7, 8, 9, 10)])
    marks = gk.landmarks(Graph(points, edges, np.ones(10)), k=6)
    found = gk.cluster(marks, 2)
    assert len(set(found[:6].tolist())) == len(set(found[6:].tolist())) == 1
    assert found[0] != found[6]
    assert found.components.tolist() == [0] * 6 + [1] * 6
    with pytest.warns(ComponentsNotice, match="more than n_clusters=1"):
        assert sorted(set(gk.cluster(marks, 1).tolist())) == [-1, 0]
