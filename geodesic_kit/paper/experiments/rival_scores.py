"""What distances are worth: clusters found over the same grid of tau, nearest neighbours, time and memory."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ...datasets import load
from ...errors import DataError, FallbackNotice
from . import own_process
from .rivals import CLUSTERINGS, DISTANCES, clustering, distance_matrix
from .scoring import agreement, few_label_accuracy, in_processes, neighbour_accuracy, nmi
from .solver_comparison import median_seconds

__all__ = ["Score", "costs", "scores", "scores_of_all"]


@dataclass(frozen=True)
class Score:
    """One method on one set: NMI at a relative tau, or by default (tau NaN); then the accuracies of
    distances, NaN elsewhere."""

    set: str
    seed: int
    method: str
    tau: float
    nmi: float
    accuracy: float = math.nan
    few: float = math.nan
    note: str = ""


def scores(
    name: str, n: int, seed: int, taus: Sequence[float], methods: Iterable[str] | None = None
) -> list[Score]:
    """Methods, those of DISTANCES and CLUSTERINGS if not named, on n points of a data set: distances by
    default and at tau = each of `taus` x median(D)², then the clusterings.

    A set that cannot be fetched is named by what stands in for it. Raises DataError for a set without labels.
    """
    with warnings.catch_warnings(action="ignore", category=FallbackNotice):  # the rows' name says so
        data = load(name, n, seed=seed)
    if data.y is None:
        raise DataError(f"{name!r} has no labels, so clusters cannot be judged; give a set with labels")
    y, k = data.y, len(np.unique(data.y))
    row = partial(Score, name if data.name == name else f"{data.name} for {name}", seed)
    chosen = [*DISTANCES, *CLUSTERINGS] if methods is None else list(methods)
    found = []
    for method in (method for method in chosen if method not in CLUSTERINGS):
        D, note = distance_matrix(method, data.x, seed)
        accuracies = neighbour_accuracy(D, y), few_label_accuracy(D, y, seed=seed)
        found.append(row(method, math.nan, agreement(D, y, seed), *accuracies, note))
        found += [row(method, tau, agreement(D, y, seed, tau)) for tau in taus]
    for method in (method for method in chosen if method in CLUSTERINGS):
        labels, note = clustering(method, data.x, k, seed)
        found.append(row(method, math.nan, nmi(y, labels), note=note))
    return found


def scores_of_all(
    sizes: Mapping[str, int],
    seeds: Sequence[int],
    taus: Sequence[float],
    jobs: int = 2,
    methods: Iterable[str] | None = None,
) -> list[Score]:
    """`scores` of each set in `sizes` at each seed, in that order whatever the number of processes."""
    asked = [(name, n, seed, taus, methods) for name, n in sizes.items() for seed in seeds]
    return in_processes(scores, asked, jobs)


def costs(name: str, n: int, seed: int, rounds: int = 2) -> dict[str, tuple[float, float]]:
    """(Wall seconds, bytes at the peak) of each method on n points of a set: times here, in turns; memory in
    a fresh interpreter.

    Each method runs on few points first, so that nothing is compiled or imported while it is watched.
    """
    for work in _work(name, 60, seed).values():
        work()
    seconds = median_seconds(_work(name, n, seed), rounds)
    memory: dict[str, float] = own_process.call(f"{__name__}:_memory_here", name=name, n=n, seed=seed)
    return {method: (seconds[method], memory[method]) for method in seconds}


def _work(name: str, n: int, seed: int) -> dict[str, Any]:
    with warnings.catch_warnings(action="ignore", category=FallbackNotice):
        data = load(name, n, seed=seed)
    assert data.y is not None
    k = len(np.unique(data.y))
    distances = {method: partial(distance_matrix, method, data.x, seed) for method in DISTANCES}
    return distances | {method: partial(clustering, method, data.x, k, seed) for method in CLUSTERINGS}


def _memory_here(name: str, n: int, seed: int) -> dict[str, float]:
    for work in _work(name, 60, seed).values():
        work()
    return {
        method: own_process.peaks([(method, work)])[method] for method, work in _work(name, n, seed).items()
    }
