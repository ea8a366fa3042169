"""Boxes: a density with true jumps, by the contract and by hand."""

from __future__ import annotations

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.datasets.boxes import Boxes
from geodesic_kit.errors import DataError, InvalidParameter
from geodesic_kit.paper.experiments.rectangles import segment_means


class TestBoxes(gk.testing.DensityContract):
    """Cells that are cut by a face are counted whole or not at all: the grid is finer and the tolerance
    wider.
    """

    box = 3.0
    cells = 1201
    mass_rtol = 5e-3

    def make(self) -> object:
        return gk.datasets.load("boxes", n=1).density

    def data(self) -> np.ndarray:
        return gk.datasets.load("boxes", n=200, seed=5).x


class TestBoxesWithFloor(TestBoxes):
    def make(self) -> object:
        return gk.datasets.load("boxes", n=1, floor=0.1).density


def test_the_heights_and_the_faces_by_hand() -> None:
    density = gk.datasets.load("boxes", n=1, gap=0.2).density
    assert density is not None
    x = np.array(
        [[-0.5, 0.0], [0.5, 0.5], [0.5, -0.5], [0.0, 0.0], [-0.1, 1.0], [np.nextafter(-0.1, 0), 1.0]]
    )
    assert np.exp(density.log_prob(x)) == pytest.approx(
        [0.5 / 2, 0.4 / 0.9, 0.1 / 0.9, 0, 0.5 / 2, 0], rel=1e-14
    )
    floored = gk.datasets.load("boxes", n=1, gap=0.2, floor=0.3).density
    assert floored is not None
    ground = 0.3 / (3.2 * 3.0)
    assert np.exp(floored.log_prob(x[:4])) == pytest.approx(
        0.7 * np.exp(density.log_prob(x[:4])) + ground, rel=1e-14
    )


def test_the_floor_has_a_label_of_its_own() -> None:
    data = gk.datasets.load("boxes", n=5000, floor=0.2)
    assert data.y is not None
    assert (data.y == 3).mean() == pytest.approx(0.2, abs=0.03)
    assert repr(data.density) == "Boxes(K=4, dim=2)"


def test_lengths_across_a_jump_are_exact() -> None:
    density = gk.datasets.load("boxes", n=1).density
    metric = gk.GenerativeMetric(density, lam=0.05, p0=0.2)
    length = (
        gk.Graph(np.array([[-0.6, 0.5], [0.6, 0.5]]), np.array([[0, 1]])).weigh(metric, rtol=1e-9).weights
    )
    c = {p: (0.2 + 0.05) / (p + 0.05) for p in (0.25, 0.0, 0.4 / 0.9)}
    assert length[0] == pytest.approx(0.5 * c[0.25] + 0.2 * c[0.0] + 0.5 * c[0.4 / 0.9], rel=1e-9)


@pytest.mark.parametrize(
    ("lows", "highs", "weights", "text"),
    [
        ([[0.0]], [[0.0]], [1.0], "each high above its low"),
        ([[0.0]], [[1.0], [2.0]], [1.0], "opposite corners of one shape"),
        ([[0.0]], [[1.0]], [0.0], "give 1 positive numbers, one a box"),
        ([[0.0]], [[1.0]], [0.5, 0.5], "give 1 positive numbers"),
        ([[0.0]], [[1.0]], [np.inf], "give 1 positive numbers"),
    ],
)
def test_bad_boxes_are_named(
    lows: list[list[float]], highs: list[list[float]], weights: list[float], text: str
) -> None:
    with pytest.raises(InvalidParameter, match=text):
        Boxes(lows, highs, weights)
    with pytest.raises(DataError, match="NaN or inf"):
        Boxes([[np.nan]], [[1.0]], [1.0])


@pytest.mark.parametrize("floor", [0.0, 0.1])
def test_edges_over_jumps_are_exact(floor: float) -> None:
    density = gk.datasets.load("boxes", n=1, floor=floor).density
    metric = gk.GenerativeMetric(density, lam=1e-3, p0=0.2)
    x = np.random.default_rng(0).uniform([-1.6, -1.5], [1.6, 1.5], (400, 2))
    x[:10, 0], x[10:20, 1], x[20:22] = -0.1, 1.0, [[-0.1, -0.5], [-0.1, 0.5]]  # on a face, and along one
    edges = np.random.default_rng(1).permutation(400).reshape(-1, 2)
    found = metric.integrate(x, edges)
    np.testing.assert_allclose(found.means, segment_means(metric, x, edges), rtol=1e-8)
    assert found.evaluations < 40 * len(edges)
    along = metric.integrate(x, np.array([[20, 21]])).means
    assert along == pytest.approx(np.exp(metric.log_factor(x[20:21])), rel=1e-12)
