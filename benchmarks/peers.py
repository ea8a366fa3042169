"""Other packages' Dijkstra on the kit's graph: each is given its own kind of graph beforehand, so that only
the search is timed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["PEERS", "searcher"]

Rows = Callable[[NDArray[np.int64]], NDArray[np.float64]]


def _scipy(graph: Any) -> Rows:
    from scipy.sparse.csgraph import dijkstra

    matrix = graph.matrix
    # The matrix is symmetric, so "directed" finds the same and spares SciPy a transpose.
    return lambda sources: dijkstra(matrix, directed=True, indices=sources)


def _networkx(graph: Any) -> Rows:
    import networkx

    theirs = graph.to_networkx()

    def rows(sources: NDArray[np.int64]) -> NDArray[np.float64]:
        return _dense([networkx.single_source_dijkstra_path_length(theirs, int(s)) for s in sources], graph.n)

    return rows


def _igraph(graph: Any) -> Rows:
    import igraph

    theirs = igraph.Graph(n=graph.n, edges=graph.edges)
    weights = graph.weights.tolist()
    return lambda sources: np.array(
        theirs.distances(source=sources.tolist(), weights=weights, algorithm="dijkstra")
    )


def _rustworkx(graph: Any) -> Rows:
    import rustworkx

    theirs = rustworkx.PyGraph()
    theirs.add_nodes_from(range(graph.n))
    theirs.add_edges_from(list(zip(*graph.edges.T.tolist(), graph.weights.tolist(), strict=True)))

    def rows(sources: NDArray[np.int64]) -> NDArray[np.float64]:
        found = rustworkx.graph_dijkstra_shortest_path_lengths
        # The source itself is not in the answer.
        return _dense([{int(s): 0.0, **found(theirs, int(s), edge_cost_fn=float)} for s in sources], graph.n)

    return rows


PEERS: dict[str, Callable[[Any], Rows]] = {
    "SciPy": _scipy,
    "igraph": _igraph,
    "rustworkx": _rustworkx,
    "networkx": _networkx,
}


def searcher(name: str, graph: Any) -> Rows:
    """Distances (s, n) from sources by the package; where it is not installed, a function that says so."""
    try:
        return PEERS[name](graph)
    except ImportError as err:
        why = f"{err}; pip install -e '.[bench]'"

    def absent(sources: NDArray[np.int64]) -> NDArray[np.float64]:
        raise ImportError(why)

    return absent


def _dense(found: list[Any], n: int) -> NDArray[np.float64]:
    rows = np.full((len(found), n), np.inf)
    for row, lengths in zip(rows, found, strict=True):
        row[list(lengths.keys())] = list(lengths.values())
    return rows
