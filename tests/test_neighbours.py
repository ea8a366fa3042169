"""Who is nearest where many are equally near."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from geodesic_kit.base.neighbours import nearest


def by_sorting(points: np.ndarray, queries: np.ndarray, k: int, *, own: bool) -> np.ndarray:
    squares = np.square(queries[:, None] - points).sum(axis=-1)
    if own:
        np.fill_diagonal(squares, np.inf)
    return np.argsort(squares, axis=1, kind="stable")[:, :k]


@pytest.mark.parametrize(("d", "side"), [(2, 30), (3, 9), (4, 5), (17, 2)])
@pytest.mark.parametrize("k", [1, 5, 8, 17])
def test_ties_on_a_lattice_go_to_the_lower_index(d: int, side: int, k: int) -> None:
    lattice = np.array(list(product(range(side), repeat=min(d, 9))), dtype=float)
    lattice = np.random.default_rng(d).permutation(np.pad(lattice, ((0, 0), (0, d - lattice.shape[1]))))
    near, distance = nearest(lattice, k)
    np.testing.assert_array_equal(near, by_sorting(lattice, lattice, k, own=True))
    np.testing.assert_array_equal(distance, np.sqrt(np.square(lattice[near] - lattice[:, None]).sum(axis=-1)))


def test_ties_of_queries_that_are_no_points_go_to_the_lower_index() -> None:
    ring = np.random.default_rng(0).permutation(
        np.concatenate([np.eye(12), -np.eye(12)] * 2) * np.repeat([1.0, 2.0], 24)[:, None]
    )
    queries = np.zeros((9000, 12))  # so many that a tree answers
    near, _ = nearest(ring, 7, queries)
    np.testing.assert_array_equal(near, np.tile(by_sorting(ring, queries[:1], 7, own=False), (9000, 1)))


def test_a_stray_so_far_away_that_all_are_equally_near() -> None:
    points = np.random.default_rng(0).standard_normal((500, 3))
    points[7] = 1e17
    assert nearest(points, 5)[0][7].tolist() == [0, 1, 2, 3, 4]
