"""The advisor: the degree it promises, the rule it picks, and the same advice for the same points."""

from __future__ import annotations

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.errors import DataError


@pytest.mark.parametrize(("n", "d"), [(2, 1), (3, 2), (50, 1), (1000, 2), (4000, 2), (1000, 3), (600, 30)])
def test_the_graph_is_as_told(n: int, d: int) -> None:
    x = np.random.default_rng(0).uniform(size=(n, d))
    advice = gk.suggest_graph(x)
    graph = gk.epsilon_graph(x, eps=advice.eps)
    # exact in few dimensions, from probes in many
    assert graph.m == pytest.approx(advice.n_edges, rel=0.25, abs=2)
    assert 1 <= advice.k < n
    assert advice == gk.suggest_graph(x)
    assert f"{advice.n_edges:,} edges" in repr(advice)


def test_even_samples_take_a_ball_and_uneven_ones_neighbours() -> None:
    rng = np.random.default_rng(0)
    assert gk.suggest_graph(rng.uniform(size=(2000, 2))).rule == "epsilon"
    uneven = rng.normal(size=(2000, 2))
    advice = gk.suggest_graph(uneven)
    assert advice.rule == "knn"
    assert advice.build(uneven).components().max() == 0
    assert advice.build(uneven).mean_degree == pytest.approx(advice.mean_degree, rel=0.15)


def test_one_point_and_duplicates() -> None:
    with pytest.raises(DataError, match="at least two"):
        gk.suggest_graph([[0.0, 0.0]])
    assert gk.suggest_graph(np.repeat([[0.0, 0.0], [1.0, 1.0]], 50, axis=0)).eps > 0


@pytest.mark.parametrize("d", [2, 5, 10])
def test_a_radius_that_starves_points_is_not_advised(d: int) -> None:
    x = np.random.default_rng(0).normal(size=(3000, d))
    advice = gk.suggest_graph(x)
    assert advice.rule == "knn"
    assert advice.build(x).components().max() == 0
