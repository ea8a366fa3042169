"""The metrics: their formulas in the log domain, the laws of lam, p0 and power, the scale-free default, the
refusals.
"""

from __future__ import annotations

from dataclasses import FrozenInstanceError, astuple, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import scene

import geodesic_kit as gk
from geodesic_kit.applications.defaults import default_metric
from geodesic_kit.errors import (
    ContrastError,
    ContrastWarning,
    DataError,
    InvalidParameter,
    NotADensityError,
    NotNormalisedError,
)
from geodesic_kit.metric.scale import thresholds
from geodesic_kit.types import Metric

MoG = gk.densities["mog"]
MIX = MoG([[0.0, 0.0], [2.0, 1.0]], [0.3, 0.2], [0.6, 0.4])
X = MIX.sample(300, seed=0)


def test_eqn_3() -> None:
    p = np.exp(MIX.log_prob(X))
    metric = gk.GenerativeMetric(MIX, lam=0.05, p0=0.2)
    np.testing.assert_allclose(np.exp(metric.log_factor(X)), 0.25 / (p + 0.05), rtol=1e-12)
    twin = gk.GenerativeMetric(MIX, log_lam=np.log(0.05), log_p0=np.log(0.2))
    np.testing.assert_allclose(twin.log_factor(X), metric.log_factor(X), rtol=1e-14)
    half = gk.GenerativeMetric(MIX, lam=0.05, p0=0.2, power=0.5)
    np.testing.assert_allclose(half.log_factor(X), metric.log_factor(X) / 2, rtol=1e-14)
    assert (metric.lam, metric.p0) == pytest.approx((0.05, 0.2))


def test_the_limits_of_lemma_2_1() -> None:
    euclidean = gk.GenerativeMetric(MIX, lam=1e12, p0=0.2)
    np.testing.assert_allclose(euclidean.log_factor(X), 0, atol=1e-11)
    limit = gk.GenerativeMetric(MIX, log_lam=-np.inf, p0=0.2)
    np.testing.assert_allclose(limit.log_factor(X), np.log(0.2) - MIX.log_prob(X), rtol=1e-13)
    np.testing.assert_allclose(
        gk.GenerativeMetric(MIX, lam=1e-15, p0=0.2).log_factor(X), limit.log_factor(X), atol=1e-9
    )


def test_fermat_and_log_likelihood_formulas() -> None:
    log_p = MIX.log_prob(X)
    np.testing.assert_allclose(gk.FermatMetric(MIX, beta=0.7).log_factor(X), -0.7 * log_p)
    np.testing.assert_allclose(
        gk.LogLikelihoodMetric(MIX, lam=0.1, p0=5.0).log_factor(X), -0.5 * np.log(0.1 * log_p + 5)
    )
    with pytest.raises(InvalidParameter, match=r"a larger p0= or a smaller lam=, or use GenerativeMetric"):
        gk.LogLikelihoodMetric(MIX, lam=1.0, p0=0.1).edge_lengths(X, np.array([[0, 1]]))


@pytest.mark.parametrize(
    "metric",
    [
        gk.GenerativeMetric(MIX, lam=0.01, p0=0.2),
        gk.GenerativeMetric(MIX, log_lam=-np.inf, p0=0.2, power=0.4),
        gk.FermatMetric(MIX, beta=0.7),
        gk.LogLikelihoodMetric(MIX, lam=0.1, p0=5.0),
        gk.EuclideanMetric(),
    ],
    ids=repr,
)
def test_gradient_and_lower_bound(metric) -> None:
    assert isinstance(metric, Metric)
    gradient = metric.log_factor_gradient(X[:20])
    for c in range(2):
        step = np.zeros(2)
        step[c] = 1e-6
        np.testing.assert_allclose(
            gradient[:, c],
            (metric.log_factor(X[:20] + step) - metric.log_factor(X[:20] - step)) / 2e-6,
            atol=1e-6,
        )
    assert 0 < metric.lower_bound() <= np.exp(metric.log_factor(X)).min()


