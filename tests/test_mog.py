"""The mixture density: closed forms, the segment formula, the proven bound, fitting, saving and loading."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from geodesic_kit_plugins.densities.mog.em import Sample
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

import geodesic_kit as gk
from geodesic_kit.errors import DataError, HashMismatch, InvalidParameter, TruncatedFileError
from geodesic_kit.types import Density, HasBreaks, HasScore, HasUpperBound, LeaveOneOut, Samples

MoG = gk.densities["mog"]


def mixture(kind: str, k: int, d: int, seed: int) -> MoG:
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(k, d, d))
    covariances = {
        "scalar": 0.7,
        "isotropic": rng.uniform(0.2, 2, k),
        "diag": rng.uniform(0.2, 2, (k, d)),
        "full": factors @ factors.transpose(0, 2, 1) + 0.2 * np.eye(d),
    }[kind]
    return MoG(rng.normal(size=(k, d)) * 2, covariances, rng.dirichlet(np.ones(k)))


def as_matrices(density: MoG) -> np.ndarray:
    k, d = density.means.shape
    if density.covariances.ndim == 3:
        return density.covariances
    return np.broadcast_to(density.covariances.reshape(k, -1), (k, d))[:, :, None] * np.eye(d)


@pytest.mark.parametrize("kind", ["scalar", "isotropic", "diag", "full"])
@pytest.mark.parametrize("d", [1, 3, 20])  # 20 takes the matrix-product form of the squares
def test_log_prob_score_and_segments(kind: str, d: int) -> None:
    density = mixture(kind, 4, d, seed=d)
    x = density.sample(30, seed=1)
    p = sum(
        w * multivariate_normal(m, c).pdf(x)
        for w, m, c in zip(density.weights, density.means, as_matrices(density), strict=True)
    )
    np.testing.assert_allclose(density.log_prob(x), np.log(p), rtol=1e-9)
    step = 1e-5
    for c in range(d):
        ahead, behind = x.copy(), x.copy()
        ahead[:, c] += step
        behind[:, c] -= step
        np.testing.assert_allclose(
            density.score(x)[:, c],
            (density.log_prob(ahead) - density.log_prob(behind)) / (2 * step),
            atol=1e-6,
        )
    edges = np.array([[0, 1], [2, 3], [4, 29], [7, 5]])
    t = np.array([0.0, 0.3, 0.9, 1.0])
    at = np.stack([density.log_prob(x[i] + t[:, None] * (x[j] - x[i])) for i, j in edges])
    np.testing.assert_allclose(density.segment_log_prob(x, edges, t), at, atol=1e-9)
    rows = np.tile(t, (4, 1)) * np.array([[1.0], [0.5], [0.25], [0.1]])
    at = np.stack(
        [density.log_prob(x[i] + s[:, None] * (x[j] - x[i])) for (i, j), s in zip(edges, rows, strict=True)]
    )
    np.testing.assert_allclose(density.segment_log_prob(x, edges, rows), at, atol=1e-9)


def test_abilities() -> None:
    density = mixture("full", 2, 2, seed=0)
    for ability in (Density, Samples, HasScore, HasBreaks, HasUpperBound, LeaveOneOut):
        assert isinstance(density, ability)


@given(seed=st.integers(0, 10**6), kind=st.sampled_from(["isotropic", "diag", "full"]))
@settings(max_examples=30, deadline=None)
def test_the_bound_is_a_bound(seed: int, kind: str) -> None:
    density = mixture(kind, 3, 2, seed)
    assert (
        density.log_prob(np.concatenate([density.means, density.sample(50, seed=seed)])).max()
        <= density.log_prob_upper_bound() + 1e-12
    )


def test_sample_has_the_moments() -> None:
    density = mixture("full", 3, 2, seed=3)
    x = density.sample(200_000, seed=0)
    mean = density.weights @ density.means
    second = np.einsum(
        "k,kij->ij",
        density.weights,
        as_matrices(density) + density.means[:, :, None] * density.means[:, None, :],
    )
    np.testing.assert_allclose(x.mean(axis=0), mean, atol=0.03)
    np.testing.assert_allclose(np.cov(x.T), second - np.outer(mean, mean), rtol=0.03, atol=0.03)
    assert np.array_equal(x, density.sample(200_000, seed=0))


def test_leave_one_out_is_the_mixture_of_the_others() -> None:
    x = np.random.default_rng(0).normal(size=(12, 2))
    kde = MoG.fit(x, method="kde", variance=0.3)
    for i in range(12):
        others = MoG(np.delete(x, i, axis=0), 0.3)
        np.testing.assert_allclose(kde.leave_one_out(x[i : i + 1]), others.log_prob(x[i : i + 1]), rtol=1e-10)
    elsewhere = x + 0.1
    np.testing.assert_allclose(kde.leave_one_out(elsewhere), kde.log_prob(elsewhere))


@pytest.mark.parametrize("shape", ["full", "diag", "spherical", "tied"])
def test_scikit_learn_stays_where_em_came_to_rest(shape: str) -> None:
    from sklearn.mixture import GaussianMixture

    x = mixture("full", 3, 2, seed=5).sample(600, seed=1) + 100.0
    found = Sample(x, 0).most_likely(3, shape, floor=1e-4, tol=1e-13)
    precisions = 1 / found.covariances if shape in ("diag", "spherical") else np.linalg.inv(found.covariances)
    start = {"weights_init": found.weights, "means_init": found.means}
    start["precisions_init"] = precisions[0] if shape == "tied" else precisions
    model = GaussianMixture(3, covariance_type=shape, reg_covar=1e-4, tol=1e-13, max_iter=300, **start)
    np.testing.assert_allclose(found.log_density(x).mean(), model.fit(x).score(x), atol=1e-5)
    same = MoG(found.means, found.covariances, found.weights)
    np.testing.assert_allclose(found.log_density(x), same.log_prob(x), rtol=1e-9)


@pytest.mark.parametrize("n", [600, 40_000])  # monomials held, and made again in each step
def test_the_best_of_more_starts_is_no_less_likely(n: int) -> None:
    x = mixture("full", 8, 3, seed=5).sample(n, seed=1)
    once, often = (
        Sample(x, 3).most_likely(8, "full", floor=1e-6, starts=starts, tol=1e-3) for starts in (1, 3)
    )
    assert often.log_density(x).mean() >= once.log_density(x).mean() - 1e-12
    np.testing.assert_allclose(once.weights.sum(), 1)


def test_more_components_than_different_points() -> None:
    x = np.repeat(np.eye(3), 20, axis=0)
    assert np.isfinite(MoG.fit(x, n_components=5).log_prob(x)).all()


@pytest.mark.parametrize("covariance_type", ["full", "diag", "isotropic", "tied"])
@pytest.mark.parametrize("dim", [2, 20])  # by moments, by scikit-learn
def test_a_fit_is_the_same_again(covariance_type: str, dim: int) -> None:
    x = mixture("full", 3, dim, seed=5).sample(300, seed=1)
    once, again = (MoG.fit(x, seed=0, n_components=3, covariance_type=covariance_type) for _ in range(2))
    assert np.array_equal(once.means, again.means)
    assert np.array_equal(once.covariances, again.covariances)


def test_fit_does_not_depend_on_units() -> None:
    x = mixture("full", 3, 2, seed=5).sample(400, seed=1)
    small = MoG.fit(1e-6 * x, seed=0, n_components=3)
    np.testing.assert_allclose(
        small.log_prob(1e-6 * x) + 2 * np.log(1e-6), MoG.fit(x, seed=0, n_components=3).log_prob(x), atol=1e-3
    )


def test_kmeans_centres_are_cluster_means() -> None:
    x = np.concatenate([np.random.default_rng(0).normal(c, 0.1, (200, 3)) for c in (0.0, 5.0)])
    density = MoG.fit(x, seed=0, n_components=2, method="kmeans")
    np.testing.assert_allclose(
        np.sort(density.means[:, 0]), [x[:200, 0].mean(), x[200:, 0].mean()], atol=1e-9
    )
    np.testing.assert_allclose(density.covariances, 0.01, rtol=0.1)
    assert MoG.fit(x, seed=0, n_components=2, method="kmeans", variance=0.5).covariances.max() == 0.5


def test_one_point_and_one_component() -> None:
    assert MoG.fit(np.zeros((1, 2)), method="kde", variance=1.0).log_prob(np.zeros((1, 2)))[
        0
    ] == pytest.approx(-np.log(2 * np.pi))
    assert len(MoG.fit(np.random.default_rng(0).normal(size=(5, 1)), n_components=1).means) == 1


def test_save_and_load_are_bit_equal(tmp_path) -> None:
    density = mixture("full", 3, 2, seed=0)
    path = density.save(tmp_path / "mix.npz")
    back = gk.densities.load(path)
    x = density.sample(10, seed=0)
    assert np.array_equal(back.log_prob(x), density.log_prob(x))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(HashMismatch, match=r"mix\.npz is truncated or was changed.*save or fetch it again"):
        gk.densities.load(path)
    (tmp_path / "mix.npz.json").write_text("{")
    with pytest.raises(TruncatedFileError, match="is not JSON"):
        gk.densities.load(path)
    with pytest.raises(FileNotFoundError, match=r"absent\.npz"):
        gk.densities.load(tmp_path / "absent.npz")


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        (dict(means=[[0.0, np.nan]], covariances=1.0), DataError, "means hold NaN or inf"),
        (dict(means=[0.0, 1.0], covariances=1.0), DataError, r"shape \(n, d\)"),
        (dict(means=np.empty((0, 2)), covariances=1.0), DataError, "empty"),
        (dict(means=[[0.0, 0.0]], covariances=-1.0), InvalidParameter, "not positive"),
        (dict(means=[[0.0, 0.0]], covariances=np.inf), InvalidParameter, "NaN or inf"),
        (
            dict(means=[[0.0, 0.0]], covariances=[[[1.0, 2.0], [2.0, 1.0]]]),
            InvalidParameter,
            "positive definite",
        ),
        (dict(means=[[0.0, 0.0]], covariances=[[[1.0, 0.5], [0.0, 1.0]]]), InvalidParameter, "not symmetric"),
        (dict(means=[[0.0, 0.0]], covariances=[1.0, 2.0, 3.0]), InvalidParameter, "give one variance"),
        (
            dict(means=[[0.0], [1.0]], covariances=1.0, weights=[0.5]),
            InvalidParameter,
            "2 means need 2 weights",
        ),
        (dict(means=[[0.0], [1.0]], covariances=1.0, weights=[1.5, -0.5]), InvalidParameter, "not negative"),
        (
            dict(means=[[0.0], [1.0]], covariances=1.0, weights=[1.0, 1.0]),
            InvalidParameter,
            "sum to 2, not 1",
        ),
    ],
)
def test_bad_parameters(arguments: dict, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        MoG(**arguments)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (dict(method="magic"), "there are auto, em, kmeans, kde"),
        (dict(covariance_type="round"), "there are full, diag"),
        (dict(n_components=0), "n_components=0"),
        (dict(n_components=99), "n_components=99 for 5 points"),
        (dict(variance=0.1), "EM finds its own"),
        (dict(method="kde", variance=-1.0), "variance=-1.0"),
        (dict(method="kde", n_components=3), "puts a kernel on each"),
        (dict(method="kmeans", floored=True), "floored=True is for EM"),
    ],
)
def test_bad_fits(options: dict, text: str) -> None:
    with pytest.raises(InvalidParameter, match=text):
        MoG.fit(np.random.default_rng(0).normal(size=(5, 2)), **options)


def test_wrong_width_and_nan_points() -> None:
    density = mixture("isotropic", 2, 3, seed=0)
    with pytest.raises(DataError, match="2 coordinates, 3 are needed"):
        density.log_prob(np.zeros((4, 2)))
    with pytest.raises(DataError, match="NaN or inf"):
        density.score(np.full((1, 3), np.nan))


def direct(mixture: Any, points: Any, edges: Any, t: Any) -> Any:
    start, stop, at = (
        np.asarray(points, dtype=float)[edges[:, 0], None],
        np.asarray(points, dtype=float)[edges[:, 1], None],
        t[None, :, None],
    )
    return mixture.log_prob((start * (1 - at) + stop * at).reshape(-1, mixture.dim)).reshape(
        len(edges), len(t)
    )


@pytest.mark.parametrize(
    "covariances", [1.0, [[1.0, 2.0]] * 3, [np.eye(2)] * 3, [np.eye(2), 2 * np.eye(2), np.eye(2)]]
)
@pytest.mark.parametrize("reach", [1e3, 1e100, 1e155, 1e200, 1e307])
def test_far_away_log_p_is_a_number_or_nothing(covariances: Any, reach: float) -> None:
    mixture = gk.densities["mog"]([[0.0, 0.0], [1.0, 1.0], [-1.0, 0.5]], np.array(covariances))
    points = np.array([[-reach, reach], [reach, -reach], [0.0, 0.0], [reach, reach]])
    values = mixture.log_prob(points)
    assert not np.isnan(values).any()
    assert values[2] > -10
    assert np.isfinite(mixture.score(points[2:3])).all()
    edges, t = np.array([[0, 1], [0, 2], [2, 3], [0, 3]]), np.array([0.0, 0.25, 0.5, 1.0])
    found = mixture.segment_log_prob(points, edges, t)
    assert not np.isnan(found).any()
    assert not (found == np.inf).any()
    # the parabola's terms overflow, so that the points themselves are asked: on the way through the centre p
    # is not 0
    if reach > 1e154:
        np.testing.assert_array_equal(found[0], direct(mixture, points, edges[:1], t)[0])
        assert found[0, 2] > -10


@pytest.mark.parametrize("covariances", [1e-310, [[1e-310, 1.0]], [np.diag([1e-310, 1.0])]])
def test_a_covariance_whose_inverse_overflows_is_refused(covariances: Any) -> None:
    with pytest.raises(
        InvalidParameter, match="a covariance of 1e-310 is too small: float64 does not hold its inverse"
    ):
        gk.densities["mog"]([[0.0, 0.0]], np.array(covariances))


@pytest.mark.parametrize("covariances", [1e308, [[1e308, 1.0]], [np.diag([1e308, 1.0])]])
def test_a_covariance_whose_squares_overflow_is_refused(covariances: Any) -> None:
    with pytest.raises(
        InvalidParameter,
        match=r"a covariance of 1e\+308 is too large: float64 does not "
        r"hold squares",
    ):
        gk.densities["mog"]([[0.0, 0.0]], np.array(covariances))
    wide = gk.densities["mog"]([[0.0]], 2.0**1000).log_prob([[0.0], [30 * 2.0**500]])
    np.testing.assert_allclose(wide[0] - wide[1], 450, rtol=1e-12)


@pytest.mark.parametrize("kind", ["isotropic", "diag", "shared"])
def test_narrow_kernels_far_from_each_other_lose_no_digits_in_many_dimensions(kind: str) -> None:
    d, variance = 20, 1e-12
    x = 1e-6 * np.random.default_rng(0).standard_normal((5, d))
    means = np.concatenate([x, x + 1e3 * np.eye(5, d)])
    covariances = {
        "isotropic": variance,
        "diag": np.full((10, d), variance),
        "shared": np.tile(variance * np.eye(d), (10, 1, 1)),
    }
    squares = np.square((x[:, None] - means) / variance**0.5).sum(axis=2)
    exact = logsumexp(-squares / 2, axis=1) - np.log(10) - d / 2 * np.log(2 * np.pi * variance)
    np.testing.assert_allclose(gk.densities["mog"](means, covariances[kind]).log_prob(x), exact, rtol=1e-9)


def test_segments_take_small_types_and_refuse_what_is_no_place() -> None:
    mixture = gk.densities["mog"]([[10.0, 200.0]], 400.0)
    points, edges, t = (
        np.array([[10, 250], [255, 3]], dtype=np.uint8),
        np.array([[0, 1]], dtype=np.uint8),
        np.array([0.0, 0.3, 1.0]),
    )
    np.testing.assert_allclose(
        mixture.segment_log_prob(points, edges, t), direct(mixture, points, edges, t), rtol=1e-12
    )
    for wrong in (
        np.array([0.5, 1.5]),
        np.array([np.nan]),
        np.array([0.5j]),
        np.zeros((3, 2)),
        np.ma.masked_less([0.1, 0.9], 0.5),
        0.5,
    ):
        with pytest.raises(DataError, match=r"t has shape|t runs from"):
            mixture.segment_log_prob(points, edges, wrong)
    with pytest.raises(DataError, match="edges name the vertices 0 to 2"):
        mixture.segment_log_prob(points, np.array([[0, 2]]), t)
