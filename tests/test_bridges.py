"""Bridges: a spanning tree's shortest edges, weighed as all are, and named."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

import geodesic_kit as gk
from geodesic_kit.base.neighbours import nearest
from geodesic_kit.graph.bridges import spanning_bridges


def clumps(sizes, seed=0, spread=0.05):
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-5, 5, (len(sizes), 2))
    return np.concatenate(
        [c + spread * rng.standard_normal((n, 2)) for c, n in zip(centres, sizes, strict=True)]
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(3, 12), min_size=1, max_size=8), st.integers(0, 1000))
def test_bridges_join_everything_and_cost_what_the_spanning_tree_of_all_points_costs(sizes, seed):
    x = clumps(sizes, seed)
    graph = gk.knn_graph(x, k=2)
    labels = graph.components()
    found = spanning_bridges(x, labels)
    assert len(found) == labels.max()
    joined = gk.Graph(x, np.concatenate([graph.edges, found]))
    assert joined.components().max() == 0
    apart = cdist(x, x)
    apart[labels[:, None] == labels] = 1e-6  # moving within a component is free: what is left is the bridges
    assert np.linalg.norm(x[found[:, 0]] - x[found[:, 1]], axis=1).sum() == pytest.approx(
        minimum_spanning_tree(apart).sum(), abs=1e-4
    )


def test_searches_are_as_many_as_labels_have_bits_not_as_there_are_components(monkeypatch):
    x, searches = np.random.default_rng(0).standard_normal((700, 2)), []

    def counted(*given):
        searches.append(given)
        return nearest(*given)

    monkeypatch.setattr("geodesic_kit.graph.bridges.nearest", counted)
    found = spanning_bridges(x, np.arange(700))
    assert np.linalg.norm(x[found[:, 0]] - x[found[:, 1]], axis=1).sum() == pytest.approx(
        minimum_spanning_tree(cdist(x, x)).sum()
    )
    assert len(searches) < 100


def test_a_bridged_graph_names_its_bridges_and_measures_them_under_its_metric():
    x = clumps([20, 15, 1], 3)
    density = gk.densities["mog"](means=x[[0, 20]], covariances=0.01, weights=[0.5, 0.5])
    metric = gk.GenerativeMetric(density, lam=0.01, p0=0.5)
    before = gk.epsilon_graph(x, eps=0.3)
    assert before.components().max() == 2
    late, early = before.weigh(metric).bridged(), before.bridged().weigh(metric)
    assert len(late.bridges) == 2
    np.testing.assert_array_equal(late.bridges, early.bridges)
    np.testing.assert_allclose(gk.distances(late), gk.distances(early), rtol=1e-9)
    assert np.isfinite(gk.distances(late)).all()
    np.testing.assert_array_equal(late.attach(x[:1] + 0.01).bridges, late.bridges)


def test_a_connected_graph_has_no_bridges_to_add():
    graph = gk.knn_graph(clumps([20]), k=19).weigh(gk.EuclideanMetric())
    same = graph.bridged()
    assert same.bridges.shape == (0, 2)
    np.testing.assert_array_equal(same.edges, graph.edges)


def test_a_graph_with_foreign_weights_cannot_measure_bridges():
    graph = gk.Graph(np.array([[0.0], [1.0], [5.0]]), np.array([[0, 1]]), np.array([2.0]))
    with pytest.raises(gk.errors.GraphError, match="no metric"):
        graph.bridged()
