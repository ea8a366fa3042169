"""Refinement in the plane of a round mixture's means: the same curves in fewer coordinates."""

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.geodesics import refine as refining
from geodesic_kit.geodesics.curve import measured
from geodesic_kit.geodesics.planes import plane_of

MoG = gk.densities["mog"]


def mixture(variances=0.3, d=24, k=3, covariances=None):
    means = np.random.default_rng(0).normal(size=(k, d))
    weights = np.arange(1, k + 1) / (k * (k + 1) / 2)
    return MoG(means, variances if covariances is None else covariances, weights)


@pytest.fixture
def ends():
    return np.random.default_rng(1).normal(size=(2, 24))


@pytest.mark.parametrize("variances", [0.3, np.array([0.2, 0.3, 0.5])])
def test_log_p_on_the_plane_is_log_p(variances, ends):
    metric = gk.GenerativeMetric(mixture(variances), log_lam=-40.0, log_p0=-30.0)
    plane = plane_of(metric, ends)
    u = np.random.default_rng(2).normal(size=(20, len(plane.basis)))
    x = plane.origin + u @ plane.basis
    np.testing.assert_allclose(plane.within(x), u, atol=1e-12)
    np.testing.assert_allclose(plane.metric.log_factor(u), metric.log_factor(x), atol=1e-11)
    gradient = metric.log_factor_gradient(x)
    np.testing.assert_allclose(plane.metric.log_factor_gradient(u) @ plane.basis, gradient, atol=1e-10)
    assert len(plane.basis) == 4  # three means and two ends
    off = np.linalg.svd(plane.basis)[2][len(plane.basis) :]
    assert (metric.log_factor(x + off[0]) >= metric.log_factor(x)).all()


def test_a_path_is_refined_as_in_the_whole_space(ends, monkeypatch):
    metric = gk.GenerativeMetric.from_sample(mixture(), mixture().sample(200, seed=0), max_contrast=10)
    path = measured(np.stack([ends[0], metric.density.means[2], ends[1]]), metric)
    ours = gk.refine(path, rtol=1e-4)
    np.testing.assert_array_equal(ours.points[[0, -1]], ends)
    monkeypatch.setattr(refining, "plane_of", lambda metric, ends: None)
    whole = gk.refine(path, rtol=1e-4)
    np.testing.assert_allclose(ours.length - ours.error, whole.length - whole.error, rtol=2e-4)
    remeasured = measured(ours.points, metric)
    np.testing.assert_allclose(remeasured.length, ours.length, rtol=1e-6)


def test_where_there_is_no_plane(ends):
    def asked(density, metric=gk.GenerativeMetric):
        return plane_of(metric(density, log_lam=-40.0, log_p0=-30.0), ends)

    class Other(MoG):
        """Its log p may be anything."""

    class Growing(gk.GenerativeMetric):
        """Its c may grow with p."""

    assert asked(mixture()) is not None
    assert asked(mixture(covariances=np.full((3, 24), 0.3))) is None  # not round
    assert asked(mixture(k=13)) is None  # no much smaller plane
    assert asked(mixture(np.array([1e-40, 1.0, 1e40]))) is None  # weights that float64 does not hold
    assert asked(Other(mixture().means, 0.3)) is None
    assert asked(mixture(), Growing) is None
