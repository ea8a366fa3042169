"""Expectation and maximisation of a Gaussian mixture by its moments, two matrix products a step. Dempster et
al. 1977.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodesic_kit.errors import DataError
from geodesic_kit.types import Ints, Points, Values

__all__ = ["Mixture", "Sample", "no_extent"]

_MOST_STEPS = 300
_MOST_MOVES = 20  # of the centres that EM begins from
_HELD = 1 << 23  # numbers of monomials, of which more are made again in each step
_ROWS = 1 << 14
_NOBODY = 10 * np.finfo(float).eps  # points that a component has at least, so that its mean is a number


@dataclass(frozen=True, eq=False)
class Mixture:
    """Means (K, d), covariances (K, d, d), (K, d) or (K,) by their shape, weights (K,), and log p, (n, d) ->
    (n,).
    """

    means: Points
    covariances: NDArray[np.float64]
    weights: Values
    log_density: Callable[[Points], Values] = field(repr=False)


class Sample:
    """Points (n, d), of few dimensions, to which mixtures of several sizes are fitted: their monomials and
    k-means++ seeds are found once.
    """

    def __init__(self, x: Points, seed: int) -> None:
        self._shift = x.mean(axis=0)
        self._z = x - self._shift
        self._rng = np.random.default_rng(seed)
        small = self._z.shape[0] * _n_monomials(self._z.shape[1]) <= _HELD
        self._held = list(_monomials(self._z)) if small else None
        self._seeds = _Seeds(self._z, self._rng)

    def most_likely(self, k: int, shape: str, *, floor: float, starts: int = 1, tol: float) -> Mixture:
        """The mixture of k components under which the points are likeliest, the best of so many starts.

        `shape` of the covariances is "full", "diag", "spherical" or "tied"; `floor` is added to each
        variance. A start's centres are those of k-means; it ends where a step gains less than `tol` nats a
        point. Raises DataError where a component has no extent left in float64.
        """
        found = []
        for start in range(starts):
            seeds = self._seeds if start == 0 else _Seeds(self._z, self._rng)
            found.append(self._climbed(_among_means(self._z, seeds.first(k)), k, shape, floor, tol))
        _, (means, covariances, weights) = max(found, key=itemgetter(0))
        polynomial, shift = _coefficients(means, covariances, weights), self._shift

        def log_density(x: Points) -> Values:
            return np.concatenate([_shares(monomials, polynomial)[1] for monomials in _monomials(x - shift)])

        if shape in ("diag", "spherical"):
            covariances = np.einsum("kii->ki", covariances)
        if shape == "spherical":
            covariances = covariances[:, 0]
        return Mixture(means + shift, np.array(covariances), weights / weights.sum(), log_density)

    def _climbed(
        self, labels: Ints, k: int, shape: str, floor: float, tol: float
    ) -> tuple[float, tuple[Points, NDArray[np.float64], Values]]:
        """Mean log p and the parts that EM finds from the components that the points are first told to be
        of, (n,).
        """
        total, first = np.zeros((k, _n_monomials(self._z.shape[1]))), 0
        for monomials in self._blocks():
            own = labels[first : first + len(monomials)]
            total += np.equal.outer(np.arange(k), own).astype(float) @ monomials
            first += len(monomials)
        before = now = -np.inf
        for _ in range(_MOST_STEPS):
            before = now
            parts = _parts(total, len(self._z), shape, floor)
            polynomial = _coefficients(*parts)
            total, gained = np.zeros_like(total), 0.0
            for monomials in self._blocks():
                shares, log_p = _shares(monomials, polynomial)
                total += shares.T @ monomials
                gained += float(log_p.sum())
            now = gained / len(self._z)
            if abs(now - before) < tol:
                break
        return now, parts

    def _blocks(self) -> Iterable[NDArray[np.float64]]:
        return _monomials(self._z) if self._held is None else self._held


def no_extent(k: int) -> DataError:
    """What is said where a component of k falls onto a point or a plane."""
    return DataError(
        f"EM finds no mixture of {k} in x: a component has no extent left in float64; take the mean off x, "
        "or fewer n_components"
    )


@cache
def _upper(d: int) -> tuple[Ints, Ints]:
    return np.triu_indices(d)


def _n_monomials(d: int) -> int:
    return 1 + d + d * (d + 1) // 2


def _monomials(z: Points) -> Iterator[NDArray[np.float64]]:
    """1, z_i and z_i z_j, i <= j, of some rows at a time."""
    i, j = _upper(z.shape[1])
    for first in range(0, len(z), _ROWS):
        rows = z[first : first + _ROWS]
        yield np.concatenate([np.ones((len(rows), 1)), rows, rows[:, i] * rows[:, j]], axis=1)


def _shares(
    monomials: NDArray[np.float64], polynomial: NDArray[np.float64]
) -> tuple[NDArray[np.float64], Values]:
    """Each component's share in each point, (n, K), and log p, (n,)."""
    logs = monomials @ polynomial
    most = logs.max(axis=1)
    logs -= most[:, None]
    shares = np.exp(logs, out=logs)
    sums = shares.sum(axis=1)
    shares /= sums[:, None]
    return shares, most + np.log(sums)


