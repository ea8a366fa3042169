"""The notebook on quadrature: its reference and its expansions against closed forms."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import dawsn

import geodesic_kit as gk
from geodesic_kit.paper.experiments import quadrature_cases as qc
from geodesic_kit.paper.experiments import quadrature_rules as qr

EDGE = np.array([[0, 1]])


@pytest.fixture(scope="module")
def metric() -> gk.GenerativeMetric:
    mog = gk.densities["mog"](means=[[0.0, 0.0], [1.0, 0.5]], covariances=[0.05, 0.2], weights=[0.3, 0.7])
    return gk.GenerativeMetric(mog, lam=0.01, p0=0.2, power=0.7)


def exponential(b: float) -> gk.GenerativeMetric:
    """c = exp(b x) on the line: lam -> 0, p0 = 1, log p = -b x."""
    density = gk.as_density(lambda x: -b * x[:, 0], dim=1, score=lambda x: np.full_like(x, -b))
    return gk.GenerativeMetric(density, log_lam=-np.inf, p0=1.0)


@pytest.mark.parametrize("b", [-3.0, 0.5, 4.0])
@pytest.mark.parametrize("pieces", [1, 3, 16])
def test_linear_log_c_has_closed_forms(b: float, pieces: int) -> None:
    """Both rules are geometric series there, and their expansions are known to the second term."""
    metric, points = exponential(b), np.array([[0.0], [1.0]])
    exact = np.expm1(b) / b
    left, trapezoid = qr.outcomes(metric, points, EDGE, np.array([exact]), pieces=[pieces])
    sum_left = np.expm1(b) / (pieces * np.expm1(b / pieces))
    sum_trapezoid = np.expm1(b) / (2 * pieces) / np.tanh(b / (2 * pieces))
    assert left.errors[0] == pytest.approx(abs(sum_left / exact - 1), rel=1e-9)
    assert trapezoid.errors[0] == pytest.approx(abs(sum_trapezoid / exact - 1), rel=1e-9)
    assert (left.evaluations, trapezoid.evaluations) == (pieces, pieces + 1)
    of_left, of_trapezoid = qr.leading_terms(metric, points, EDGE)
    assert of_left[0] == pytest.approx((1 - np.exp(b)) / 2)
    assert of_trapezoid[0] == pytest.approx(b * np.expm1(b) / 12)


def test_leading_terms_are_the_limits(metric: gk.GenerativeMetric) -> None:
    points = np.random.default_rng(0).normal(size=(40, 2))
    edges = np.stack([np.arange(20), np.arange(20, 40)], axis=1)
    exact = qr.reference_means(metric, points, edges)
    for rule, order, limit in zip(
        ("left", "trapezoid"), (1, 2), qr.leading_terms(metric, points, edges), strict=True
    ):
        means = qr.integrals(metric, points, edges, rule, 2000).means
        np.testing.assert_allclose(2000**order * (means - exact), limit, atol=2e-3 * abs(limit).max())


@pytest.mark.parametrize("dim", [1, 3, 784])
def test_reference_of_one_gaussian(dim: int) -> None:
    """With lam -> 0 the mean of c = p0 / p across the middle is Dawson's integral times exp."""
    mog = gk.densities["mog"](means=np.zeros((1, dim)), covariances=0.04)
    points = np.zeros((2, dim))
    points[:, 0] = -1.0, 1.0
    metric = gk.GenerativeMetric(mog, log_lam=-np.inf, log_p0=float(mog.log_prob(np.zeros((1, dim)))[0]))
    a = 1 / np.sqrt(2 * 0.04)
    assert qr.reference_means(metric, points, EDGE)[0] == pytest.approx(
        np.exp(a**2) * dawsn(a) / a, rel=1e-12
    )


def test_reference_of_a_mixture(metric: gk.GenerativeMetric) -> None:
    points = np.random.default_rng(1).normal(size=(20, 2))
    edges = np.stack([np.arange(10), np.arange(10, 20)], axis=1)
    means = qr.reference_means(metric, points, edges)
    for (i, j), mean in zip(edges, means, strict=True):
        exact = quad(
            lambda t, a, b: np.exp(metric.log_factor(a + t * (b - a)))[0],
            0,
            1,
            (points[[i]], points[[j]]),
            epsrel=1e-12,
            limit=500,
        )[0]
        assert mean == pytest.approx(exact, rel=1e-10)
    np.testing.assert_allclose(qr.reference_means(metric, points, edges, refine=3), means, rtol=1e-13)
    with pytest.raises(gk.errors.InvalidParameter, match="one variance a component"):
        qr.reference_means(
            gk.GenerativeMetric(gk.densities["mog"]([[0.0, 0.0]], np.eye(2)[None]), lam=1, p0=1),
            points,
            edges,
        )
    with pytest.raises(gk.errors.InvalidParameter, match="one variance a component"):
        qr.reference_means(exponential(1.0), np.array([[0.0], [1.0]]), EDGE)


