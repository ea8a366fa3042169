"""The advisor: which eps or k suits a sample, and what graph it gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ..base.neighbours import nearest
from ..base.scales import fitted, shifted
from ..checks import as_points
from ..errors import DataError
from ..types import Ints, Points
from .by_rule import epsilon_graph, knn_graph
from .graph import Graph

__all__ = ["Suggestion", "suggest_graph"]

# mean degree per root of n: 78.7 at n = 4,000, where a ball of 0.6 sqrt(A) n^(-1/4) has 72
_SLOPE = 1.245
_MOST_DEGREE = 100  # beyond, `refine` reaches a given error sooner than more edges do
_PROBES = 512
_EXACT = 10_000  # points up to which eps meets the degree exactly
# mean degree per k once either side's choice makes an edge, on even and uneven samples alike
_SYMMETRISED = 1.2
_UNEVEN = 2.0  # spread of neighbour distances; a uniform sample with its border has about 1.4


@dataclass(frozen=True)
class Suggestion:
    """A radius eps and a neighbour count k of about equal mean degree, and which of them suits the sample.

    `rule` is "knn" where one radius would leave thin regions without neighbours: there the k-graph's error is
    a fifth of the ball's at equal degree. `n_edges` and `mean_degree` are those of the ball.
    """

    eps: float
    k: int
    rule: str
    mean_degree: float
    n_edges: int
    n: int
    dim: int

    def __repr__(self) -> str:
        reason = (
            "the sample is uneven, one radius starves its thin parts"
            if self.rule == "knn"
            else "the sample is even"
        )
        call = (
            f"knn_graph(points, k={self.k})"
            if self.rule == "knn"
            else f"epsilon_graph(points, eps={self.eps:.4g})"
        )
        return (
            f"{call}: {reason}. n = {self.n:,} in R^{self.dim}; eps = {self.eps:.4g} gives {self.n_edges:,} "
            f"edges, mean degree {self.mean_degree:.1f}; k = {self.k} gives about "
            f"{int(self.n * self.k * _SYMMETRISED / 2):,}"
        )

    def build(self, points: Points) -> Graph:
        """The suggested graph over `points`."""
        return knn_graph(points, self.k) if self.rule == "knn" else epsilon_graph(points, self.eps)


def suggest_graph(points: Points) -> Suggestion:
    """Propose eps and k for a sample: mean degree 1.245 sqrt(n), at most 100, and the edges that gives.

    The degree must grow with n for lengths to converge [DS Eqn 2.6], and the metrication error falls with it
    alone.

    Parameters
    ----------
    points : array (n, d)
        The sample, from which eps has its units.

    Returns
    -------
    Suggestion
        `.eps`, `.k` and which of them suits, `.rule`; prints as advice, and `.build(points)` makes the graph.

    Raises
    ------
    DataError
        For fewer than two points.

    Examples
    --------
    >>> x = gk.datasets.load("two_moons", n=400, seed=0).x
    >>> gk.suggest_graph(x).build(x).n
    400
    """
    points = as_points(points)
    n, dim = points.shape
    if n < 2:
        raise DataError("one point has no neighbours; give at least two")
    degree = float(
        min(max(_SLOPE * np.sqrt(n), min(2.0 * dim + 2, 20.0), np.log(n) + 5), _MOST_DEGREE, n - 1.0)
    )
    e, (points,) = fitted(points)
    rng = np.random.default_rng(0)  # the advice is the same for the same points
    rows = np.arange(n) if n <= _PROBES else np.sort(rng.choice(n, _PROBES, replace=False))
    eps = _radius(points, rows, degree)
    n_edges = int(degree * n / 2)
    if dim <= 16:
        tree = cKDTree(points)
        if n <= _EXACT and eps > np.finfo(float).tiny:  # else most points coincide
            eps = _exact_radius(tree, eps, degree)
        n_edges = int(tree.count_neighbors(tree, eps) - n) // 2
    k = int(np.clip(round(degree / _SYMMETRISED), 1, n - 1))
    distance = nearest(points, k, points[rows])[1]
    low, high = np.quantile(distance[:, -1], [0.1, 0.9])
    few = min(int(np.ceil(degree / 10)), k - 1)  # a corner of a square still has a quarter of the degree
    uneven = high > _UNEVEN * low or bool((distance[:, few] > eps).any())
    eps = float(shifted(eps, -e))
    return Suggestion(eps, k, "knn" if uneven else "epsilon", 2 * n_edges / n, n_edges, n, dim)


def _radius(points: Points, rows: Ints, degree: float) -> float:
    """The distance within which the points at `rows` have `degree` neighbours on average."""
    from scipy.spatial.distance import cdist

    most = round(degree * len(rows)) + len(rows)  # each also finds itself
    kept = np.empty(0)
    for start in range(0, len(rows), 64):
        kept = np.concatenate([kept, cdist(points[rows[start : start + 64]], points).ravel()])
        if len(kept) > most:
            kept = np.partition(kept, most - 1)[:most]
    last = float(kept.max())
    return float(np.nextafter(last, np.inf)) if last > 0 else float(np.finfo(float).tiny)


def _exact_radius(tree: cKDTree, near: float, degree: float) -> float:
    """The radius by bisection in which all points have `degree` neighbours on average, to a thousandth."""
    low, high = 0.5 * near, 2.0 * near
    for _ in range(12):
        middle = float(np.sqrt(low * high))
        if tree.count_neighbors(tree, middle) / tree.n - 1 > degree:
            high = middle
        else:
            low = middle
    return high if low == 0.5 * near else low
