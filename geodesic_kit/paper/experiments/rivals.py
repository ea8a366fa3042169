"""The distances that notebooks 3.1, 3.2 and X4 compare, each with its best-known defaults, tuned to no set,
and clusterings beside them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import pdist, squareform

from ...base.extras import needing
from ...errors import FallbackNotice, InvalidParameter
from ...types import Ints, Points
from .diffusion import diffusion_distances
from .fermat import fermat_distances

__all__ = ["CLUSTERINGS", "DISTANCES", "LEARNED", "Attempt", "clustering", "described", "distance_matrix"]


_AUTOENCODER: dict[str, Any] = {
    "latent_dim": 2,
    "hidden": (64, 64),
    "steps": 1000,
    "trials": 2,
    "trial_steps": 200,
    "batch": 64,
}


class Attempt(NamedTuple):
    """Distances (n, n) or labels (n,), and in words what the method did where the points fall apart; else
    "".
    """

    value: Any
    note: str = ""


def distance_matrix(name: str, x: Points, seed: int = 0, density: Any = "mog") -> Attempt:
    """Distances (n, n) of points (n, d) by one of DISTANCES or LEARNED; generative ones learn `density`.
    Raises InvalidParameter for another name.
    """
    known = DISTANCES | LEARNED
    if name not in known:
        raise InvalidParameter(f"no distance named {name!r}; there are {', '.join(known)}")
    return known[name](x, seed, density)


def clustering(name: str, x: Points, n_clusters: int, seed: int = 0) -> Attempt:
    """Labels (n,) of points (n, d) by one of CLUSTERINGS. Raises InvalidParameter for another name."""
    if name not in CLUSTERINGS:
        raise InvalidParameter(f"no clustering named {name!r}; there are {', '.join(CLUSTERINGS)}")
    return CLUSTERINGS[name](x, n_clusters, seed)


def described() -> list[tuple[str, str, str]]:
    """(Name, "distance" or "clustering", how it is set up) of every method."""
    there = [(name, "distance", method.__doc__) for name, method in (DISTANCES | LEARNED).items()]
    there += [(name, "clustering", method.__doc__) for name, method in CLUSTERINGS.items()]
    return [(name, gives, str(how).splitlines()[0]) for name, gives, how in there]


def _generative(x: Points, seed: int, density: Any) -> Attempt:
    """`gk.GenerativeGeodesics` with its defaults: density, metric and graph are chosen from the points."""
    from ...applications.estimator import GenerativeGeodesics

    model = GenerativeGeodesics(density=density, random_state=seed)
    D = np.asarray(model.fit_transform(x))
    return Attempt(D, _joined(len(model.bridges_) + 1) if len(model.bridges_) else "")


def _euclidean(x: Points, seed: int, density: Any) -> Attempt:
    """|x - y|."""
    return Attempt(squareform(pdist(x)))


def _isomap(x: Points, seed: int, density: Any) -> Attempt:
    """scikit-learn's Isomap, 5 neighbours: shortest paths by Euclidean length; pieces are joined at their
    closest points.
    """
    model, note = _fitted_isomap(x)
    D = np.asarray(model.dist_matrix_, dtype=np.float64)
    return Attempt(np.minimum(D, D.T), note)


def _fermat(x: Points, seed: int, density: Any) -> Attempt:
    """Sample Fermat distances, alpha = 3, on the complete graph."""
    return Attempt(fermat_distances(x, alpha=3.0))


def _diffusion(x: Points, seed: int, density: Any) -> Attempt:
    """Diffusion maps, alpha = 1, kernel widths by the 7th neighbour, all times summed: better here than one
    width and one time.
    """
    return Attempt(diffusion_distances(x))


def _pullback(x: Points, seed: int, density: Any) -> Attempt:
    """The pullback metric of an autoencoder's mean and deviation, fitted to the points: two codes each, 10
    neighbours.
    """
    from ...graph.by_rule import knn_graph
    from ...latent.pullback import PullbackMetric
    from ...paths.distances import distances
    from ...registry import decoders

    model = decoders["iwae"].fit(x, seed=seed, **_AUTOENCODER)
    codes = model.encode(x)
    with warnings.catch_warnings(action="ignore", category=FallbackNotice):  # of its mean alone in the plane
        metric = PullbackMetric(model, rtol=1e-4).with_variance(codes, x)
    graph = knn_graph(codes, k=min(10, len(x) - 1))
    pieces = len(np.unique(graph.components()))
    return Attempt(
        np.asarray(distances(graph.bridged().weigh(metric))), _joined(pieces) if pieces > 1 else ""
    )


def _isomap_kmeans(x: Points, k: int, seed: int) -> Attempt:
    """k-means on scikit-learn's Isomap: 5 neighbours, 2 coordinates."""
    model, note = _fitted_isomap(x)
    return Attempt(_kmeans(model.embedding_, k, seed).value, note)


