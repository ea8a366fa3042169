"""Geodesics of the plane against latent paths: pairs, tables, shares, profiles; what a density is worth."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.base.recipes import Recipe
from geodesic_kit.errors import InvalidParameter
from geodesic_kit.geodesics.courses import courses
from geodesic_kit.paper.experiments.plane_densities import log_p_lost, mass, trained
from geodesic_kit.paper.experiments.plane_paths import (
    course_table,
    excess_quartiles,
    log_p_profiles,
    numbered_rows,
    random_pairs,
    refined_geodesics,
    shares,
    wins,
)

pytest.importorskip("pandas", reason="tables come with the extra `notebooks`")
NORMAL = gk.densities["mog"]([[0.0, 0.0]], 1.0)
METRIC = gk.GenerativeMetric(NORMAL, lam=0.01, p0=0.1)


def test_pairs_are_of_two_rows_and_come_again_with_the_seed() -> None:
    pairs = random_pairs(5, 200, seed=1)
    assert pairs.shape == (200, 2)
    assert (pairs[:, 0] != pairs[:, 1]).all()
    np.testing.assert_array_equal(pairs, random_pairs(5, 200, seed=1))


def test_refined_geodesics_are_no_longer_than_the_graphs_own() -> None:
    x = np.random.default_rng(0).uniform(-1.5, 1.5, (80, 2))
    graph = gk.adaptive_graph(x, k=6).weigh(METRIC)
    found = refined_geodesics(graph, [[0, 1], [2, 3]], rtol=1e-2)
    for path, (i, j) in zip(found, ((0, 1), (2, 3)), strict=True):
        np.testing.assert_allclose(path.points[[0, -1]], x[[i, j]])
        assert path.length <= gk.geodesic(graph, i, j).length * (1 + 1e-9)


def table() -> tuple:
    straight = np.array([[-1.0, 0], [0, 0], [1, 0]])
    bent = np.array([[-1.0, 0], [0, 1], [1, 0]])
    measured = {"geodesic": courses([straight, bent], METRIC), "latent": courses([bent, straight], METRIC)}
    return measured, course_table(measured)


def test_a_table_of_courses_tells_what_they_are() -> None:
    measured, rows = table()
    assert rows["geodesic", "Euclidean length"].tolist() == pytest.approx([2, 2**1.5])
    assert rows["geodesic", "turning / π"].tolist() == pytest.approx([0, 0.5])
    assert rows["latent", "lowest log p"].tolist() == [course.lowest for course in measured["latent"]]
    numbered = numbered_rows(rows, {"near": {1: 1}, "far": {6: 0}})
    assert numbered.index.tolist() == [("near", 1), ("far", 6)]
    assert numbered["turning / π", "geodesic"].tolist() == pytest.approx([0.5, 0])


def test_wins_and_their_shares() -> None:
    _, rows = table()
    won = wins(rows, "latent", "Euclidean length", "turning / π")
    assert won.tolist() == [True, False]
    groups = {"first": np.array([True, False]), "all": np.array([True, True])}
    assert shares({"latent": won}, groups) == {("latent", "first"): 1.0, ("latent", "all"): 0.5}
    with pytest.raises(InvalidParameter, match="at least one quantity"):
        wins(rows, "latent")


def test_the_excess_is_that_of_the_pairs_that_failed() -> None:
    _, rows = table()
    told = excess_quartiles(rows, {"latent": np.array([False, True])}).loc["latent"]
    assert told["", "pairs"] == 1
    assert told["length  [%]", "lower quartile"] == pytest.approx(100 * (2**0.5 - 1))
    assert told["turning  [degrees]", "upper quartile"] == pytest.approx(90)
    none = excess_quartiles(rows, {"latent": np.array([False, False])}).loc["latent"]
    assert np.isnan(none["length  [%]", "lower quartile"])


def test_profiles_are_even_in_euclidean_length() -> None:
    line = np.array([[0.0, 0], [0.1, 0], [2, 0]])
    profile = log_p_profiles(courses([line], METRIC), 3)[0]
    known = NORMAL.log_prob(line)
    assert profile[[0, -1]] == pytest.approx(known[[0, -1]])
    assert profile[1] == pytest.approx(np.interp(1.0, [0, 0.1, 2], known))


def test_what_a_learned_density_is_worth() -> None:
    x = NORMAL.sample(500, seed=0)
    shifted = gk.densities["mog"]([[1.0, 0.0]], 1.0)
    rows = log_p_lost({"truth": NORMAL, "shifted": shifted}, x)
    assert rows.loc["truth", "lost"] == 0
    lost = NORMAL.log_prob(x) - shifted.log_prob(x)
    assert rows.loc["shifted", "lost"] == pytest.approx(lost.mean())
    assert rows.loc["shifted", "± (standard error)"] == pytest.approx(lost.std() / 500**0.5)


def test_mass_of_a_normal_is_one_and_a_box_has_two_sides() -> None:
    assert mass(NORMAL, ((-7, 7), (-7, 7)), nodes=100) == pytest.approx(1, abs=1e-9)
    assert mass(NORMAL, ((0, 7), (-7, 7)), nodes=2001) == pytest.approx(0.5, abs=2e-3)
    with pytest.raises(InvalidParameter, match="one side a coordinate"):
        mass(NORMAL, ((1, 0), (0, 1)))


class Kind:
    """Keeps what its fit was given."""

    recipes: ClassVar = {"two_moons": Recipe("for the test", n=50, fit={"layers": 3})}

    @classmethod
    def fit(cls, x: np.ndarray, *, seed: int, layers: int) -> tuple:
        return len(x), seed, layers


def test_a_plugin_is_trained_by_its_own_recipe() -> None:
    assert trained(Kind, "two_moons", seed=4) == (50, 4, 3)
    with pytest.raises(InvalidParameter, match="there are two_moons"):
        trained(Kind, "digits", seed=0)