def test_gradient_by_differences_where_there_is_no_score() -> None:
    bare = gk.as_density(MIX.log_prob, dim=2)
    np.testing.assert_allclose(
        gk.GenerativeMetric(bare, lam=0.01, p0=0.2).log_factor_gradient(X[:10]),
        gk.GenerativeMetric(MIX, lam=0.01, p0=0.2).log_factor_gradient(X[:10]),
        rtol=1e-6,
        atol=1e-8,
    )
    assert gk.GenerativeMetric(bare, lam=0.01, p0=0.2).lower_bound() == 0.0
    box = gk.as_density(lambda x: np.where(np.abs(x).max(axis=1) < 1, 0.0, -np.inf), dim=2)
    assert np.isfinite(
        gk.GenerativeMetric(box, lam=0.1, p0=1.0).log_factor_gradient(np.array([[0.0, 0.0], [5.0, 5.0]]))
    ).all()


@given(low=st.floats(-10, 3), gap=st.floats(0.01, 5), p0=st.floats(-5, 3))
def test_laws_of_lam_and_p0_on_edges(low: float, gap: float, p0: float) -> None:
    """d / (p0 + lam) falls with lam, d rises with p0, d falls with lam if p0 >= sup p and rises if p0 <= inf
    p.
    """
    x, edges = X[:20], np.stack([np.arange(19), np.arange(1, 20)], axis=1)

    def lengths(log_lam: float, log_p0: float) -> np.ndarray:
        return gk.GenerativeMetric(MIX, log_lam=log_lam, log_p0=log_p0).edge_lengths(x, edges)

    small, large = lengths(low, p0), lengths(low + gap, p0)
    scaled_small = small * np.exp(-np.logaddexp(low, p0))
    scaled_large = large * np.exp(-np.logaddexp(low + gap, p0))
    assert (scaled_large <= scaled_small * (1 + 1e-9)).all()
    assert (lengths(low, p0 + gap) >= small * (1 - 1e-9)).all()
    sup = MIX.log_prob_upper_bound()
    assert (lengths(low + gap, sup) <= lengths(low, sup) * (1 + 1e-9)).all()
    inf = float(MIX.log_prob(np.array([[-9.0, -9.0]]))[0])  # far below anything on these edges
    assert (lengths(low + gap, inf) >= lengths(low, inf) * (1 - 1e-9)).all()


def test_from_sample_is_the_rule_over_held_out_log_p() -> None:
    metric = gk.GenerativeMetric.from_sample(MIX, X)
    scale = thresholds(MIX.log_prob(X))
    assert (metric.log_lam, metric.log_p0, metric.power) == (scale.log_lam, scale.log_p0, scale.power)
    kde = MoG.fit(X, method="kde")
    assert gk.GenerativeMetric.from_sample(kde, X).log_p0 == np.quantile(
        kde.leave_one_out(X), 0.5, method="lower"
    )


LOG_P = st.lists(st.floats(-500, 500), min_size=1, max_size=60).map(np.array)


@given(log_p=LOG_P, shift=st.floats(-1000, 1000), most=st.floats(1.5, 1e6))
def test_the_rule_is_scale_free_and_keeps_its_contrasts(log_p: np.ndarray, shift: float, most: float) -> None:
    """An unknown factor of p moves lam and p0 by itself and no power; a gap costs what was asked for, within
    rounding.
    """
    scale, moved = thresholds(log_p, max_contrast=most), thresholds(log_p + shift, max_contrast=most)
    assert moved.log_p0 - shift == pytest.approx(scale.log_p0, abs=1e-9)
    assert moved.log_lam - shift == pytest.approx(scale.log_lam, abs=1e-9)
    assert moved.power == pytest.approx(scale.power, rel=1e-9)
    low = np.quantile(log_p, 0.02, method="lower")
    assert scale.log_p0 == np.quantile(log_p, 0.5, method="lower")
    assert scale.log_lam == min(low, scale.log_p0 - np.log(most))
    assert 0 < scale.power <= 1
    assert scale.power * (log_p.max() - low) <= np.log(most) * (1 + 1e-12)
    assert scale.power == 1 or scale.power * (log_p.max() - low) == pytest.approx(np.log(most))


