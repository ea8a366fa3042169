"""How well clusters and neighbours by distances agree with labels, and many such measurements in several
processes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...applications.clustering import cluster, relative_tau
from ...base.extras import needing
from ...base.threads import children, n_threads
from ...checks import integer
from ...errors import ComponentsNotice
from ...types import Ints

__all__ = [
    "agreement",
    "clusters",
    "few_label_accuracy",
    "foreign_share",
    "in_processes",
    "neighbour_accuracy",
    "nmi",
]


def clusters(D: ArrayLike, k: int, seed: int, tau: float | None = None, method: str = "spectral") -> Ints:
    """`gk.cluster` of distances (n, n), (n,); tau in units of the (squared) median distance, or the default's
    where there is none.

    A tau too narrow leaves points in no cluster: that is part of a grid, so no notice is given.
    """
    with warnings.catch_warnings(action="ignore", category=ComponentsNotice):
        return cluster(
            D, k, method=method, tau=None if tau is None else relative_tau(D, tau), seed=seed
        ).labels


def nmi(y: Ints, labels: ArrayLike) -> float:
    """Normalised mutual information of two labellings (n,), in [0, 1]. Raises MissingPlugin."""
    with needing("NMI needs", "learn"):
        from sklearn.metrics import normalized_mutual_info_score
    return float(normalized_mutual_info_score(y, np.asarray(labels)))


def agreement(D: ArrayLike, y: Ints, seed: int, tau: float | None = None, method: str = "spectral") -> float:
    """NMI of labels y (n,) with as many `clusters` of distances D (n, n). Raises as `gk.cluster`."""
    return nmi(y, clusters(D, len(np.unique(y)), seed, tau, method))


def neighbour_accuracy(D: ArrayLike, y: Ints, k: int = 5) -> float:
    """Share of points whose k nearest others vote for their class, leaving one out; ties go to the lower
    class."""
    classes = np.unique(y)
    votes = (y[_nearest(D, k)][:, :, None] == classes).sum(axis=1)
    return float(np.mean(classes[np.argmax(votes, axis=1)] == y))


def few_label_accuracy(D: ArrayLike, y: Ints, labelled: int = 3, draws: int = 20, seed: int = 0) -> float:
    """Share of the other points whose nearest labelled one has their class, where so many a class are
    labelled; mean over draws."""
    D, rng = np.asarray(D), np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        known = np.concatenate([rng.permutation(np.flatnonzero(y == c))[:labelled] for c in np.unique(y)])
        rest = np.setdiff1d(np.arange(len(y)), known)
        found.append(np.mean(y[known][np.argmin(D[np.ix_(rest, known)], axis=1)] == y[rest]))
    return float(np.mean(found))


def foreign_share(D: ArrayLike, y: Ints, near: int = 30) -> float:
    """Share of the other classes among the `near` nearest others of each point, by distances (n, n), mean
    over the points."""
    nearest = _nearest(D, integer(near, "near", least=1))
    return float((y[nearest] != y[:, None]).mean())


def in_processes(
    measure: Callable[..., list[Any]], arguments: Iterable[tuple[Any, ...]], jobs: int
) -> list[Any]:
    """The rows that `measure(*arguments)` gives for each, in that order whatever the number of processes.
    Raises MissingPlugin.
    """
    with needing("measuring in processes needs", "learn"):
        from joblib import Parallel, delayed, parallel_config
    jobs = integer(jobs, "jobs", least=1)
    # The threads are shared out, too: processes that each take all of them wait for one another.
    with children(), parallel_config("loky", inner_max_num_threads=max(1, n_threads() // jobs)):
        parts = Parallel(n_jobs=jobs)(delayed(measure)(*given) for given in arguments)
    return [row for part in parts for row in part]


def _nearest(D: ArrayLike, k: int) -> NDArray[np.intp]:
    """The k nearest others of each point, (n, k), nearest first."""
    D = np.array(D, dtype=np.float64)
    np.fill_diagonal(D, np.inf)
    return np.argsort(D, axis=1, kind="stable")[:, :k]
