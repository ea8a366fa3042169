"""Latent interpolation: closed forms of affine models, laws of the arc, ends, pairs, bad input."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import geodesic_kit as gk
from geodesic_kit.errors import DataError, InvalidParameter
from geodesic_kit.latent.interpolation import latent_points
from geodesic_kit.types import Points


@dataclass
class Affine:
    """z = (x - centre) A."""

    matrix: Any = field(default_factory=lambda: np.array([[2.0, 1.0], [0.0, 0.5]]))
    centre: float = 3.0

    def encode(self, x: Points) -> Points:
        return (x - self.centre) @ self.matrix

    def decode(self, z: Points) -> Points:
        return z @ np.linalg.inv(self.matrix) + self.centre


@dataclass
class Same:
    """The identity, of any width."""

    def encode(self, x: Points) -> Points:
        return x

    def decode(self, z: Points) -> Points:
        return z


VECTORS = arrays(np.float64, 3, elements=st.floats(-10, 10))


def test_linear_in_an_affine_model_is_the_straight_line() -> None:
    a, b = np.array([0.0, 1.0]), np.array([5.0, -2.0])
    t = np.linspace(0, 1, 7)[:, None]
    np.testing.assert_allclose(gk.latent_interpolation(Affine(), a, b, n=7), (1 - t) * a + t * b, atol=1e-12)


def test_slerp_of_unit_vectors_is_the_arc() -> None:
    angle = np.linspace(0, 2.0, 9)
    arc = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    np.testing.assert_allclose(
        gk.latent_interpolation(Same(), arc[0], arc[-1], n=9, kind="slerp"), arc, atol=1e-15
    )


@given(VECTORS, VECTORS)
def test_slerp_turns_evenly_and_takes_the_norm_across(a: Any, b: Any) -> None:
    norms = np.linalg.norm(a), np.linalg.norm(b)
    assume(min(norms) > 1e-3)
    cosine = a @ b / (norms[0] * norms[1])
    assume(cosine > -0.999)
    path = gk.latent_interpolation(Same(), a, b, n=6, kind="slerp")
    t = np.linspace(0, 1, 6)
    np.testing.assert_allclose(np.linalg.norm(path, axis=1), (1 - t) * norms[0] + t * norms[1], rtol=1e-9)
    unit = path / np.linalg.norm(path, axis=1, keepdims=True)
    turns = 2 * np.arcsin(np.minimum(np.linalg.norm(np.diff(unit, axis=0), axis=1) / 2, 1))
    np.testing.assert_allclose(turns, turns.mean(), atol=1e-6)
    assert turns.sum() == pytest.approx(np.arccos(np.clip(cosine, -1, 1)), abs=1e-6)
    np.testing.assert_allclose(
        gk.latent_interpolation(Same(), b, a, n=6, kind="slerp")[::-1], path, atol=1e-9
    )


@given(VECTORS, VECTORS, st.sampled_from(["linear", "slerp"]))
def test_the_ends_are_the_decoded_encodings(a: Any, b: Any, kind: str) -> None:
    path = gk.latent_interpolation(Same(), a, b, n=3, kind=kind)
    assert np.isfinite(path).all()
    np.testing.assert_allclose(path[[0, -1]], [a, b], atol=1e-9)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([1.0, 0.0], [-2.0, 0.0]),  # opposite
        ([1.0, 1e-9], [-2.0, 0.0]),  # so nearly opposite that the arc's side is rounding
        ([0.0, 0.0], [3.0, 4.0]),
        ([3.0, 4.0], [0.0, 0.0]),
        ([0.0, 0.0], [0.0, 0.0]),
        ([3.0, 4.0], [3.0, 4.0]),
        ([3.0, 4.0], [6.0, 8.0]),
        ([-2.0], [5.0]),  # on a line there are no arcs
    ],
)
def test_where_there_is_no_one_arc_it_is_the_straight_line(a: list[float], b: list[float]) -> None:
    arc, line = (gk.latent_interpolation(Same(), a, b, n=5, kind=kind) for kind in ("slerp", "linear"))
    np.testing.assert_allclose(arc, line, atol=1e-12)


@pytest.mark.parametrize("kind", ["linear", "slerp"])
def test_pairs_are_what_each_is_alone(kind: str) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 5, 2))
    pairs = gk.latent_interpolation(Affine(), a, b, n=4, kind=kind)
    assert pairs.shape == (5, 4, 2)
    for i in range(5):
        np.testing.assert_allclose(
            pairs[i], gk.latent_interpolation(Affine(), a[i], b[i], n=4, kind=kind), atol=1e-14
        )


def test_a_latent_space_of_another_width() -> None:
    class Halves:
        def encode(self, x: Points) -> Points:
            return x.sum(axis=1, keepdims=True)

        def decode(self, z: Points) -> Points:
            return np.repeat(z / 4, 4, axis=1)

    path = gk.latent_interpolation(Halves(), np.ones(4), np.full(4, 3.0), n=3)
    np.testing.assert_allclose(path, np.repeat([[1.0], [2.0], [3.0]], 4, axis=1))


def test_what_makes_no_sense_is_refused() -> None:
    x = np.zeros(2)
    with pytest.raises(
        InvalidParameter,
        match=r"MoG has no encode and decode; give a latent model such as "
        r"gk\.densities\['realnvp'\]",
    ):
        gk.latent_interpolation(gk.densities["mog"](means=[[0.0, 0.0]], covariances=1.0), x, x)
    with pytest.raises(InvalidParameter, match="kind='cubic'; there are linear, slerp"):
        gk.latent_interpolation(Affine(), x, x, kind="cubic")
    with pytest.raises(InvalidParameter, match="n=1"):
        gk.latent_interpolation(Affine(), x, x, n=1)
    with pytest.raises(DataError, match=r"a has shape \(2,\), b has \(3, 2\)"):
        gk.latent_interpolation(Affine(), x, np.zeros((3, 2)))
    with pytest.raises(DataError, match=r"a has shape \(2,\), b has \(1, 2\)"):
        gk.latent_interpolation(Affine(), x, x[None])
    with pytest.raises(DataError, match="b hold NaN"):
        gk.latent_interpolation(Affine(), x, x * np.nan)
    with pytest.raises(InvalidParameter, match="the class Affine is not yet a model; give"):
        gk.latent_interpolation(Affine, x, x)
    with pytest.raises(InvalidParameter, match=r"kind=\['linear'\]; there are linear, slerp"):
        gk.latent_interpolation(Affine(), x, x, kind=["linear"])


@pytest.mark.parametrize("kind", ["linear", "slerp"])
def test_a_model_that_does_not_keep_to_its_protocol_is_named(kind: str) -> None:
    def broken(encode: Any, decode: Any) -> Any:
        return SimpleNamespace(encode=encode, decode=decode)

    x = np.ones(2)
    for model, text in (
        (
            broken(lambda x: x[:, 0], np.asarray),
            r"SimpleNamespace\.encode returned shape \(2,\), \(2, any\) "
            r"is needed",
        ),
        (broken(lambda x: x * np.nan, np.asarray), r"SimpleNamespace\.encode returned hold NaN"),
        (broken(lambda x: x + 1j, np.asarray), r"SimpleNamespace\.encode returned complex128 values"),
        (
            broken(lambda x: np.ma.masked_less(x, 1.5), np.asarray),
            r"SimpleNamespace\.encode returned cannot "
            r"be read: they are masked",
        ),
        (
            broken(np.asarray, lambda z: z[1:]),
            r"SimpleNamespace\.decode returned shape \(4, 2\), \(5, 2\) "
            r"is needed; one row for each",
        ),
        (
            broken(np.asarray, lambda z: z[:, :1]),
            r"SimpleNamespace\.decode returned shape \(5, 1\), \(5, "
            r"2\) is needed",
        ),
    ):
        with pytest.raises(DataError, match=text):
            gk.latent_interpolation(model, x, 2 * x, n=5, kind=kind)


def test_latent_points_are_those_that_are_decoded() -> None:
    u, v = np.array([1.0, 0.0, 2.0]), np.array([0.0, 3.0, 1.0])
    t = np.linspace(0, 1, 9)
    for kind in ("linear", "slerp"):
        path = gk.latent_interpolation(Same(), u, v, n=9, kind=kind)
        np.testing.assert_allclose(latent_points(u, v, t[[0, 3, 7]], kind), path[[0, 3, 7]], atol=1e-15)
    for wrong in ([0.5, 1.1], [[0.5]], [np.nan]):
        with pytest.raises(InvalidParameter, match="t must be numbers from 0 to 1"):
            latent_points(u, v, wrong)
    with pytest.raises(InvalidParameter, match="there are linear, slerp"):
        latent_points(u, v, t, "cubic")
