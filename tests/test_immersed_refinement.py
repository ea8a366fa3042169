"""Refinement under a pullback metric: closed forms, certificates, batches, and [C18]'s network beside it."""

import warnings

import numpy as np
import pytest
import torch
from immersions import great_circle_distance, network, sphere, torus

import geodesic_kit as gk
from geodesic_kit.errors import DataError, InvalidParameter, RefinementNotice
from geodesic_kit.geodesics.curve import measured
from geodesic_kit.latent import PullbackMetric, neural_geodesic


@pytest.fixture(scope="module")
def ends():
    return np.random.default_rng(0).uniform(-0.6, 0.6, (2, 24, 2))


def straight(metric, ends):
    return [measured(np.stack(pair), metric) for pair in zip(*ends, strict=True)]


def test_lengths_on_the_sphere(ends):
    metric = PullbackMetric(sphere, dim=2)
    found = gk.refine(straight(metric, ends), rtol=1e-8)
    exact = great_circle_distance(*ends)
    np.testing.assert_allclose([path.length for path in found], exact, rtol=1e-8)
    np.testing.assert_allclose([path.length - path.error for path in found], exact, rtol=1e-10)
    assert all(path.certified for path in found)


def test_a_meridian_of_the_torus_and_its_inner_equator():
    metric = PullbackMetric(torus, dim=2)
    meridian = gk.refine(measured(np.array([[0.3, -1.0], [0.3, 1.2]]), metric), rtol=1e-8)
    np.testing.assert_allclose(meridian.length, 2.2, rtol=1e-8)
    inner = gk.refine(measured(np.array([[-0.5, np.pi], [0.5, np.pi]]), metric), rtol=1e-8)
    np.testing.assert_allclose(inner.length, 1.0, rtol=1e-8)
    # the outer equator is no minimum between ends so far apart: the way over the top is shorter
    outer = gk.refine(measured(np.array([[-1.4, 0.0], [1.4, 0.0]]), metric))
    assert outer.certified
    assert outer.length < 3 * 2.8 * 0.99


def test_never_longer_than_its_start_and_the_shorter_of_graph_and_straight_line():
    metric = PullbackMetric(network(), dim=2)
    z = np.random.default_rng(1).standard_normal((300, 2))
    graph = gk.knn_graph(z, k=8).weigh(metric)
    paths = [gk.geodesic(graph, 0, j) for j in range(1, 12)]
    found = gk.refine(paths)
    lines = gk.refine([measured(path.points[[0, -1]], metric) for path in paths])
    for path, refined, line in zip(paths, found, lines, strict=True):
        assert refined.length <= path.length
        assert refined.length <= line.length * (1 + 2e-6)
    assert sum(path.certified is True for path in found) >= 10


def test_a_batch_is_as_one_by_one(ends):
    metric = PullbackMetric(torus, dim=2)
    paths = straight(metric, ends[:, :6])
    for one, many in zip([gk.refine(path) for path in paths], gk.refine(paths), strict=True):
        np.testing.assert_allclose(many.points, one.points, rtol=1e-9, atol=1e-10)


def test_the_variance_bends_geodesics_round_a_hole():
    rng = np.random.default_rng(0)
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    codes = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    metric = PullbackMetric(network(width=30, scale=1.0), dim=2)
    x = metric.image(codes) + 0.1 * rng.standard_normal((40, 30))
    both = metric.with_variance(codes, x)
    graph = gk.knn_graph(codes, k=4).weigh(both)
    i, j = int(np.argmin(codes[:, 0])), int(np.argmax(codes[:, 0]))
    with warnings.catch_warnings(action="ignore", category=RefinementNotice):  # it need not converge
        path = gk.geodesic(graph, i, j, refine=True)
    assert np.linalg.norm(path.points, axis=1).min() > 0.5
    plain = gk.refine(measured(codes[[i, j]], metric))
    assert np.linalg.norm(plain.points, axis=1).min() < 0.5


@pytest.mark.parametrize("objective", ["energy", "length"])
def test_the_network_finds_what_refine_finds(objective):
    metric = PullbackMetric(network(width=40), dim=2)
    a, b = np.random.default_rng(3).standard_normal((2, 4, 2))
    found = neural_geodesic(metric, a, b, n=60, objective=objective)
    for curve, best in zip(found, gk.refine(straight(metric, (a, b))), strict=True):
        assert best.length * (1 - 1e-5) <= curve.length <= best.length * 1.02
        np.testing.assert_array_equal(curve.points[[0, -1]], best.points[[0, -1]])
        if objective == "energy":
            assert curve.pieces.std() < 0.05 * curve.pieces.mean()


