"""Mixtures in 784 dimensions: the default metric fits float64, is not Euclidean, and bad scales are
refused.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.errors import ContrastError, ContrastWarning, FallbackNotice

VARIANCES = [0.01, 0.5, 1.0]
NEIGHBOURS = 5


@pytest.fixture(scope="module")
def images() -> gk.datasets.Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackNotice)  # offline the 8 x 8 digits stand in
        return gk.datasets.load("mnist", n=2000, seed=0)


@pytest.fixture(scope="module")
def centres(images: gk.datasets.Dataset) -> Any:
    """k-means does not depend on the variance: one fit serves all."""
    return gk.densities["mog"].fit(images.x, seed=0, n_components=100, method="kmeans")


@pytest.fixture(scope="module")
def unweighed(images: gk.datasets.Dataset) -> gk.Graph:
    return gk.adaptive_graph(images.x, k=NEIGHBOURS)


@pytest.fixture(scope="module")
def few(images: gk.datasets.Dataset) -> gk.Graph:
    return gk.adaptive_graph(images.x[:200], k=NEIGHBOURS)


def mixture(centres: Any, variance: float) -> Any:
    """Of that variance for MNIST; for stand-ins the variance shrinks with the spread of the images."""
    if centres.dim != 784:
        variance *= centres.means.var(axis=0).sum() / 30
    return gk.densities["mog"](means=centres.means, covariances=variance, weights=centres.weights)


@pytest.mark.parametrize(("variance", "k"), [*((variance, NEIGHBOURS) for variance in VARIANCES), (0.5, 10)])
def test_from_sample_suits_a_mixture_on_images(
    variance: float, k: int, images: gk.datasets.Dataset, centres: Any, unweighed: gk.Graph
) -> None:
    links = unweighed if k == NEIGHBOURS else gk.adaptive_graph(images.x, k=k)
    graph = links.weigh(gk.GenerativeMetric.from_sample(mixture(centres, variance), images.x), rtol=1e-4)
    assert graph.weights is not None
    assert np.isfinite(graph.weights).all()
    assert (graph.weights > 0).all()
    assert graph.report is not None
    assert graph.report.contrast >= 2


def test_a_kernel_on_every_image_suits_as_well(images: gk.datasets.Dataset, centres: Any) -> None:
    points = images.x[:400]
    kde = gk.densities["mog"].fit(points, method="kde", variance=mixture(centres, 0.5).covariances[0])
    graph = gk.adaptive_graph(points, k=NEIGHBOURS).weigh(
        gk.GenerativeMetric.from_sample(kde, points), rtol=1e-4
    )
    assert graph.report is not None
    assert graph.report.contrast >= 2


@pytest.mark.parametrize("variance", VARIANCES)
def test_a_smaller_variance_is_a_smaller_power(
    variance: float, images: gk.datasets.Dataset, centres: Any
) -> None:
    """log p goes as 1 / variance where one component rules, so the power undoes it and the geometry hardly
    depends on it.
    """
    power = gk.GenerativeMetric.from_sample(mixture(centres, variance), images.x).power
    reference = gk.GenerativeMetric.from_sample(mixture(centres, 0.1), images.x).power
    assert power / variance == pytest.approx(reference / 0.1, rel=0.1)


@pytest.mark.parametrize(
    "parameters",
    [
        dict(lam=1.0, p0=1.0),
        dict(lam=1e-300, p0=1.0),
        dict(log_lam=-1e5, log_p0=0.0),
        dict(log_lam=-np.inf, log_p0=0.0),
    ],
)
def test_parameters_that_cannot_fit_are_refused(
    parameters: dict[str, float], centres: Any, few: gk.Graph
) -> None:
    if centres.dim != 784 and parameters == dict(lam=1.0, p0=1.0):
        pytest.skip("in 64 dimensions float64 holds lam = 1")
    with pytest.raises(ContrastError, match=r"(?s)power=.*lam="):
        few.weigh(gk.GenerativeMetric(mixture(centres, 0.01), **parameters))


def test_a_power_that_cannot_fit_is_refused(images: gk.datasets.Dataset, centres: Any, few: gk.Graph) -> None:
    with pytest.raises(ContrastError, match=r"(?s)power=.*lam="):
        few.weigh(gk.GenerativeMetric.from_sample(mixture(centres, 0.01), images.x, power=1.0))


def test_a_euclidean_metric_in_disguise_warns(centres: Any, few: gk.Graph) -> None:
    """p is at most e^-300 under variance 1 on images, so lam = 1 leaves c = 1 everywhere."""
    wide = mixture(centres, 8.0)
    with pytest.warns(ContrastWarning, match="nearly Euclidean"):
        few.weigh(gk.GenerativeMetric(wide, lam=1.0, p0=1.0))
