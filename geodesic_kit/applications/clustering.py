"""Clustering from a matrix of distances: the affinity, and spectral or Ising kernel clustering of it."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import integer, number
from ..components import components_of
from ..errors import ComponentsNotice, InvalidParameter, MissingPlugin
from ..types import Ints, Values
from .matrices import as_distances, finite_median, sizes_in_words

__all__ = ["Labels", "affinity", "cluster", "local_scales", "relative_tau"]

_KERNELS = ("gaussian", "exponential")
_METHODS = ("ising", "spectral")


class Labels(np.ndarray):
    """Cluster of each point, an integer array (n,), with what it came from.

    `components` (n,) are the parts that no affinity joins, numbered by falling size; `repaired` counts the rows that annealing left
    in no cluster or in several (method "ising"); `unassigned` counts points labelled -1; `note` says it in words.
    """

    components: Ints
    method: str
    tau: float | None
    kernel: str
    repaired: int
    note: str

    @classmethod
    def of(cls, labels: Ints, *, components: Ints, method: str, tau: float | None, kernel: str, repaired: int, note: str) -> Self:
        """Labels with their record."""
        self = np.asarray(labels, dtype=np.int64).view(cls)
        self.__dict__.update(components=components, method=method, tau=tau, kernel=kernel, repaired=repaired, note=note)
        return self

    def __array_finalize__(self, source: Any) -> None:
        self.__dict__.update(getattr(source, "__dict__", {}))

    @property
    def unassigned(self) -> int:
        """Number of points in no cluster, labelled -1: their components are more than there are clusters."""
        return int((np.asarray(self) < 0).sum())


def local_scales(D: ArrayLike, neighbour: int | None = None) -> Values:
    """Distance of each point to its m-th neighbour, (n,), positive: how far "near" is around it; m defaults to 2/3 sqrt(n).

    Where so many points coincide that it is 0, the next larger distance; in a component with fewer points, the largest.
    [Zelnik-Manor and Perona 2004] with a fixed m = 7. Raises DataError and InvalidParameter.
    """
    return _local_scales(as_distances(D), neighbour)


def _local_scales(D: NDArray[np.float64], neighbour: int | None) -> Values:
    n = len(D)
    m = max(1, round(2 * np.sqrt(n) / 3)) if neighbour is None else integer(neighbour, "neighbour", least=1)
    ordered = np.sort(D, axis=1)
    positive = np.where(np.isfinite(ordered) & (ordered > 0), ordered, np.nan)
    at = np.minimum(m, np.isfinite(ordered).sum(axis=1) - 1)
    scales = ordered[np.arange(n), at]
    none = scales <= 0
    if none.any():
        whole = positive[~np.isnan(positive)]
        least = np.fmin.reduce(positive, axis=1, initial=np.inf)
        scales[none] = np.where(np.isfinite(least), least, whole.min() if len(whole) else 1.0)[none]
    return scales


def affinity(D: ArrayLike, tau: float | None = None, kernel: str = "gaussian", neighbour: int | None = None) -> NDArray[np.float64]:
    """Affinity exp(-d²/tau) ("gaussian") or exp(-d/tau) ("exponential") of distances (n, n); 0 where unreachable. [GG] §3.1.

    Without tau each pair has its own, the product of both points' local scales (ours; the root of it for "exponential"): no one
    tau suits clusters of different spread. Raises DataError and InvalidParameter.
    """
    D = as_distances(D)
    if kernel not in _KERNELS:
        raise InvalidParameter(f"kernel={kernel!r}; there are {', '.join(_KERNELS)}")
    power = 2 if kernel == "gaussian" else 1
    if tau is None:
        root = np.sqrt(_local_scales(D, neighbour))
        scaled = D / np.multiply.outer(root, root)
        return np.exp(-(scaled**power))
    if neighbour is not None:
        raise InvalidParameter(f"tau={tau} and neighbour={neighbour}: one tau for all pairs has no local scales; give one of them")
    with np.errstate(over="ignore"):  # a distance whose square overflows has affinity 0
        return np.exp(-((D / number(tau, "tau", above=0) ** (1 / power)) ** power))


def relative_tau(D: ArrayLike, factor: float = 1.0, kernel: str = "gaussian") -> float:
    """`factor` times the median distance, squared for "gaussian": the unit in which tau means the same for every metric."""
    return number(factor, "factor", above=0) * finite_median(as_distances(D)) ** (2 if kernel == "gaussian" else 1)


def cluster(
    D: ArrayLike,
    n_clusters: int,
    method: str = "spectral",
    tau: float | None = None,
    seed: int = 0,
    kernel: str = "gaussian",
) -> Labels:
    """Cluster of each point, (n,), from distances (n, n), by "spectral" or "ising" (Ising kernel) clustering of their affinity. [GG] §3.1.

    `tau` and `kernel` are those of `affinity`; without tau "ising" takes the median distance (squared), since its objective, which does
    not divide by a cluster's size, wants a kernel as broad as the data. Parts that no affinity joins are found first and kept apart:
    spectral clustering then shares the clusters out among them, as its eigenvalues tell. Where they are more than the clusters, the
    points of the smaller ones are labelled -1, with a ComponentsNotice. Raises DataError, InvalidParameter and MissingPlugin.
    """
    D = as_distances(D)
    if method not in _METHODS:
        raise InvalidParameter(f"method={method!r}; there are {', '.join(_METHODS)}")
    k = integer(n_clusters, "n_clusters", least=1, most=len(D))
    seed = integer(seed, "seed")
    if tau is None and method == "ising":
        tau = relative_tau(D, kernel=kernel) if np.isfinite(D).sum() > len(D) else 1.0
    A = affinity(D, tau, kernel)
    parts = components_of(A > 0)
    note, repaired = f"{sizes_in_words(parts)}, joined by no affinity" if parts.max() else "", 0
    if parts.max() >= k:
        labels = np.where(parts < k, parts, -1)
        note += f"; more than n_clusters={k}, so {int((labels < 0).sum())} points of the smaller ones are labelled -1"
    elif parts.max() == k - 1:
        labels = parts
    elif method == "spectral":
        labels = _spectral(A, parts, k, seed)
    else:
        from .ising import ising_labels

        found = ising_labels(A, k, seed=seed)
        labels, repaired = found.labels, found.repaired
    if (labels < 0).any():
        warnings.warn(f"{note}; give a larger eps=, k= or tau=, more clusters, or graph.bridged()", ComponentsNotice, stacklevel=2)
    return Labels.of(labels, components=parts, method=method, tau=tau, kernel=kernel, repaired=repaired, note=note)


def _spectral(A: NDArray[np.float64], parts: Ints, k: int, seed: int) -> Ints:
    """Spectral clustering part by part: what it finds on the whole, since the spectrum of separate parts is theirs together."""
    labels = np.empty(len(A), dtype=np.int64)
    first = 0
    for part, wanted in enumerate(_clusters_of(A, parts, k)):
        rows = np.flatnonzero(parts == part)
        labels[rows] = first + _spectral_connected(A[np.ix_(rows, rows)], wanted, seed)
        first += wanted
    return labels


def _clusters_of(A: NDArray[np.float64], parts: Ints, k: int) -> list[int]:
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


def _spectral_connected(A: NDArray[np.float64], k: int, seed: int) -> Ints:
    if k == 1:
        return np.zeros(len(A), dtype=np.int64)
    if k == len(A):
        return np.arange(k)
    try:
        from sklearn.cluster import k_means
    except ModuleNotFoundError as err:
        raise MissingPlugin(f"spectral clustering needs {err.name}: pip install 'geodesic-kit[learn]'", name=err.name) from err
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Number of distinct clusters")  # points that coincide are told apart by nothing
        return k_means(_walk(A, k)[1], k, n_init=10, random_state=seed)[1].astype(np.int64)


def _walk(A: NDArray[np.float64], count: int) -> tuple[Values, NDArray[np.float64]]:
    """Largest eigenvalues of the random walk on an affinity (n, n), falling, and their eigenvectors (n, count).

    By LAPACK: the iteration in scikit-learn's SpectralClustering, which this is otherwise, takes 100 times longer where the affinity
    nearly falls apart, as it does where clusters are clear.
    """
    from scipy.linalg import eigh

    A = A.copy()
    np.fill_diagonal(A, 0.0)  # a walk that stays tells nothing of clusters
    scale = 1 / np.sqrt(np.maximum(A.sum(axis=1), np.finfo(float).tiny))
    normalised = A * np.multiply.outer(scale, scale)
    values, vectors = eigh(normalised, subset_by_index=[len(A) - count, len(A) - 1], check_finite=False)
    if vectors.shape[1] < count:  # of eigenvalues that agree to the last bit LAPACK finds some of a subset only
        values, vectors = (part[..., -count:] for part in eigh(normalised, driver="evd", check_finite=False))
    return values[::-1].copy(), vectors[:, ::-1] * scale[:, None]