@pytest.mark.parametrize("apart", [0.02, 0.005])
def test_the_network_is_shorter_between_near_ends_too(apart):
    metric = PullbackMetric(sphere, dim=2)
    ends = np.array([[0.9, -apart / 2], [0.9, apart / 2]])
    line = measured(ends, metric)
    found = neural_geodesic(metric, *ends, n=50, fallback=False)
    least = great_circle_distance(ends[:1], ends[1:])[0]
    assert found.length - least < 0.3 * (line.length - least)


def test_a_pair_is_trained_as_if_alone_and_seeds_differ():
    metric = PullbackMetric(network(width=10), dim=2)
    a, b = np.random.default_rng(4).standard_normal((2, 3, 2))
    settings = {"n": 20, "steps": 20, "fallback": False}
    many = neural_geodesic(metric, a, b, **settings)
    alone = neural_geodesic(metric, a[1], b[1], **settings)
    np.testing.assert_allclose(many[1].points, alone.points, rtol=1e-3, atol=1e-4)
    other = neural_geodesic(metric, a[1], b[1], seed=1, **settings)
    assert np.abs(other.points - alone.points).max() > 1e-6


def test_a_curve_that_is_not_shorter_falls_back_and_is_counted():
    def flat(z):
        return torch.cat([z, z.sum(-1, keepdim=True)], -1)

    metric = PullbackMetric(flat, dim=2)
    with pytest.warns(RefinementNotice, match="1 of 1"):
        path = neural_geodesic(metric, [0.0, 0.0], [1.0, 0.5], n=20, steps=5)
    np.testing.assert_allclose(path.length, np.linalg.norm([1.0, 0.5, 1.5]), rtol=1e-9)
    assert path.notes


def test_a_decoder_that_ignores_its_codes_leaves_the_network_at_its_start():
    metric = PullbackMetric(lambda z: torch.ones(len(z), 3, dtype=z.dtype), dim=2)
    path = neural_geodesic(metric, [0.0, 0.0], [1.0, 0.5], n=20, steps=5, fallback=False)
    assert path.length == 0.0
    np.testing.assert_array_equal(path.points[[0, -1]], [[0.0, 0.0], [1.0, 0.5]])


def test_the_networks_refusals():
    metric = PullbackMetric(sphere, dim=2)
    for wrong, error in (
        (lambda: neural_geodesic(gk.EuclideanMetric(), [0, 0], [1, 1]), InvalidParameter),
        (lambda: neural_geodesic(metric, [0, 0], [1, 1], objective="time"), InvalidParameter),
        (lambda: neural_geodesic(metric, [0, 0], [1, 1], n=2), InvalidParameter),
        (lambda: neural_geodesic(metric, [[0, 0]], [[1, 1], [0, 1]]), DataError),
        (lambda: neural_geodesic(metric, [0, 0, 0], [1, 1, 0]), DataError),
        (lambda: neural_geodesic(metric, [0, np.nan], [1, 1]), DataError),
    ):
        with pytest.raises(error):
            wrong()


class ByChords:
    """A metric of somebody else's, without images: the hyperbolic half-plane by its midpoints."""

    dim = 2

    def speed(self, x, v):
        return np.linalg.norm(v, axis=1) / x[:, 1]

    def log_volume(self, x):
        return -2 * np.log(x[:, 1])

    def chords(self, x, y, order=0):
        half_plane = gk.GenerativeMetric(
            gk.as_density(lambda p: np.log(p[:, 1]), dim=2, normalised=True),
            log_lam=-np.inf,
            log_p0=0.0,
        )
        return half_plane.chords(x, y, order)

    def edge_lengths(self, points, edges):
        t, weight = np.polynomial.legendre.leggauss(12)
        start, step = points[edges[:, 0]], points[edges[:, 1]] - points[edges[:, 0]]
        height = start[:, 1:] + (t + 1) / 2 * step[:, 1:]
        return np.linalg.norm(step, axis=1) * ((1 / height) @ weight) / 2

    def lower_bound(self):
        return 0.0


def test_any_riemannian_metric_is_refined():
    metric = ByChords()
    ends = np.array([[0.0, 1.0], [2.0, 1.5]])
    exact = np.arccosh(1 + (2.0**2 + 0.5**2) / (2 * 1.0 * 1.5))
    found = gk.refine(measured(ends, metric))
    assert found.certified
    np.testing.assert_allclose(found.length - found.error, exact, rtol=1e-6)
