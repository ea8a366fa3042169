"""Courses of curves: closed forms of circles and lines, constant and Gaussian densities, bad input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import geodesic_kit as gk
from geodesic_kit.errors import DataError
from geodesic_kit.geodesics.courses import courses, turning
from geodesic_kit.geodesics.curve import measured
from geodesic_kit.types import Edges, Points, Values


def circle(n: int, radius: float = 1.0, turns: float = 1.0) -> Points:
    angle = np.linspace(0, 2 * np.pi * turns, n)
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def test_turning_of_known_curves() -> None:
    assert turning([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]) == pytest.approx(np.pi / 2)
    assert turning([[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]) == pytest.approx(np.pi)
    assert turning(np.outer(np.arange(9), [1.0, 2.0, 3.0])) == pytest.approx(0, abs=1e-7)
    assert turning([[0.0, 0.0], [1.0, 0.0]]) == turning([[0.0, 0.0]]) == 0
    n = 200  # of n - 1 pieces each but the first turns by 2π / (n - 1)
    assert turning(circle(n)) == pytest.approx(2 * np.pi * (n - 2) / (n - 1))
    helix = np.column_stack([circle(4000, turns=3), np.linspace(0, 6 * np.pi, 4000)])
    assert turning(helix) == pytest.approx(6 * np.pi / np.sqrt(2), rel=1e-3)


@given(arrays(np.float64, (6, 3), elements=st.floats(-5, 5)), st.integers(1, 4))
def test_turning_falls_when_a_point_is_left_out_and_ignores_repeats_size_and_direction(
    curve: Points, which: int
) -> None:
    curve = curve + np.arange(6)[:, None] * [11.0, 0.0, 0.0]  # no two points in one place
    whole = turning(curve)
    assert turning(np.delete(curve, which, axis=0)) <= whole + 1e-9
    assert turning(np.repeat(curve, 2, axis=0)) == pytest.approx(whole, abs=1e-9)
    assert turning(3 * curve[::-1] + 1) == pytest.approx(whole, abs=1e-7)


def test_courses_under_a_metric() -> None:
    density = gk.densities["mog"](means=[[0.0, 0.0]], covariances=0.25)
    metric = gk.GenerativeMetric(density, lam=0.1, p0=0.5)
    curves = [circle(100, 0.7), np.array([[0.0, 0.0], [1.0, 1.0]]), circle(50, 0.2)]
    ring, line, small = courses(curves, metric)
    around = float(np.linalg.norm(np.diff(curves[0], axis=0), axis=1).sum())
    assert ring.euclidean_length == pytest.approx(around)
    c = np.exp(metric.log_factor(np.array([[0.7, 0.0]])))[0]
    assert ring.length == pytest.approx(c * around, rel=1e-3)  # chords lie a little inside
    assert ring.log_p == pytest.approx(np.full(100, density.log_prob(np.array([[0.7, 0.0]]))[0]))
    assert line.lowest == pytest.approx(density.log_prob(np.array([[1.0, 1.0]]))[0])
    assert line.length == pytest.approx(
        float(metric.edge_lengths(curves[1], np.array([[0, 1]]))[0]), rel=1e-4
    )
    assert (line.turning, ring.turning) == (0, turning(curves[0]))
    alone = courses([curves[2]], metric)[0]
    assert alone.length == pytest.approx(small.length, rel=1e-9)
    standing = courses([np.zeros((3, 2))], metric)[0]
    assert (standing.length, standing.euclidean_length, standing.turning) == (0, 0, 0)


def test_no_curves() -> None:
    metric = gk.GenerativeMetric(gk.densities["mog"](means=[[0.0, 0.0]], covariances=0.25), lam=0.1, p0=0.5)
    with pytest.raises(DataError, match="a curve needs two points or more"):
        courses([circle(5), np.zeros((1, 2))], metric)
    with pytest.raises(DataError, match="curve have 3 coordinates, 2 are needed"):
        courses([np.zeros((4, 3))], metric)


def test_only_pieces_that_are_asked_for_are_measured_and_once() -> None:
    asked: list[int] = []

    class Counting:
        dim = 2

        def edge_lengths(self, points: Points, edges: Edges) -> Values:
            asked.append(len(edges))
            return np.asarray(np.linalg.norm(points[edges[:, 1]] - points[edges[:, 0]], axis=1))

    x = np.stack([np.linspace(0, 1, 101), np.zeros(101)], axis=1)
    path = measured(x, Counting())
    asked.clear()
    np.testing.assert_allclose(path.at([0.005, 0.995])[:, 0], [0.005, 0.995])
    path.at([0.0051])
    assert asked == [2 * 16]
    np.testing.assert_array_equal(path.at([0, 1]), x[[0, -1]])
