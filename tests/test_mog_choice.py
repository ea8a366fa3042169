"""The mixture that a sample gets when nothing is asked for."""

import numpy as np
import pytest
from geodesic_kit_plugins.densities.mog.size import leave_one_out_variance, spacing_floor
from scipy.special import logsumexp

import geodesic_kit as gk

MoG = gk.densities["mog"]


@pytest.mark.parametrize(
    ("name", "short_of_truth"),
    [("narrow_mog", 0.05), ("mixture", 0.05), ("two_circles", 0.2), ("two_moons", 0.15)],
)
def test_held_out_points_are_nearly_as_likely_as_under_the_truth(name, short_of_truth):
    density = MoG.fit(gk.datasets.load(name, n=1000, seed=3).x, seed=0)
    other = gk.datasets.load(name, n=4000, seed=4)
    assert density.log_prob(other.x).mean() > other.density.log_prob(other.x).mean() - short_of_truth


def test_few_components_for_few_clumps_and_more_for_curves():
    assert len(MoG.fit(gk.datasets.load("narrow_mog", n=1000, seed=0).x, seed=0).means) <= 4
    assert len(MoG.fit(gk.datasets.load("two_circles", n=1000, seed=0).x, seed=0).means) >= 12


def test_a_closed_curve_that_few_components_do_not_help_gets_many():
    # Of these 300 points 2 to 6 components are no likelier than one, and 32 by a third of a nat.
    assert len(MoG.fit(gk.datasets.load("three_rings", n=300, seed=1).x, seed=1).means) >= 24


def test_a_few_points_far_from_all_others_do_not_choose_for_the_rest():
    # Under narrow components a stray point is hundreds of nats less likely than under one that is as broad as
    # everything.
    x = gk.datasets.load("two_spirals", n=600, seed=0).x
    strays = np.random.default_rng(0).uniform(-4, 4, (8, 2))
    assert len(MoG.fit(np.concatenate([x, strays]), seed=0).means) >= 16


def test_of_few_points_on_curves_each_has_a_kernel_where_they_are_likelier_so():
    few = gk.datasets.load("two_circles", n=95, seed=2).x
    density = MoG.fit(few, seed=0)
    np.testing.assert_array_equal(density.means, few)
    fresh = gk.datasets.load("two_circles", n=2000, seed=3).x
    assert density.log_prob(fresh).mean() > MoG.fit(few, seed=0, n_components=1).log_prob(fresh).mean() + 0.1
    assert len(MoG.fit(np.random.default_rng(0).standard_normal((60, 2)), seed=0).means) <= 2


def test_too_many_components_smooth_instead_of_fitting_noise():
    x = gk.datasets.load("two_moons", n=400, seed=0).x
    z = x / x.std(axis=0)
    density = MoG.fit(x, seed=0)
    least = np.linalg.eigvalsh(density.covariances / np.outer(x.std(axis=0), x.std(axis=0))).min()
    assert least >= spacing_floor(z) * (1 - 1e-9)


def test_units_of_the_coordinates_do_not_matter():
    x = gk.datasets.load("mixture", n=300, seed=0).x
    one, other = MoG.fit(x, seed=0), MoG.fit(x * [1.0, 1000.0], seed=0)
    np.testing.assert_allclose(other.log_prob(x * [1.0, 1000.0]) + np.log(1000), one.log_prob(x), atol=1e-5)


@pytest.mark.parametrize("kind", ["full", "diag", "spherical", "tied"])
def test_every_kind_of_covariance_can_be_chosen_for(kind):
    x = gk.datasets.load("mixture", n=300, seed=0).x
    density = MoG.fit(x, seed=0, covariance_type=kind)
    assert density.log_prob(x).mean() > MoG.fit(x, seed=0, n_components=1).log_prob(x).mean()


def test_the_same_seed_gives_the_same_mixture():
    x = gk.datasets.load("two_moons", n=200, seed=0).x
    np.testing.assert_array_equal(MoG.fit(x, seed=5).means, MoG.fit(x, seed=5).means)


def test_in_many_dimensions_kernels_lie_on_the_points():
    x = np.random.default_rng(0).standard_normal((120, 20))
    density = MoG.fit(x, seed=0)
    np.testing.assert_array_equal(density.means, x)
    squared = np.square(x[:, None] - x).sum(axis=2)
    np.fill_diagonal(squared, np.inf)

    def left_out(v):
        return (logsumexp(-squared / (2 * v), axis=1) - 10 * np.log(v)).mean()

    v = leave_one_out_variance(x)
    assert density.covariances[0] == v
    assert left_out(v) >= max(left_out(0.8 * v), left_out(1.25 * v))


def test_many_points_of_many_dimensions_get_k_means_centres():
    x = np.random.default_rng(0).standard_normal((2100, 17))
    assert 900 <= len(MoG.fit(x, seed=0).means) <= 1000  # centres that no point is nearest to are left out


def test_degenerate_samples():
    rng = np.random.default_rng(0)
    flat = np.column_stack([rng.standard_normal(50), np.zeros(50)])
    assert np.isfinite(MoG.fit(flat, seed=0).log_prob(flat)).all()
    twice = np.repeat(rng.standard_normal((10, 2)), 2, axis=0)
    assert np.isfinite(MoG.fit(twice, seed=0).log_prob(twice)).all()
    assert np.isfinite(MoG.fit(rng.standard_normal((2, 2)), seed=0).log_prob(np.zeros((1, 2)))).all()
    copies = np.repeat(rng.standard_normal((15, 20)), 2, axis=0)
    assert np.isfinite(MoG.fit(copies, seed=0).log_prob(copies)).all()
    for points in (np.ones((5, 2)), np.ones((5, 30)), np.ones((1, 2))):
        with pytest.raises(gk.errors.InvalidParameter, match="coincide"):
            MoG.fit(points, seed=0)


def test_one_variance_is_for_kernels_only():
    with pytest.raises(gk.errors.InvalidParameter, match="variance="):
        MoG.fit(np.random.default_rng(0).standard_normal((20, 2)), variance=0.1)