def test_what_is_given_is_taken_as_it_is() -> None:
    log_p = np.linspace(-40.0, 2.0, 99)
    rule = thresholds(log_p)
    assert thresholds(log_p, lam=1e-3).log_lam == np.log(1e-3)
    assert thresholds(log_p, p0=2.0).log_p0 == np.log(2.0)
    assert thresholds(log_p, p0=2.0).log_lam == rule.log_lam
    assert thresholds(log_p, power=0.3) == replace(rule, power=0.3)
    assert thresholds(log_p, lam=1e-3).power == pytest.approx(np.log(1e3) / (2.0 - np.log(1e-3)))


@pytest.mark.parametrize(("name", "n"), [("two_moons", 300), ("digits", 400)])
def test_all_doors_have_one_rule(name: str, n: int) -> None:
    data = gk.datasets.load(name, n=n, seed=0)
    model = gk.GenerativeGeodesics(random_state=0).fit(data.x)
    metrics = [
        model.metric_,
        gk.GenerativeMetric.from_sample(model.density_, data.x),
        default_metric(model.density_, data.x),
    ]
    metrics.append(scene(data, density=model.density_).metric)
    scales = {(metric.log_lam, metric.log_p0, metric.power) for metric in metrics}
    assert scales == {astuple(thresholds(model.density_.leave_one_out(data.x)))}


def test_a_metric_is_a_value() -> None:
    for metric, name in (
        (gk.GenerativeMetric(MIX, lam=0.1, p0=1.0), "power"),
        (gk.LogLikelihoodMetric(MIX, lam=0.1, p0=10.0), "lam"),
        (gk.FermatMetric(MIX, beta=1.0), "beta"),
    ):
        with pytest.raises(FrozenInstanceError):
            setattr(metric, name, 2.0)


def test_a_subclass_with_a_factor_of_its_own_is_measured_by_it() -> None:
    """Whatever it overrides: compiled densities know the kit's own law alone."""

    class Steeper(gk.GenerativeMetric):
        def slope(self, log_p: np.ndarray) -> np.ndarray:
            return 2 * super().slope(log_p)

    assert Steeper(MIX, lam=0.1, p0=1.0).power_law() is None
    assert gk.GenerativeMetric(MIX, lam=0.1, p0=1.0).power_law() is not None


@pytest.mark.parametrize("shift", [-3000.0, 0.0, 2500.0])
def test_from_sample_is_scale_free(shift: float) -> None:
    """An unnormalised energy with any constant, or data in any units, give the same metric up to a factor."""
    energy = gk.as_density(lambda x: -MIX.log_prob(x) + shift, dim=2, kind="energy")
    metric, plain = gk.GenerativeMetric.from_sample(energy, X), gk.GenerativeMetric.from_sample(MIX, X)
    edges = np.stack([np.arange(299), np.arange(1, 300)], axis=1)
    np.testing.assert_allclose(metric.edge_lengths(X, edges), plain.edge_lengths(X, edges), rtol=1e-5)
    with pytest.raises(NotNormalisedError, match="use GenerativeMetric"):
        gk.GenerativeMetric(energy, lam=0.1, p0=1.0)
    with pytest.raises(NotNormalisedError, match="unknown constant"):
        gk.LogLikelihoodMetric(energy, lam=0.1, p0=1.0)


def test_what_float64_cannot_hold_is_refused() -> None:
    density = MoG(np.random.default_rng(0).uniform(size=(20, 784)), 0.01)
    x = density.sample(50, seed=0)
    for metric in (gk.GenerativeMetric(density, lam=1.0, p0=1.0), gk.FermatMetric(density, beta=1.0)):
        with pytest.raises(ContrastError, match=r"power=.*lam="):
            gk.knn_graph(x, k=5).weigh(metric)
    with pytest.raises(ContrastError, match=r"power=.*lam="):
        gk.knn_graph(x, k=5).weigh(gk.GenerativeMetric.from_sample(density, x, power=30.0, lam_quantile=0.0))


def test_no_speed_and_no_chord_overflows() -> None:
    metric = gk.FermatMetric(MIX, beta=1.0)
    far = np.full((1, 2), 1e15)
    with pytest.raises(ContrastError, match="at these points"):
        metric.speed(far, np.ones((1, 2)))
    for order in (0, 1, 2):
        with pytest.raises(ContrastError, match="float64 holds 300"):
            metric.chords(far, far + 1, order)


