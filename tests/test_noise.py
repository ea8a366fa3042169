"""Quadrature knows the noise of what it is given: it stops there, says so, and its error estimate stays
honest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.errors import QuadratureWarning
from geodesic_kit.metric.noise import STEPS, noise_of
from geodesic_kit.metric.quadrature import MOST_HALVED

X = np.random.default_rng(0).standard_normal((12, 8))
GRAPH = gk.knn_graph(X, 2)


def log_p(x: Any, kind: Any) -> Any:
    x = x.astype(kind)
    return 3 * np.sin(x @ np.linspace(-1, 1, 8).astype(kind)) - 2 * (x * x).sum(axis=1) - kind(20)


def weighed(function: Any) -> Any:
    return GRAPH.weigh(gk.GenerativeMetric(gk.as_density(function, dim=8), log_lam=-40.0, log_p0=-36.0))


EXACT = weighed(lambda x: log_p(x, np.float64))


@pytest.mark.parametrize(
    ("function", "most"),
    [
        (lambda x: log_p(x, np.float32), 5),
        # single precision inside, double outside
        (lambda x: 1.1 * (log_p(x, np.float32).astype(float) / 1.1), 5),
        (lambda x: log_p(x, np.float16), 5),
    ],
)
def test_halving_stops_at_the_noise_and_says_so(function: Any, most: float) -> None:
    with pytest.warns(
        QuadratureWarning,
        match=r"did not reach rtol=1e-06 .* log c has noise up to .* "
        r"larger rtol=",
    ) as told:
        graph = weighed(function)
    assert len(told) == 1
    assert graph.report.evaluations <= most * EXACT.report.evaluations
    apart = np.abs(graph.weights / EXACT.weights - 1)
    assert (apart <= 3 * graph.report.relative_errors).all()


def scattered(x: Any) -> Any:  # the low digits of the sum, far from any period
    return np.modf(np.sin(1e7 * x.sum(axis=1)) * 43758.5453)[0]


@pytest.mark.parametrize(
    "wave", [scattered, lambda x: np.sin(1e9 * x.sum(axis=1)), lambda x: np.sin(1e6 * x.sum(axis=1))]
)
def test_noise_in_double_precision_is_met_as_well(wave: Any) -> None:
    clean, noisy = (
        gk.as_density(lambda x, a=a: log_p(x, np.float64) + a * wave(x), dim=8) for a in (0.0, 1e-4)
    )
    exact = GRAPH.weigh(gk.FermatMetric(clean, beta=0.2))
    with pytest.warns(QuadratureWarning, match="log c has noise up to"):
        graph = GRAPH.weigh(gk.FermatMetric(noisy, beta=0.2))
    assert graph.report.evaluations <= 5 * exact.report.evaluations  # type: ignore[union-attr]
    assert (np.abs(graph.weights / exact.weights - 1) <= 3 * graph.report.relative_errors).all()  # type: ignore[operator, union-attr]


@pytest.mark.parametrize("factor", [1.1, 1 / np.pi])
def test_rounded_values_times_a_constant_are_known_as_well(factor: float) -> None:
    exact = weighed(lambda x: factor * log_p(x, np.float64))
    with pytest.warns(QuadratureWarning, match="log c has noise up to"):
        graph = weighed(lambda x: factor * log_p(x, np.float16).astype(float))
    assert graph.report.evaluations <= 20 * exact.report.evaluations
    assert (np.abs(graph.weights / exact.weights - 1) <= 3 * graph.report.relative_errors).all()


@pytest.mark.parametrize(
    "unknown",
    [lambda x: np.round(log_p(x, np.float64), 1), lambda x: log_p(x, np.float64) + 5 * scattered(x)],
)
def test_halving_has_a_ceiling_whatever_the_density_does(unknown: Any) -> None:
    with pytest.warns(QuadratureWarning, match="did not reach rtol=1e-06") as told:
        graph = weighed(unknown)
    assert len(told) == 1
    assert graph.report.evaluations <= EXACT.report.evaluations + GRAPH.m * MOST_HALVED


def test_a_tolerance_above_the_noise_is_met_in_silence() -> None:
    graph = GRAPH.weigh(
        gk.GenerativeMetric(
            gk.as_density(lambda x: log_p(x, np.float32), dim=8), log_lam=-40.0, log_p0=-36.0
        ),
        rtol=1e-3,
    )
    np.testing.assert_allclose(graph.weights, EXACT.weights, rtol=1e-3)


def test_noise_is_measured_and_smooth_values_have_none() -> None:
    t = np.tile(STEPS, (400, 1))
    assert noise_of(np.sin(3 * t)).max() < 1e-13
    drawn = 1e-5 * np.random.default_rng(0).standard_normal(t.shape)
    assert np.median(noise_of(np.sin(3 * t) + drawn)) == pytest.approx(1e-5, rel=0.5)
    assert np.median(noise_of(1e-5 * np.sin(1e9 * np.linspace(1, 2, 400)[:, None] * t))) == pytest.approx(
        0.7e-5, rel=0.5
    )
    single = noise_of((-20 - np.sin(3 * t)).astype(np.float32).astype(float))
    assert (single >= 20 * np.finfo(np.float32).eps).all()
    assert (single < 1e-4).all()
