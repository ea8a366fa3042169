"""Spectral clustering of an affinity: exact where clusters are clear, and not misled by a few points far from
all others.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import minimum_spanning_tree

from ..base.blocks import strips
from ..base.components import components_of
from ..base.extras import needing
from ..base.limited import small_work
from ..types import Ints, Values

__all__ = ["least_size", "part_by_part", "robust_labels", "spectral_labels"]

Matrix = NDArray[np.float64]  # (n, n)

_HIDDEN = 1e-15  # of the walk: what weaker links add to an eigenvalue is rounding
_NO_EIGENVALUE = 1e-8  # below, a step of the walk leaves nothing of a vector but rounding


def least_size(n: int, k: int, neighbour: int) -> int:
    """Points that make a cluster of n points in k clusters: as many as a local scale looks at, or a quarter
    of an equal share.
    """
    return max(1, min(neighbour, n // (4 * k)))


def robust_labels(A: Matrix, D: Matrix, components: Ints, k: int, seed: int, least: int) -> tuple[Ints, int]:
    """Clusters (n,) of affinities (n, n) of which none is smaller than `least`, and how many points were set
    aside on the way.

    A few points far from all others cost a cut nothing, so they would be clusters of their own. They are set
    aside, the others are clustered anew, and each goes to the cluster of the point nearest to it by distances
    D (n, n). A component, which no path leaves, is a cluster however small.
    """
    active = np.arange(len(A))
    whole = np.bincount(components)
    while True:  # each round sets at least one point aside
        labels = spectral_labels(A, D, k, seed, active)
        clusters = [active[labels == label] for label in np.unique(labels)]
        small = [
            points
            for points in clusters
            if len(points) < least and len(points) < whole[components[points[0]]]
        ]
        kept = np.setdiff1d(active, np.concatenate(small)) if small else active
        if not small or len(kept) < max(k, 2) or len(np.unique(components[kept])) < len(whole):
            break
        active = kept
    out = np.empty(len(A), dtype=np.int64)
    out[active] = labels
    aside = np.setdiff1d(np.arange(len(A)), active)
    out[aside] = labels[np.argmin(D[np.ix_(aside, active)], axis=1)]
    return out, len(aside)


def spectral_labels(A: Matrix, D: Matrix, k: int, seed: int, rows: Ints | None = None) -> Ints:
    """Clusters (m,), numbered from 0, of the points `rows` (m,), by default all, by affinities (n, n) that
    come from distances D (n, n) of at most k components.

    Parts that no affinity joins, or only such as an eigenvalue's rounding hides, are clustered one by one,
    which is what the whole gives, since its spectrum is theirs together. Where they are more than the
    clusters, their eigenvalues are all 1 in float64 and rounding would choose: the nearest parts are joined,
    as in the limit of small tau, where the widest gaps rule the cut. Raises MissingPlugin.
    """
    rows = np.arange(len(A)) if rows is None else rows
    scale = 1 / np.sqrt(_degrees(A, rows))
    linked = np.empty((len(rows), len(rows)), dtype=bool)
    for run, block in _strips(A, rows):
        linked[run] = block * scale[run, None] * scale > _HIDDEN
    parts = components_of(linked)
    del linked
    if parts.max() >= k:
        return _nearest_joined(D, rows, parts, k)
    labels = np.empty(len(rows), dtype=np.int64)
    first = 0
    for part, wanted in enumerate(_clusters_of(A, rows, parts, k)):
        own = parts == part
        labels[own] = first + _connected(A, rows[own], wanted, seed)
        first += wanted
    return labels


def _nearest_joined(D: Matrix, rows: Ints, parts: Ints, k: int) -> Ints:
    """Parts (m,) of the points `rows` joined, the nearest first, until k are left."""
    count = int(parts.max()) + 1
    between = np.full((count, count), np.inf)
    for run, block in _strips(D, rows):
        np.minimum.at(between, (parts[run, None], parts[None, :]), block)
    np.fill_diagonal(between, np.inf)
    if between.size and np.isfinite(between).any():
        tree = minimum_spanning_tree(
            np.where(np.isfinite(between), np.maximum(between, np.finfo(float).tiny), 0.0)
        ).tocoo()
        joined = np.argsort(tree.data, kind="stable")[: count - k]
        links = np.zeros((count, count), dtype=bool)
        links[tree.row[joined], tree.col[joined]] = True
        parts = components_of(links)[parts]
    return parts


def part_by_part(A: Matrix, parts: Ints, k: int) -> Iterator[tuple[Ints, Matrix, int]]:
    """Rows of each part, the affinities between them, and how many of the k clusters are its own."""
    for part, wanted in enumerate(_clusters_of(A, np.arange(len(A)), parts, k)):
        rows = np.flatnonzero(parts == part)
        yield rows, A if len(rows) == len(A) else A[np.ix_(rows, rows)], wanted


def _strips(A: Matrix, rows: Ints) -> Iterator[tuple[slice, Matrix]]:
    """Runs of the points `rows` (m,), which rise, and what A (n, n) says of each with all of them: a second
    matrix is never held.
    """
    for run in strips(len(rows)):
        yield run, A[run] if len(rows) == len(A) else A[np.ix_(rows[run], rows)]


def _clusters_of(A: Matrix, rows: Ints, parts: Ints, k: int) -> list[int]:
    """How many of the k largest eigenvalues of the normalised affinity of the points `rows` each part has."""
    count = int(parts.max()) + 1
    if count == 1:
        return [k]
    values = []
    for part in range(count):
        own = rows[parts == part]
        found = _walk(A, own, min(k, len(own)))[0]
        found[0] = np.inf  # 1 up to rounding: every part has a cluster at least
        values += [(-value, part) for value in found]
    chosen = [part for _, part in sorted(values)[:k]]
    return [chosen.count(part) for part in range(count)]


def _connected(A: Matrix, rows: Ints, k: int, seed: int) -> Ints:
    if k == 1:
        return np.zeros(len(rows), dtype=np.int64)
    if k == len(rows):
        return np.arange(k)
    with needing("spectral clustering needs", "learn"):
        from sklearn.cluster import k_means
    with small_work(len(rows) ** 2):
        vectors = _walk(A, rows, k)[1]
    with small_work(vectors.size), warnings.catch_warnings():
        # points that coincide are told apart by nothing
        warnings.filterwarnings("ignore", message="Number of distinct clusters")
        return k_means(vectors, k, n_init=10, random_state=seed)[1].astype(np.int64)


def _degrees(A: Matrix, rows: Ints) -> Values:
    """Sum of each point's affinities to others, (m,), positive: a walk that stays tells nothing of
    clusters.
    """
    others = np.empty(len(rows))
    for run, block in _strips(A, rows):
        apart = np.ones(block.shape, dtype=bool)
        np.fill_diagonal(apart[:, run.start :], False)
        others[run] = block.sum(axis=1, where=apart)
    return np.maximum(others, np.finfo(float).tiny)


def _walk(A: Matrix, rows: Ints, count: int) -> tuple[Values, NDArray[np.float64]]:
    """Largest eigenvalues of the random walk on the affinity of the points `rows` (m,), falling, and their
    eigenvectors (m, count).

    By LAPACK: the iteration in scikit-learn's SpectralClustering, which this is otherwise, takes 100 times
    longer where the affinity nearly falls apart, as it does where clusters are clear. A step of the walk at
    the end makes points that hardly anything is near to the mean of what is; their own entries are rounding.
    """
    from scipy.linalg import eigh

    n, degree = len(rows), _degrees(A, rows)
    scale = 1 / np.sqrt(degree)

    def normalised() -> Matrix:
        whole = np.empty((n, n), order="F")  # as LAPACK takes it, which overwrites it
        for run, block in _strips(A, rows):
            whole[run] = block * scale[run, None] * scale
        np.fill_diagonal(whole, 0.0)
        return whole

    first: dict[str, Any] = {"overwrite_a": True, "check_finite": False}
    values, vectors = eigh(normalised(), subset_by_index=[n - count, n - 1], **first)
    # of eigenvalues that agree to the last bit LAPACK finds some of a subset only
    if vectors.shape[1] < count:
        values, vectors = (part[..., -count:] for part in eigh(normalised(), driver="evd", **first))
    values, vectors = values[::-1].copy(), vectors[:, ::-1] * scale[:, None]
    stepped = np.empty_like(vectors)
    for run, block in _strips(A, rows):
        step = block / degree[run, None]
        np.fill_diagonal(step[:, run.start :], 0.0)
        stepped[run] = step @ vectors
    return values, stepped / np.where(np.abs(values) > _NO_EIGENVALUE, values, 1.0)
