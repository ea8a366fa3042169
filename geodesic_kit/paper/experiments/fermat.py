"""Sample Fermat distances: shortest paths through the points where a step of length s costs s^alpha."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform

from ...checks import as_points, number
from ...graph.by_rule import knn_graph
from ...graph.graph import Graph
from ...paths.distances import distances
from ...types import Edges, Points

__all__ = ["fermat_distances"]


def fermat_distances(x: Points, alpha: float = 3.0) -> NDArray[np.float64]:
    """Sample Fermat distances (n, n) of points (n, d) on the complete graph, alpha at least 1; always finite.

    The search begins on a neighbour graph and adds every edge that is cheaper than the path found, until
    there is none: then the distances are those of the complete graph, from a few per cent of its edges.
    Raises DataError and InvalidParameter. [Groisman, Jonckheere and Sapienza 2022].
    """
    x = as_points(x)
    alpha = number(alpha, "alpha", least=1, finite=True)
    n = len(x)
    if n < 2:
        return np.zeros((n, n))
    lengths = squareform(pdist(x))
    scale = float(lengths.max()) or 1.0  # powers of large numbers overflow, of small ones underflow
    costs = (lengths / scale) ** alpha
    edges = knn_graph(x, min(n - 1, int(np.ceil(3 * np.log(n))))).bridged().edges
    while True:
        found = _over(x, edges, costs)
        missing = np.argwhere(np.triu(costs < found * (1 - 1e-12), 1))
        if not len(missing):
            return found * scale**alpha
        edges = np.concatenate([edges, missing])


def _over(x: Points, edges: Edges, costs: NDArray[np.float64]) -> NDArray[np.float64]:
    found = distances(Graph(x, edges, costs[edges[:, 0], edges[:, 1]]))
    return np.minimum(found, found.T)  # sums of one path in two orders differ in the last bit