def test_a_flat_metric_warns() -> None:
    graph = gk.knn_graph(X, k=5)
    with pytest.warns(ContrastWarning, match="nearly Euclidean"):
        graph.weigh(gk.GenerativeMetric(MIX, lam=1e6, p0=1.0))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (dict(lam=-1.0, p0=1.0), "lam=-1.0: give a number above 0"),
        (dict(lam=0.0, p0=1.0), "lam=0.0: give a number above 0"),
        (dict(lam=0.1, p0=0.0), "p0=0.0: give a number above 0"),
        (dict(lam=np.nan, p0=1.0), "lam=nan"),
        (dict(lam=np.inf, p0=1.0), "lam=inf"),
        (dict(lam="a", p0=1.0), "lam='a' is not a number"),
        (dict(lam=0.1), "give p0= or log_p0="),
        (dict(p0=0.1), "give lam= or log_lam="),
        (dict(lam=0.1, log_lam=0.1, p0=1.0), "give lam= or log_lam=, and not both"),
        (dict(lam=0.1, log_p0=-np.inf), "log_p0=-inf"),
        (dict(lam=0.1, p0=1.0, power=-1.0), "power=-1.0"),
        (dict(lam=0.1, p0=1.0, power=np.nan), "power=nan"),
    ],
)
def test_bad_parameters(arguments: dict, text: str) -> None:
    with pytest.raises(InvalidParameter, match=text):
        gk.GenerativeMetric(MIX, **arguments)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (dict(p0_quantile=1.5), "p0_quantile=1.5"),
        (dict(lam_quantile=-0.1), "lam_quantile=-0.1"),
        (dict(max_contrast=1.0), "max_contrast=1.0"),
        (dict(power="best"), 'give a number or "auto"'),
        (dict(power=0.0), "power=0.0"),
    ],
)
def test_bad_options_of_from_sample(options: dict, text: str) -> None:
    with pytest.raises(InvalidParameter, match=text):
        gk.GenerativeMetric.from_sample(MIX, X, **options)


def test_bad_data_and_things_that_are_no_density() -> None:
    with pytest.raises(DataError, match="3 coordinates, 2 are needed"):
        gk.GenerativeMetric.from_sample(MIX, np.zeros((5, 3)))
    with pytest.raises(DataError, match="NaN or inf"):
        gk.GenerativeMetric.from_sample(MIX, np.full((5, 2), np.nan))
    box = gk.as_density(lambda x: np.where(x[:, 0] > 1, 0.0, -np.inf), dim=2)
    with pytest.raises(InvalidParameter, match=r"p is 0 at 54% of the points.* or a larger lam_quantile="):
        gk.GenerativeMetric.from_sample(box, X)
    with pytest.raises(NotADensityError, match="density"):
        gk.GenerativeMetric("p", lam=0.1, p0=1.0)
    with pytest.raises(InvalidParameter, match="beta=-1"):
        gk.FermatMetric(MIX, beta=-1)


def test_one_point_is_a_sample_too() -> None:
    metric = gk.GenerativeMetric.from_sample(MIX, X[:1])
    assert metric.power == 1.0
    assert metric.log_lam == metric.log_p0 - np.log(1e3)


@pytest.mark.parametrize(("scale", "offset"), [(1e-6, 0.0), (1e6, 0.0), (1.0, 1e4), (1e-3, 5.0)])
def test_differences_do_not_depend_on_units_or_offset(scale: float, offset: float) -> None:
    density = MoG(MIX.means * scale + offset, MIX.covariances * scale**2, MIX.weights)
    x = X[:20] * scale + offset
    bare = gk.GenerativeMetric.from_sample(gk.as_density(density.log_prob, dim=2), x)
    exact = gk.GenerativeMetric.from_sample(density, x).log_factor_gradient(x)
    np.testing.assert_allclose(bare.log_factor_gradient(x), exact, rtol=1e-4, atol=1e-5 * np.abs(exact).max())
