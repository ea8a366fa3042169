"""Ising kernel clustering: the ground state by brute force, the energies of the two models, repair, scale,
order and errors.
"""

from __future__ import annotations

import sys
from itertools import product

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.applications import ising
from geodesic_kit.applications.ising import ising_energy, ising_labels
from geodesic_kit.base.components import by_falling_size
from geodesic_kit.errors import DataError, InvalidParameter, MissingPlugin, TooLittleMemoryError

pytest.importorskip("dwave.samplers")


def gaussian(n: int, seed: int, d: int = 2) -> np.ndarray:
    """A Gaussian kernel of n points."""
    x = np.random.default_rng(seed).normal(size=(n, d))
    squares = ((x[:, None] - x) ** 2).sum(axis=-1)
    return np.exp(-squares / np.median(squares))


def blobs(sizes: list[int], places: list[tuple[float, float]], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """An affinity of Gaussian blobs, and the blob of each row."""
    y = np.repeat(np.arange(len(sizes)), sizes)
    x = np.array(places)[y] + np.random.default_rng(seed).normal(size=(len(y), 2))
    squares = ((x[:, None] - x) ** 2).sum(axis=-1)
    return np.exp(-squares / np.median(squares)), y


def formula(affinity: np.ndarray, labels: np.ndarray) -> float:
    """The energy, written out."""
    h = np.eye(len(affinity)) - 1 / len(affinity)
    return -float((h @ affinity @ h)[labels[:, None] == labels].sum())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("n", "k"), [(10, 2), (7, 3), (6, 4), (3, 3), (2, 2)])
