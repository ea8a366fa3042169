"""Interpolation: steps of frames, the bootstrap, pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import geodesic_kit as gk
from geodesic_kit.applications.interpolation import (
    mean_interval,
    pairs_of_one_class,
    pairs_of_two_classes,
    skip,
    steps,
    straight,
)
from geodesic_kit.errors import DataError, InvalidParameter


@given(st.integers(2, 70), st.integers(0, 1000))
def test_the_straight_line_has_equal_steps(n: int, seed: int) -> None:
    a, b = np.random.default_rng(seed).normal(size=(2, 5))
    frames = straight(a, b, n)
    np.testing.assert_allclose(steps(frames), np.linalg.norm(b - a) / (n - 1))
    assert skip(frames) == pytest.approx(1)
    np.testing.assert_array_equal(frames[[0, -1]], [a, b])


def test_skip_is_the_largest_step_over_the_median() -> None:
    frames = np.array([[0.0], [1.0], [3.0], [4.0], [9.0], [10.0]])
    assert steps(frames).tolist() == [1, 2, 1, 5, 1]
    assert skip(frames) == 5
    assert skip(np.array([[0.0], [0.0], [0.0], [1.0]])) == np.inf
    assert skip(np.zeros((4, 2))) == 1


def test_frames_of_a_geodesic_step_as_its_factor_says() -> None:
    """Equal metric steps are long in pixels where c is small: at c = 1 everywhere they are equal."""
    line = gk.Graph(np.linspace(0, 1, 9)[:, None], np.stack([np.arange(8), np.arange(1, 9)], axis=1)).weigh(
        gk.EuclideanMetric()
    )
    assert skip(gk.geodesic(line, 0, 8).at(np.linspace(0, 1, 64))) == pytest.approx(1)


def test_the_interval_covers_the_mean_and_shrinks() -> None:
    rng = np.random.default_rng(0)
    hits, widths = 0, {}
    for n in (25, 100):
        intervals = [mean_interval(rng.normal(size=n), seed=i, draws=500) for i in range(200)]
        hits += sum(it.low <= 0 <= it.high for it in intervals)
        widths[n] = np.mean([it.high - it.low for it in intervals])
    assert 0.9 < hits / 400 < 0.98
    assert widths[25] / widths[100] == pytest.approx(2, rel=0.1)
    assert mean_interval([1.0, 2.0], seed=0) == mean_interval([1.0, 2.0], seed=0)
    assert str(mean_interval([2.0, 2.0], seed=0)) == "2.00 [2.00, 2.00]"


def test_pairs_differ_in_class_and_none_repeats() -> None:
    y = np.array([0, 0, 1, 2, 2, 2])
    pairs = pairs_of_two_classes(y, 11, seed=0)
    assert len(set(pairs)) == 11
    assert all(i < j and y[i] != y[j] for i, j in pairs)
    with pytest.raises(InvalidParameter, match="n=12: 6 labels have 11 pairs of two classes"):
        pairs_of_two_classes(y, 12, seed=0)


def test_pairs_of_one_class_are_all_there_are() -> None:
    y = np.array([0, 0, 1, 2, 2, 2])
    assert set(pairs_of_one_class(y, 4, seed=0)) == {(0, 1), (3, 4), (3, 5), (4, 5)}
    with pytest.raises(InvalidParameter, match="n=5: 6 labels have 4 pairs of one class"):
        pairs_of_one_class(y, 5, seed=0)


def test_bad_input_is_named() -> None:
    with pytest.raises(DataError, match="one frame makes no step"):
        steps(np.zeros((1, 3)))
    with pytest.raises(DataError, match="at least two finite numbers"):
        mean_interval([1.0, np.nan], seed=0)
