"""Widths and bests over a grid of temperatures."""

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.experiments.temperatures import best, by_tau, decades, lowest, nmi_by_tau

TAUS = np.array([0.01, 0.1, 1.0, 10.0, 100.0])


def column(*values):
    return np.array(values, dtype=float)[:, None]


def test_a_width_is_measured_between_grid_points():
    assert decades(TAUS, column(1, 1, 1, 1, 1)) == pytest.approx(4)
    assert decades(TAUS, column(0, 1, 1, 1, 0)) == pytest.approx(2 + 2 * 0.05)
    assert decades(TAUS, column(0, 0, 1, 0, 0)) == pytest.approx(0.1)
    assert decades(TAUS, column(1, 0, 0, 0, 1), share=0.5) == pytest.approx(1)
    assert decades(TAUS, 0.01 * column(1, 1, 1, 1, 1)) == pytest.approx(4)


def test_the_mean_over_seeds_counts():
    nmi = np.array([[1.0, 0.0], [0.8, 0.6], [0.5, 0.9], [0.9, 0.9], [0.2, 0.2]])
    assert best(nmi) == pytest.approx(0.9)
    assert lowest(TAUS, nmi) == pytest.approx(0.2)
    assert lowest(TAUS[:4], nmi[:4], 1.0) == pytest.approx(0.7)
    with pytest.raises(gk.errors.InvalidParameter, match="1000 or more"):
        lowest(TAUS, nmi, 1000)


def test_a_sweep_finds_what_cluster_finds():
    found = nmi_by_tau(["two_moons"], [3], 120, {"spectral": [0.1, 1.0]}, jobs=1)
    assert [(f.distance, f.tau) for f in found[:2]] == [("generative", 0.1), ("generative", 1.0)]
    assert len(found) == 6
    taus, nmi = by_tau(found, "two_moons", "Euclidean", "spectral")
    np.testing.assert_array_equal(taus, [0.1, 1.0])
    assert nmi.shape == (2, 1)
    assert nmi_by_tau(["two_moons"], [3], 120, {"spectral": [0.1, 1.0]}, jobs=2)[:2] == found[:2]
    with pytest.raises(gk.errors.InvalidParameter, match="'ising'"):
        by_tau(found, "two_moons", "Euclidean", "ising")
