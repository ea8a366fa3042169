"""SciPy's kernel density and frozen distributions as densities: their own log p, their abilities, and what is
refused by name.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from scipy import stats

import geodesic_kit as gk
from geodesic_kit.errors import InvalidParameter, NotADensityError
from geodesic_kit.testing import DensityContract
from geodesic_kit.types import Points

RNG = np.random.default_rng(0)
DATA = RNG.standard_normal((2, 40)) * [[1.0], [3.0]]
WEIGHTS = RNG.uniform(0.1, 1.0, 40)
TILTED = stats.multivariate_normal([1.0, -2.0], [[2.0, 0.7], [0.7, 1.0]])


class TestKernels(DensityContract):
    def make(self) -> Any:
        return gk.as_density(stats.gaussian_kde(self.data().T, weights=np.arange(1.0, 201.0)))


class TestStudent(DensityContract):
    box = 40.0
    mass_rtol = 0.01

    def make(self) -> Any:
        return gk.as_density(stats.multivariate_t([1.0, 0.5], [[1.0, 0.3], [0.3, 1.0]], df=9))


class TestOnTheLine(DensityContract):
    def data(self) -> Points:
        return np.random.default_rng(0).uniform(0.2, 2.8, (100, 1))

    def make(self) -> Any:
        return gk.as_density(stats.beta(2, 3, scale=3))


@pytest.mark.parametrize(
    ("distribution", "dim"),
    [
        (stats.gaussian_kde(DATA), 2),
        (stats.gaussian_kde(DATA, weights=WEIGHTS, bw_method=0.3), 2),
        (stats.gaussian_kde(DATA[0]), 1),
        (stats.gaussian_kde(DATA[:, :3]), 2),
        (TILTED, 2),
        (stats.multivariate_normal(0.5, 2.0), 1),
        (stats.multivariate_t([1.0, -2.0], [[2.0, 0.7], [0.7, 1.0]], df=3), 2),
        (stats.norm(1, 2), 1),
        (stats.uniform(-1, 2), 1),
        (stats.expon(scale=2.0), 1),
        (stats.Normal(mu=1.0, sigma=2.0), 1),
    ],
)
def test_log_p_is_that_of_scipy(distribution: Any, dim: int) -> None:
    for given in (distribution, distribution.logpdf):
        density = gk.as_density(given)
        assert (density.dim, density.normalised) == (dim, True)
        for n in (1, dim, 5):  # as many points as coordinates are not transposed in silence
            x = np.random.default_rng(n).standard_normal((n, dim))
            columns = isinstance(distribution, stats.gaussian_kde)
            expected = distribution.logpdf(x.T if columns else x[:, 0] if dim == 1 else x)
            np.testing.assert_allclose(density.log_prob(x), np.reshape(expected, n), rtol=1e-12)
        assert density.sample(3, seed=0).shape == (3, dim)  # type: ignore[attr-defined]
    assert gk.as_density(distribution, dim=dim).dim == dim
    with pytest.raises(InvalidParameter, match="dim=7 contradicts"):
        gk.as_density(distribution, dim=7)


def test_kernels_and_normals_are_the_exact_mixture() -> None:
    kde = stats.gaussian_kde(DATA, weights=WEIGHTS)
    mixture: Any = gk.as_density(kde)
    assert isinstance(mixture, gk.densities["mog"])
    np.testing.assert_allclose(mixture.weights, kde.weights)
    full = gk.densities["mog"](
        mixture.means,
        np.array(mixture.covariances) * (1 + 1e-13 * np.arange(40))[:, None, None],
        mixture.weights,
    )
    edges = gk.knn_graph(DATA.T.copy(), 5)
    # one matrix for all, or each its own
    one, other = (edges.weigh(gk.GenerativeMetric(p, lam=1e-3, p0=0.02)) for p in (mixture, full))
    np.testing.assert_allclose(one.weights, other.weights, rtol=1e-9)
    np.testing.assert_allclose(mixture.score(DATA.T), full.score(DATA.T), rtol=1e-9, atol=1e-12)
    assert isinstance(gk.as_density(TILTED), gk.densities["mog"])


def test_a_support_that_ends_is_told_to_quadrature() -> None:
    metric = gk.GenerativeMetric(gk.as_density(stats.uniform(-1, 2)), lam=0.1, p0=1.0)
    graph = gk.Graph(np.array([[-3.0], [2.0]]), np.array([[0, 1]])).weigh(metric)
    assert graph.weights[0] == pytest.approx(2 * 1.1 / 0.6 + 3 * 1.1 / 0.1, rel=1e-9)
    assert graph.report.evaluations < 100  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (stats.poisson(3), "poisson is discrete"),
        (stats.multinomial(3, [0.5, 0.5]), "multinomial is discrete"),
        (stats.Binomial(n=3, p=0.5), "Binomial is discrete"),
        (stats.dirichlet([1, 2]), "dirichlet of scipy.stats is not a density on R"),
        (stats.wishart(3, np.eye(2)), "wishart of scipy.stats is not"),
        (stats.norm, r"norm of scipy.stats is not .* freeze it first: scipy\.stats\.norm\(\.\.\.\)"),
        (stats.multivariate_normal, "freeze it first"),
        (stats.norm([0.0, 1.0]), r"norm is a batch of \(2,\) distributions"),
        (stats.multivariate_normal([0, 0], [[1, 1], [1, 1]], allow_singular=True), "covariance of rank 1"),
        (stats.norm(0, 1).pdf, "norm.pdf is not log p; pass the norm itself"),
        (TILTED.pdf, "multivariate_normal.pdf is not log p"),
        (stats.gaussian_kde(DATA).pdf, "gaussian_kde.pdf is not log p; pass the gaussian_kde itself"),
        (stats.gaussian_kde(DATA).evaluate, "gaussian_kde.evaluate is not log p"),
        (stats.gaussian_kde(DATA).__call__, "gaussian_kde.evaluate is not log p"),
        (stats.norm(0, 1).cdf, "norm.cdf is not log p"),
    ],
)
def test_what_is_no_log_density_is_named(given: Any, text: str) -> None:
    with pytest.raises(NotADensityError, match=text):
        gk.as_density(given)
    with pytest.raises(NotADensityError, match=text):
        gk.as_density(given, dim=2)


def pdf(x: Any, scale: float = 1.0) -> Any:
    return np.exp(-0.5 * np.square(x / scale).sum(axis=1)) / (2 * np.pi * scale**2)


def test_a_function_that_gives_p_is_named() -> None:
    x = RNG.standard_normal((5, 2))
    for function in (pdf, functools.partial(pdf, scale=2.0)):
        with pytest.raises(
            NotADensityError, match="pdf returned no negative number, so it looks like p, not log p"
        ):
            gk.as_density(function, dim=2).log_prob(x)

    def density(x: Any) -> Any:  # of log p, which may be positive
        return np.log(pdf(x, scale=0.01))

    assert gk.as_density(density, dim=2).log_prob(1e-3 * x).min() > 0
    mine = type("Mine", (), {"pdf": lambda self, x: pdf(x), "logpdf": lambda self, x: np.log(pdf(x))})
    np.testing.assert_allclose(gk.as_density(mine().logpdf, dim=2).log_prob(x), np.log(pdf(x)))
    mine.pdf.__name__ = "pdf"  # type: ignore[attr-defined]
    with pytest.raises(NotADensityError, match=r"Mine\.pdf gives p, not log p; pass its logpdf"):
        gk.as_density(mine().pdf, dim=2)  # type: ignore[attr-defined]


def test_a_function_of_columns_is_found_out_where_points_are_as_many_as_coordinates() -> None:
    columns = gk.as_density(lambda x: -0.5 * np.square(x).sum(axis=0), dim=2)
    with pytest.raises(NotADensityError, match="returned shape"):
        columns.log_prob(np.eye(2))
    scored: Any = gk.as_density(lambda x: -0.5 * np.square(x).sum(axis=1), dim=2, score=lambda x: -x.T)
    with pytest.raises(NotADensityError, match="score returned shape"):
        scored.score(np.eye(2))


class Lacking:
    def log_prob(self, x: Any) -> Any:
        return -0.5 * np.square(x).sum(axis=1)


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"dim": 2}, "it lacks `normalised`: whether p integrates to 1; add it"),
        ({"normalised": True}, "it lacks `dim`, the number of coordinates; add it"),
        ({"dim": 2.0, "normalised": True}, "dim is 2.0, not a whole number"),
        ({"dim": 0, "normalised": True}, "dim is 0, not a whole number"),
        ({"dim": True, "normalised": True}, "dim is True"),
        ({"dim": 2, "normalised": None}, "normalised is None, not True or False"),
        ({}, "it lacks `dim`, the number of coordinates and it lacks `normalised`"),
    ],
)
def test_what_a_density_lacks_is_named(attributes: dict[str, Any], text: str) -> None:
    density = type("Mine", (Lacking,), attributes)()
    for door in (gk.as_density, lambda p: gk.GenerativeMetric(p, lam=0.1, p0=0.1)):
        with pytest.raises(NotADensityError, match=f"Mine has log_prob, but {text}"):
            door(density)
    assert gk.as_density(density, dim=2).dim == 2


def test_whole_numbers_of_numpy_serve() -> None:
    density = type("Mine", (Lacking,), {"dim": np.int64(2), "normalised": np.True_})()
    assert gk.as_density(density) is density


@pytest.mark.parametrize(
    "narrow",
    [
        stats.norm(0, 0.01),
        stats.Normal(mu=0.0, sigma=0.01),
        stats.gamma(2, scale=0.01),
        stats.uniform(0, 0.01),
        stats.t(2, scale=0.003),
    ],
)
def test_a_peak_far_narrower_than_an_edge_is_not_missed(narrow: Any) -> None:
    metric = gk.GenerativeMetric.of_logs(gk.as_density(narrow), -3.0, 0.0)
    for scale in (1, 10):
        grid = np.concatenate(
            [
                np.linspace(-scale, -0.1, 100_001),
                np.linspace(-0.1, 0.1, 400_001),
                np.linspace(0.1, 1.3 * scale, 100_001),
            ]
        )
        middle = (grid[1:] + grid[:-1]) / 2
        length = (np.exp(metric.log_factor(middle[:, None])) * np.diff(grid)).sum()
        found = metric.edge_lengths(np.array([[-scale], [1.3 * scale]]), [[0, 1]])
        np.testing.assert_allclose(found, [length], rtol=1e-6)
