"""Edge lengths: against integrals known in closed form or by an independent library, and the rules' own
laws.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

import geodesic_kit as gk
from geodesic_kit.density.along_edges import at_points
from geodesic_kit.errors import NotADensityError, QuadratureWarning
from geodesic_kit.metric.quadrature import NODES, left_riemann, means_of, trapezoid

MoG = gk.densities["mog"]
EDGE = np.array([[0, 1]])


def reference(metric, a: np.ndarray, b: np.ndarray, breaks: list[float]) -> float:
    def speed(t: float) -> float:
        return float(np.exp(metric.log_factor((a + t * (b - a))[None])[0]) * np.linalg.norm(b - a))

    places = [0.0, *sorted(breaks), 1.0]
    return sum(quad(speed, s, e, epsabs=0, epsrel=1e-12, limit=500)[0] for s, e in itertools.pairwise(places))


@pytest.mark.parametrize("place", [0.0313, 0.5, 0.617, 0.98])
@pytest.mark.parametrize("lam", [1e-4, 1e-2, 1.0])
def test_a_bump_of_a_thousandth_of_the_edge_is_not_missed(place: float, lam: float) -> None:
    width, bump = 1e-3, np.array([2 * place - 1, 0.0])
    density = MoG([[0.0, 0.0], bump], [1.0, (2 * width) ** 2], [0.999, 0.001])
    metric = gk.GenerativeMetric(density, lam=lam, p0=1.0)
    points = np.array([[-1.0, 0.0], [1.0, 0.0]])
    near = [place + k * width for k in (-12, -6, -3, -1, 0, 1, 3, 6, 12) if 0 < place + k * width < 1]
    exact = reference(metric, *points, near)
    without = gk.GenerativeMetric(MoG([[0.0, 0.0]], 1.0), lam=lam, p0=1.0).edge_lengths(points, EDGE)[0]
    assert abs(without / exact - 1) > 1e-5  # the bump matters
    np.testing.assert_allclose(metric.edge_lengths(points, EDGE), exact, rtol=1e-6)


def test_a_bump_that_a_plain_callable_hides_is_found() -> None:
    density = gk.as_density(
        lambda x: np.log(np.exp(-(x[:, 0] ** 2)) + 50 * np.exp(-(((x[:, 0] - 0.3) / 1e-3) ** 2))), dim=2
    )
    metric = gk.GenerativeMetric(density, lam=0.01, p0=1.0)
    points = np.array([[-1.0, 0.0], [1.0, 0.0]])
    exact = reference(metric, *points, [0.65 + k * 1e-3 for k in (-5, -2, -1, 0, 1, 2, 5)])
    for panels in (None, 200):
        np.testing.assert_allclose(
            gk.Graph(points, EDGE).weigh(metric, panels=panels).weights, exact, rtol=1e-6
        )


@given(place=st.floats(0.01, 0.99))
def test_a_hole_of_a_thousandth_of_the_edge_in_a_plain_callable_is_found(place: float) -> None:
    density = gk.as_density(lambda x: np.log(1e-2 + np.exp(-0.5 * ((x[:, 0] - place) / 1e-3) ** 2)), dim=1)
    metric = gk.GenerativeMetric(density, lam=0.01, p0=1.0)
    points = np.array([[0.0], [1.0]])
    near = [place + k * 1e-3 for k in (-5, -3, -1, 0, 1, 3, 5) if 0 < place + k * 1e-3 < 1]
    np.testing.assert_allclose(metric.edge_lengths(points, EDGE), reference(metric, *points, near), rtol=1e-6)


def test_high_dimension_meets_its_tolerance() -> None:
    rng = np.random.default_rng(0)
    d = 784
    density = MoG(rng.uniform(size=(10, d)) * 0.3, 0.01)
    x = density.sample(6, seed=1)
    metric = gk.GenerativeMetric.from_sample(density, x)
    edges = np.array([[0, 1], [2, 3], [4, 5], [0, 5]])
    for row, (i, j) in enumerate(edges):
        exact = reference(metric, x[i], x[j], list(np.linspace(0.02, 0.98, 49)))
        assert metric.edge_lengths(x, edges)[row] == pytest.approx(exact, rel=1e-6)


@given(seed=st.integers(0, 10**6), log_lam=st.floats(-12, -3))
@settings(max_examples=40, deadline=None)
def test_error_estimate_covers_the_error(seed: int, log_lam: float) -> None:
    rng = np.random.default_rng(seed)
    density = MoG(rng.normal(size=(3, 2)), rng.uniform(0.01, 0.5, 3))
    metric = gk.GenerativeMetric(density, log_lam=log_lam, p0=0.1)
    x = rng.normal(size=(2, 2)) * 2
    graph = gk.Graph(x, EDGE).weigh(metric, rtol=1e-5)
    exact = reference(metric, *x, list(np.linspace(0.05, 0.95, 19)))
    assert abs(graph.weights[0] - exact) <= max(2 * graph.report.errors[0], 1e-9 * exact)


@given(seed=st.integers(0, 10**6), share=st.floats(0.05, 0.95))
@settings(max_examples=30, deadline=None)
def test_splitting_an_edge_adds_up(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    metric = gk.GenerativeMetric(MoG(rng.normal(size=(3, 2)), rng.uniform(0.01, 0.5, 3)), lam=1e-3, p0=0.1)
    a, b = rng.normal(size=(2, 2)) * 2
    x = np.stack([a, b, a + share * (b - a)])
    whole, first, second = metric.edge_lengths(x, np.array([[0, 1], [0, 2], [2, 1]]))
    assert first + second == pytest.approx(whole, rel=2e-6)


def test_both_ends_are_alike() -> None:
    rng = np.random.default_rng(0)
    metric = gk.GenerativeMetric(MoG(rng.normal(size=(3, 2)), 0.05), lam=1e-3, p0=0.1)
    x = rng.normal(size=(40, 2))
    edges = np.stack([np.arange(20), np.arange(20, 40)], axis=1)
    np.testing.assert_allclose(
        metric.edge_lengths(x, edges), metric.edge_lengths(x, edges[:, ::-1]), rtol=1e-12
    )


def test_a_constant_density_is_euclidean() -> None:
    x = np.random.default_rng(0).normal(size=(30, 3))
    edges = np.stack([np.arange(29), np.arange(1, 30)], axis=1)
    metric = gk.GenerativeMetric(
        gk.as_density(lambda x: np.full(len(x), -1.0), dim=3), lam=0.1, p0=float(np.exp(-1.0))
    )
    np.testing.assert_allclose(
        metric.edge_lengths(x, edges), gk.EuclideanMetric().edge_lengths(x, edges), rtol=1e-14
    )


def test_segments_points_and_places_agree() -> None:
    """The three ways to log p on an edge: per-row places, one t for all, and plain points."""
    mog = MoG([[0.0, 0.0], [1.0, 1.0]], [0.1, 0.05])

    class OneT:
        dim, normalised = 2, True

        def log_prob(self, x):
            return mog.log_prob(x)

        def segment_log_prob(self, points, edges, t):
            assert np.ndim(t) == 1
            return mog.segment_log_prob(points, edges, t)

    x = np.random.default_rng(0).normal(size=(30, 2))
    edges = np.stack([np.arange(29), np.arange(1, 30)], axis=1)
    lengths = [
        gk.GenerativeMetric(density, lam=1e-3, p0=0.1).edge_lengths(x, edges)
        for density in (mog, OneT(), gk.as_density(mog.log_prob, dim=2))
    ]
    np.testing.assert_allclose(lengths[1], lengths[0], rtol=2e-6)
    np.testing.assert_allclose(lengths[2], lengths[1], rtol=1e-12)


@pytest.mark.parametrize(("rule", "order"), [(left_riemann, 1), (trapezoid, 2)])
def test_fixed_rules_have_their_order(rule, order: int) -> None:
    def log_factor(rows, t):
        return 1.3 * t + 0.2 * np.sin(3 * t)

    exact = quad(lambda t: np.exp(1.3 * t + 0.2 * np.sin(3 * t)), 0, 1)[0]
    errors = [abs(means_of(log_factor, 1, *rule(m))[0][0] - exact) for m in (64, 128)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.05)


def test_a_jump_is_met_or_told() -> None:
    box = gk.as_density(lambda x: np.where(np.abs(x[:, 0]) < 0.3333, 0.0, -np.inf), dim=1)
    metric = gk.GenerativeMetric(box, lam=0.1, p0=1.0)
    x = np.array([[-1.0], [1.0]])
    exact = 1.1 / 1.1 * 0.6666 + 1.1 / 0.1 * (2 - 0.6666)
    assert metric.edge_lengths(x, EDGE)[0] == pytest.approx(exact, rel=1e-6)
    noise = gk.as_density(lambda x: np.sin(1e12 * x[:, 0] ** 2), dim=1)
    with pytest.warns(QuadratureWarning, match="did not reach rtol"):
        gk.GenerativeMetric(noise, lam=0.1, p0=1.0).edge_lengths(x, EDGE)


def test_nan_and_shape_are_refused() -> None:
    x = np.array([[0.0], [1.0]])

    class Wrong:
        dim, normalised = 1, True

        def __init__(self, values):
            self.values = values

        def log_prob(self, x):
            return self.values(x)

    for values, text in (
        (lambda x: np.full(len(x), np.nan), "never NaN"),
        (lambda x: np.zeros((len(x), 1)), "squeeze its last axis"),
    ):
        with pytest.raises(NotADensityError, match=text):
            gk.GenerativeMetric(Wrong(values), lam=0.1, p0=1.0).edge_lengths(x, EDGE)


def test_a_place_that_edges_or_panels_share_is_asked_for_once() -> None:
    asked: list[np.ndarray] = []

    def log_prob(x: np.ndarray) -> np.ndarray:
        asked.append(x.copy())
        return -np.square(x).sum(axis=1)

    points = np.random.default_rng(0).standard_normal((30, 2))
    edges = gk.knn_graph(points, 5).edges
    edge = np.repeat(np.arange(len(edges)), 4)
    start = np.tile(np.arange(4) / 4, len(edges))
    t = start[:, None] + 0.25 * NODES
    found = at_points(log_prob, points, edges[edge], t)
    x = points[edges[edge, 0], None] * (1 - t[..., None]) + points[edges[edge, 1], None] * t[..., None]
    np.testing.assert_array_equal(found, -np.square(x).sum(axis=-1))
    everything = np.concatenate(asked)
    assert len(everything) == 30 + len(edges) * (4 * 5 + 3)
    assert len(np.unique(everything, axis=0)) == len(everything)


@given(seed=st.integers(0, 10**6), rows=st.integers(1, 40), width=st.integers(1, 5))
def test_places_in_any_order_are_all_answered(seed: int, rows: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    points, edges = rng.standard_normal((5, 3)), rng.integers(5, size=(rows, 2))
    t = rng.choice([0.0, 0.25, 0.5, 1.0], size=(rows, width))
    found = at_points(lambda x: x.sum(axis=1), points, edges, t)
    x = points[edges[:, 0], None] * (1 - t[..., None]) + points[edges[:, 1], None] * t[..., None]
    np.testing.assert_array_equal(found, x.sum(axis=-1))
