"""Data sets: reproducible draws, the true densities, honest errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp

import geodesic_kit as gk
from geodesic_kit.errors import InvalidParameter, UnknownName

GENERATED = ["mixture", "narrow_mog", "two_circles", "two_moons", "two_spirals"]


def log_prob(data: gk.datasets.Dataset, x: np.ndarray) -> np.ndarray:
    """log p of a data set's recorded mixture, written out again so that the data do not hang on the plugin."""
    assert data.components is not None
    means, variances, weights = data.components
    variances = np.broadcast_to(variances.reshape(len(means), -1), means.shape)
    squares = ((x[:, None] - means) ** 2 / variances).sum(axis=2) + np.log(2 * np.pi * variances).sum(axis=1)
    return logsumexp(np.log(weights) - squares / 2, axis=1)


@pytest.mark.parametrize("name", GENERATED)
@given(n=st.integers(1, 60), seed=st.integers(0, 2**32))
@settings(max_examples=15, deadline=None)
def test_a_draw_depends_on_its_arguments_only(name: str, n: int, seed: int) -> None:
    data, again = gk.datasets.load(name, n=n, seed=seed), gk.datasets.load(name, n=n, seed=seed)
    assert data.x.shape == (n, 2)
    assert data.y is not None
    assert data.y.shape == (n,)
    assert np.array_equal(data.x, again.x)
    assert data.y.tolist() == list(again.y if again.y is not None else [])
    assert not np.array_equal(data.x, gk.datasets.load(name, n=n, seed=seed + 1).x)


def test_the_global_random_state_stays_alone() -> None:
    before = str(np.random.get_state())  # noqa: NPY002
    for name in [*GENERATED, "digits"]:
        gk.datasets.load(name, n=20)
    assert before == str(np.random.get_state())  # noqa: NPY002


def test_arrays_are_read_only_and_data_sets_print() -> None:
    data = gk.datasets.load("moons", n=7)
    with pytest.raises(ValueError, match="read-only"):
        data.x[0, 0] = 1.0
    assert repr(data) == "Dataset two_moons: 7 points in R^2, 2 classes, density known (generated, independent draws)"


@pytest.mark.parametrize("name", GENERATED)
def test_the_true_density_integrates_to_one(name: str) -> None:
    data = gk.datasets.load(name, n=2)
    assert data.components is not None
    # the trapezoid on a grid finer than the noise is exact to rounding for a mixture
    half, step = (18.0, 0.2) if name == "narrow_mog" else (3.5, 0.025)
    xs, ys = np.arange(-half, half, step), np.arange(-2.0, 2.0, 0.025) if name != "mixture" else np.arange(-4.0, 4.0, 0.025)
    total = 0.0
    for x in np.array_split(xs, 20):
        grid = np.stack(np.meshgrid(x, ys, indexing="ij"), axis=-1).reshape(-1, 2)
        total += float(np.exp(log_prob(data, grid)).sum()) * (xs[1] - xs[0]) * (ys[1] - ys[0])
    assert total == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("name", GENERATED)
def test_draws_follow_the_true_density(name: str) -> None:
    data = gk.datasets.load(name, n=2000, seed=1)
    # two independent draws must agree on the cross-entropy, and a perturbed draw must be worse
    other = log_prob(data, gk.datasets.load(name, n=2000, seed=2).x)
    own = log_prob(data, data.x)
    error = np.hypot(own.std(), other.std()) / np.sqrt(2000)
    assert abs(own.mean() - other.mean()) < 4 * error
    assert log_prob(data, data.x + 0.3).mean() < own.mean() - 4 * error


