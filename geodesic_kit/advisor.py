"""The advisor: which eps or k suits a sample, and what graph it gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from .checks import as_points
from .errors import DataError
from .types import Points

__all__ = ["Suggestion", "suggest_graph"]

_SLOPE = 1.2  # mean degree per root of n: 76 at n = 4,000, where a ball of 0.6 sqrt(A) n^(-1/4) has 72 (PERFORMANCE idea 5)
_MOST_DEGREE = 100  # beyond, `refine` reaches a given error sooner than more edges do
_PROBES = 512


@dataclass(frozen=True)
class Suggestion:
    """A radius, a neighbour count, and the graph that the radius gives."""

    eps: float
    k: int
    mean_degree: float
    n_edges: int
    n: int
    dim: int

    def __repr__(self) -> str:
        return (
            f"n = {self.n:,} points in R^{self.dim}: eps = {self.eps:.4g} gives about {self.n_edges:,} edges, mean degree {self.mean_degree:.1f}; "
            f"where the sample is uneven, adaptive_graph(points, k={self.k}) gives about {self.n * self.k * 2 // 3:,}"
        )


def suggest_graph(points: Points) -> Suggestion:
    """Propose eps and k for points (n, d): mean degree 1.2 sqrt(n), at most 100, and the edges that gives.

    The degree must grow with n for lengths to converge [DS Eqn 2.6], and the metrication error falls with it alone.
    `eps` is the quantile of distances that meets the degree; `k` is two thirds of it, since a symmetrised neighbour graph
    has up to half as many edges again. Raises DataError for fewer than two points.
    """
    points = as_points(points)
    n, dim = points.shape
    if n < 2:
        raise DataError("one point has no neighbours; give at least two")
    degree = min(max(_SLOPE * np.sqrt(n), 2.0 * dim + 2, np.log(n) + 5), _MOST_DEGREE, n - 1.0)
    rng = np.random.default_rng(0)  # the advice is the same for the same points
    rows = np.arange(n) if n <= _PROBES else np.sort(rng.choice(n, _PROBES, replace=False))
    eps = _radius(points, rows, degree)
    if dim <= 16:
        tree = cKDTree(points)
        n_edges = int(tree.count_neighbors(tree, eps) - n) // 2
    else:
        n_edges = int(degree * n / 2)
    k = int(np.clip(round(2 * degree / 3), 1, n - 1))
    return Suggestion(float(eps), k, 2 * n_edges / n, n_edges, n, dim)


def _radius(points: Points, rows: np.ndarray, degree: float) -> float:
    """The distance within which the probes have `degree` neighbours on average, just above the last of them."""
    from scipy.spatial.distance import cdist

    wanted = round(degree * len(rows))
    kept = np.empty(0)
    for start in range(0, len(rows), 64):
        part = cdist(points[rows[start : start + 64]], points).ravel()
        kept = np.concatenate([kept, part])
        most = wanted + len(rows)  # each probe also finds itself
        if len(kept) > most:
            kept = np.partition(kept, most - 1)[:most]
    kept.sort()
    last = kept[min(wanted + len(rows), len(kept)) - 1]
    return float(np.nextafter(last, np.inf)) if last > 0 else float(np.finfo(float).tiny)
