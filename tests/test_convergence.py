"""Nested ε-graphs, equal degrees, slopes with intervals, the Hausdorff distance, and the limits of Lemma
2.1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import geodesic_kit as gk
from geodesic_kit.paper.experiments import connectivity as co
from geodesic_kit.paper.experiments import convergence as cv
from geodesic_kit.paper.experiments.distance_axioms import triangle_excess
from geodesic_kit.paper.experiments.limits import line_integral, polygon

BOX = [(-2.0, 2.0), (-2.0, 2.0)]


@pytest.fixture(scope="module")
def metric() -> gk.GenerativeMetric:
    mog = gk.densities["mog"](means=[[-1, 0], [0, 0.5], [1, 0]], covariances=0.2)
    return gk.GenerativeMetric(mog, lam=0.1, p0=0.1)


@pytest.fixture(scope="module")
def reference(metric: gk.GenerativeMetric) -> gk.Geodesic:
    return gk.refine(polygon([[-1.0, 0.0], [0.0, 0.6], [1.0, 0.0]], metric), rtol=1e-4)


@pytest.fixture
def points() -> np.ndarray:
    return np.random.default_rng(0).uniform(-2, 2, (300, 2))


def test_shrink_equals_building_anew(points: np.ndarray, metric: gk.GenerativeMetric) -> None:
    large = gk.epsilon_graph(points, eps=0.6).weigh(metric)
    small = gk.epsilon_graph(points, eps=0.4).weigh(metric)
    inner = cv.shrink(large, 0.4)
    np.testing.assert_array_equal(inner.edges, small.edges)
    assert abs(inner.matrix - small.matrix).max() < 1e-12
    with pytest.raises(gk.errors.InvalidParameter, match="of at least that radius can shrink"):
        cv.shrink(large, 0.7)
    with pytest.raises(gk.errors.InvalidParameter, match="of at least that radius can shrink"):
        cv.shrink(gk.knn_graph(points, k=3), 0.4)


@given(st.lists(st.integers(1, 4000), min_size=1, max_size=3), st.integers(0, 5))
def test_radii_give_the_edges_asked(counts: list[int], seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(100, 2))
    for count, radius in zip(counts, cv.radii_for_edges(points, counts), strict=True):
        assert gk.epsilon_graph(points, eps=radius).m == count


def test_connectivity(points: np.ndarray) -> None:
    assert co.connectivity_radius(1000, 16.0) == pytest.approx(np.sqrt(16 * np.log(1000) / (np.pi * 1000)))
    ends = [[-1.0, 0.0], [1.0, 0.0]]
    whole, joined = co.connectivity(ends, BOX, n=400, shares=[0.3, 3.0], trials=4, seed=0)
    assert whole.tolist() == joined.tolist() == [[False, True]] * 4


def test_draws_stay_in_the_box() -> None:
    mog = gk.densities["mog"](means=[[1.5, 0.0]], covariances=1.0)
    x = cv.draw_in_box(mog, 500, BOX, seed=[1, 2])
    assert x.shape == (500, 2)
    assert (abs(x) < 2).all()
    np.testing.assert_array_equal(x, cv.draw_in_box(mog, 500, BOX, seed=[1, 2]))
    with pytest.raises(gk.errors.DataError, match="larger box"):
        cv.draw_in_box(mog, 10, [(50, 51), (50, 51)], seed=0)


def test_experiment_is_paired(reference: gk.Geodesic) -> None:
    options: dict[str, Any] = {"sizes": [200, 300], "kappas": [0.7, 0.8], "trials": 2, "seed": 3}
    rows = cv.experiment(reference, BOX, **options)
    assert rows == cv.experiment(reference, BOX, **options)
    assert len(rows) == 2 * 2 * 2 * 2
    uniform, drawn = ([row for row in rows if row.sampling == name] for name in ("uniform", "from p"))
    for a, b in zip(uniform, drawn, strict=True):
        assert (a.n, a.kappa, a.trial) == (b.n, b.kappa, b.trial)
        assert a.mean_degree == pytest.approx(b.mean_degree, rel=1e-12)
        assert a.eps == pytest.approx(a.kappa * 4 * a.n**-0.25)
    found = [row for row in rows if row.joined]
    assert all(row.length_error > -1e-5 and row.hausdorff > 0 for row in found)
    assert len(found) > 8
    with pytest.raises(gk.errors.InvalidParameter, match="there are uniform, from p"):
        cv.experiment(reference, BOX, samplings=["sobol"], **options)
    with pytest.raises(gk.errors.InvalidParameter, match="density can sample"):
        cv.experiment(polygon(reference.points, gk.EuclideanMetric()), BOX, **options)


def test_a_graph_without_path_is_judged_too(metric: gk.GenerativeMetric, reference: gk.Geodesic) -> None:
    graph = gk.epsilon_graph(reference.points[[0, -1]], eps=0.1).weigh(metric)
    row = cv.judge(graph, reference, (0, 1.0, 0, "uniform"))
    assert (row.connected, row.joined) == (False, False)
    assert np.isnan([row.length_error, row.hausdorff]).all()
    with pytest.raises(gk.errors.InvalidParameter, match="an epsilon_graph is judged"):
        cv.judge(gk.knn_graph(reference.points, k=1), reference, (0, 1.0, 0, "uniform"))


def test_hausdorff_of_lines_and_circles() -> None:
    line = [[0.0, 0.0], [1.0, 0.0]]
    assert cv.hausdorff(line, [[0.0, 0.5], [1.0, 0.5]]) == pytest.approx(0.5)
    assert cv.hausdorff(line, [[0.0, 0.0], [0.5, 0.3], [1.0, 0.0]]) == pytest.approx(0.3, abs=1e-3)
    assert cv.hausdorff(line, [[0.0, 0.0], [0.4, 0.0], [1.0, 0.0]]) == pytest.approx(0, abs=1e-12)
    angle = np.linspace(0, np.pi, 400)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert cv.hausdorff(circle, 1.25 * circle) == pytest.approx(0.25, abs=1e-3)
    assert cv.hausdorff(1.25 * circle, circle) == cv.hausdorff(circle, 1.25 * circle)


@given(st.floats(-3, 3), st.floats(-5, 5))
def test_slope_of_a_power(power: float, level: float) -> None:
    n = np.repeat([100, 200, 400, 800], 3)
    slope = cv.fit_slope(n, np.exp(level) * n**power)
    assert slope.value == pytest.approx(power, abs=1e-9)
    assert slope.low <= slope.value <= slope.high
    assert slope.high - slope.low < 1e-4


def test_slope_interval_covers() -> None:
    rng, n = np.random.default_rng(0), np.repeat([100.0, 200, 400, 800, 1600], 20)
    slopes = [cv.fit_slope(n, n**-0.5 * np.exp(0.3 * rng.normal(size=len(n)))) for _ in range(400)]
    inside = np.mean([slope.low <= -0.5 <= slope.high for slope in slopes])
    assert 0.92 < inside < 0.98
    for bad in ([1.0, 2.0, np.nan], [1.0, 2.0, 0.0]):
        with pytest.raises(gk.errors.DataError, match="positive numbers"):
            cv.fit_slope([1, 2, 3], bad)
    with pytest.raises(gk.errors.DataError, match="2 different x"):
        cv.fit_slope([1, 2, 2], [1, 2, 3])


def test_paired_ratio() -> None:
    common = np.exp(np.random.default_rng(0).normal(size=30))  # what both share does not widen the interval
    ratio = cv.paired_ratio(2 * common, common)
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((2, 2, 2))
    assert repr(ratio) == "2.00 (2.00 to 2.00)"
    with pytest.raises(gk.errors.DataError, match="pairs of positive numbers"):
        cv.paired_ratio([1.0, np.nan], [1.0, 2.0])


def test_polygon_and_line_integral() -> None:
    mog = gk.densities["mog"](means=[[0.0, 0.0]], covariances=1.0)
    assert polygon([[0, 0], [3, 4], [3, 5]], gk.EuclideanMetric()).length == 6
    # the marginal of a Gaussian along its axis, normal's mass within one sigma
    mass = 0.6826894921370859 / np.sqrt(2 * np.pi)
    assert line_integral(mog, [[-1, 0], [1, 0]], p0=0.5) == pytest.approx(2 * 0.5 - mass, abs=1e-7)


def test_triangle_excess(points: np.ndarray) -> None:
    D = gk.distances(gk.epsilon_graph(points, eps=0.8).weigh(gk.EuclideanMetric()))[:60, :60]
    assert triangle_excess(D) <= 1e-12
    broken = D.copy()
    broken[3, 7] *= 2
    assert triangle_excess(broken) > 0.1


@pytest.mark.parametrize(("n", "share"), [(300, 1.0), (1000, 1.2)])
def test_expected_lone_points_are_those_seen(n: int, share: float) -> None:
    box = [(-2, 2), (0, 3)]
    eps = share * co.connectivity_radius(n, 12.0)
    samples = (np.random.default_rng([n, k]).uniform([-2, 0], [2, 3], (n, 2)) for k in range(400))
    lone = [n - len(np.unique(gk.epsilon_graph(x, eps=eps).edges)) for x in samples]
    assert np.mean(lone) == pytest.approx(co.expected_lone_points(n, eps, box), abs=4 * np.std(lone) / 20)
    with pytest.raises(ValueError, match="eps="):
        co.expected_lone_points(n, 2.0, box)


def test_the_least_share_connected_is_a_binomial_quantile() -> None:
    box, sizes = [(-2, 2), (0, 3)], [400, 800]
    low, middle = (
        co.least_share_connected(sizes, 1.3, box, trials=10, level=level) for level in (0.001, 0.5)
    )
    chances = [np.exp(-co.expected_lone_points(n, 1.3 * co.connectivity_radius(n, 12.0), box)) for n in sizes]
    assert middle == pytest.approx(np.mean(chances), abs=1 / 20)
    assert 0 < low < middle <= 1


def test_a_difference_of_estimates_adds_their_intervals_in_quadrature() -> None:
    difference = cv.Estimate(-1.0, -1.3, -0.7) - cv.Estimate(-1.2, -1.6, -0.8)
    assert (difference.value, difference.low, difference.high) == pytest.approx((0.2, -0.3, 0.7))
    assert difference.farthest_from(0.0) == pytest.approx(0.7)
    assert difference.farthest_from(1.0) == pytest.approx(1.3)
