"""Affinities and clustering: identities, components, and what is said where clusters are too few."""

import copy
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.spatial.distance import cdist
from sklearn.cluster import SpectralClustering
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

import geodesic_kit as gk
from geodesic_kit.applications.clustering import Clustering, local_scales, relative_tau
from geodesic_kit.applications.distance_matrices import as_distances
from geodesic_kit.applications.spectral import _walk
from geodesic_kit.base.components import components_of


@pytest.fixture(scope="module")
def blobs():
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(3), [40, 25, 15])
    x = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])[y] + 0.3 * rng.standard_normal((80, 2))
    return cdist(x, x), y


@pytest.fixture(scope="module")
def apart(blobs):
    D, y = blobs
    return np.where(y[:, None] == y, D, np.inf), y


def test_the_affinity_is_its_formula(blobs):
    D, _ = blobs
    np.testing.assert_allclose(gk.affinity(D, tau=2.5), np.exp(-(D**2) / 2.5), rtol=1e-13)
    np.testing.assert_allclose(gk.affinity(D, tau=2.5, kernel="exponential"), np.exp(-D / 2.5), rtol=1e-13)
    scale = local_scales(D, 7)
    np.testing.assert_array_equal(scale, np.sort(D, axis=1)[:, 7])
    np.testing.assert_allclose(
        gk.affinity(D, neighbour=7), np.exp(-(D**2) / np.outer(scale, scale)), rtol=1e-12
    )
    np.testing.assert_allclose(
        gk.affinity(D, neighbour=7, kernel="exponential"),
        np.exp(-D / np.sqrt(np.outer(scale, scale))),
        rtol=1e-12,
    )
    assert relative_tau(D, 2.0) == pytest.approx(2 * np.median(D[np.triu_indices(len(D), 1)]) ** 2)


@settings(max_examples=30, deadline=None)
@given(st.floats(-60, 60), st.integers(0, 100))
def test_units_do_not_matter_to_local_scales(exponent, seed):
    x = np.random.default_rng(seed).standard_normal((20, 2))
    D = cdist(x, x)
    np.testing.assert_allclose(gk.affinity(D * 2.0 ** round(exponent)), gk.affinity(D), rtol=1e-12)
    order = np.random.default_rng(seed).permutation(20)
    np.testing.assert_allclose(
        gk.affinity(D[np.ix_(order, order)]), gk.affinity(D)[np.ix_(order, order)], rtol=1e-12
    )


def test_unreachable_is_no_affinity_and_a_point_is_wholly_its_own(apart):
    D, y = apart
    for options in ({}, {"tau": 1.0}, {"kernel": "exponential"}):
        A = gk.affinity(D, **options)
        assert (A[y[:, None] != y] == 0).all()
        np.testing.assert_array_equal(np.diagonal(A), 1.0)
        np.testing.assert_array_equal(A, A.T)
    assert gk.affinity(np.array([[0.0, 1e200], [1e200, 0.0]]), tau=1e-300)[0, 1] == 0


def test_points_that_coincide_have_a_scale_all_the_same():
    D = np.zeros((40, 40))
    D[:20, 20:] = D[20:, :20] = 3.0
    assert (local_scales(D) == 3.0).all()
    np.testing.assert_allclose(gk.affinity(D)[0, -1], np.exp(-1))
    alone = np.full((3, 3), np.inf)
    np.fill_diagonal(alone, 0.0)
    np.testing.assert_array_equal(gk.affinity(alone), np.eye(3))


@pytest.mark.parametrize("method", ["spectral", "ising"])
@pytest.mark.parametrize("tau", [None, 1.0])
def test_separate_blobs_are_found_by_both_methods(blobs, method, tau):
    D, y = blobs
    some = np.flatnonzero(y < 2) if method == "ising" else np.arange(len(y))
    some = some[15:] if method == "ising" else some  # Ising clusters are drawn to equal sizes: 25 and 25
    labels = gk.cluster(
        D[np.ix_(some, some)], n_clusters=len(np.unique(y[some])), method=method, tau=tau, seed=1
    )
    assert adjusted_rand_score(y[some], labels) == 1.0
    assert isinstance(labels, Clustering)
    assert labels.dtype == np.int64
    median = relative_tau(D[np.ix_(some, some)])
    assert labels.tau == (median if tau is None and method == "ising" else tau)
    assert (labels.method, labels.kernel, labels.note, labels.unassigned) == (method, "gaussian", "", 0)
    np.testing.assert_array_equal(
        labels, gk.cluster(D[np.ix_(some, some)], len(np.unique(y[some])), method, tau, seed=1)
    )


