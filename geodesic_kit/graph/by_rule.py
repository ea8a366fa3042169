"""Graphs over a sample by the rules that join points: the epsilon-ball, k nearest neighbours, the adaptive
rule.
"""

from __future__ import annotations

from ..checks import as_points
from ..types import Points
from .edge_rules import AtLeast, Ball, Link, Nearest
from .forms import read_only
from .graph import Graph

__all__ = ["adaptive_graph", "epsilon_graph", "knn_graph"]


def epsilon_graph(points: Points, eps: float) -> Graph:
    """The graph that joins every pair less than `eps` apart. [GG] Def 2.3.

    Parameters
    ----------
    points : array (n, d)
        The vertices.
    eps : float
        Radius above 0, in the units of the points.

    Returns
    -------
    Graph
        Without weights, which `Graph.weigh` gives it.

    Raises
    ------
    DataError, DuplicatePointsError, InvalidParameter

    Examples
    --------
    >>> x = gk.datasets.load("two_moons", n=400, seed=0).x
    >>> graph = gk.epsilon_graph(x, eps=0.3)
    >>> bool(np.linalg.norm(x[graph.edges[:, 0]] - x[graph.edges[:, 1]], axis=1).max() <= 0.3)
    True
    """
    return _linked(points, Ball(eps))


def knn_graph(points: Points, k: int) -> Graph:
    """The graph that joins each point to its k nearest neighbours, one side's choice being enough.

    With a fixed k it does not converge: its directions stay finite ([DS] asks for a degree that grows with
    n). Raises as epsilon_graph.

    Parameters
    ----------
    points : array (n, d)
        The vertices.
    k : int
        Number of neighbours, from 1 to n - 1.

    Returns
    -------
    Graph
        Without weights, which `Graph.weigh` gives it.

    Examples
    --------
    >>> x = gk.datasets.load("two_moons", n=400, seed=0).x
    >>> gk.knn_graph(x, k=10).n
    400
    """
    return _linked(points, Nearest(k))


def adaptive_graph(points: Points, k: int, eps: float | None = None) -> Graph:
    """The graph whose radius is chosen for each vertex: `eps`, or more where it takes that to have k
    neighbours. [GG] Appendix C.4.

    Raises as epsilon_graph.

    Parameters
    ----------
    points : array (n, d)
        The vertices.
    k : int
        Least number of neighbours, from 1 to n - 1.
    eps : float, optional
        Least radius, in the units of the points; without it the graph is `knn_graph(points, k)`.

    Returns
    -------
    Graph
        Without weights, which `Graph.weigh` gives it.

    Examples
    --------
    >>> x = gk.datasets.load("two_moons", n=400, seed=0).x
    >>> gk.adaptive_graph(x, k=10).n
    400
    """
    return _linked(points, Nearest(k) if eps is None else AtLeast(k, eps))


def _linked(points: Points, link: Link) -> Graph:
    points = as_points(points)
    edges = link.edges(points)
    edges.flags.writeable = False  # no one else holds them
    return Graph._trusted(points=read_only(points, points), edges=edges, link=link)