def test_the_moons_density_is_the_blurred_half_circle() -> None:
    from scipy.integrate import quad

    data = gk.datasets.load("two_moons", n=2)
    for point in ([0.0, 1.0], [1.2, 0.1], [0.5, 0.25], [-0.8, -0.6]):

        def at(angle: float, point: list[float] = point) -> float:
            upper, lower = (np.cos(angle), np.sin(angle)), (1 - np.cos(angle), 0.5 - np.sin(angle))
            return float(sum(np.exp(-((point[0] - x) ** 2 + (point[1] - y) ** 2) / (2 * 0.05**2)) for x, y in (upper, lower)))

        wanted = quad(at, 0, np.pi, epsabs=0, epsrel=1e-12, limit=500)[0] / (2 * np.pi) / (2 * np.pi * 0.05**2)
        assert log_prob(data, np.array([point]))[0] == pytest.approx(np.log(wanted), abs=1e-9)


@pytest.mark.parametrize(("name", "options"), [(name, {}) for name in GENERATED] + [("mixture", {"dim": 1})])
def test_the_density_is_the_recorded_mixture(name: str, options: dict[str, int]) -> None:
    data = gk.datasets.load(name, n=40, **options)
    assert data.density is not None
    assert data.density is data.density
    assert data.density.log_prob(data.x) == pytest.approx(log_prob(data, data.x), abs=1e-9)


def test_moons_have_scikit_learns_geometry() -> None:
    from sklearn.datasets import make_moons

    data = gk.datasets.load("two_moons", n=501, noise=0)
    assert data.density is None
    reference = make_moons(20_000, noise=None, random_state=0)[0]
    gaps = np.abs(data.x[:, None] - reference[None]).max(axis=2).min(axis=1)
    assert gaps.max() < 5e-4
    assert log_prob(gk.datasets.load("two_moons", n=2), make_moons(20_000, noise=0.05, random_state=0)[0]).mean() == pytest.approx(
        -0.289, abs=0.02
    )  # the truth recorded in the project's notes


def test_digits_are_pictures_with_every_class() -> None:
    every = gk.datasets.load("digits")
    assert every.x.shape == (1797, 64)
    assert every.image_shape == (8, 8)
    assert every.density is None
    some = gk.datasets.load("digits", n=97, seed=3)
    assert some.x.min() == 0
    assert some.x.max() == 1
    assert some.y is not None
    assert np.ptp(np.bincount(some.y)) <= 2
    assert len(np.unique(some.x, axis=0)) == 97


def test_names_aliases_and_descriptions() -> None:
    assert gk.datasets.names() == sorted(["digits", "mnist", *GENERATED])
    assert np.array_equal(gk.datasets.load("circles", n=5).x, gk.datasets.load("two_circles", n=5).x)
    assert all(text.endswith((".", "cached.")) for text in gk.datasets.describe().values())
    assert gk.datasets.fetch("two_moons") is None


@pytest.mark.parametrize("n", [0, -3, 2.5, "many", True])
def test_a_bad_n_is_named(n: object) -> None:
    with pytest.raises(InvalidParameter, match="n="):
        gk.datasets.load("two_moons", n=n)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("two_moons", {"noise": -1}, "noise=-1: give a number at least 0"),
        ("two_moons", {"noise": 1e-6}, "noise=1e-06 is too small for its density; give noise=0"),
        ("two_moons", {"nosie": 0.1}, "takes no option 'nosie'; there are n, seed, noise"),
        ("narrow_mog", {"width": 0}, "width=0: give a number above 0"),
        ("mixture", {"dim": 3}, "dim=3: give a whole number from 1 to 2"),
        ("digits", {"n": 5000}, "n=5000: digits holds 1797 points"),
        ("mnist", {"split": "both"}, "split='both': there are train"),
        ("two_moons", {"seed": -1}, "seed=-1"),
    ],
)
def test_a_bad_option_is_named(name: str, options: dict[str, float], text: str) -> None:
    with pytest.raises(InvalidParameter, match=text):
        gk.datasets.load(name, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("call", [gk.datasets.load, gk.datasets.fetch])
def test_an_unknown_name_lists_the_choices(call: object) -> None:
    with pytest.raises(UnknownName, match="no data set named 'cats'; there are digits, mixture, mnist"):
        call("cats")  # type: ignore[operator]
