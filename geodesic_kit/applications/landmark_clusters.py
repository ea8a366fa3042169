"""Spectral clustering of any number of points by their distances to landmarks, and what has them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.extras import needing
from ..base.limited import small_work
from ..graph.graph import Graph
from ..paths.distances import distances
from ..paths.landmarks import Landmarks, landmarks
from ..types import Ints, Values

__all__ = ["landmark_labels", "matrix_or_landmarks"]

_EXACT = 5000  # vertices, up to which all distances are taken of a graph: 200 MB
_LANDMARKS = 256  # of a larger graph that carries none
_NEIGHBOUR = 128  # landmarks, for each of which a local scale looks at one more
_SAMPLED = 20_000  # points among which the centres of k-means are sought
_NO_EIGENVALUE = 1e-12  # below, a direction holds nothing but rounding
_HELD = 1 << 20  # affinities that are held at once: 8 MB


def matrix_or_landmarks(given: Any, seed: int) -> Any:
    """All distances (n, n) of a graph of up to 5,000 vertices; of a larger one the landmarks that it
    carries, or 256; anything else as it is.
    """
    if not isinstance(given, Graph):
        return given
    given.require_weights()
    if given.n <= _EXACT:
        return distances(given)
    return landmarks(given, k=_LANDMARKS, seed=seed) if given.landmarks is None else Landmarks(given)


def landmark_labels(marks: Landmarks, k: int, tau: float | None, power: int, seed: int) -> Ints:
    """Clusters (n,) of all vertices by the walk that goes from a vertex to a landmark and on to a vertex,
    each step with chances in proportion to the affinity.

    Affinities are exp(-(d / scale)^power) with scale^power = `tau`, or without tau the root of the product of
    both ends' local scales, each the distance to a near landmark, the next but one of 128 or fewer and
    farther among more. The walk's eigenvectors are those of a matrix (k, k). Centres of k-means come of
    20,000 vertices. Clusters of less than a quarter of an equal share are not believed: their landmarks are
    left out, and all is done again. Raises InvalidParameter where a component has no landmark. X. Chen, D.
    Cai, Large scale spectral clustering with landmark-based representation (2011).
    """
    marks.require_all_reached()
    own, used = marks.components[marks.vertices], np.arange(len(marks.vertices))
    whole = np.bincount(marks.components)
    while True:  # each round leaves at least one landmark out
        labels = _walked(marks, used, k, tau, power, seed)
        sizes = np.bincount(labels, minlength=k)[labels[marks.vertices[used]]]
        small = (4 * k * sizes < marks.graph.n) & (sizes < whole[own[used]])
        kept = used[~small]
        if not small.any() or len(kept) < max(k, 2) or len(np.unique(own[kept])) < len(whole):
            return labels
        used = kept


def _walked(marks: Landmarks, used: Ints, k: int, tau: float | None, power: int, seed: int) -> Ints:
    """Clusters (n,) by the landmarks of those numbers alone."""
    scales = None if tau is not None else _local_scales(marks.distances, used)
    mass, gram = np.zeros(len(used)), np.zeros((len(used), len(used)))
    for _, step in _steps(marks, used, scales, tau, power):
        mass += step.sum(axis=0)
        gram += step.T @ step
    root = np.sqrt(np.maximum(mass, np.finfo(float).tiny))
    with small_work(gram.size):
        values, vectors = np.linalg.eigh(gram / root / root[:, None])
    values, vectors = values[: -k - 1 : -1], vectors[:, : -k - 1 : -1]
    onto = vectors / np.sqrt(np.maximum(values, _NO_EIGENVALUE)) / root[:, None]
    places = np.empty((marks.graph.n, onto.shape[1]))
    for part, step in _steps(marks, used, scales, tau, power):
        places[part] = step @ onto
    return _k_means(places, k, seed)


def _local_scales(D: NDArray[Any], used: Ints) -> Values:
    """Distance of each vertex to one of its nearest landmarks, (n,), positive."""
    at = min(len(used) - 1, max(1, round(len(used) / _NEIGHBOUR)))
    scales = np.empty(len(D))
    for part in _parts(len(D), len(used)):
        near = np.partition(D[part][:, used], at, axis=1)[:, : at + 1].astype(np.float64)
        scales[part] = np.max(near, axis=1, initial=0.0, where=np.isfinite(near))
    return np.where(scales > 0, scales, scales.max(initial=0.0) or 1.0)


def _steps(
    marks: Landmarks, used: Ints, scales: Values | None, tau: float | None, power: int
) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Chances (rows, k) of the step from each vertex to the landmarks, 1 in sum, a block at a time."""
    for part in _parts(marks.graph.n, len(used)):
        raw = marks.distances[part][:, used].astype(np.float64)
        scale: Any = 1.0 if tau is None else tau ** (1 / power)
        if scales is not None:
            scale = np.sqrt(scales[part, None] * scales[marks.vertices[used]])
        with np.errstate(over="ignore", invalid="ignore"):
            d = (raw / scale) ** power
            step = np.exp(d.min(axis=1, keepdims=True) - d)  # the nearest one is reached, however far it is
        far = np.flatnonzero(~np.isfinite(d.min(axis=1)))
        step[far] = 0.0
        step[far, raw[far].argmin(axis=1)] = 1.0
        yield part, step / step.sum(axis=1, keepdims=True)


def _parts(n: int, k: int) -> Iterator[slice]:
    rows = max(1, _HELD // k)
    return (slice(start, start + rows) for start in range(0, n, rows))


def _k_means(places: NDArray[np.float64], k: int, seed: int) -> Ints:
    """Clusters (n,) of places (n, k), whose centres are sought among some of them."""
    with needing("spectral clustering needs", "learn"):
        from sklearn.cluster import k_means
    some = places
    if len(places) > _SAMPLED:
        some = places[np.random.default_rng(seed).choice(len(places), _SAMPLED, replace=False)]
    with small_work(some.size), warnings.catch_warnings():
        # places that coincide are told apart by nothing
        warnings.filterwarnings("ignore", message="Number of distinct clusters")
        centres = k_means(some, k, n_init=10, random_state=seed)[0]
    labels = np.empty(len(places), dtype=np.int64)
    for part in _parts(len(places), k * k):
        labels[part] = np.square(places[part, None] - centres).sum(axis=2).argmin(axis=1)
    return labels