@pytest.mark.parametrize("seed", range(3))
def test_spectral_clustering_is_scikit_learns(seed):
    x = np.random.default_rng(seed).standard_normal((120, 2)) * [2.0, 1.0]
    D = cdist(x, x)
    theirs = SpectralClustering(3, affinity="precomputed", random_state=0).fit_predict(
        gk.affinity(D, tau=1.0)
    )
    assert adjusted_rand_score(theirs, gk.cluster(D, 3, tau=1.0)) > 0.97


@pytest.mark.parametrize("tau", [1.0, 1e2, 1e3, 1e4])
def test_no_eigenvector_is_shrunk_where_its_eigenvalue_is_negative(tau):
    # The trace of a walk that never stays is 0, so under a broad kernel most eigenvalues are a little below
    # 0.
    x = np.random.default_rng(0).standard_normal((100, 6)) * [3, 2, 1, 1, 1, 1]
    D = cdist(x, x)
    A = gk.affinity(D, tau=relative_tau(D, tau))
    values, vectors = _walk(A, np.arange(100), 8)
    np.fill_diagonal(A, 0.0)
    np.testing.assert_allclose(A.sum(axis=1) @ vectors**2, 1.0, rtol=1e-6)
    np.testing.assert_allclose(A @ vectors / A.sum(axis=1)[:, None], values * vectors, atol=1e-9)


def test_clusters_work_wherever_labels_do(blobs):
    found = gk.cluster(blobs[0], n_clusters=3, seed=0)
    plain = np.asarray(found)
    assert type(plain) is np.ndarray
    assert (found.shape, found.dtype, len(found), list(found)) == (
        plain.shape,
        np.int64,
        len(plain),
        plain.tolist(),
    )
    for part in (
        found[:5],
        found[found == found[0]],
        found + 1,
        -found,
        found == 1,
        np.unique(found),
        np.bincount(found),
        found.reshape(-1, 5),
    ):
        assert type(part) is np.ndarray
    assert found[3] == plain[3]
    assert found.max() == np.max(found) == max(found) == 2
    assert (found == found).all()
    assert (np.bincount(found) > 0).all()
    assert pd.DataFrame({"cluster": found})["cluster"].tolist() == plain.tolist()
    assert pd.Series(found).value_counts().tolist() == np.sort(np.bincount(plain))[::-1].tolist()
    assert blobs[0][found == 0].shape == (np.bincount(plain)[0], len(plain))
    assert adjusted_rand_score(found, plain) == normalized_mutual_info_score(plain, found) == 1.0
    assert (
        repr(found)
        == f"Clustering(3 clusters of {', '.join(map(str, np.bincount(plain)))} points by 'spectral')"
    )


def test_clusters_are_values(blobs):
    found = gk.cluster(blobs[0], n_clusters=3, seed=0)
    with pytest.raises(FrozenInstanceError):
        found.method = "ising"
    for array in (found.labels, found.components):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    np.asarray(found)[0] = 7  # one's own copy
    assert found[0] != 7
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = found.nothing


def test_parts_are_clusters_where_they_are_as_many(apart):
    D, y = apart
    labels = gk.cluster(D, n_clusters=3)
    assert adjusted_rand_score(y, labels) == 1.0
    np.testing.assert_array_equal(labels, labels.components)
    assert labels.note == "3 components of 40, 25 and 15 points, joined by no path"


def test_clusters_are_shared_out_among_fewer_parts_as_on_the_whole(blobs):
    D, y = blobs
    halves = np.where((y[:, None] == 0) == (y == 0), D, np.inf)  # blob 0, and blobs 1 and 2 in one part
    labels = gk.cluster(halves, n_clusters=3, tau=1.0)
    assert adjusted_rand_score(y, labels) == 1.0
    assert "2 components of 40 and 40 points" in labels.note
    assert len(np.unique(gk.cluster(halves, n_clusters=7, seed=0))) == 7


def test_ising_clusters_keep_to_their_parts_too(apart):
    D, y = apart
    np.testing.assert_array_equal(gk.cluster(D, n_clusters=3, method="ising"), y)
    finer = gk.cluster(D, n_clusters=5, method="ising", seed=1)
    assert len(np.unique(finer)) == len(np.unique(np.stack([finer, y]), axis=1).T)
    assert 3 < len(np.unique(finer)) <= 5


def test_points_of_parts_beyond_the_clusters_are_named_not_hidden(apart):
    D, y = apart
    with pytest.warns(gk.errors.ComponentsNotice, match="n_clusters=2, so 15 points") as said:
        labels = gk.cluster(D, n_clusters=2)
    assert "3 components of 40, 25 and 15 points" in str(said[0].message)
    assert said[0].filename == __file__
    assert labels.unassigned == 15
    np.testing.assert_array_equal(labels == -1, y == 2)


