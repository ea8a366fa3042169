"""Clustering from a matrix of distances: the affinity, and spectral or Ising kernel clustering of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.blocks import strips
from ..base.components import components_of
from ..base.warn import tell
from ..checks import MOST_POINTS, chosen, integer, number, seeded
from ..errors import ComponentsNotice, InvalidParameter, shown
from ..graph.graph import Graph
from ..paths.landmarks import Landmarks
from ..types import Ints, Values
from .distance_matrices import as_distances, finite_median, room_for, sizes_in_words
from .ising import bytes_of, ising_labels
from .labels import Clustering
from .landmark_clusters import landmark_labels, matrix_or_landmarks
from .spectral import least_size, part_by_part, robust_labels, spectral_labels

__all__ = ["Clustering", "affinity", "cluster", "local_scales", "relative_tau"]

_KERNELS = ("gaussian", "exponential")
_METHODS = ("ising", "spectral")


def local_scales(D: ArrayLike, neighbour: int | None = None) -> Values:
    """Distance of each point to its m-th neighbour, (n,), positive: how far "near" is around it; m defaults
    to 2/3 sqrt(n).

    Where so many points coincide that it is 0, the next larger distance; in a component with fewer points,
    the largest. [Zelnik-Manor and Perona 2004] with a fixed m = 7. Raises DataError and InvalidParameter.
    """
    D = as_distances(D)
    with room_for("scales", len(D)):
        return _local_scales(D, neighbour)


def _local_scales(D: NDArray[np.float64], neighbour: int | None) -> Values:
    n = len(D)
    m = _neighbour(n) if neighbour is None else integer(neighbour, "neighbour", least=1, most=MOST_POINTS)
    scales, least = np.empty(n), np.full(n, np.inf)  # least: the smallest positive distance of each
    for run in strips(n):
        ordered = np.sort(D[run], axis=1)
        finite = np.isfinite(ordered)
        scales[run] = np.take_along_axis(
            ordered, np.minimum(m, finite.sum(axis=1, keepdims=True) - 1), axis=1
        )[:, 0]
        np.min(ordered, axis=1, where=finite & (ordered > 0), initial=np.inf, out=least[run])
    none = scales <= 0
    if none.any():
        whole = float(least.min())
        scales[none] = np.where(np.isfinite(least), least, whole if np.isfinite(whole) else 1.0)[none]
    return scales


def affinity(
    D: ArrayLike, tau: float | None = None, kernel: str = "gaussian", neighbour: int | None = None
) -> NDArray[np.float64]:
    """Affinity exp(-d²/tau) ("gaussian") or exp(-d/tau) ("exponential") of distances d; 0 where unreachable.
    [GG] §3.1.

    Parameters
    ----------
    D : array (n, n)
        Distances, symmetric, inf where unreachable.
    tau : float, optional
        Above 0, in the units of D, squared for "gaussian". Without it each pair has its own, the product of
        both points' local scales (ours; the root of it for "exponential"): no one tau suits clusters of
        different spread.
    kernel : {"gaussian", "exponential"}, default "gaussian"
    neighbour : int, optional
        Which neighbour's distance is a point's local scale, 2/3 sqrt(n) by default; not with tau.

    Returns
    -------
    array (n, n)
        From 0 to 1.

    Raises
    ------
    DataError, InvalidParameter, TooLittleMemoryError

    Examples
    --------
    >>> gk.affinity(np.array([[0.0, 1.0], [1.0, 0.0]]), tau=1.0).round(3)
    array([[1.   , 0.368],
           [0.368, 1.   ]])
    """
    D = as_distances(D)
    with room_for("affinity", len(D)):
        return _affinity(D, tau, kernel, neighbour)


def _affinity(
    D: NDArray[np.float64], tau: float | None, kernel: str, neighbour: int | None = None
) -> NDArray[np.float64]:
    chosen(kernel, "kernel", _KERNELS)
    power = 2 if kernel == "gaussian" else 1
    if tau is None:
        root = np.sqrt(_local_scales(D, neighbour))
        return _decayed(D, np.multiply.outer(root, root), power)
    if neighbour is not None:
        raise InvalidParameter(
            f"tau={shown(tau)} and neighbour={shown(neighbour)}: one tau has no local scales; give one "
            f"of them"
        )
    return _decayed(D, np.full(D.shape, number(tau, "tau", above=0, finite=True) ** (1 / power)), power)


def _decayed(D: NDArray[np.float64], unit: NDArray[np.float64], power: int) -> NDArray[np.float64]:
    """exp(-(D / unit)^power), (n, n), in the place of `unit`."""
    with np.errstate(over="ignore"):  # a distance whose square overflows has affinity 0
        np.divide(D, unit, out=unit)
        if power == 2:
            np.square(unit, out=unit)
        np.negative(unit, out=unit)
        return np.exp(unit, out=unit)


def relative_tau(D: ArrayLike, factor: float = 1.0, kernel: str = "gaussian") -> float:
    """`factor` times the median distance, squared for "gaussian": the unit in which tau means the same for
    every metric.
    """
    D, factor = as_distances(D), number(factor, "factor", above=0, finite=True)
    with room_for("median", len(D)):
        return factor * finite_median(D) ** (2 if kernel == "gaussian" else 1)


def cluster(
    D: ArrayLike | Graph | Landmarks,
    n_clusters: int,
    method: str = "spectral",
    tau: float | None = None,
    seed: int = 0,
    kernel: str = "gaussian",
) -> Clustering:
    """Cluster of each point by spectral or Ising kernel clustering of the affinity of distances. [GG] §3.1.

    Without tau "spectral" takes local scales, and points too few to be a cluster, fewer than a local scale
    looks at and than a quarter of an equal share, join the nearest one; "ising", whose objective does not
    divide by a cluster's size, takes the median distance (squared) and may find fewer clusters. Components,
    which no path joins, are found first and kept apart; where they are more than the clusters, the points of
    the smaller ones are labelled -1, with a ComponentsNotice.

    Parameters
    ----------
    D : array (n, n), Graph or Landmarks
        Distances, or a weighed graph, of which all are taken up to 5,000 vertices. Beyond, and of
        `gk.landmarks` always, "spectral" is approximate: the walk goes by way of the landmarks, 256 where the
        graph carries none, and no points are set aside.
    n_clusters : int
        From 1 to n, or to the number of landmarks.
    method : {"spectral", "ising"}, default "spectral"
    tau : float, optional
        As `affinity` has it.
    seed : int, default 0
        Of k-means or annealing, and of landmarks that are chosen here.
    kernel : {"gaussian", "exponential"}, default "gaussian"
        As `affinity` has it.

    Returns
    -------
    Clustering
        Labels (n,), an array of whole numbers from 0 that says what it came from.

    Raises
    ------
    DataError, InvalidParameter, MissingPlugin, TooLittleMemoryError

    Examples
    --------
    >>> data = gk.datasets.load("two_moons", n=400, seed=0)
    >>> D = gk.GenerativeGeodesics(random_state=0).fit_transform(data.x)
    >>> labels = gk.cluster(D, n_clusters=2)
    >>> agree = float((np.asarray(labels) == data.y).mean())
    >>> max(agree, 1 - agree)  # labels are numbered either way
    1.0
    """
    seed, tau = seeded(seed), None if tau is None else number(tau, "tau", above=0, finite=True)
    chosen(method, "method", _METHODS)
    chosen(kernel, "kernel", _KERNELS)
    D = matrix_or_landmarks(D, seed)
    if isinstance(D, Landmarks):
        return _by_landmarks(D, n_clusters, method, tau, seed, kernel)
    D = as_distances(D)
    k = integer(n_clusters, "n_clusters", least=1, most=len(D))
    with (
        room_for("annealing", len(D), bytes_of(len(D), k))
        if method == "ising"
        else room_for("clusters", len(D))
    ):
        return _cluster(D, k, method, tau, seed, kernel)


def _cluster(
    D: NDArray[np.float64], k: int, method: str, tau: float | None, seed: int, kernel: str
) -> Clustering:
    components = components_of(np.isfinite(D))
    labels, note = _by_components(components, k)
    aside = repaired = 0
    if labels is None and method == "ising":
        unit = 1.0 if tau is not None or not (np.isfinite(D) & (D > 0)).any() else finite_median(D) or 1.0
        labels, repaired = _ising_labels(
            _affinity(D / unit, 1.0 if tau is None else tau, kernel), components, k, seed
        )
        with np.errstate(over="ignore"):
            if tau is None:
                tau = min(
                    float(np.float64(unit) ** (2 if kernel == "gaussian" else 1)), float(np.finfo(float).max)
                )
    elif labels is None and tau is None:
        least = least_size(len(D), k, _neighbour(len(D)))
        labels, aside = robust_labels(_affinity(D, None, kernel), D, components, k, seed, least)
    elif labels is None:
        labels = spectral_labels(_affinity(D, tau, kernel), D, k, seed)
    return Clustering(
        np.asarray(labels, dtype=np.int64), components, method, tau, kernel, aside, repaired, note
    )


def _by_components(components: Ints, k: int) -> tuple[Ints | None, str]:
    """Clusters (n,) where there are more components than these, and what is to be said of them."""
    note = f"{sizes_in_words(components)}, joined by no path" if components.max() else ""
    if components.max() < k:
        return None, note
    labels = np.where(components < k, components, -1)
    note += (
        f"; more than n_clusters={k}, so {int((labels < 0).sum())} points of the smaller ones are labelled -1"
    )
    advice = "give more clusters, more neighbours or a larger radius, or graph.bridged()"
    tell(f"{note}; {advice}", ComponentsNotice)
    return labels, note


def _by_landmarks(
    marks: Landmarks, n_clusters: int, method: str, tau: float | None, seed: int, kernel: str
) -> Clustering:
    if method == "ising":
        raise InvalidParameter(
            "method='ising' needs all distances; give those of fewer points, or method='spectral'"
        )
    k = integer(n_clusters, "n_clusters", least=1, most=len(marks.vertices))
    labels, note = _by_components(marks.components, k)
    if labels is None:
        labels = landmark_labels(marks, k, tau, 2 if kernel == "gaussian" else 1, seed)
    said = f"by way of {len(marks.vertices)} landmarks{f'; {note}' if note else ''}"
    return Clustering(labels, marks.components, method, tau, kernel, note=said)


def _ising_labels(A: NDArray[np.float64], components: Ints, k: int, seed: int) -> tuple[Ints, int]:
    """Ising clusters (n,) of affinities (n, n), and how many rows were repaired, component by component.

    All at once the energy, whose clusters are drawn to equal sizes, would join components and cut others.
    """
    labels, first, repaired = np.empty(len(A), dtype=np.int64), 0, 0
    for rows, own, wanted in part_by_part(A, components, k):
        found = ising_labels(own, wanted, seed=seed)
        labels[rows] = first + found.labels
        first += int(found.labels.max()) + 1
        repaired += found.repaired
    return labels, repaired


def _neighbour(n: int) -> int:
    """Which neighbour's distance is a point's local scale, of n points."""
    return max(1, round(2 * np.sqrt(n) / 3))