def test_tiny_cases_reach_the_optimum_of_brute_force(n: int, k: int, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(size=(n, n))
    for affinity in (gaussian(n, seed), noise + noise.T):  # a kernel, and couplings of both signs
        best = min(formula(affinity, np.array(labels)) for labels in product(range(k), repeat=n))
        found = ising_labels(affinity, k, seed=seed)
        assert found.energy == pytest.approx(best, rel=1e-9)
        assert found.energy == pytest.approx(formula(affinity, found.labels), rel=1e-9)
        assert found.energy == ising_energy(affinity, found.labels)


@pytest.mark.parametrize("k", [2, 3, 5])
def test_the_energy_of_the_models_is_that_of_the_labels(k: int) -> None:
    affinity = 3 * gaussian(12, 1)
    kernel, trace, scale = ising._centred(affinity)
    penalties = ising._penalties(kernel, k)
    labels = np.random.default_rng(k).integers(0, k, 12)
    bits = np.eye(k, dtype=int)[labels]
    one_hot = ising._one_hot(kernel, k, penalties)
    assert scale * (one_hot.energy(bits.ravel()) - trace) == pytest.approx(
        ising_energy(affinity, labels), rel=1e-12
    )
    bits[0], bits[1, (labels[1] + 1) % k] = 0, 1  # a row of none and a row of two cost one penalty each
    centred = -np.einsum("ij,ia,ja->", kernel, bits, bits) + penalties[0] + penalties[1]
    assert one_hot.energy(bits.ravel()) == pytest.approx(centred, rel=1e-12)
    if k == 2:
        spins = ising._spins(kernel).energy(1 - 2 * labels)
        assert scale * (spins - kernel.sum() / 2 - trace) == pytest.approx(
            ising_energy(affinity, labels), rel=1e-12
        )


@pytest.mark.parametrize("seed", range(6))
def test_above_the_penalties_every_ground_state_is_one_hot(seed: int) -> None:
    n, k = 4, 3
    noise = np.random.default_rng(seed).normal(size=(n, n))
    states = np.array(list(product([0, 1], repeat=n * k)))
    for affinity in (gaussian(n, seed), noise + noise.T, np.eye(n), np.kron(np.eye(2), np.ones((2, 2)))):
        kernel, _, _ = ising._centred(affinity)
        energies = ising._one_hot(kernel, k, 1.001 * ising._penalties(kernel, k)).energies(states)
        ground = states[energies <= energies.min() + 1e-12].reshape(-1, n, k)
        assert (ground.sum(axis=2) == 1).all()


def test_broken_rows_get_the_cluster_of_the_greatest_gain_and_are_counted() -> None:
    affinity = np.kron(np.eye(3), np.ones((4, 4)))
    kernel, _, _ = ising._centred(affinity)
    whole = np.repeat(np.eye(3, dtype=bool), 4, axis=0)
    broken = whole.copy()
    broken[1], broken[6], broken[9] = False, True, [True, True, False]
    labels, repaired = ising._repair(kernel, broken)
    assert repaired == 3
    np.testing.assert_array_equal(labels, whole.argmax(axis=1))
    assert ising._repair(kernel, whole)[1] == 0
    labels, repaired = ising._repair(kernel, np.zeros((12, 3), dtype=bool))
    assert repaired == 12
    assert labels.shape == (12,)


def test_descent_ends_where_no_single_move_helps() -> None:
    kernel, _, _ = ising._centred(gaussian(30, 2))
    start = np.random.default_rng(0).integers(0, 3, 30)
    end = ising._descend(kernel, start, 3)
    reached = ising._energy(kernel, end)
    assert reached < ising._energy(kernel, start)
    for i, a in product(range(30), range(3)):
        assert ising._energy(kernel, np.where(np.arange(30) == i, a, end)) >= reached - 1e-9


@pytest.mark.parametrize("k", [2, 3])
def test_neither_scale_nor_shift_nor_order_matter(k: int) -> None:
    affinity = gaussian(40, 3)
    found = ising_labels(affinity, k, seed=0)
    for scale in (2.0**-60, 2.0**60):  # powers of two change no digit
        scaled = ising_labels(scale * affinity, k, seed=0)
        np.testing.assert_array_equal(scaled.labels, found.labels)
        assert scaled.energy == scale * found.energy
    assert ising_labels(1e-300 * affinity, k, seed=0).energy == pytest.approx(1e-300 * found.energy, rel=1e-9)
    assert ising_labels(affinity + 5, k, seed=0).energy == pytest.approx(found.energy, rel=1e-9)
    order = np.random.default_rng(0).permutation(40)
    assert ising_labels(affinity[np.ix_(order, order)], k, seed=0).energy == pytest.approx(
        found.energy, rel=1e-9
    )


@pytest.mark.parametrize("k", [2, 3])
def test_one_seed_gives_one_result(k: int) -> None:
    affinity = gaussian(60, 4)
    a, b = (ising_labels(affinity, k, seed=7, reads=3, sweeps=5) for _ in range(2))
    np.testing.assert_array_equal(a.labels, b.labels)
    assert (a.energy, a.repaired) == (b.energy, b.repaired)
    assert repr(a).startswith("Annealed(sizes=[")


def test_clusters_are_numbered_by_size_then_by_their_lowest_row() -> None:
    assert by_falling_size(np.array([2, 0, 0, 1, 1, 1, 3, 2])).tolist() == [1, 2, 2, 0, 0, 0, 3, 1]
    affinity = np.kron(np.eye(3), np.ones((5, 5)))[:12, :12]
    assert ising_labels(affinity, 3, seed=0).labels.tolist() == [0] * 5 + [1] * 5 + [2] * 2


@pytest.mark.parametrize(
    ("sizes", "places"), [([50, 50], [(0, 0), (8, 0)]), ([40, 40, 40], [(0, 0), (10, 0), (0, 10)])]
)
def test_well_separated_blobs_are_found_in_one_piece_each(
    sizes: list[int], places: list[tuple[float, float]]
) -> None:
    affinity, y = blobs(sizes, places, 0)
    for seed in range(3):
        found = ising_labels(affinity, len(sizes), seed=seed)
        np.testing.assert_array_equal(found.labels, y)
        assert found.repaired == 0


def test_concentric_circles_are_told_apart_by_geodesics_only() -> None:
    rng = np.random.default_rng(0)
    t, y = rng.uniform(0, 2 * np.pi, 200), np.arange(200) % 2
    x = (
        np.where(y == 0, 1, 0.4)[:, None] * np.stack([np.cos(t), np.sin(t)], axis=1)
        + rng.normal(size=(200, 2)) * 0.03
    )
    geodesic = gk.distances(gk.knn_graph(x, k=10).weigh(gk.EuclideanMetric()))
    straight = np.linalg.norm(x[:, None] - x, axis=-1)
    np.testing.assert_array_equal(ising_labels(np.exp(-(geodesic**2)), 2, seed=0).labels, y)
    assert 0.3 < (ising_labels(np.exp(-(straight**2)), 2, seed=0).labels == y).mean() < 0.7


def test_what_falls_short_unequal_blobs_are_cut_since_that_has_less_energy() -> None:
    affinity, y = blobs([90, 10], [(0, 0), (8, 0)], 0)
    found = ising_labels(affinity, 2, seed=0)
    assert found.energy < ising_energy(affinity, y)
    assert np.bincount(found.labels).min() > 30


def test_what_has_no_structure_is_one_cluster_of_energy_zero() -> None:
    for affinity in (np.ones((6, 6)), np.zeros((6, 6)), np.full((6, 6), 0.1)):
        found = ising_labels(affinity, 3, seed=0)
        assert (found.labels.tolist(), found.repaired, found.energy) == ([0] * 6, 0, 0)
    one = ising_labels(gaussian(6, 0), 1, seed=0)
    assert one.labels.tolist() == [0] * 6
    assert one.energy == pytest.approx(0, abs=1e-12)
    assert ising_labels([[2.0]], 1, seed=0).labels.tolist() == [0]


def test_what_is_wrong_is_named() -> None:
    affinity = gaussian(5, 0)
    for wrong in (
        {"n_clusters": 0},
        {"n_clusters": 6},
        {"reads": 0},
        {"sweeps": 0},
        {"seed": -1},
        {"n_clusters": 2.5},
    ):
        with pytest.raises(InvalidParameter, match=next(iter(wrong))):
            ising_labels(affinity, **{"n_clusters": 2, "seed": 0, **wrong})
    with pytest.raises(DataError, match=r"shape \(4, 5\); give a square matrix"):
        ising_labels(affinity[:4], 2, seed=0)
    for value in (np.nan, np.inf):
        with pytest.raises(DataError, match="affinities hold NaN or inf"):
            ising_labels(np.where(np.eye(5), value, affinity), 2, seed=0)
    with pytest.raises(DataError, match="not symmetric: "):
        ising_labels(affinity + np.triu(np.ones((5, 5)), 1), 2, seed=0)
    with pytest.raises(DataError, match="give one label a row"):
        ising_energy(affinity, [0, 1])


def test_too_little_memory_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geodesic_kit.checks.memory.available_memory", lambda: 1 << 20)
    with pytest.raises(TooLittleMemoryError, match="cluster a subsample"):
        ising_labels(gaussian(300, 0), 3, seed=0)


@pytest.mark.parametrize("missing", ["dimod", "dwave.samplers"])
@pytest.mark.parametrize("k", [2, 3])
def test_a_missing_sampler_names_its_extra(monkeypatch: pytest.MonkeyPatch, missing: str, k: int) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingPlugin, match=r"pip install 'geodesic-kit\[ising\]'"):
        ising_labels(gaussian(5, 0), k, seed=0)
