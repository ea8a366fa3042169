"""Exact lengths and distances where c is constant on boxes, against quadrature, Snell's law and fast
marching.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

import geodesic_kit as gk
from geodesic_kit.datasets.boxes import Boxes
from geodesic_kit.paper.experiments.rectangles import exact_arrival, rooms, segment_means

BOX = [(-1.6, 1.6), (-1.5, 1.5)]


@pytest.fixture
def metric() -> gk.GenerativeMetric:
    return gk.GenerativeMetric(gk.datasets.load("boxes", n=10, floor=0.05).density, lam=0.01, p0=0.2)


def test_segments_add_up_and_meet_quadrature(metric: gk.GenerativeMetric) -> None:
    x = np.random.default_rng(0).uniform([-1.6, -1.5], [1.6, 1.5], (60, 2))
    edges = np.random.default_rng(1).permutation(60).reshape(30, 2)
    exact = segment_means(metric, x, edges)
    t = (np.arange(40_000) + 0.5) / 40_000
    for (i, j), mean in zip(edges, exact, strict=True):
        assert mean == pytest.approx(
            np.exp(metric.log_factor(x[i] + t[:, None] * (x[j] - x[i]))).mean(), rel=1e-3
        )
    upright = np.array([[0.0, -1.4], [0.0, 1.4]])  # parallel to a face
    assert segment_means(metric, upright, np.array([[0, 1]])) == pytest.approx(
        np.exp(metric.log_factor(upright[:1]))
    )


def test_light_bends_at_a_face_as_snell_says() -> None:
    metric = gk.GenerativeMetric(
        Boxes([[-1.0, -3.0], [0.0, -3.0]], [[0.0, 3.0], [1.0, 3.0]], [1.0, 0.25]), lam=0.01, p0=0.1
    )
    source, target = np.array([-0.6, -0.7]), np.array([0.5, 0.8])
    slow, fast = np.exp(metric.log_factor(np.array([source, target])))

    def through(y: float) -> float:
        return float(slow * np.hypot(0.6, y + 0.7) + fast * np.hypot(0.5, 0.8 - y))

    best = minimize_scalar(through, bounds=(-0.7, 0.8), method="bounded", options={"xatol": 1e-10}).fun
    found = [rooms(metric, source, [(-1, 1), (-2, 2)], h).at(target[None])[0] for h in (0.2, 0.1, 0.05)]
    assert found[-1] == pytest.approx(best, rel=1e-4)
    assert all(value >= best * (1 - 1e-4) for value in found)


def test_in_one_room_distances_are_straight_and_near_a_side_they_are_not_missed(
    metric: gk.GenerativeMetric,
) -> None:
    inside = np.random.default_rng(0).uniform([-1.0, -0.9], [-0.2, 0.9], (50, 2))
    c = np.exp(metric.log_factor(inside[:1]))
    straight = c * np.linalg.norm(inside - inside[0], axis=1)
    errors = [rooms(metric, inside[0], BOX, h).at(inside)[1:] / straight[1:] - 1 for h in (0.1, 0.05, 0.025)]
    # the other boxes' faces cut this one, too: bends there cost O(h^2)
    assert all(error.min() > -1e-9 for error in errors)
    assert errors[0].max() < 0.01
    assert errors[2].mean() < errors[1].mean() / 3 < errors[0].mean() / 9
    beyond = np.array([[-0.0999, 0.123]])  # just across a face: outside costs little over so short a way
    touched = rooms(metric, inside[0], BOX, 0.1).at(np.array([[-0.1, 0.123]]))
    step = 1e-4 * np.exp(metric.log_factor(beyond))
    assert rooms(metric, inside[0], BOX, 0.1).at(beyond) == pytest.approx(touched + step, rel=2e-3)


def test_fast_marching_agrees(metric: gk.GenerativeMetric) -> None:
    pytest.importorskip("skfmm", reason="scikit-fmm comes with the extra `notebooks`")
    from geodesic_kit.paper.experiments.fast_marching import travel_time

    targets = np.random.default_rng(2).uniform([-1.5, -1.4], [1.5, 1.4], (400, 2))
    source = np.array([-0.6, 0.2])
    exact, own = exact_arrival(metric, source, BOX, 0.1).at(targets)
    np.testing.assert_array_equal(exact, rooms(metric, source, BOX, 0.05).at(targets))
    assert np.quantile(own, 0.95) < 0.01
    far = np.linalg.norm(targets - source, axis=1) > 0.4
    error = np.abs(travel_time(metric, source, BOX, 300, targets) / exact - 1)[far]
    assert np.median(error) < 0.01
    assert np.quantile(error, 0.95) < 0.04


def test_what_is_refused(metric: gk.GenerativeMetric) -> None:
    smooth = gk.GenerativeMetric(gk.densities["mog"](means=[[0, 0]], covariances=1.0), lam=1, p0=1)
    with pytest.raises(gk.errors.InvalidParameter, match="constant on boxes"):
        segment_means(smooth, np.zeros((2, 2)), np.array([[0, 1]]))
    with pytest.raises(gk.errors.InvalidParameter, match="give a larger box="):
        rooms(metric, [5.0, 0.0], BOX, 0.1).at(np.zeros((1, 2)))


def test_differences_beside_empty_space_are_one_sided() -> None:
    """p = exp(x1) on x1 < 0 alone: the slope of log p is 1 up to the brink, where the other side is log 0."""
    density = gk.as_density(lambda x: np.where(x[:, 0] <= 0, x[:, 0], -np.inf), dim=2)
    metric = gk.GenerativeMetric(density, lam=0.5, p0=0.5)
    x = np.array([[-1.0, 0.0], [0.0, 0.5], [-1e-9, 1.0], [1e-9, 0.3], [1.0, 0.0]])
    p = np.exp(np.minimum(x[:, 0], 0))
    expected = np.where(x[:, 0] <= 0, -p / (p + 0.5), 0.0)
    np.testing.assert_allclose(metric.log_factor_gradient(x)[:, 0], expected, rtol=1e-6)
    np.testing.assert_array_equal(metric.log_factor_gradient(x)[:, 1], 0.0)
