"""What holds of refined curves whatever the density, and what they say of themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geodesic_kit as gk
from geodesic_kit.errors import FallbackNotice, QuadratureWarning, RefinementNotice
from geodesic_kit.geodesics.curve import Support

MoG = gk.densities["mog"]
MEANS, VARIANCES = np.array([[-1.0, -0.6], [1.0, -0.6], [0.0, 1.0]]), np.array([0.1, 0.2, 0.1])


def polygon(points: object, metric: object) -> gk.Geodesic:
    points = np.asarray(points, dtype=float)
    steps = np.stack([np.arange(len(points) - 1), np.arange(1, len(points))], axis=1)
    return gk.geodesic(gk.Graph(points, steps).weigh(metric), 0, len(points) - 1)


@given(seed=st.integers(0, 10**6), angle=st.floats(0, 6.3), scale=st.floats(0.01, 100))
@settings(max_examples=12)
def test_reversal_rigid_motions_and_units(seed: int, angle: float, scale: float) -> None:
    path = np.random.default_rng(seed).normal(size=(4, 2))
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    metric = gk.GenerativeMetric(MoG(MEANS, VARIANCES), lam=0.05, p0=0.1)
    # In units of x scaled by s, densities are divided by s^2.
    moved = gk.GenerativeMetric(
        MoG(MEANS @ turn.T + 3 * scale, VARIANCES * scale**2), lam=0.05 / scale**2, p0=0.1 / scale**2
    )
    length = gk.refine(polygon(path, metric)).length
    assert gk.refine(polygon(path[::-1], metric)).length == pytest.approx(length, rel=3e-6)
    assert gk.refine(polygon(path @ turn.T + 3 * scale, moved)).length == pytest.approx(
        scale * length, rel=3e-6
    )


@given(seed=st.integers(0, 10**6), scale=st.floats(1e-3, 1e3))
@settings(max_examples=10)
def test_where_c_is_constant_lengths_scale_with_x(seed: int, scale: float) -> None:
    path = np.random.default_rng(seed).normal(size=(5, 3))
    flat = gk.as_density(lambda x: np.zeros(len(x)), dim=3, score=np.zeros_like)
    metric = gk.GenerativeMetric(flat, lam=1.0, p0=5.0)
    straight = np.linalg.norm(path[-1] - path[0])
    assert gk.refine(polygon(scale * path, metric)).length == pytest.approx(3 * scale * straight, rel=1e-6)


@pytest.mark.parametrize("d", [2, 8, 9, 50])
def test_symmetry_does_not_hold_a_curve_on_a_ridge(d: int) -> None:
    """Two wells beside a straight start through the wall between them; its mirror image is itself."""
    means = np.zeros((2, d))
    means[:, 1] = 1.0, -1.0
    density = MoG(means, 0.15)
    peak = float(density.log_prob(means)[0])
    metric = gk.GenerativeMetric(density, log_lam=peak - 4, log_p0=peak)
    ends, aside = np.zeros((2, d)), np.zeros((3, d))
    ends[:, 0] = aside[::2, 0] = -1.0, 1.0
    aside[1, 1] = 0.3
    on_axis = gk.refine(polygon(ends, metric))
    assert on_axis.length == pytest.approx(gk.refine(polygon(aside, metric)).length, rel=2e-6)
    assert on_axis.length < 0.8 * polygon(ends, metric).length


def test_a_hole_on_the_axis_is_walked_around() -> None:
    def bump(x: np.ndarray) -> np.ndarray:
        return -3 * np.exp(-np.square(x).sum(axis=1) / 0.1)

    hole = gk.as_density(bump, dim=2, score=lambda x: -20 * x * bump(x)[:, None])
    metric = gk.GenerativeMetric(hole, log_lam=-6.0, p0=1.0)
    fine = gk.refine(polygon([[-1, 0], [1, 0]], metric))
    assert np.abs(fine.points[:, 1]).max() > 0.3
    assert fine.length == pytest.approx(
        gk.refine(polygon([[-1, 0], [0, 0.5], [1, 0]], metric)).length, rel=2e-6
    )


def test_a_detour_through_the_wrong_valley_is_left_for_the_straight_one() -> None:
    metric = gk.GenerativeMetric(
        MoG([[0.0, 0.0], [0.0, 2.0]], [[[0.6, 0], [0, 0.02]], [[0.6, 0], [0, 0.02]]]), lam=0.003, p0=0.1
    )
    straight, detour = (
        polygon([[-1.5, 0.0], [1.5, 0.1]], metric),
        polygon([[-1.5, 0.0], [-1.0, 2.0], [1.0, 2.0], [1.5, 0.1]], metric),
    )
    assert straight.length < detour.length
    assert gk.refine(detour).length == pytest.approx(gk.refine(straight).length, rel=2e-6)


def test_one_coordinate_cannot_bend() -> None:
    metric = gk.GenerativeMetric(MoG([[-1.0], [1.0]], 0.1), lam=0.01, p0=0.1)
    straight = metric.edge_lengths(np.array([[-2.0], [1.5]]), np.array([[0, 1]]))[0]
    fine = gk.refine(polygon([[-2.0], [0.0], [1.8], [1.5]], metric))
    assert fine.length == pytest.approx(straight, rel=1e-6)
    assert (np.diff(fine.points[:, 0]) > 0).all()
    assert len(gk.refine(polygon([[-2.0], [1.5]], metric), n_points=9).points) == 9


def test_fifty_coordinates() -> None:
    rng = np.random.default_rng(0)
    density = MoG(rng.normal(size=(6, 50)), 0.3)
    x = density.sample(40, seed=0)
    metric = gk.GenerativeMetric.from_sample(density, x)
    path = gk.geodesic(gk.knn_graph(x, k=8).weigh(metric), 0, 1)
    fine = gk.refine(path)
    assert fine.length < path.length
    assert not fine.notes


def test_scores_by_hand_by_autograd_and_by_differences_agree() -> None:
    torch = pytest.importorskip("torch")
    own = MoG(MEANS, 0.15)
    normal = torch.distributions.MultivariateNormal(
        torch.tensor(MEANS), 0.15 * torch.eye(2, dtype=torch.float64)
    )
    theirs = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(torch.ones(3, dtype=torch.float64)), normal
    )
    lengths = []
    for density in (own, gk.as_density(theirs)):
        metric = gk.GenerativeMetric(density, lam=0.05, p0=0.1)
        lengths.append(gk.refine(polygon([[-1, 0], [0, 0], [1, 0.3]], metric)).length)
    metric = gk.GenerativeMetric(gk.as_density(own.log_prob, dim=2), lam=0.05, p0=0.1)
    with pytest.warns(FallbackNotice, match="offers no score"):
        lengths.append(gk.refine(polygon([[-1, 0], [0, 0], [1, 0.3]], metric)).length)
    assert lengths[1:] == pytest.approx([lengths[0]] * 2, rel=1e-6)


def test_a_curve_that_leaves_its_sample_says_so() -> None:
    """The density is uniform, the sample an arc: the geodesic cuts across."""
    flat = gk.as_density(lambda x: np.zeros(len(x)), dim=2, score=np.zeros_like)
    angle = np.linspace(0, np.pi, 40)
    arc = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    path = replace(polygon(arc, gk.GenerativeMetric(flat, lam=1.0, p0=1.0)), support=Support(arc, 0.1))
    with pytest.warns(RefinementNotice, match="outside the support: more than 5 %"):
        fine = gk.refine(path)
    assert fine.notes == ("outside the support",)
    assert fine.support is path.support
    assert repr(fine).endswith("points in R^2; outside the support)")
    with pytest.warns(RefinementNotice, match="path 0, 1 of 3: outside the support"):
        found = gk.refine([path, path, replace(path, support=Support(arc, 2.0))])
    assert [bool(p.notes) for p in found] == [True, True, False]
    assert gk.refine(replace(path, support=None)).notes == ()


@pytest.mark.parametrize("d", [3, 16, 17, 40])
def test_distance_to_the_sample_in_any_dimension(d: int) -> None:
    from geodesic_kit.geodesics.shortcomings import _nearest

    rng = np.random.default_rng(0)
    x, sample = 5 + rng.normal(size=(50, d)), 5 + rng.normal(size=(300, d))
    apart = np.linalg.norm(x[:, None] - sample, axis=-1).min(axis=1)
    np.testing.assert_allclose(_nearest(x, sample), apart, rtol=1e-10)


def test_a_factor_too_rough_for_the_finest_polygon_says_so() -> None:
    def rough(x: np.ndarray) -> np.ndarray:
        return 2.0 * np.sin(3000 * x[:, 0]) * np.sin(3000 * x[:, 1])

    metric = gk.GenerativeMetric(
        gk.as_density(rough, dim=2, score=lambda x: np.zeros_like(x)), log_lam=-6.0, p0=1.0
    )
    path = gk.Geodesic(np.array([[0.0, 0.0], [0.4, 0.7], [1.0, 0.5]]), np.ones(2), metric=metric)
    # More waves than halving follows, which quadrature says, too.
    with (
        pytest.warns(RefinementNotice, match="not converged"),
        pytest.warns(QuadratureWarning, match="waves far finer than the edge"),
    ):
        fine = gk.refine(path)
    assert "not converged" in fine.notes


def test_a_path_that_no_polygon_can_follow_is_returned_with_a_note() -> None:
    """A canyon a thousandth wide, without slopes to be seen, along the path: every curve tried runs
    outside.
    """
    corners = np.array([[0.0, 0.0], [0.5, 0.8], [1.0, 0.0]])

    def canyon(x: np.ndarray) -> np.ndarray:
        first, step = corners[:-1], np.diff(corners, axis=0)
        share = np.clip(np.einsum("nkd,kd->nk", x[:, None] - first, step) / np.square(step).sum(axis=1), 0, 1)
        apart = np.linalg.norm(x[:, None] - first - share[:, :, None] * step, axis=-1).min(axis=1)
        return -np.square(apart / 1e-3)

    metric = gk.GenerativeMetric(gk.as_density(canyon, dim=2, score=np.zeros_like), log_lam=-4.0, p0=1.0)
    path = gk.Geodesic(corners, np.ones(2), np.arange(3), metric)
    with pytest.warns(RefinementNotice, match="no shorter than the path given: the minimum found was longer"):
        kept = gk.refine(path)
    assert kept.notes == ("no shorter than the path given",)
    np.testing.assert_array_equal(kept.points, path.points)
    np.testing.assert_array_equal(kept.indices, path.indices)
    assert np.isnan(kept.error)