def test_few_points_and_few_clusters():
    D = cdist(np.arange(4.0)[:, None], np.arange(4.0)[:, None])
    np.testing.assert_array_equal(gk.cluster(D, n_clusters=1), 0)
    assert len(np.unique(gk.cluster(D, n_clusters=4))) == 4
    assert len(np.unique(gk.cluster(D, n_clusters=3, seed=0))) <= 3
    np.testing.assert_array_equal(gk.cluster(np.zeros((1, 1)), n_clusters=1), 0)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (np.zeros((2, 3)), "shape"),
        (np.array([[0, np.nan], [np.nan, 0]]), "NaN"),
        (np.array([[0, -1.0], [-1.0, 0]]), "negative"),
        (np.array([[1.0, 0.5], [0.5, 1.0]]), "affinity"),
        (np.array([[0, 1.0], [2.0, 0]]), "symmetric"),
        (np.array([[0, 1.0], [np.inf, 0]]), "symmetric"),
        (np.empty((0, 0)), "shape"),
        ([["a"]], "numbers"),
        (np.array([[0, 1j], [1j, 0]]), "complex"),
        (np.ma.masked_greater(np.array([[0.0, 9.0], [9.0, 0.0]]), 5.0), "masked"),
    ],
)
def test_what_is_no_matrix_of_distances_is_refused(bad, says):
    with pytest.raises(gk.errors.DataError, match=says):
        gk.cluster(bad, n_clusters=1)


def test_rounding_below_zero_is_zero(blobs):
    D, _ = blobs
    below = D - 1e-12
    np.testing.assert_array_equal(gk.cluster(below, 3, seed=0), gk.cluster(D, 3, seed=0))
    assert below.min() < 0  # the caller's own stays as it is


@pytest.mark.parametrize("place", [(0, 1), (299, 0), (0, 299), (298, 299), (200, 280), (280, 100)])
@pytest.mark.parametrize("other", [lambda d: d * 1.001, lambda d: np.inf])
def test_one_way_that_is_longer_than_back_is_seen_wherever_it_is(place, other):
    D = cdist(*[np.random.default_rng(0).standard_normal((300, 2))] * 2)
    D[:50, 250:] = D[250:, :50] = np.inf
    D[0, 1] *= 1 + 1e-9
    D[place] = D[place[::-1]] = 1.0
    assert as_distances(D) is D
    D[place] = other(D[place])
    with pytest.raises(gk.errors.DataError, match="not symmetric"):
        as_distances(D)


def test_points_that_are_all_joined_are_numbered_as_by_scipy(apart):
    joined = np.isfinite(apart[0])
    np.testing.assert_array_equal(components_of(joined), components_of(csr_array(joined)))
    np.testing.assert_array_equal(
        components_of(np.ones((5, 5), dtype=bool)), components_of(csr_array(np.ones((5, 5))))
    )
    assert components_of(np.ones((5, 5), dtype=bool)).dtype == components_of(joined).dtype


def test_parameters_out_of_range_are_named(blobs):
    D, _ = blobs
    for options, says in [
        ({"n_clusters": 0}, "n_clusters=0"),
        ({"n_clusters": 81}, "1 to 80"),
        ({"method": "dbscan"}, "ising, spectral"),
        ({"tau": 0.0}, "tau=0"),
        ({"tau": -1.0}, "tau=-1"),
        ({"kernel": "cosine"}, "gaussian, exponential"),
        ({"seed": -1}, "seed=-1"),
    ]:
        with pytest.raises(gk.errors.InvalidParameter, match=says):
            gk.cluster(D, **{"n_clusters": 2, **options})
    with pytest.raises(gk.errors.InvalidParameter, match="neighbour=3"):
        gk.affinity(D, tau=1.0, neighbour=3)


def test_float32_distances_do():
    D = cdist(np.eye(4), np.eye(4)).astype(np.float32)
    D[0, 1] = np.nextafter(D[0, 1], 2)
    assert gk.cluster(D, n_clusters=2, seed=0).shape == (4,)


def test_spectral_labels_survive_eigenvalues_that_agree_to_the_last_bit() -> None:
    D = np.kron(1 - np.eye(3), np.full((10, 10), 7.0)) + np.kron(np.eye(3), 0.1 * (1 - np.eye(10)))
    labels = gk.cluster(D, 3, tau=1.5)
    assert len(np.unique(labels)) == 3
    assert (labels.reshape(3, 10) == labels.reshape(3, 10)[:, :1]).all()


