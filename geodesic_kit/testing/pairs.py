"""The part of a solver's contract that is about one pair of vertices: `path`, and `search`, which may measure
edges on its way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from ..errors import UnweightedError
from ..graph.graph import Graph
from ..types import Edges, Points, PointToPoint, Search, Searches, Values
from .tools import Contract, close, refuses, skip, still

__all__ = ["PairContract", "reference"]


class PairContract(Contract):
    """Inherited tests of what a solver offers for one pair; SolverContract has them."""

    sizes: ClassVar[tuple[tuple[int, int], ...]] = ((30, 40), (80, 300), (120, 100))

    def random_graph(self, n: int, m: int, seed: int = 0) -> Graph:
        """A graph of n vertices and at most m edges with lengths over six orders of magnitude; it may fall
        into components.
        """
        rng = np.random.default_rng([n, m, seed])
        pairs = np.sort(rng.integers(n, size=(m, 2)), axis=1)
        edges = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
        return Graph(rng.standard_normal((n, 2)), edges, 10.0 ** rng.uniform(-3, 3, len(edges)))

    def test_path_is_a_shortest_path(self) -> None:
        solver = self._able(PointToPoint)
        for graph, i, j, wanted in self._pairs():
            with still(graph.points, graph.edges, graph.weights):  # type: ignore[arg-type]
                found = solver.path(graph, i, j)
            assert isinstance(found, tuple), (
                f"path returned a {type(found).__name__}, not (vertices, length, expanded)"
            )
            assert len(found) == 3, f"path returned {len(found)} values, not vertices, length and expanded"
            vertices, length, expanded = found
            along = _along(graph, np.asarray(graph.weights), vertices, i, j, wanted, "path")
            close(
                float(along.sum()) if len(vertices) else np.inf,
                wanted,
                self._rtol,
                f"the length of the path's edges, {i} to {j}",
            )
            assert np.ndim(length) == 0, (
                f"path returned a length of shape {np.shape(length)}, a number is needed"
            )
            close(length, wanted, self._rtol, f"the length that path returned, {i} to {j}")
            _is_count(expanded, graph.n, "expanded")

    def test_search_on_a_weighed_graph(self) -> None:
        solver = self._able(Searches)
        for graph, i, j, wanted in self._pairs():
            with still(graph.points, graph.edges, graph.weights):  # type: ignore[arg-type]
                found = solver.search(graph, i, j)
            along = self._is_search(found, graph, np.asarray(graph.weights), i, j, wanted)
            close(
                along.sum() if len(found.vertices) else np.inf,
                wanted,
                self._rtol,
                f"the length of search's path, {i} to {j}",
            )
            assert found.integrated is None, (
                f"integrated is {found.integrated!r} on a weighed graph, None is needed"
            )
            assert found.exact is True, (
                f"exact is {found.exact!r} on a weighed graph, where no bound need be believed"
            )

    def test_search_that_measures_edges_on_its_way(self) -> None:
        solver = self._able(Searches)
        for metric in (_Uneven(0.0), _Uneven(1.0), _Told(0.0), _Told(1.0)):
            for weighed, i, j, _ in self._pairs():
                bare = Graph(weighed.points, weighed.edges, metric=metric)
                lengths = metric.edge_lengths(bare.points, bare.edges)
                wanted = float(reference(Graph(bare.points, bare.edges, lengths), np.array([i]))[0, j])
                with still(bare.points, bare.edges):
                    found = solver.search(bare, i, j)
                along = self._is_search(found, bare, lengths, i, j, wanted)
                _is_count(found.integrated, bare.m, "integrated")
                assert found.integrated >= len(along), (
                    f"integrated is {found.integrated}, and the path has {len(along)} edges"
                )
                assert isinstance(found.exact, bool), f"exact is {found.exact!r}, not a bool"
                if found.exact:
                    length = float(along.sum()) if len(found.vertices) else np.inf
                    close(length, wanted, 1e-6, f"the length of a path that search calls exact, {i} to {j}")

    def test_pairs_that_cannot_be_are_refused(self) -> None:
        solver = self._able(PointToPoint)
        graph = self.random_graph(30, 40)
        calls = [solver.path, solver.search] if isinstance(solver, Searches) else [solver.path]
        for call in calls:
            bad: list[tuple[Any, Any]] = [(0, 30), (31, 0), (0.5, 1), (0, "1")]
            for i, j in bad:
                with refuses(f"{call.__name__} from {i!r} to {j!r} of 30 vertices"):
                    call(graph, i, j)
            try:
                call(Graph(graph.points, graph.edges), 0, 1)
            except UnweightedError:
                continue
            raise AssertionError(
                f"{call.__name__} accepts a graph with neither weights nor a metric; raise UnweightedError"
            )

    def _able(self, ability: type) -> Any:
        solver = self.make()
        if not isinstance(solver, ability):
            skip("it offers nothing for one pair" if ability is PointToPoint else "it offers no search")
        return solver

    def _pairs(self) -> Iterator[tuple[Graph, int, int, float]]:
        """Graphs with pairs of vertices and their distance: near, far, in different components, and a vertex
        with itself.
        """
        for n, m in self.sizes:
            graph = self.random_graph(n, m)
            pairs = [(0, 0), *np.random.default_rng(n).integers(n, size=(12, 2)).tolist()]
            away = reference(graph, np.array([i for i, _ in pairs]))
            for row, (i, j) in zip(away, pairs, strict=True):
                yield graph, int(i), int(j), float(row[j])

    def _is_search(self, found: Any, graph: Graph, lengths: Values, i: int, j: int, wanted: float) -> Values:
        """Lengths of the edges along the path of a Search, which its pieces are."""
        assert isinstance(found, Search), f"search returned a {type(found).__name__}, not a Search"
        along = _along(graph, lengths, found.vertices, i, j, wanted, "search")
        assert isinstance(found.pieces, np.ndarray), (
            f"pieces are a {type(found.pieces).__name__}, not an array"
        )
        close(
            found.pieces,
            along,
            1e-5 if graph.weights is None else self._rtol,
            f"the pieces of the path from {i} to {j}",
        )
        _is_count(found.expanded, graph.n, "expanded")
        return along

    @property
    def _rtol(self) -> float:
        return float(self.make().rtol)


class _Uneven:
    """A metric whose lengths vary from 1 to a few times the Euclidean ones, and which proves the `bound`."""

    def __init__(self, bound: float) -> None:
        self.bound = bound

    def edge_lengths(self, points: Points, edges: Edges) -> Values:
        a, b = points[edges[:, 0]], points[edges[:, 1]]
        lengths: Values = np.linalg.norm(a - b, axis=1) * (1 + np.abs(a + b).sum(axis=1))
        return lengths

    def lower_bound(self) -> float:
        return self.bound


class _Told(_Uneven):
    """With a heuristic besides."""

    def to_target(self, points: Points, target: Points) -> Values:
        away: Values = (1 - 1e-9) * np.linalg.norm(points - target, axis=1)
        return away


def _along(graph: Graph, lengths: Values, vertices: Any, i: int, j: int, wanted: float, what: str) -> Values:
    """Length of each edge along vertices, which must be a path from i to j, or none where there is none."""
    assert isinstance(vertices, np.ndarray), (
        f"{what} gives vertices as a {type(vertices).__name__}, not an array"
    )
    if not np.isfinite(wanted):
        assert vertices.shape == (0,), (
            f"{what} finds a path from {i} to {j}, which lie in different components"
        )
        return np.empty(0)
    assert vertices.ndim == 1, f"{what} gives vertices of shape {vertices.shape}, (k,) is needed"
    assert len(vertices) > 0, f"{what} finds no path from {i} to {j}, and there is one"
    assert vertices.dtype.kind in "iu", (
        f"{what} gives vertices of type {vertices.dtype}, whole numbers are needed"
    )
    ends = (int(vertices[0]), int(vertices[-1]))
    assert ends == (i, j), f"{what} leads from {ends[0]} to {ends[1]}; {i} to {j} was asked for"
    assert len(set(vertices.tolist())) == len(vertices), f"{what} comes twice through one vertex"
    length = {
        (min(a, b), max(a, b)): w for (a, b), w in zip(graph.edges.tolist(), lengths.tolist(), strict=True)
    }
    steps = [
        (min(a, b), max(a, b)) for a, b in zip(vertices[:-1].tolist(), vertices[1:].tolist(), strict=True)
    ]
    missing = [step for step in steps if step not in length]
    assert not missing, f"{what} runs along {missing[0]}, which is no edge of the graph"
    return np.array([length[step] for step in steps])


def _is_count(value: Any, most: int, name: str) -> None:
    assert isinstance(value, (int, np.integer)), f"{name} is {value!r}, a whole number is needed"
    assert 0 <= value <= most, f"{name} is {value}, there are {most}"


def reference(graph: Graph, sources: NDArray[np.int64]) -> NDArray[np.float64]:
    """SciPy's distances on a matrix of our own making, so that `graph.matrix` is under test as well."""
    i, j = graph.edges.T
    matrix = coo_array(
        (np.tile(np.asarray(graph.weights), 2), (np.r_[i, j], np.r_[j, i])), shape=(graph.n, graph.n)
    ).tocsr()
    found: NDArray[np.float64] = dijkstra(matrix, directed=True, indices=sources)
    return found.reshape(len(sources), graph.n)
