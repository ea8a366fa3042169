"""Ising kernel clustering: the clusters of any affinity as the ground state of an Ising model, by simulated
annealing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.components import by_falling_size
from ..base.extras import needing
from ..checks import as_points, integer, seeded
from ..checks.memory import require
from ..errors import DataError
from ..types import Ints, Values

__all__ = ["Annealed", "bytes_of", "ising_energy", "ising_labels"]

Matrix = NDArray[np.float64]  # (n, n)

# Bytes a pair of points and a cluster at the peak (measured: 140): dimod's model in bits and in spins, the
# sampler's copies.
BYTES = 170
BYTES_A_BIT = 4  # of a read: as the sampler returns it, in order, and as a truth value
CENTRED = 4.2  # matrices (n, n) of float64 that centring takes at its peak
# Factors of `_penalties` in the two halves of the reads, measured: at 1 an empty cluster's ones cost nothing,
# at 2 rows freeze early.
STRICT_AND_LOOSE = (1.1, 0.6)
# Where two labellings count as equally good: sums of n^2 kernels scaled to row sums of 1, rounded.
SAME = 1e-12


@dataclass(frozen=True, eq=False)
class Annealed:
    """A clustering by annealing: labels (n,), how many rows of its read broke the one-hot constraint, and its
    energy.

    labels run from 0 by falling size of the cluster (ties: lowest row first); energy is `ising_energy` of
    them.
    """

    labels: Ints
    repaired: int
    energy: float

    def __repr__(self) -> str:
        return (
            f"Annealed(sizes={np.bincount(self.labels).tolist()}, repaired={self.repaired}, "
            f"energy={self.energy:.6g})"
        )


def ising_labels(
    affinity: ArrayLike, n_clusters: int, *, seed: int, reads: int | None = None, sweeps: int | None = None
) -> Annealed:
    """At most n_clusters clusters of the points whose affinity (n, n) is given: the best of `reads`
    annealings of `sweeps` sweeps.

    What is minimised is `ising_energy`. Two clusters are one spin a point, which is exact, since a centred
    kernel leaves no field, and nothing can be broken. More are one bit q_ia a point and cluster, with a
    penalty lam_i (1 - sum_a q_ia)^2 a row. Above max(sum_j [K~_ij]+, 2/k sum_j [K~_ij]-) every ground state
    is one-hot; lam_i is 1.1 times this in the first half of the reads and 0.6 times in the second, where hard
    kernels move more freely. Rows that come back broken get the cluster of the greatest gain; then each read
    goes down by single moves until none lowers the energy, and the least energy wins. The inverse temperature
    rises geometrically from 1 to 100 over the greatest row sum of |K~|, so that nothing depends on the scale
    of the affinity. reads=None is 64 for two clusters, whose reads are cheap, and 16 for more; sweeps=None is
    250 a cluster. The same seed gives the same labels to the bit.

    The energy has no sizes in it, a cluster counts by its points squared: unequal clusters are cut or merged
    where that gains more (270 + 30 points of two Gaussians come out about half and half), one may stay empty,
    and a narrow kernel blurs the borders. Raises DataError, InvalidParameter, TooLittleMemoryError and
    MissingPlugin. [Kumagai et al. 2023] section 3, the kernel centred; penalties, schedule and descent are
    ours.
    """
    kernel, trace, scale = _centred(affinity)
    n = len(kernel)
    k = integer(n_clusters, "n_clusters", least=1, most=n)
    reads = (64 if k == 2 else 16) if reads is None else integer(reads, "reads", least=1, most=10**6)
    sweeps = 250 * k if sweeps is None else integer(sweeps, "sweeps", least=1, most=10**9)
    seeds = np.random.SeedSequence(seeded(seed)).generate_state(2) >> 1  # the sampler takes 31 bits
    labels, repaired = np.zeros(n, dtype=np.int64), 0
    if k > 1 and scale > 0:
        _require_memory(n, k, reads)
        best = np.inf
        for bits in _reads(kernel, k, reads, sweeps, seeds.tolist()):
            found, broken = _repair(kernel, bits)
            found = _descend(kernel, found, k)
            if (energy := _energy(kernel, found)) < best - SAME * n:
                best, labels, repaired = energy, by_falling_size(found), broken
    return Annealed(labels, repaired, scale * (_energy(kernel, labels) - trace))


def ising_energy(affinity: ArrayLike, labels: ArrayLike) -> float:
    """-sum_ij K~_ij [label_i = label_j] of the affinity (n, n) centred, K~ = H K H, over labels (n,), in the
    units of the affinity.

    K~ sums to zero, so that one cluster of all has energy 0. Raises DataError.
    """
    kernel, trace, scale = _centred(affinity)
    given = np.asarray(labels)
    if given.shape != (len(kernel),):
        raise DataError(
            f"labels have shape {given.shape} and the affinity has {len(kernel)} rows; give one label a row"
        )
    return scale * (_energy(kernel, np.unique(given, return_inverse=True)[1]) - trace)


def _centred(affinity: ArrayLike) -> tuple[Matrix, float, float]:
    """H K H off its diagonal, over its greatest row sum of absolute values; its trace over the same; that
    sum, 0 where H K H vanishes.
    """
    given = as_points(affinity, name="affinities")
    if given.shape[0] != given.shape[1]:
        raise DataError(
            f"affinities have shape {given.shape}; give a square matrix, such as exp(-distances**2 / tau)"
        )
    require(
        8 * CENTRED * given.size,
        f"the affinities of {len(given):,} points, centred,",
        "take a subsample, such as affinity[::4, ::4]",
    )
    largest = float(np.abs(given).max()) or 1.0
    kernel = given / largest
    off = np.abs(kernel - kernel.T)
    if off.max() > 1e-8:
        i, j = (int(v) for v in np.unravel_index(off.argmax(), off.shape))
        raise DataError(
            f"affinities are not symmetric: [{i}, {j}] is {given[i, j]:g}, [{j}, {i}] is "
            f"{given[j, i]:g}; give (K + K.T) / 2"
        )
    kernel = (kernel + kernel.T) / 2
    mean = kernel.mean(axis=0)
    kernel += mean.mean() - mean - mean[:, None]
    diagonal = kernel.diagonal().copy()
    np.fill_diagonal(kernel, 0)
    row = float(np.abs(kernel).sum(axis=0).max())
    if row <= SAME * len(kernel):
        return np.zeros_like(kernel), 0.0, 0.0
    return kernel / row, float(diagonal.sum()) / row, row * largest


def _energy(kernel: Matrix, labels: Ints) -> float:
    """-sum over i != j of K~_ij [label_i = label_j]."""
    return -sum(
        float(kernel[np.ix_(rows, rows)].sum())
        for rows in (np.flatnonzero(labels == a) for a in np.unique(labels))
    )


def _penalties(kernel: Matrix, k: int) -> Values:
    """lam (n,): where every row's penalty is greater, every ground state of `_one_hot` is one-hot.

    Rows of several ones: let the clusters be put in a random order and each row keep its first. Two rows of m
    and m' ones, c of them shared, then meet with probability c / (m + m' - c), so that the pair loses 2 K (c
    - c / (m + m' - c)) <= K (m - 1)^2 + K (m' - 1)^2 where K > 0, and nothing where K < 0: the penalties pay
    it. Rows of none: a cluster at random costs 2/k sum_j [K~_ij]- at most.
    """
    return np.maximum(np.maximum(kernel, 0).sum(axis=1), 2 / k * np.maximum(-kernel, 0).sum(axis=1))


def bytes_of(n: int, k: int) -> int:
    """What annealing n points into k clusters takes at its peak."""
    return BYTES * n * (n - 1) // 2 * (k if k > 2 else 1)


def _require_memory(n: int, k: int, reads: int) -> None:
    require(
        bytes_of(n, k) + BYTES_A_BIT * reads * n * k,
        f"{reads:,} reads of {n:,} points in {k} clusters",
        "cluster a subsample, such as affinity[::4, ::4], or ask for fewer n_clusters= or reads=",
    )


def _reads(kernel: Matrix, k: int, reads: int, sweeps: int, seeds: list[int]) -> NDArray[np.bool_]:
    """The annealed bits (reads, n, k), where k = 2 is one-hot by construction. Raises MissingPlugin."""
    with needing("Ising clustering needs", "ising"):
        import dimod  # noqa: F401  # named first where both are missing
        from dwave.samplers import SimulatedAnnealingSampler

    def sample(model: Any, reads: int, seed: int) -> NDArray[np.bool_]:
        # The sampler's own range loops over a Python dict of all pairs, and one tiny affinity sends it to a
        # useless cold end.
        found = SimulatedAnnealingSampler().sample(
            model, num_reads=reads, num_sweeps=sweeps, beta_range=(1.0, 100.0), seed=seed
        )
        return found.record.sample[:, np.argsort(np.array(found.variables))] > 0

    if k == 2:
        spins = sample(_spins(kernel), reads, seeds[0])
        return np.stack([spins, ~spins], axis=-1)
    parts = zip(STRICT_AND_LOOSE, (reads - reads // 2, reads // 2), seeds, strict=True)
    penalties = _penalties(kernel, k)
    bits = [
        sample(_one_hot(kernel, k, factor * penalties), part, seed) for factor, part, seed in parts if part
    ]
    return np.concatenate(bits).reshape(reads, len(kernel), k)


def _spins(kernel: Matrix) -> Any:
    """The model -sum_{i<j} K~_ij s_i s_j of two clusters: `_energy` but for half the sum of the kernel."""
    import dimod

    i, j = np.triu_indices(len(kernel), 1)
    return dimod.BinaryQuadraticModel.from_numpy_vectors(
        np.zeros(len(kernel)), (i, j, -kernel[i, j]), 0.0, dimod.SPIN
    )


def _one_hot(kernel: Matrix, k: int, penalties: Values) -> Any:
    """The model -sum_{i != j} K~_ij sum_a q_ia q_ja + sum_i lam_i (1 - sum_a q_ia)^2; bit k i + a is q_ia;
    only what meets is paired.
    """
    import dimod

    n = len(kernel)
    i, j = np.triu_indices(n, 1)
    a, b = np.triu_indices(k, 1)
    rows = np.concatenate([(k * i[:, None] + np.arange(k)).ravel(), (k * np.arange(n)[:, None] + a).ravel()])
    columns = np.concatenate(
        [(k * j[:, None] + np.arange(k)).ravel(), (k * np.arange(n)[:, None] + b).ravel()]
    )
    pairs = np.concatenate([np.repeat(-2 * kernel[i, j], k), np.repeat(2 * penalties, len(a))])
    return dimod.BinaryQuadraticModel.from_numpy_vectors(
        -np.repeat(penalties, k), (rows, columns, pairs), float(penalties.sum()), dimod.BINARY
    )


def _repair(kernel: Matrix, bits: NDArray[np.bool_]) -> tuple[Ints, int]:
    """Labels (n,) of the bits (n, k), and how many rows had no one or several: these get the cluster of the
    greatest gain, in turn.
    """
    broken = np.flatnonzero(bits.sum(axis=1) != 1)
    whole = bits.astype(np.float64)
    whole[broken] = 0
    gain = kernel @ whole
    for i in broken:
        a = gain[i].argmax()
        whole[i, a] = 1
        gain[:, a] += kernel[i]
    return whole.argmax(axis=1), len(broken)


def _descend(kernel: Matrix, labels: Ints, k: int) -> Ints:
    """Labels where no move of a single row lowers the energy, by the best move each time."""
    rows, labels = np.arange(len(labels)), labels.copy()
    gain = kernel @ np.eye(k)[labels]
    while True:
        better = gain - gain[rows, labels][:, None]
        i, a = divmod(int(better.argmax()), k)
        if better[i, a] <= SAME * len(labels):
            return labels
        gain[:, labels[i]] -= kernel[i]
        gain[:, a] += kernel[i]
        labels[i] = a
