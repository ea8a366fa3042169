"""Tabulated densities: exact where the spline is, close elsewhere, and refused where there is no table."""

from __future__ import annotations

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.errors import InvalidParameter, NotADensityError
from geodesic_kit.paper.experiments.tabulated import tabulated

BOX = ((-2.0, 3.0), (-1.0, 1.5))


def test_a_normal_is_exact_since_its_log_is_quadratic() -> None:
    normal = gk.densities["mog"]([[0.3, 0.1]], [[[0.5, 0.2], [0.2, 0.4]]])
    table, x = tabulated(normal, BOX, 10), np.random.default_rng(0).uniform(*np.transpose(BOX), (100, 2))
    np.testing.assert_allclose(table.log_prob(x), normal.log_prob(x), atol=1e-11)
    np.testing.assert_allclose(table.score(x), normal.score(x), atol=1e-10)


def test_the_error_falls_with_the_fourth_power_of_the_spacing() -> None:
    pair = gk.densities["mog"]([[0, 0], [1, 0.5]], 0.2)
    x = np.random.default_rng(1).uniform(*np.transpose(BOX), (500, 2))
    coarse, fine = (
        np.abs(tabulated(pair, BOX, cells).log_prob(x) - pair.log_prob(x)).max() for cells in (40, 80)
    )
    assert fine < coarse / 8


def test_a_table_draws_what_its_density_draws() -> None:
    normal = gk.densities["mog"]([[0.3, 0.1]], 0.2)
    np.testing.assert_array_equal(tabulated(normal, BOX, 10).sample(5, seed=1), normal.sample(5, seed=1))


def test_outside_it_goes_on_as_at_the_edge() -> None:
    table = tabulated(gk.densities["mog"]([[0.0, 0.0]], 1.0), BOX, 10)
    assert table.log_prob(np.array([[9.0, 0.2]])) == table.log_prob(np.array([[3.0, 0.2]]))
    assert table.score(np.array([[9.0, 0.2]]))[0, 0] == 0


def test_refuses_what_it_cannot_tabulate() -> None:
    plane = gk.densities["mog"]([[0.0, 0.0]], 1.0)
    for box in (((0, 1),), ((1, 0), (0, 1))):
        with pytest.raises(InvalidParameter, match="one side a coordinate"):
            tabulated(plane, box)
    with pytest.raises(InvalidParameter, match="3 coordinates"):
        tabulated(gk.densities["mog"](np.zeros((1, 3)), 1.0), BOX)
    with pytest.raises(InvalidParameter, match="take more or a smaller box"):
        tabulated(gk.densities["mog"]([[0.0, 0.0]] * 2, [1.0, 0.001]), BOX, 20)
    with pytest.raises(NotADensityError, match="not finite"):
        tabulated(gk.as_density(lambda x: np.where(x[:, 0] > 0, 0.0, -np.inf), dim=2), BOX)