def test_the_adaptive_rule_is_judged_last(metric: gk.GenerativeMetric) -> None:
    points = np.random.default_rng(2).normal(size=(20, 2))
    edges = np.stack([np.arange(10), np.arange(10, 20)], axis=1)
    rows = qr.outcomes(
        metric, points, edges, qr.reference_means(metric, points, edges), pieces=[2, 4], rtols=[1e-3, 1e-6]
    )
    assert [(row.rule, row.setting) for row in rows] == [
        *(("left", 2), ("left", 4), ("trapezoid", 2), ("trapezoid", 4)),
        *(("adaptive", 1e-3), ("adaptive", 1e-6)),
    ]
    assert all((row.errors <= row.setting).all() for row in rows[-2:])
    assert rows[-1].evaluations >= rows[-2].evaluations >= 7


def test_weights_each_way(metric: gk.GenerativeMetric) -> None:
    graph = gk.epsilon_graph(np.random.default_rng(3).normal(size=(60, 2)), eps=0.8)
    forth, back = qr.weights(metric, graph, rule="left", pieces=1)
    c, lengths = (
        np.exp(metric.log_factor(graph.points)),
        gk.EuclideanMetric().edge_lengths(graph.points, graph.edges),
    )
    np.testing.assert_allclose(forth, lengths * c[graph.edges[:, 0]], rtol=1e-10)
    np.testing.assert_allclose(back, lengths * c[graph.edges[:, 1]], rtol=1e-10)
    np.testing.assert_allclose(
        qr.weights(metric, graph, rule="trapezoid", pieces=1)[0], (forth + back) / 2, rtol=1e-12
    )


def test_all_pairs_is_directed_where_asked(metric: gk.GenerativeMetric) -> None:
    graph = gk.epsilon_graph(np.random.default_rng(4).normal(size=(60, 2)), eps=0.8).weigh(metric)
    np.testing.assert_allclose(qr.all_pairs(graph, graph.weights), gk.distances(graph), rtol=1e-12)
    line = gk.Graph(np.arange(3.0)[:, None], np.array([[0, 1], [1, 2]]))
    np.testing.assert_array_equal(
        qr.all_pairs(line, np.array([1.0, 2.0]), np.array([10.0, 20.0])), [[0, 1, 3], [10, 0, 2], [30, 20, 0]]
    )


def test_no_pair_errs_more_than_the_worst_edge(metric: gk.GenerativeMetric) -> None:
    graph = gk.epsilon_graph(np.random.default_rng(5).normal(size=(40, 2)), eps=0.9)
    exact = gk.EuclideanMetric().edge_lengths(graph.points, graph.edges)
    exact = exact * qr.reference_means(metric, graph.points, graph.edges)
    d = qr.all_pairs(graph, exact)
    assert qr.largest_errors(graph, exact, d, exact) == {"pair": 0.0, "edge": 0.0}
    for ways in (
        qr.weights(metric, graph, rule="left", pieces=2),
        qr.weights(metric, graph, rule="left", pieces=2)[:1],
    ):
        found = qr.largest_errors(graph, exact, d, *ways)
        assert 0 < found["pair"] <= found["edge"]


@pytest.fixture(scope="module")
def case() -> qc.Case:
    mog = gk.densities["mog"](means=np.zeros((1, 2)), covariances=0.25)
    return qc.on_neighbours(mog, mog.sample(60, seed=0), power=1.0)


def test_a_case_tells_its_edges_and_its_factor(case: qc.Case) -> None:
    lengths = np.linalg.norm(np.diff(case.points[case.edges], axis=1)[:, 0], axis=1)
    assert case.sigmas == pytest.approx(np.median(lengths) / 0.5)
    log_c = case.metric.log_factor(case.points)  # the largest c on a graph around one peak is at a vertex
    assert case.decades * np.log(10) == pytest.approx(log_c.max() - log_c.min(), abs=0.2)
    middle = np.argsort(lengths)[len(lengths) // 2]
    start, stop = case.edges[middle]
    assert case.profile(np.array([1.0]))[0] == pytest.approx(np.exp(log_c[stop] - log_c[start]))


def test_the_pieces_needed_are_the_first_power_of_two_that_does(case: qc.Case) -> None:
    needed = qc.pieces_needed(case, bound=1e-3)
    errors = {
        r.setting: np.quantile(r.errors, 0.99) for r in qr.outcomes(*case, pieces=[needed // 2, needed])[2:]
    }
    assert errors[needed] <= 1e-3 < errors[needed // 2]
