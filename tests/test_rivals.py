"""The rivals of notebook X4: each distance against another way to it, and the scores against
scikit-learn's.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial.distance import cdist

import geodesic_kit as gk
from geodesic_kit.applications.defaults import default_graph, default_metric, fitted_density
from geodesic_kit.errors import DataError, InvalidParameter
from geodesic_kit.paper.experiments import rival_scores, rivals
from geodesic_kit.paper.experiments.diffusion import diffusion_distances, transitions
from geodesic_kit.paper.experiments.fermat import fermat_distances

MOONS = gk.datasets.load("two_moons", 120, seed=0)


@pytest.mark.parametrize("name", [*rivals.DISTANCES, *rivals.LEARNED])
def test_every_distance_is_one_and_the_same_twice(name: str) -> None:
    D, note = rivals.distance_matrix(name, MOONS.x, 3)
    assert D.shape == (120, 120)
    assert np.isfinite(D).all()
    assert not np.diagonal(D).any()
    assert (D + np.eye(120) > 0).all()
    np.testing.assert_allclose(D, D.T, rtol=1e-9)
    np.testing.assert_array_equal(D, rivals.distance_matrix(name, MOONS.x, 3).value)
    assert isinstance(note, str)


@pytest.mark.parametrize("name", list(rivals.CLUSTERINGS))
def test_every_clustering_labels_every_point(name: str) -> None:
    labels = rivals.clustering(name, MOONS.x, 2, 0).value
    assert labels.shape == (120,)
    assert labels.dtype.kind == "i"


def test_other_names_are_answered_by_those_there_are() -> None:
    with pytest.raises(
        InvalidParameter, match="no distance named 'cosine'; there are generative, Euclidean, Isomap"
    ):
        rivals.distance_matrix("cosine", MOONS.x)
    with pytest.raises(InvalidParameter, match="no clustering named 'ward'; there are Isomap"):
        rivals.clustering("ward", MOONS.x, 2)


def test_every_method_says_its_defaults() -> None:
    assert all(method.__doc__ for method in (*rivals.DISTANCES.values(), *rivals.CLUSTERINGS.values()))
    described = rivals.described()
    assert [name for name, _, _ in described] == [
        *rivals.DISTANCES,
        *rivals.LEARNED,
        *rivals.CLUSTERINGS,
    ]
    assert described[1] == ("Euclidean", "distance", "|x - y|.")


def test_generative_distances_are_the_defaults_over_the_density_that_is_named() -> None:
    given = gk.datasets.load("two_spirals", 300, seed=0)
    for density in ("mog", given.density):
        metric = default_metric(fitted_density(given.x, density, 0), given.x)
        by_hand = gk.distances(default_graph(given.x).weigh(metric))
        np.testing.assert_array_equal(
            rivals.distance_matrix("generative", given.x, 0, density).value, by_hand
        )
    np.testing.assert_array_equal(rivals.distance_matrix("Euclidean", given.x).value, cdist(given.x, given.x))


def test_isomap_is_the_neighbour_graph_of_the_kit_where_that_is_connected() -> None:
    x = gk.datasets.load("digits", 300, seed=1).x
    graph = gk.knn_graph(x, k=5)
    D, note = rivals.distance_matrix("Isomap", x)
    assert not graph.components().any()
    assert note == ""
    np.testing.assert_allclose(D, gk.distances(graph.weigh(gk.EuclideanMetric())), rtol=1e-12)


def test_isomap_says_into_how_many_pieces_it_falls() -> None:
    x = np.concatenate([MOONS.x, MOONS.x + 50, MOONS.x - 50])
    pieces = gk.knn_graph(x, k=5).components().max() + 1
    assert rivals.distance_matrix("Isomap", x).note == f"{pieces} pieces, joined"
    assert (
        rivals.clustering("spectral, 10 neighbours", x, 3).note
        == f"{gk.knn_graph(x, k=9).components().max() + 1} pieces"
    )


@pytest.mark.parametrize("alpha", [1.0, 2.0, 3.0, 6.0])
@pytest.mark.parametrize("scale", [1.0, 1e60])
def test_fermat_distances_are_those_of_the_complete_graph(alpha: float, scale: float) -> None:
    rng = np.random.default_rng(5)
    x = np.concatenate([rng.normal(size=(60, 3)), rng.normal(size=(25, 3)) * 0.1 + 30]) * scale**0.5
    exact = dijkstra(csr_array(cdist(x, x) ** alpha))  # a dense matrix loses its entries below 1e-8
    np.testing.assert_allclose(fermat_distances(x, alpha), exact, rtol=1e-9)


def test_fermat_distances_of_power_one_are_euclidean_and_of_few_points_are_there() -> None:
    np.testing.assert_allclose(fermat_distances(MOONS.x, 1.0), cdist(MOONS.x, MOONS.x), atol=1e-12)
    assert fermat_distances(np.zeros((1, 2))).tolist() == [[0.0]]
    assert fermat_distances(np.array([[0.0], [2.0]])).tolist() == [[0.0, 8.0], [8.0, 0.0]]
    with pytest.raises(DataError, match="repeat an earlier one"):
        fermat_distances(np.ones((3, 2)))
    with pytest.raises(InvalidParameter, match="alpha"):
        fermat_distances(MOONS.x, 0.5)


@pytest.mark.parametrize("time", [1, 2, 5])
def test_diffusion_distances_compare_rows_of_the_walks_powers(time: int) -> None:
    walk, shares = transitions(MOONS.x)
    rows = np.linalg.matrix_power(walk, time) / np.sqrt(shares)
    np.testing.assert_allclose(walk.sum(axis=1), 1)
    np.testing.assert_allclose(shares @ walk, shares)
    np.testing.assert_allclose(diffusion_distances(MOONS.x, time), cdist(rows, rows), rtol=1e-6, atol=1e-7)


def test_diffusion_distances_of_all_times_sum_the_powers() -> None:
    x = np.random.default_rng(0).normal(size=(40, 2))
    walk, shares = transitions(x, neighbour=15)
    power, total = np.eye(40), np.zeros((40, 40))
    for _ in range(3000):
        power = power @ walk
        total += power - shares
    rows = total / np.sqrt(shares)
    np.testing.assert_allclose(diffusion_distances(x, neighbour=15), cdist(rows, rows), rtol=1e-6, atol=1e-7)


def test_diffusion_distances_across_a_gap_are_finite_and_beyond_all_others() -> None:
    y = np.repeat([0, 1], 40)
    x = np.random.default_rng(0).normal(size=(80, 2)) + 1e4 * y[:, None]
    D = diffusion_distances(x)
    same = y[:, None] == y
    assert np.isfinite(D).all()
    assert D[~same].min() > 10 * D[same].max()


def test_diffusion_needs_points_that_differ() -> None:
    with pytest.raises(DataError, match="coincides with 7 others"):
        diffusion_distances(np.ones((20, 2)))


def test_scores_have_a_row_a_method_and_tau_and_are_the_same_in_other_processes() -> None:
    taus = [0.1, 10.0]
    found = rival_scores.scores("two_moons", 80, 0, taus)
    assert len(found) == 3 * len(rivals.DISTANCES) + len(rivals.CLUSTERINGS)
    assert all(0 <= score.nmi <= 1 + 1e-12 for score in found)
    assert {score.set for score in found} == {"two_moons"}
    assert {score.tau for score in found if score.tau == score.tau} == set(taus)
    assert {row.method for row in rival_scores.scores("two_moons", 80, 0, taus, ["k-means"])} == {"k-means"}
    again = rival_scores.scores_of_all({"two_moons": 80}, [0], taus, jobs=1)
    assert [repr(score) for score in again] == [repr(score) for score in found]


def test_costs_have_seconds_and_bytes_for_each_method() -> None:
    found = rival_scores.costs("two_moons", 300, 0, rounds=1)
    assert list(found) == [*rivals.DISTANCES, *rivals.CLUSTERINGS]
    assert all(seconds > 0 and memory >= 0 for seconds, memory in found.values())
    assert found["Euclidean"][1] > 0.9 * 8 * 300**2
