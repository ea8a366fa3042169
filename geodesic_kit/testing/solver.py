"""The contract of a solver: SciPy's distances within the tolerance it declares, in the order asked, inf and
-1 where there is no path.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UnweightedError
from ..graph.graph import Graph
from ..types import Solver
from .pairs import PairContract, reference
from .tools import close, refuses, still

__all__ = ["SolverContract"]


class SolverContract(PairContract):
    """Inherited tests of a solver; set `plugin` or override `make`. `sizes` are (vertices, edges) of the
    random graphs.

    What it offers for one pair, `path` and `search`, is tested where it offers it.
    """

    def test_declares_itself(self) -> None:
        solver = self.make()
        assert isinstance(solver, Solver), "a solver has name, rtol and solve(graph, sources, ...)"
        assert isinstance(solver.name, str), f"name is {solver.name!r}, not a str"
        assert solver.name, "name is empty"
        assert 0 <= solver.rtol <= 1e-4, (
            f"rtol is {solver.rtol!r}: at most 1e-4 is useful, and SciPy's float64 gives 1e-9"
        )

    def test_agrees_with_scipy(self) -> None:
        for n, m in self.sizes:
            graph = self.random_graph(n, m)
            found = self.make().solve(graph, np.arange(n))
            assert found.predecessors is None, (
                "predecessors came unasked; they are None unless predecessors=True"
            )
            assert found.distances.dtype == np.float64, (
                f"distances are {found.distances.dtype}, float64 is the default"
            )
            close(
                found.distances,
                reference(graph, np.arange(n)),
                self._rtol,
                f"distances of {n} vertices, {m} edges",
            )

    def test_rows_come_in_the_order_asked_repeated_where_repeated(self) -> None:
        graph = self.random_graph(60, 150)
        for sources in ([41, 3, 17, 3, 0, 59, 41], [59], []):
            asked = np.array(sources, dtype=np.int64)
            with still(asked):
                found = self.make().solve(graph, asked, predecessors=True)
            close(found.distances, reference(graph, asked), self._rtol, f"the rows of sources {sources}")
            assert found.predecessors.shape == found.distances.shape, (
                f"predecessors of sources {sources}: shape {found.predecessors.shape}"
            )

    def test_what_cannot_be_reached_is_inf_and_minus_one(self) -> None:
        graph = Graph(np.arange(10.0).reshape(5, 2), np.array([[0, 1], [2, 3]]), np.array([1.5, 2.5]))
        found = self.make().solve(graph, np.array([0, 4]), predecessors=True)
        close(
            found.distances,
            [[0, 1.5, np.inf, np.inf, np.inf], [np.inf] * 4 + [0]],
            self._rtol,
            "two edges and a lone vertex",
        )
        assert found.predecessors.tolist() == [[-1, 0, -1, -1, -1], [-1] * 5], (
            f"predecessors are {found.predecessors.tolist()}"
        )

    def test_predecessors_lead_home(self) -> None:
        graph = self.random_graph(80, 200)
        sources = np.array([5, 60, 5])
        found = self.make().solve(graph, sources, predecessors=True)
        matrix = graph.matrix.toarray()
        for row, source in enumerate(sources):
            for vertex in range(graph.n):
                before = found.predecessors[row, vertex]
                if vertex == source or not np.isfinite(found.distances[row, vertex]):
                    assert before == -1, (
                        f"vertex {vertex} from source {source}: predecessor {before}, -1 is needed"
                    )
                    continue
                assert before >= 0, f"vertex {vertex} is reached from {source} without a predecessor"
                assert matrix[before, vertex] > 0, (
                    f"the predecessor {before} of vertex {vertex} is not its neighbour"
                )
                length = found.distances[row, before] + matrix[before, vertex]
                close(
                    length,
                    found.distances[row, vertex],
                    self._rtol,
                    f"the distance of vertex {vertex} from its predecessor's",
                )
                assert found.distances[row, before] < found.distances[row, vertex], (
                    "a predecessor is not nearer to the source"
                )

    def test_limit_cuts_what_is_farther(self) -> None:
        graph = _path_graph(12)
        for limit, reached in ((3.0, 3), (3.5, 3), (0.0, 0), (np.inf, 11)):
            found = self.make().solve(graph, np.array([0]), limit=limit, predecessors=True)
            wanted = np.where(np.arange(12) <= reached, np.arange(12.0), np.inf)[None]
            close(found.distances, wanted, self._rtol, f"limit={limit}, which itself counts as within")
            assert (found.predecessors[0, reached + 1 :] == -1).all(), (
                f"limit={limit}: a vertex beyond it has a predecessor"
            )
        with refuses("limit=-1"):
            self.make().solve(graph, np.array([0]), limit=-1.0)
        with refuses("limit=nan"):
            self.make().solve(graph, np.array([0]), limit=float("nan"))

    def test_closed_form_on_a_path(self) -> None:
        n = 200
        away = np.abs(np.subtract.outer(np.arange(n), np.arange(n))).astype(float)
        close(
            self.make().solve(_path_graph(n), np.arange(n)).distances,
            away,
            self._rtol,
            "a path of unit edges",
        )

    def test_small_graphs(self) -> None:
        none = np.empty((0, 2), dtype=np.int64)
        for n in (1, 4):
            graph = Graph(np.arange(2.0 * n).reshape(n, 2), none, np.empty(0))
            found = self.make().solve(graph, np.arange(n), predecessors=True)
            close(
                found.distances,
                np.where(np.eye(n) > 0, 0.0, np.inf),
                self._rtol,
                f"{n} vertices without edges",
            )
            assert (found.predecessors == -1).all(), f"{n} vertices without edges have predecessors"

    def test_distances_are_symmetric_and_follow_the_names(self) -> None:
        graph = self.random_graph(50, 120)
        distances = self.make().solve(graph, np.arange(50)).distances
        close(distances.T, distances, 2 * self._rtol, "distances in the other direction")
        to = np.random.default_rng(1).permutation(50)
        renamed = Graph(graph.points[np.argsort(to)], to[graph.edges], graph.weights)
        close(
            self.make().solve(renamed, to).distances[:, to],
            distances,
            2 * self._rtol,
            "the same graph with its vertices renamed",
        )

    def test_dtype_and_out_are_honoured(self) -> None:
        graph = self.random_graph(40, 90)
        sources = np.array([7, 1, 30])
        wanted = reference(graph, sources)
        small = self.make().solve(graph, sources, dtype=np.float32).distances
        assert small.dtype == np.float32, f"dtype=float32 gave {small.dtype}"
        close(small, wanted, max(self._rtol, 1e-6), "distances in float32")
        with tempfile.TemporaryDirectory() as folder:
            on_disk = np.memmap(Path(folder) / "distances", dtype=np.float64, mode="w+", shape=(3, 40))
            out: NDArray[Any]
            for out in (np.full((3, 40), -5.0), on_disk):
                found = self.make().solve(graph, sources, out=out).distances
                assert np.shares_memory(found, out), "the result is not the array given as out="
                close(np.asarray(out), wanted, self._rtol, "what was written to out=")
            del on_disk, out, found
        with refuses("an out= of another shape"):
            self.make().solve(graph, sources, out=np.empty((2, 40)))

    def test_refuses_what_is_no_source(self) -> None:
        graph = _path_graph(5)
        for bad in ([5], [-1], [0.5], [[0, 1]], [True]):
            with refuses(f"sources={bad}"):
                self.make().solve(graph, np.array(bad))

    def test_refuses_a_graph_without_weights(self) -> None:
        try:
            self.make().solve(Graph(np.arange(4.0).reshape(2, 2), np.array([[0, 1]])), np.array([0]))
        except UnweightedError:
            return
        raise AssertionError(
            "a graph without weights is accepted; read graph.matrix, which raises UnweightedError"
        )

    def test_is_the_same_every_time_and_changes_nothing(self) -> None:
        graph = self.random_graph(40, 90)
        solver = self.make()
        with still(graph.points, graph.edges, graph.weights, graph.matrix.data, graph.matrix.indices):  # type: ignore[arg-type]
            first, again = (solver.solve(graph, np.array([3, 9])).distances for _ in range(2))
        assert np.array_equal(first, again), "two calls differ"
        other = solver.solve(_path_graph(6), np.array([0])).distances
        close(other, np.arange(6.0)[None], self._rtol, "another graph, right after: a solver keeps no state")


def _path_graph(n: int) -> Graph:
    """Vertices 0 to n - 1 in a row, unit edges."""
    line = np.arange(n)
    return Graph(np.stack([line, 0 * line], axis=1), np.stack([line[:-1], line[1:]], axis=1), np.ones(n - 1))