def _parts(
    total: NDArray[np.float64], n: int, shape: str, floor: float
) -> tuple[Points, NDArray[np.float64], Values]:
    """Means, covariances and weights from each component's sums of monomials."""
    counts = total[:, 0] + _NOBODY
    d = int(np.sqrt(2 * total.shape[1])) - 1
    mean = total[:, 1 : d + 1] / counts[:, None]
    i, j = _upper(d)
    square = np.empty((len(total), d, d))
    square[:, i, j] = square[:, j, i] = total[:, d + 1 :] / counts[:, None]
    covariance = square - mean[:, :, None] * mean[:, None, :]
    if shape == "tied":
        covariance[:] = np.einsum("k,kij->ij", counts / counts.sum(), covariance)
    elif shape != "full":
        own = np.einsum("kii->ki", covariance)
        own = own.mean(axis=1, keepdims=True) if shape == "spherical" else own
        covariance = own[:, :, None] * np.eye(d)
    covariance[:, range(d), range(d)] += floor
    return mean, covariance, counts / n


def _coefficients(mean: Points, covariance: NDArray[np.float64], weights: Values) -> NDArray[np.float64]:
    """log (weight times normal density) as a polynomial: a column of coefficients a component."""
    d = mean.shape[1]
    try:
        half = np.linalg.inv(np.linalg.cholesky(covariance))
    except np.linalg.LinAlgError as err:
        raise no_extent(len(mean)) from err
    precision = half.transpose(0, 2, 1) @ half
    linear = np.einsum("kij,kj->ki", precision, mean)
    constant = (
        np.log(weights)
        + np.log(np.einsum("kii->ki", half)).sum(axis=1)
        - 0.5 * (d * np.log(2 * np.pi) + np.einsum("ki,ki->k", linear, mean))
    )
    i, j = _upper(d)
    quadratic = precision[:, i, j] * np.where(i == j, -0.5, -1.0)
    return np.concatenate([constant[:, None], linear, quadratic], axis=1).T


class _Seeds:
    """Rows of z by greedy k-means++, as many as are asked for: the first k are the same whatever comes after
    them. Arthur and Vassilvitskii 2007.
    """

    def __init__(self, z: Points, rng: np.random.Generator) -> None:
        self._z, self._rng = z, rng
        self._lengths = np.einsum("nd,nd->n", z, z)
        self._rows = [int(rng.integers(len(z)))]
        self._apart = self._distances(self._rows)[0]

    def first(self, k: int) -> Points:
        """The first k, (k, d)."""
        while len(self._rows) < k:
            reach = np.cumsum(self._apart)
            drawn = self._rng.random(2 + int(np.log(len(self._rows) + 1))) * reach[-1]
            rows = np.minimum(np.searchsorted(reach, drawn), len(self._z) - 1)
            tried = np.minimum(self._distances(rows), self._apart)
            best = int(tried.sum(axis=1).argmin())
            self._rows.append(int(rows[best]))
            self._apart = tried[best]
        return self._z[self._rows[:k]]

    def _distances(self, rows: Any) -> NDArray[np.float64]:
        """Squared distances of some rows to all, (r, n)."""
        squared = self._lengths[rows][:, None] - 2 * self._z[rows] @ self._z.T
        squared += self._lengths
        return np.maximum(squared, 0, out=squared)


def _among_means(z: Points, centres: Points) -> Ints:
    """Which centre each row of z is nearest to, (n,), once the centres have moved to the means of what is
    nearest to them.
    """
    k = len(centres)
    labels = _nearest(z, centres)
    for _ in range(_MOST_MOVES):
        counts = np.bincount(labels, minlength=k)
        sums = np.stack([np.bincount(labels, column, minlength=k) for column in z.T], axis=1)
        centres = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centres)
        before, labels = labels, _nearest(z, centres)
        if np.array_equal(before, labels):
            break
    return labels


def _nearest(z: Points, centres: Points) -> Ints:
    """Number of the centre nearest to each row of z, (n,)."""
    scores = z @ centres.T
    scores -= 0.5 * np.einsum("kd,kd->k", centres, centres)
    return scores.argmax(axis=1)
