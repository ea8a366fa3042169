"""What is chosen from the data: laws of the rules, and clusters found unseen with nothing but points."""

import numpy as np
import pytest
from sklearn.metrics import normalized_mutual_info_score

import geodesic_kit as gk
from geodesic_kit.applications.defaults import default_graph, default_metric, fitted_density


def clustered(name, n, seed):
    data = gk.datasets.load(name, n=n, seed=seed)
    density = fitted_density(data.x, "mog", seed)
    D = gk.distances(default_graph(data.x).weigh(default_metric(density, data.x), rtol=1e-4))
    return normalized_mutual_info_score(data.y, gk.cluster(D, n_clusters=len(np.unique(data.y)), seed=seed))


@pytest.mark.parametrize("name", ["narrow_mog", "two_circles", "two_spirals"])
def test_the_papers_three_sets_are_found(name):
    assert clustered(name, 1000, 11) >= 0.99


@pytest.mark.parametrize(
    ("name", "least"), [("two_moons", 0.99), ("three_rings", 0.9), ("unequal_gaussians", 0.9)]
)
def test_sets_that_no_rule_was_made_for_are_found(name, least):
    assert clustered(name, 1000, 12) >= least


@pytest.fixture(scope="module")
def moons():
    x = gk.datasets.load("two_moons", n=300, seed=0).x
    return x, fitted_density(x, "mog", 0)


def test_lam_is_a_thousandth_of_p0_or_less(moons):
    x, density = moons
    metric = default_metric(density, x)
    log_p = density.leave_one_out(x)
    assert metric.log_p0 == np.quantile(log_p, 0.5, method="lower")
    assert metric.log_lam == pytest.approx(metric.log_p0 - np.log(1000))
    assert metric.power == 1


def test_where_p_spans_more_the_power_falls_until_it_spans_a_thousand():
    x = np.random.default_rng(0).standard_normal((200, 40))
    density = gk.densities["mog"](means=np.zeros((1, 40)), covariances=1.0)
    metric = default_metric(density, x)
    log_p = density.log_prob(x)
    assert metric.log_lam == np.quantile(log_p, 0.02, method="lower")
    assert metric.power * (log_p.max() - metric.log_lam) == pytest.approx(np.log(1000))


def test_scaling_the_data_scales_nothing_else(moons):
    x, density = moons
    scaled = gk.densities["mog"](
        means=3 * density.means, covariances=9 * density.covariances, weights=density.weights
    )
    one = gk.distances(default_graph(x).weigh(default_metric(density, x)))
    three = gk.distances(default_graph(3 * x).weigh(default_metric(scaled, 3 * x)))
    np.testing.assert_allclose(three, 3 * one, rtol=1e-5)


def test_what_is_given_is_taken(moons):
    x, density = moons
    assert default_metric(density, x, lam=0.1, p0=0.5).lam == pytest.approx(0.1)
    assert default_metric(density, x, lam=0.1, p0=0.5).power == 1
    assert default_metric(density, x, p0=0.5).log_p0 == pytest.approx(np.log(0.5))
    assert default_metric(density, x, lam=0.1).lam == pytest.approx(0.1)
    assert default_metric(density, x, power=0.3).power == 0.3
    assert default_graph(x, n_neighbors=7).link.k == 7
    assert default_graph(x, radius=0.2).link.eps == 0.2
    assert fitted_density(x, density, 0) is density
    assert fitted_density(x, gk.densities["mog"], 0).dim == 2


def test_nothing_but_points_gives_one_component_whose_bridges_are_named():
    x = np.concatenate(
        [
            np.random.default_rng(0).normal(size=(50, 2)),
            np.random.default_rng(1).normal([60.0, 0.0], size=(50, 2)),
        ]
    )
    graph = default_graph(x)
    assert graph.components().max() == 0
    assert len(graph.bridges) == 1
    assert default_graph(x, n_neighbors=5).components().max() == 1
    assert default_graph(x[:1]).m == 0
    assert default_graph(x[:2]).m == 1
    assert default_graph(np.random.default_rng(2).normal(size=(100, 12))).link.k == 7


def test_an_energy_needs_no_scale_and_absolute_thresholds_refuse_it(moons):
    x, density = moons
    energy = gk.as_density(lambda z: -density.log_prob(z) + 40.0, dim=2, kind="energy", normalised=False)
    shifted, plain = default_metric(energy, x), default_metric(gk.as_density(density.log_prob, dim=2), x)
    assert shifted.power == plain.power
    np.testing.assert_allclose(shifted.log_factor(x), plain.log_factor(x), rtol=1e-9, atol=1e-9)
    with pytest.raises(gk.errors.NotNormalisedError):
        default_metric(energy, x, lam=0.1)


def test_bad_requests_are_named(moons):
    x, density = moons
    with pytest.raises(gk.errors.InvalidParameter, match="give one of them"):
        default_graph(x, n_neighbors=3, radius=0.1)
    with pytest.raises(gk.errors.InvalidParameter, match='"auto"'):
        default_metric(density, x, power="much")
    with pytest.raises(gk.errors.UnknownPlugin, match="mog"):
        fitted_density(x, "gmm", 0)
    nowhere = gk.as_density(lambda z: np.where(z[:, 0] < 5, -np.inf, 0.0), dim=2, normalised=False)
    with pytest.raises(gk.errors.InvalidParameter, match="p is 0 at 100%"):
        default_metric(nowhere, x)
    ready = gk.as_density(lambda z: -(z**2).sum(axis=1), dim=2, normalised=False)
    assert fitted_density(x, ready, 0) is ready
