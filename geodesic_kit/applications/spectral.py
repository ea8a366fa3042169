"""Spectral clustering of an affinity: exact where clusters are clear, and not misled by a few points far from
all others.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import minimum_spanning_tree

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
        labels = spectral_labels(_among(A, active), _among(D, active), k, seed)
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


def spectral_labels(A: Matrix, D: Matrix, k: int, seed: int) -> Ints:
    """Clusters (n,), numbered from 0, of affinities (n, n) that come from distances D (n, n) of at most k
    components.

    Parts that no affinity joins, or only such as an eigenvalue's rounding hides, are clustered one by one,
    which is what the whole gives, since its spectrum is theirs together. Where they are more than the
    clusters, their eigenvalues are all 1 in float64 and rounding would choose: the nearest parts are joined,
    as in the limit of small tau, where the widest gaps rule the cut. Raises MissingPlugin.
    """
    scale = 1 / np.sqrt(_degrees(A))
    parts = components_of(A * scale[:, None] * scale > _HIDDEN)
    if parts.max() >= k:
        return _nearest_joined(D, parts, k)
    labels = np.empty(len(A), dtype=np.int64)
    first = 0
    for rows, own, wanted in part_by_part(A, parts, k):
        labels[rows] = first + _connected(own, wanted, seed)
        first += wanted
    return labels


def _nearest_joined(D: Matrix, parts: Ints, k: int) -> Ints:
    """Parts (n,) joined, the nearest first, until k are left."""
    count = int(parts.max()) + 1
    between = np.full((count, count), np.inf)
    np.minimum.at(between, (parts[:, None], parts[None, :]), D)
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
    for part, wanted in enumerate(_clusters_of(A, parts, k)):
        rows = np.flatnonzero(parts == part)
        yield rows, _among(A, rows), wanted


def _among(A: Matrix, rows: Ints) -> Matrix:
    """What A (n, n) says of those rows, which rise; all of them are no second matrix."""
    return A if len(rows) == len(A) else A[np.ix_(rows, rows)]


def _clusters_of(A: Matrix, parts: Ints, k: int) -> list[int]:
    """How many of the k largest eigenvalues of the normalised affinity each part has."""
    count = int(parts.max()) + 1
    if count == 1:
        return [k]
    values = []
    for part in range(count):
        rows = np.flatnonzero(parts == part)
        found = _walk(A[np.ix_(rows, rows)], min(k, len(rows)))[0]
        found[0] = np.inf  # 1 up to rounding: every part has a cluster at least
        values += [(-value, part) for value in found]
    chosen = [part for _, part in sorted(values)[:k]]
    return [chosen.count(part) for part in range(count)]


def _connected(A: Matrix, k: int, seed: int) -> Ints:
    if k == 1:
        return np.zeros(len(A), dtype=np.int64)
    if k == len(A):
        return np.arange(k)
    with needing("spectral clustering needs", "learn"):
        from sklearn.cluster import k_means
    with small_work(A.size):
        vectors = _walk(A, k)[1]
    with small_work(vectors.size), warnings.catch_warnings():
        # points that coincide are told apart by nothing
        warnings.filterwarnings("ignore", message="Number of distinct clusters")
        return k_means(vectors, k, n_init=10, random_state=seed)[1].astype(np.int64)


def _degrees(A: Matrix) -> Values:
    """Sum of each point's affinities to others, (n,), positive: a walk that stays tells nothing of
    clusters.
    """
    others: Values = A.sum(axis=1, where=~np.eye(len(A), dtype=bool))
    return np.maximum(others, np.finfo(float).tiny)


def _walk(A: Matrix, count: int) -> tuple[Values, NDArray[np.float64]]:
    """Largest eigenvalues of the random walk on an affinity (n, n), falling, and their eigenvectors (n,
    count).

    By LAPACK: the iteration in scikit-learn's SpectralClustering, which this is otherwise, takes 100 times
    longer where the affinity nearly falls apart, as it does where clusters are clear. A step of the walk at
    the end makes points that hardly anything is near to the mean of what is; their own entries are rounding.
    """
    from scipy.linalg import eigh

    A = A.copy()
    np.fill_diagonal(A, 0.0)
    degree = _degrees(A)
    scale = 1 / np.sqrt(degree)
    normalised = A * scale[:, None] * scale
    values, vectors = eigh(normalised, subset_by_index=[len(A) - count, len(A) - 1], check_finite=False)
    # of eigenvalues that agree to the last bit LAPACK finds some of a subset only
    if vectors.shape[1] < count:
        values, vectors = (part[..., -count:] for part in eigh(normalised, driver="evd", check_finite=False))
    values, vectors = values[::-1].copy(), vectors[:, ::-1] * scale[:, None]
    return values, (A / degree[:, None]) @ vectors / np.where(np.abs(values) > _NO_EIGENVALUE, values, 1.0)