def blobs_and(centres, extra, n=60, spread=0.4, seed=0):
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(len(centres)), n)
    x = np.concatenate(
        [
            np.asarray(centres, dtype=float)[y] + spread * rng.standard_normal((len(y), 2)),
            np.reshape(extra, (-1, 2)),
        ]
    )
    return cdist(x, x), y


@pytest.mark.parametrize("far", [5.0, 20.0, 1e4])
@pytest.mark.parametrize("extra", [1, 3])
def test_a_few_points_far_from_all_others_are_no_cluster(far, extra):
    D, y = blobs_and([[0, 0], [4, 0]], [[0.01 * i, far] for i in range(extra)])
    labels = gk.cluster(D, n_clusters=2)
    assert adjusted_rand_score(y, labels[: len(y)]) == 1.0
    assert labels.components.max() == 0
    assert (np.asarray(labels) >= 0).all()


def test_points_each_farther_than_the_last_are_set_aside_one_by_one():
    D, y = blobs_and([[0, 0], [4, 0]], [[0, 20 * 1e3**i] for i in range(30)])
    labels = gk.cluster(D, n_clusters=2)
    assert adjusted_rand_score(y, labels[: len(y)]) == 1.0
    assert labels.aside >= 29  # the nearest of them may stay with the blobs


def test_a_component_is_a_cluster_however_small():
    D, y = blobs_and([[0, 0]], [[30, 0]])
    D[-1, :-1] = D[:-1, -1] = np.inf
    labels = gk.cluster(D, n_clusters=2)
    assert (np.asarray(labels) == [*y, 1]).all()
    three = gk.cluster(D, n_clusters=3)
    assert (np.bincount(three) > 0).all()
    assert (three == three[-1]).sum() == 1


@pytest.mark.parametrize("tau", [None, 1e-3])
def test_fewer_clusters_than_groups_join_the_nearest_groups(tau):
    D, y = blobs_and([[0, 0], [8, 0], [200, 0], [208, 0]], [])
    labels = gk.cluster(D, n_clusters=2, tau=tau)
    assert adjusted_rand_score(y // 2, labels) == 1.0
    np.testing.assert_array_equal(gk.cluster(D, n_clusters=1, tau=tau), 0)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy])  # as pickle does
def test_clusters_are_the_same_once_copied(again):
    found = gk.cluster(blobs_and([[0, 0], [4, 0]], [])[0], n_clusters=2)
    other = again(found)
    np.testing.assert_array_equal(other, found)
    assert (other.method, other.note, other.tau) == (found.method, found.note, found.tau)
    np.testing.assert_array_equal(other.components, found.components)


@pytest.mark.parametrize("unit", [3.0, 7.0, np.pi, 100.0])
def test_rounding_does_not_choose_among_groups_that_nothing_ties(unit):
    # Three groups and two clusters: all three eigenvalues are 1 in float64, and any two of their vectors
    # would do.
    D, y = blobs_and([[0, 0], [30, 0], [300, 0]], [], n=30)
    assert adjusted_rand_score(np.minimum(y, 1) + (y == 2), gk.cluster(D * unit, 3)) == 1.0
    assert adjusted_rand_score(y == 2, gk.cluster(D * unit, 2)) == 1.0


@pytest.mark.parametrize("unit", [1e-200, 1e200])
@pytest.mark.parametrize("method", ["spectral", "ising"])
def test_no_unit_is_too_small_or_too_large(method, unit):
    D, y = blobs_and([[0, 0], [4, 0]], [], n=20)
    assert adjusted_rand_score(y, gk.cluster(D * unit, 2, method)) == 1.0


@pytest.mark.parametrize("tau", [np.inf, np.nan, 0.0, -1.0])
def test_a_tau_that_is_no_scale_is_refused(tau: float) -> None:
    D = cdist(np.arange(6.0)[:, None], np.arange(6.0)[:, None])
    D[0, 1:] = D[1:, 0] = np.inf
    for door in (gk.affinity, lambda D, tau: gk.cluster(D, n_clusters=2, tau=tau)):
        with pytest.raises(gk.errors.InvalidParameter, match="tau="):
            door(D, tau=tau)


@given(seed=st.integers(0, 10**6), n=st.integers(1, 40), share=st.floats(0, 0.2))
def test_components_of_a_dense_matrix_are_scipys(seed: int, n: int, share: float) -> None:
    joined = np.random.default_rng(seed).random((n, n)) < share  # one way is enough
    np.testing.assert_array_equal(components_of(joined), components_of(csr_array(joined)))