def _kmeans(x: Points, k: int, seed: int) -> Attempt:
    """scikit-learn's KMeans, the best of 10 starts."""
    return Attempt(_cluster_module().KMeans(k, n_init=10, random_state=seed).fit_predict(x))


def _neighbour_spectral(x: Points, k: int, seed: int) -> Attempt:
    """scikit-learn's SpectralClustering, affinity "nearest_neighbors" (10)."""
    return _spectral(x, k, seed, "nearest_neighbors")


def _rbf_spectral(x: Points, k: int, seed: int) -> Attempt:
    """scikit-learn's SpectralClustering as it comes: affinity "rbf", gamma = 1."""
    return _spectral(x, k, seed, "rbf")


def _hdbscan(x: Points, k: int, seed: int) -> Attempt:
    """scikit-learn's HDBSCAN, at least 5 points a cluster; it finds the number itself, and noise counts as
    one cluster.
    """
    labels = _cluster_module().HDBSCAN(copy=True).fit_predict(x)
    noise = np.mean(labels < 0)
    return Attempt(labels, f"{labels.max() + 1} clusters" + (f", {noise:.0%} noise" if noise else ""))


def _fitted_isomap(x: Points) -> tuple[Any, str]:
    with needing("Isomap needs", "learn"):
        from sklearn.manifold import Isomap
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The number of connected components")  # the note says so
        warnings.filterwarnings("ignore", message="Changing the sparsity structure")
        model = Isomap(n_neighbors=min(5, len(x) - 1)).fit(x)
    pieces = connected_components(model.nbrs_.kneighbors_graph(), directed=False)[0]
    return model, _joined(pieces) if pieces > 1 else ""


def _spectral(x: Points, k: int, seed: int, affinity: str) -> Attempt:
    model = _cluster_module().SpectralClustering(k, affinity=affinity, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Graph is not fully connected")  # the note says so
        warnings.filterwarnings("ignore", message="The number of connected components")
        # many pieces, one eigenvector each
        warnings.filterwarnings("ignore", message="Number of distinct clusters")
        labels: Ints = model.fit_predict(x)
    pieces = connected_components(model.affinity_matrix_, directed=False)[0]
    return Attempt(labels, f"{pieces} pieces" if pieces > 1 else "")


def _cluster_module() -> Any:
    with needing("the clusterings need", "learn"):
        from sklearn import cluster
    return cluster


def _joined(pieces: int) -> str:
    return f"{pieces} pieces, joined"


DISTANCES: dict[str, Callable[[Points, int, Any], Attempt]] = {
    "generative": _generative,
    "Euclidean": _euclidean,
    "Isomap": _isomap,
    "Fermat": _fermat,
    "diffusion": _diffusion,
}
# those for which a network is trained on each set: seconds, not milliseconds
LEARNED: dict[str, Callable[[Points, int, Any], Attempt]] = {"pullback": _pullback}
CLUSTERINGS: dict[str, Callable[[Points, int, int], Attempt]] = {
    "Isomap + k-means": _isomap_kmeans,
    "spectral, 10 neighbours": _neighbour_spectral,
    "spectral, rbf": _rbf_spectral,
    "HDBSCAN": _hdbscan,
    "k-means": _kmeans,
}
