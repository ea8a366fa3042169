"""Data sets: reproducible draws, the true densities, honest errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp

import geodesic_kit as gk
from geodesic_kit.errors import InvalidParameter, UnknownName

MIXTURES = ["grid_of_modes", "mixture", "narrow_mog", "unequal_gaussians", "uneven_modes"]
CURVES = ["four_spirals", "three_rings", "two_circles", "two_moons", "two_spirals"]
GENERATED = ["boxes", *CURVES, *MIXTURES]


def log_prob(data: gk.datasets.Dataset, x: np.ndarray) -> np.ndarray:
    """log p of a data set's recorded mixture, written out again so that the data do not hang on the
    plugin.
    """
    density: Any = data.density
    if data.name == "boxes":
        return np.asarray(density.log_prob(x))
    means, variances, weights = density.means, density.covariances, density.weights
    variances = np.broadcast_to(variances.reshape(len(means), -1), means.shape)
    squares = ((x[:, None] - means) ** 2 / variances).sum(axis=2) + np.log(2 * np.pi * variances).sum(axis=1)
    return logsumexp(np.log(weights) - squares / 2, axis=1)


@pytest.mark.parametrize("name", GENERATED)
@given(n=st.integers(1, 60), seed=st.integers(0, 2**32 - 2))
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
    assert (
        repr(data)
        == "Dataset two_moons: 7 points in R^2, 2 classes, density known (generated, independent draws)"
    )


# name -> half sides of a rectangle that holds all, and the step of a grid finer than the noise
GRIDS = {
    "four_spirals": (1.3, 1.3, 0.014),
    "grid_of_modes": (3.0, 3.0, 0.05),
    "mixture": (4.5, 4.5, 0.05),
    "narrow_mog": (18.0, 2.0, 0.05),
    "unequal_gaussians": (8.0, 8.0, 0.08),
    "uneven_modes": (6.0, 6.0, 0.03),
}


@pytest.mark.parametrize("name", [*CURVES, *MIXTURES])
def test_the_true_density_integrates_to_one(name: str) -> None:
    data: Any = gk.datasets.load(name, n=2)
    wide, high, step = GRIDS.get(name, (2.7, 1.7, 0.02))
    xs, ys = np.arange(-wide, wide, step), np.arange(-high, high, step)
    # the trapezoid on such a grid is exact to rounding for a mixture
    total = 0.0
    for x in np.array_split(xs, 20):
        grid = np.stack(np.meshgrid(x, ys, indexing="ij"), axis=-1).reshape(-1, 2)
        total += float(np.exp(data.density.log_prob(grid)).sum()) * step**2
    assert total == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("name", GENERATED)
def test_draws_follow_the_true_density(name: str) -> None:
    data: Any = gk.datasets.load(name, n=2000, seed=1)
    # its own sampler must agree on the entropy, and a perturbed draw must be worse
    other = data.density.log_prob(data.density.sample(2000, seed=2))
    own = data.density.log_prob(data.x)
    error = np.hypot(own.std(), other.std()) / np.sqrt(2000)
    assert abs(own.mean() - other.mean()) < 4 * error
    assert data.density.log_prob(data.x + 0.3).mean() < own.mean() - 4 * error


@pytest.mark.parametrize(
    ("name", "shares"),
    [
        ("boxes", [0.5, 0.4, 0.1]),
        ("four_spirals", [0.25] * 4),
        ("grid_of_modes", [0.04] * 25),
        ("three_rings", [1 / 3] * 3),
        ("unequal_gaussians", [0.6, 0.3, 0.1]),
        ("uneven_modes", [32 / 63, 16 / 63, 8 / 63, 4 / 63, 2 / 63, 1 / 63]),
    ],
)
def test_labels_have_their_shares(name: str, shares: list[float]) -> None:
    y = gk.datasets.load(name, n=20_000, seed=4).y
    assert y is not None
    wanted = np.array(shares)
    assert (np.abs(np.bincount(y) / 20_000 - wanted) < 4.5 * np.sqrt(wanted * (1 - wanted) / 20_000)).all()


def test_rings_and_spirals_lie_where_they_should() -> None:
    rings = gk.datasets.load("three_rings", n=500, noise=0)
    assert rings.y is not None
    assert np.hypot(*rings.x.T) == pytest.approx(np.array([1, 2 / 3, 1 / 3])[rings.y], abs=1e-12)
    arms = gk.datasets.load("four_spirals", n=4000, noise=0)
    radius, angle = np.hypot(*arms.x.T), np.arctan2(arms.x[:, 1], arms.x[:, 0])
    assert arms.y is not None
    # on every arm the angle, less the arm's quarter turns, is the radius times the last angle, 3 pi
    away = (angle - arms.y * np.pi / 2 - 3 * np.pi * radius) / (2 * np.pi)
    assert np.abs(away - np.round(away)).max() < 1e-12
    assert radius.min() >= 1 / 6 - 1e-12
    assert radius.max() <= 1 + 1e-12


def test_two_arms_are_each_others_negative_to_the_bit() -> None:
    from geodesic_kit.datasets.curves import spirals

    u = np.linspace(0, 1, 50)
    first, second = spirals()
    assert np.array_equal(second.at(u), -first.at(u))
    assert [len(spirals(arms)) for arms in (1, 2, 4)] == [1, 2, 4]


def test_the_moons_density_is_the_blurred_half_circle() -> None:
    from scipy.integrate import quad

    data = gk.datasets.load("two_moons", n=2)
    for point in ([0.0, 1.0], [1.2, 0.1], [0.5, 0.25], [-0.8, -0.6]):

        def at(angle: float, point: list[float] = point) -> float:
            upper, lower = (np.cos(angle), np.sin(angle)), (1 - np.cos(angle), 0.5 - np.sin(angle))
            return float(
                sum(
                    np.exp(-((point[0] - x) ** 2 + (point[1] - y) ** 2) / (2 * 0.05**2))
                    for x, y in (upper, lower)
                )
            )

        wanted = (
            quad(at, 0, np.pi, epsabs=0, epsrel=1e-12, limit=500)[0] / (2 * np.pi) / (2 * np.pi * 0.05**2)
        )
        assert log_prob(data, np.array([point]))[0] == pytest.approx(np.log(wanted), abs=1e-9)


@pytest.mark.parametrize(
    ("name", "options"), [(name, {}) for name in [*CURVES, *MIXTURES]] + [("mixture", {"dim": 1})]
)
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
    assert log_prob(
        gk.datasets.load("two_moons", n=2), make_moons(20_000, noise=0.05, random_state=0)[0]
    ).mean() == pytest.approx(-0.289, abs=0.02)  # the truth recorded in the project's notes


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
    assert gk.datasets.names() == sorted(
        ["arm", "chairs", "digits", "fashion_mnist", "mnist", "motion", "pendulum", *GENERATED]
    )
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
        ("three_rings", {"factor": 0.5}, "takes no option 'factor'; there are n, seed, noise"),
        ("unequal_gaussians", {"separation": 0}, "separation=0: give a number above 0"),
        ("grid_of_modes", {"side": 0}, "side=0: give a whole number from 1"),
        ("uneven_modes", {"ratio": 2}, "ratio=2: give a number above 0 and at most 1"),
        ("boxes", {"gap": 3}, "gap=3: give a number above 0 and at most 1"),
        ("boxes", {"floor": 1}, "floor=1: give a number at least 0 and at most 0.99"),
        ("mixture", {"dim": 3}, "dim=3: give a whole number from 1 to 2"),
        ("digits", {"n": 5000}, "n=5000: digits holds 1797 points"),
        ("mnist", {"split": "both"}, "split='both': there are train"),
        ("fashion_mnist", {"split": "both"}, "split='both': there are train"),
        ("fashion_mnist", {"noise": 1}, "takes no option 'noise'; there are n, seed, split, path, fallback"),
        ("pendulum", {"noise": -1}, "noise=-1: give a number at least 0"),
        ("arm", {"noise": 1e-4}, "noise=0.0001 is too small for its density; give noise=0"),
        ("two_moons", {"seed": -1}, "seed=-1"),
    ],
)
def test_a_bad_option_is_named(name: str, options: dict[str, float], text: str) -> None:
    with pytest.raises(InvalidParameter, match=text):
        gk.datasets.load(name, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("call", [gk.datasets.load, gk.datasets.fetch])
def test_an_unknown_name_lists_the_choices(call: object) -> None:
    with pytest.raises(
        UnknownName,
        match="no data set named 'cats'; there are arm, boxes, chairs, digits, fashion_mnist",
    ):
        call("cats")  # type: ignore[operator]


@pytest.mark.parametrize("value", [np.inf, 1.7e308])
@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("narrow_mog", "separation"),
        ("narrow_mog", "length"),
        ("unequal_gaussians", "separation"),
        ("grid_of_modes", "spacing"),
        ("grid_of_modes", "width"),
        ("uneven_modes", "widest"),
        ("two_circles", "factor"),
        ("two_moons", "noise"),
    ],
)
def test_what_float64_does_not_hold_is_told(name: str, option: str, value: float) -> None:
    try:
        x = gk.datasets.load(name, n=50, **{option: value}).x
    except InvalidParameter as err:
        assert option in str(err)  # noqa: PT017
    else:
        assert np.isfinite(x).all()
