"""Refinement: closed forms to 1e-6, never longer, honest error, densities with and without a score."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import fsolve

import geodesic_kit as gk
from geodesic_kit.errors import FallbackNotice, InvalidParameter
from geodesic_kit.paper.experiments.closed_forms import DOMAINS
from geodesic_kit.paper.experiments.muller_brown import MullerBrown

MoG = gk.densities["mog"]


@pytest.mark.parametrize("name", sorted(DOMAINS))
def test_closed_forms(name: str) -> None:
    domain = DOMAINS[name]
    x = domain.sample(400, seed=0)
    graph = gk.suggest_graph(x).build(x).weigh(domain.metric())
    for j in range(1, 25):
        path = gk.geodesic(graph, 0, j)
        fine, exact = gk.refine(path), float(domain.distance(x[0], x[j]))
        assert 0 <= fine.length / exact - 1 <= 1e-6
        assert abs(fine.length - fine.error - exact) <= 1e-7 * exact  # the spline's own length
        assert fine.length <= path.length


@given(seed=st.integers(0, 10**6), log_lam=st.floats(-7, 1))
@settings(max_examples=15)
def test_never_longer_and_its_pieces_are_lengths(seed: int, log_lam: float) -> None:
    rng = np.random.default_rng(seed)
    density = MoG(rng.normal(size=(3, 2)), rng.uniform(0.02, 0.4, 3))
    metric = gk.GenerativeMetric(density, log_lam=log_lam, p0=0.2)
    x = rng.normal(size=(60, 2))
    path = gk.geodesic(gk.knn_graph(x, k=59).weigh(metric), 0, 1)
    fine = gk.refine(path, n_points=65)
    assert fine.length <= path.length * (1 + 1e-12)
    np.testing.assert_array_equal(fine.points[[0, -1]], x[[0, 1]])
    steps = np.stack([np.arange(len(fine.points) - 1), np.arange(1, len(fine.points))], axis=1)
    assert metric.edge_lengths(fine.points, steps).sum() == pytest.approx(fine.length, rel=1e-6)


def test_a_straight_line_stays() -> None:
    path = gk.Geodesic(
        np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 0.0]]), np.array([1.0, 1.0]), metric=gk.EuclideanMetric()
    )
    fine = gk.refine(path)
    assert fine.length == pytest.approx(3.0, rel=1e-9)
    assert (
        gk.refine(
            gk.geodesic(gk.Graph(path.points, [[0, 1], [1, 2]]).weigh(gk.EuclideanMetric()), 0, 0)
        ).length
        == 0
    )


def test_a_density_without_score_is_refined_with_a_notice() -> None:
    domain = DOMAINS["hyperbolic"]
    bare = gk.as_density(lambda x: np.log(x[:, 1]), dim=2)  # NaN below the axis: trial steps may go there
    x = domain.sample(100, seed=1)
    graph = gk.knn_graph(x, k=12).weigh(gk.GenerativeMetric(bare, log_lam=-np.inf, p0=1.0))
    with pytest.warns(FallbackNotice, match="central differences.*give score="):
        fine = gk.geodesic(graph, 0, 7, refine=True)
    assert fine.length == pytest.approx(float(domain.distance(x[0], x[7])), rel=1e-6)


def test_refusals() -> None:
    path = gk.Geodesic(np.array([[0.0, 0.0], [1.0, 2.0]]), np.array([1.0]))
    with pytest.raises(InvalidParameter, match="remembers no metric; give metric="):
        gk.refine(path)

    class Taxi:
        def edge_lengths(self, points, edges):
            return np.ones(len(edges))

        def lower_bound(self):
            return 0.0

    with pytest.raises(InvalidParameter, match="Riemannian"):
        gk.refine(path, metric=Taxi())
    with pytest.raises(InvalidParameter, match="n_points=2"):
        gk.refine(path, metric=gk.EuclideanMetric(), n_points=2)
    with pytest.raises(InvalidParameter, match="rtol=0"):
        gk.refine(path, metric=gk.EuclideanMetric(), rtol=0)


@pytest.mark.parametrize("d", [8, 9, 40])  # the preconditioner's two forms meet between 8 and 9
def test_a_radial_density_bends_a_path_alike_in_any_dimension(d: int) -> None:
    """c depends on |x| alone, so the geodesic lies in the plane of its ends and the origin."""

    def log_p(x: np.ndarray) -> np.ndarray:
        return -0.5 * np.square(x).sum(axis=1)

    density = gk.as_density(log_p, dim=d, score=lambda x: -x)
    flat = gk.as_density(log_p, dim=2, score=lambda x: -x)
    ends = np.zeros((2, d))
    ends[:, 0], ends[:, 1] = (-1.5, 1.5), 1.0
    lengths = []
    for p, points in ((flat, ends[:, :2]), (density, ends)):
        metric = gk.GenerativeMetric(p, lam=0.01, p0=0.1)
        straight = gk.geodesic(gk.Graph(points, [[0, 1]]).weigh(metric), 0, 1)
        lengths.append(gk.refine(straight, n_points=129).length)
        assert lengths[-1] < 0.98 * straight.length
    assert lengths[1] == pytest.approx(lengths[0], rel=1e-6)


def test_a_wall_that_float64_cannot_hold_stands_in_nobody_s_way() -> None:
    class Ring:
        """p falls off to both sides of the unit circle: at its centre log c is 900."""

        dim, normalised = 2, True

        def log_prob(self, x: Any) -> Any:
            return -900 * (np.linalg.norm(x, axis=1) - 1) ** 2

        def score(self, x: Any) -> Any:
            r = np.linalg.norm(x, axis=1, keepdims=True)
            return -1800 * (r - 1) / r * x

    angle = np.linspace(0, np.pi, 60)
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    x[1:-1] *= 1 + 0.01 * np.random.default_rng(0).standard_normal((58, 1))
    chain = np.stack([np.arange(59), np.arange(1, 60)], axis=1)
    path = gk.geodesic(gk.Graph(x, chain).weigh(gk.FermatMetric(Ring(), beta=1.0)), 0, 59)
    fine = gk.refine(path)
    assert fine.length < path.length
    assert fine.length == pytest.approx(np.pi, rel=1e-3)


def test_a_steep_metric_s_geodesic_goes_over_the_lowest_pass() -> None:
    wells = MullerBrown(0.8)
    x = np.random.default_rng(0).uniform([-1.5, -0.3], [1.2, 2.0], size=(12_000, 2))
    x = np.concatenate([[[-0.558, 1.442], [0.623, 0.028]], x[wells.potential(x) < 20]])
    graph = gk.knn_graph(x, 10).weigh(gk.FermatMetric(wells, beta=1.0))
    path = gk.geodesic(graph, 0, 1)
    fine = gk.refine(path)
    assert fine.length < 0.98 * path.length
    pass_ = fsolve(lambda at: wells.score(at[None])[0], [-0.822, 0.624])
    highest = wells.potential(fine.at(np.linspace(0, 1, 4001), by="euclidean")).max()
    assert highest == pytest.approx(wells.potential(pass_[None])[0], abs=0.02)
