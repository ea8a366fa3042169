"""The notebook on generative geodesics: the limits of Lemma 2.1 and the axioms of a distance."""

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.paper.experiments import distance_axioms as da
from geodesic_kit.paper.experiments import lambda_limits as ll
from geodesic_kit.paper.experiments.limits import line_integral

P0 = 0.5


@pytest.fixture(scope="module")
def mog() -> gk.types.Density:
    return gk.densities["mog"](means=[[-0.5, 0.0], [0.6, 0.3]], covariances=0.3)


@pytest.fixture(scope="module")
def graph() -> gk.Graph:
    x = np.random.default_rng(0).uniform(-1, 1, (150, 2))
    return gk.epsilon_graph(x, eps=0.4)


def metrics(mog: gk.types.Density, *lams: float) -> list[gk.GenerativeMetric]:
    return [gk.GenerativeMetric(mog, lam=lam, p0=P0) for lam in lams]


def test_the_excess_on_a_graph_tends_to_the_integral_along_its_euclidean_path(
    mog: gk.types.Density, graph: gk.Graph
) -> None:
    found = ll.excess_on_graph(graph, metrics(mog, 10.0, 1000.0), [1, 2, 3])
    path = gk.geodesic(graph.weigh(gk.EuclideanMetric()), 0, 2)
    assert found.limit[1] == pytest.approx(line_integral(mog, path.points, P0))
    assert found.excess.shape == (2, 3)
    assert (
        abs(found.shares_of_limit - 1).max(axis=1)[1] < 0.01 < abs(found.shares_of_limit - 1).max(axis=1)[0]
    )


def test_the_excess_of_curves_tends_to_the_integral_along_the_straight_line(mog: gk.types.Density) -> None:
    pairs = np.array([[[-0.8, 0.5], [0.9, -0.2]], [[0.0, -0.7], [0.1, 0.8]]])
    found = ll.excess_of_curves(pairs, metrics(mog, 300.0))
    np.testing.assert_allclose(found.limit, [line_integral(mog, pair, P0) for pair in pairs])
    np.testing.assert_allclose(found.shares_of_limit, 1.0, atol=0.01)


def test_departures_fall_with_lam(mog: gk.types.Density, graph: gk.Graph) -> None:
    limit = gk.GenerativeMetric(mog, log_lam=-np.inf, p0=P0)
    curve = gk.geodesic(graph.weigh(limit), 0, 1, refine=True)
    first, last = ll.departures(graph, curve, metrics(mog, 1e-2, 1e-4), [0, 1])
    assert (first.lam, last.lam) == (pytest.approx(1e-2), pytest.approx(1e-4))
    for name in ("median_pair", "worst_pair", "refined_curve"):
        assert 0 < getattr(last, name) < getattr(first, name) / 10


def test_axioms_of_euclidean_distances_and_of_a_broken_table() -> None:
    x = np.random.default_rng(1).normal(size=(30, 2))
    D = np.linalg.norm(x[:, None] - x[None], axis=2)
    axioms = da.distance_axioms(D)
    assert axioms["asymmetry"] == axioms["largest d(x, x)"] == 0.0
    assert axioms["least d(x, y)"] == D[~np.eye(30, dtype=bool)].min()
    assert axioms["triangle excess"] <= 1e-12
    D[2, 5] *= 1.5
    assert da.distance_axioms(D)["asymmetry"] == pytest.approx(0.5)


def test_the_best_detour_leads_through_a_third_point() -> None:
    line = np.abs(np.subtract.outer(np.arange(5.0), np.arange(5.0)))
    direct, detours = da.best_detours(line, 3)
    np.testing.assert_array_equal(direct, [1, 2, 1, 1, 2, 1])  # (0, 1) (0, 2) (1, 0) (1, 2) (2, 0) (2, 1)
    np.testing.assert_array_equal(detours, [3, 2, 3, 3, 2, 3])


def test_refined_distances_are_symmetric_to_their_tolerance(mog: gk.types.Density, graph: gk.Graph) -> None:
    found = da.refined_distances(graph.weigh(metrics(mog, 0.1)[0]), [0, 4, 9], rtol=1e-4)
    assert not found.diagonal().any()
    np.testing.assert_allclose(found, found.T, rtol=1e-3)
