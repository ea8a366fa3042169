"""as_density on callables, energies and ready densities; every error text; the affine pull-back."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.density.affine import AffineMap, pull_back
from geodesic_kit.errors import DataError, InvalidParameter, NotADensityError
from geodesic_kit.testing import DensityContract
from geodesic_kit.types import (
    Density,
    HasBreaks,
    HasScore,
    HasUpperBound,
    LeaveOneOut,
    OnSegments,
    Points,
    Samples,
    Values,
)

X = np.random.default_rng(0).standard_normal((7, 2))


def normal(x: Points) -> Values:
    return -0.5 * np.square(x).sum(axis=1) - 0.5 * x.shape[1] * np.log(2 * np.pi)


def normal_score(x: Points) -> Points:
    return -x


def normal_sample(n: int, *, seed: int) -> Points:
    return np.random.default_rng(seed).standard_normal((n, 2))


class TestCallable(DensityContract):
    def make(self) -> Any:
        return gk.as_density(normal, dim=2)


class TestCallableWithAbilities(DensityContract):
    def make(self) -> Any:
        return gk.as_density(normal, dim=2, score=normal_score, sample=normal_sample)


class TestEnergy(DensityContract):
    def make(self) -> Any:
        return gk.as_density(
            lambda x: 0.5 * np.square(x).sum(axis=1), dim=2, kind="energy", score=normal_score
        )


class TestPulledBack(DensityContract):
    """Through a rotation, a stretch and a shift, with every ability of the mixture."""

    def make(self) -> Any:
        inner = gk.densities["mog"](
            means=[[0.0, 0.0], [2.0, 1.0]], covariances=[[1.0, 0.5], [0.3, 2.0]], weights=[0.7, 0.3]
        )
        matrix = np.array([[0.8, -1.2], [0.6, 0.9]])
        return pull_back(
            inner, AffineMap(lambda x: (x - 1.0) @ matrix, lambda z: z @ np.linalg.inv(matrix) + 1.0, matrix)
        )


def test_abilities_are_there_only_where_they_are_given() -> None:
    for score in (None, normal_score):
        for sample in (None, normal_sample):
            density = gk.as_density(normal, dim=2, score=score, sample=sample)
            assert isinstance(density, Density)
            assert isinstance(density, HasScore) == (score is not None)
            assert isinstance(density, Samples) == (sample is not None)
            assert not isinstance(density, OnSegments)


def test_pulled_back_abilities_are_the_inner_ones() -> None:
    affine = AffineMap(lambda x: 2.0 * x, lambda z: z / 2.0, np.array([2.0, 2.0]))
    able = pull_back(gk.densities["mog"](means=[[0.0, 0.0]], covariances=1.0), affine)
    for ability in (HasScore, Samples, OnSegments, HasBreaks, HasUpperBound, LeaveOneOut):
        assert isinstance(able, ability)
        assert not isinstance(pull_back(gk.as_density(normal, dim=2), affine), ability)
    turned = pull_back(able.inner, AffineMap(np.negative, np.negative, np.array([-1.0, -1.0])))
    # Bytes of our own, a line before: what a process is sent must arrive whole.
    again: Any = pickle.loads(pickle.dumps(turned))  # noqa: S301
    np.testing.assert_array_equal(again.log_prob(X), able.inner.log_prob(-X))
    assert isinstance(again, HasBreaks)


def test_an_energy_is_never_normalised_and_its_sign_is_turned() -> None:
    density = gk.as_density(lambda x: np.square(x).sum(axis=1), dim=2, kind="energy", normalised=True)
    assert density.normalised is False
    np.testing.assert_array_equal(density.log_prob(X), -np.square(X).sum(axis=1))
    outside = gk.as_density(lambda x: np.where(x[:, 0] > 0, 1.0, np.inf), dim=2, kind="energy")
    assert outside.log_prob(np.array([[1.0, 0.0], [-1.0, 0.0]])).tolist() == [-1.0, -np.inf]


def test_a_density_is_returned_as_it_is() -> None:
    mixture = gk.densities["mog"](means=[[0.0, 0.0]], covariances=1.0)
    assert gk.as_density(mixture) is mixture
    assert gk.as_density(mixture, dim=2) is mixture
    made = gk.as_density(normal, dim=2)
    assert gk.as_density(made) is made
    with pytest.raises(AttributeError):
        made.dim = 3  # type: ignore[misc]
    for wrong, text in (
        ({"dim": 3}, "dim=3 contradicts a density of the kit, which has 2"),
        ({"kind": "energy"}, "kind='energy' is for callables and torch modules"),
        ({"normalised": False}, "normalised=False contradicts"),
        ({"score": normal_score}, "score= and sample= are for callables"),
    ):
        with pytest.raises(InvalidParameter, match=text):
            gk.as_density(mixture, **wrong)


def test_an_object_with_log_prob_is_read_as_a_callable() -> None:
    class Mine:
        def log_prob(self, x: Points) -> Values:
            return normal(x)

    np.testing.assert_array_equal(gk.as_density(Mine(), dim=2).log_prob(X), normal(X))


def test_single_precision_and_whole_numbers_come_out_as_float64() -> None:
    assert gk.as_density(lambda x: normal(x).astype(np.float32), dim=2).log_prob(X).dtype == np.float64
    assert gk.as_density(lambda x: np.zeros(len(x), dtype=int), dim=2).log_prob(X).dtype == np.float64
    assert gk.as_density(normal, dim=2).log_prob(np.empty((0, 2))).shape == (0,)


def test_a_function_that_writes_into_its_input_does_no_harm() -> None:
    def careless(x: Points) -> Values:
        x *= x
        return -0.5 * x.sum(axis=1)

    x = X.copy()
    gk.as_density(careless, dim=2).log_prob(x)
    np.testing.assert_array_equal(x, X)


@pytest.mark.parametrize(
    ("output", "text"),
    [
        (
            lambda x: normal(x)[:, None],
            r"log p returned shape \(7, 1\), \(7,\) is needed; squeeze its last axis",
        ),
        (lambda x: 0.0, r"log p returned shape \(\), \(7,\) is needed; evaluate all 7 rows in one call"),
        (lambda x: x, r"log p returned shape \(7, 2\)"),
        (lambda x: normal(x) + 0j, "log p returned complex128 values"),
        (lambda x: normal(x) > 0, "log p returned bool values"),
        (lambda x: None, r"log p returned object values \(NoneType\)"),
        (lambda x: [1.0, [2.0]], "returned cannot be read: "),
        (
            lambda x: np.where(np.arange(7) > 4, np.nan, normal(x)),
            "is nan at 2 of 7 rows, the first is row 5: x = ",
        ),
        (
            lambda x: np.where(np.arange(7) == 2, np.inf, normal(x)),
            "is inf at 1 of 7 rows, the first is row 2.*-inf where p = 0",
        ),
    ],
)
def test_a_wrong_output_is_named(output: Any, text: str) -> None:
    with pytest.raises(NotADensityError, match=text):
        gk.as_density(output, dim=2).log_prob(X)


def test_a_wrong_energy_is_named_as_what_it_returned() -> None:
    with pytest.raises(NotADensityError, match=r"the energy of .* is -inf at 7 of 7 rows.*\+inf where p = 0"):
        gk.as_density(lambda x: np.full(len(x), -np.inf), dim=2, kind="energy").log_prob(X)


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (lambda x: x[:, 0], r"score returned shape \(7,\), \(7, 2\) is needed; one row for each"),
        (lambda x: x * np.nan, "score is not finite at 7 of 7 rows, the first is row 0"),
        (lambda x: x.astype(complex), "complex128"),
    ],
)
def test_a_wrong_score_is_named(score: Any, text: str) -> None:
    density: Any = gk.as_density(normal, dim=2, score=score)
    with pytest.raises(NotADensityError, match=text):
        density.score(X)


def test_a_wrong_sample_is_named() -> None:
    transposed: Any = gk.as_density(normal, dim=2, sample=lambda n, seed: np.zeros((2, n)))
    with pytest.raises(NotADensityError, match=r"sample returned shape \(2, 5\), \(5, 2\) is needed"):
        transposed.sample(5, seed=0)
    undefined: Any = gk.as_density(normal, dim=2, sample=lambda n, seed: np.full((n, 2), np.nan))
    with pytest.raises(NotADensityError, match="the drawn points hold NaN or inf"):
        undefined.sample(5, seed=0)
    with pytest.raises(InvalidParameter, match="n=-1"):
        undefined.sample(-1, seed=0)


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (np.array([[np.nan, 0.0]]), "x hold NaN or inf in 1 row"),
        (np.zeros((3, 5)), "x have 5 coordinates, 2 are needed"),
        (np.zeros(2), r"x have shape \(2,\)"),
    ],
)
def test_a_wrong_input_is_named(x: Any, text: str) -> None:
    with pytest.raises(DataError, match=text):
        gk.as_density(normal, dim=2).log_prob(x)


@pytest.mark.parametrize(
    ("obj", "options", "error", "text"),
    [
        (normal, {}, InvalidParameter, "normal does not tell its dimension; pass dim="),
        (normal, {"dim": 0}, InvalidParameter, "dim=0"),
        (normal, {"dim": 2.0}, InvalidParameter, "dim=2.0 is not a whole number"),
        (normal, {"dim": 2, "kind": "logp"}, InvalidParameter, "kind='logp'; there are log_prob, energy"),
        (normal, {"dim": 2, "score": 3}, InvalidParameter, "score=3 is not callable"),
        (normal, {"dim": 2, "sample": 3}, InvalidParameter, "sample=3 is not callable"),
        (np.ndarray, {}, NotADensityError, "ndarray is a class, not a density; give an instance"),
        (
            "mog",
            {},
            NotADensityError,
            r"'mog' is a name, not a density; a plugin of that name is gk\.densities\['mog'\]",
        ),
        (
            X,
            {},
            NotADensityError,
            "ndarray is not a density; give a density of the kit, a callable log p with dim=",
        ),
        (None, {}, NotADensityError, "NoneType is not a density"),
    ],
)
def test_what_is_no_density_is_named(
    obj: Any, options: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        gk.as_density(obj, **options)


def test_an_object_with_another_name_for_log_p_is_told_its_method() -> None:
    from scipy.stats import gaussian_kde

    with pytest.raises(NotADensityError, match=r"as_density\(obj\.logpdf, dim=\.\.\.\)"):
        gk.as_density(type("Frozen", (), {"logpdf": lambda self, x: normal(x)})())
    with pytest.raises(
        NotADensityError,
        match=r"if its score_samples is a log-density, pass as_density\(obj\.score_samples, dim=\.\.\.\)",
    ):
        gk.as_density(type("Stranger", (), {"score_samples": lambda self, x: normal(x)})())
    kde = gaussian_kde(np.random.default_rng(0).standard_normal((2, 30)))
    density = gk.as_density(lambda x: kde.logpdf(x.T), dim=2)
    np.testing.assert_allclose(density.log_prob(X), kde.logpdf(X.T))


def test_a_repr_is_the_same_in_every_run() -> None:
    assert repr(gk.as_density(normal, dim=2)) == "CallableDensity(normal, dim=2)"
    assert (
        repr(gk.as_density(normal, dim=2, kind="energy")) == "CallableDensity(-normal, dim=2, not normalised)"
    )


def test_neither_sklearn_nor_torch_is_imported_for_a_callable() -> None:
    code = (
        "import sys, geodesic_kit as gk; gk.as_density(len, dim=2); print('sklearn' in sys.modules, "
        "'torch' in sys.modules)"
    )
    assert subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split() == ["False", "False"]
