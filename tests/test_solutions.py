"""Solvers that lie: rows, predecessors, paths and lengths that contradict the graph are refused by the name
of who gave them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.errors import DisconnectedError, PluginError
from geodesic_kit.types import Search

RNG = np.random.default_rng(7)
POINTS = RNG.uniform(-1, 1, (60, 2))
GRAPH = gk.knn_graph(POINTS, 5).weigh(gk.EuclideanMetric())
TORN = gk.Graph(np.arange(5.0)[:, None], np.array([[0, 1], [1, 2], [2, 3]]), np.array([1.0, 2.0, 4.0]))


class Around:
    """SciPy's solver, its answer changed on the way back."""

    name: ClassVar[str] = "around"
    rtol: Any = 1e-9

    def __init__(self, change: Callable[[Any], Any] = lambda found: found) -> None:
        self.change = change

    def solve(self, graph: gk.Graph, sources: Any, **options: Any) -> Any:
        return self.change(gk.solvers["scipy"]().solve(graph, sources, **options))


def rows(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda found: gk.ShortestPaths(change(found.distances), found.predecessors)


def scaled_row(d: Any) -> Any:
    d[2] *= 1.001
    return d


def one_entry(d: Any) -> Any:
    d[1, 17] *= 1 + 1e-6
    return d


WRONG_ROWS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "reversed": (rows(lambda d: d[::-1]), "away from itself: the rows come in the order of the sources"),
    "negative": (rows(lambda d: -d), "by its neighbours it is"),
    "zero": (rows(np.zeros_like), "by its neighbours it is"),
    "NaN": (rows(lambda d: np.full_like(d, np.nan)), "is nan away"),
    "one NaN": (rows(lambda d: np.where(d == d[3, 4], np.nan, d)), "is nan away from vertex"),
    "inf": (rows(lambda d: np.where(d > 0, np.inf, d)), "is inf away from vertex 0; by its neighbours it is"),
    "transposed": (
        rows(lambda d: d[:5].T.copy()),
        r"are of shape \(60, 5\) and type float64; an array of "
        r"float64, shape \(60, 60\)",
    ),
    "one row short": (rows(lambda d: d[1:]), r"shape \(59, 60\)"),
    "flat": (rows(lambda d: d.ravel()), r"shape \(3600,\)"),
    "float32": (rows(lambda d: d.astype(np.float32)), "type float32"),
    "complex": (rows(lambda d: d + 1j), "type complex128"),
    "masked": (rows(lambda d: np.ma.masked_less(d, 0.1)), "masked, of shape"),
    "a list": (rows(lambda d: d.tolist()), "are a list"),
    "None": (lambda found: None, "returned a NoneType; a ShortestPaths is needed"),
    "an array": (lambda found: found.distances, "returned a ndarray"),
    "one row scaled": (rows(scaled_row), "from vertex 2; by its neighbours it is"),
    "one entry": (rows(one_entry), r"vertex \d+ is .* away from vertex 1; by its neighbours"),
    "squared": (rows(np.square), "by its neighbours"),
}


@pytest.mark.parametrize("case", WRONG_ROWS)
def test_wrong_rows_are_refused(case: str) -> None:
    change, text = WRONG_ROWS[case]
    with pytest.raises(PluginError, match=rf"Around\.solve.*{text}"):
        gk.distances(GRAPH, solver=Around(change))


def test_right_rows_of_any_kind_are_kept(tmp_path: Any) -> None:
    expected = gk.distances(GRAPH, solver="scipy")
    for options in (
        {},
        {"limit": 0.5},
        {"dtype": np.float32},
        {"limit": 0.0},
        {"sources": [7, 3, 7]},
        {"sources": []},
    ):
        plain, seen = (gk.distances(GRAPH, solver=solver, **options) for solver in ("scipy", Around()))
        np.testing.assert_array_equal(seen, plain)
    out = np.memmap(tmp_path / "out", dtype=np.float64, mode="w+", shape=expected.shape)
    assert gk.distances(GRAPH, solver=Around(), out=out) is out
    np.testing.assert_array_equal(np.asarray(out), expected)
    np.testing.assert_array_equal(gk.distances(TORN, solver=Around()), gk.distances(TORN, solver="scipy"))
    tiny, huge = (gk.Graph(TORN.points, TORN.edges, TORN.weights * scale) for scale in (1e-60, 1e60))
    for graph in (tiny, huge):
        np.testing.assert_array_equal(
            gk.distances(graph, solver=Around()), gk.distances(graph, solver="scipy")
        )


def test_a_limit_and_what_cannot_be_reached_are_seen() -> None:
    with pytest.raises(
        PluginError,
        match=r"vertex 3 is 7 away from vertex 0; by its neighbours it is 7 "
        r"within limit=3\.5",
    ):
        gk.distances(
            TORN,
            [0],
            limit=3.5,
            solver=Around(lambda found: gk.solvers["scipy"]().solve(TORN, np.array([0]))),
        )
    with pytest.raises(PluginError, match="vertex 4 is 9 away from vertex 0; by its neighbours it is inf"):
        gk.distances(TORN, [0], solver=Around(rows(lambda d: np.where(np.isinf(d), 9.0, d))))


def test_out_that_is_not_filled_and_sources_that_are_sorted_in_place() -> None:
    out = np.full((60, 60), -5.0)
    with pytest.raises(PluginError, match="returned another array than it was given as out="):
        gk.distances(GRAPH, solver=Around(rows(np.array)), out=out)

    class Sorts(Around):
        def solve(self, graph: gk.Graph, sources: Any, **options: Any) -> Any:
            sources.sort()
            return super().solve(graph, sources, **options)

    asked = np.array([9, 2, 5])
    with pytest.raises(PluginError, match="away from itself"):
        gk.distances(GRAPH, asked, solver=Sorts())
    assert asked.tolist() == [9, 2, 5]


def test_what_a_solver_raises_and_promises_is_its_own() -> None:
    def fails(found: Any) -> Any:
        raise KeyError("tree")

    with pytest.raises(PluginError, match=r"Around\.solve failed: KeyError: 'tree'"):
        gk.distances(GRAPH, solver=Around(fails))
    for rtol in (np.nan, 1.0, -1.0, "tight", None):
        solver = Around()
        solver.rtol = rtol
        with pytest.raises(PluginError, match=r"Around\.rtol (is|returned) "):
            gk.distances(GRAPH, solver=solver)


def before(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda found: gk.ShortestPaths(found.distances, change(found.predecessors))


WRONG_PREDECESSORS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "none": (before(lambda p: None), "are a NoneType; an array of whole numbers"),
    "a circle": (before(lambda p: np.roll(np.arange(60), 1)[None]), "which is no edge|circle"),
    "two in a circle": (
        before(lambda p: np.where(np.arange(60) == 1, 2, 1)[None]),
        "run in a circle and never come to vertex 0",
    ),
    "itself": (before(lambda p: np.arange(60)[None]), "run in a circle"),
    "-9999": (before(lambda p: np.full_like(p, -9999)), "vertex 40 has the predecessor -9999"),
    "beyond": (before(lambda p: np.full_like(p, 60)), "vertex 40 has the predecessor 60"),
    "the source": (before(np.zeros_like), r"\(0, 40\), which is no edge"),
    "floats": (before(lambda p: p + 0.5), "type float64; an array of whole numbers"),
    "flat": (before(np.ravel), r"shape \(60,\)"),
}


@pytest.mark.parametrize("case", WRONG_PREDECESSORS)
def test_wrong_predecessors_are_refused(case: str) -> None:
    change, text = WRONG_PREDECESSORS[case]
    with pytest.raises(PluginError, match=text):
        gk.geodesic(GRAPH, 0, 40, solver=Around(change))


def test_a_walk_ends() -> None:
    found = gk.ShortestPaths(np.ones((1, 3)), np.array([[1, 0, 0]]))
    assert found.walk(0, 0, 2).tolist() == [0, 2]
    with pytest.raises(
        PluginError, match="row 0: the predecessors of vertex 1 run in a circle and never come to vertex 2"
    ):
        found.walk(0, 2, 1)
    with pytest.raises(PluginError, match="row 0: vertex 0 has the predecessor -1 on the way from 2 to 1"):
        gk.ShortestPaths(np.ones((1, 3)), np.array([[-1, 0, 0]])).walk(0, 2, 1)


TRUE = gk.geodesic(GRAPH, 0, 40, solver="scipy")
BARE = gk.Graph(GRAPH.points, GRAPH.edges)


class Pairs(Around):
    """Answers a pair as told."""

    def __init__(self, vertices: Any = TRUE.indices, length: Any = TRUE.length, expanded: Any = 9) -> None:
        super().__init__()
        self.answer = vertices, length, expanded

    def path(self, graph: gk.Graph, source: int, target: int) -> Any:
        return self.answer


class Seeks(Pairs):
    """Answers with a Search."""

    def search(self, graph: gk.Graph, source: int, target: int) -> Any:
        return Search(*self.answer)


WAY = TRUE.indices.tolist()
WRONG_PATHS: dict[str, tuple[Any, str]] = {
    "from elsewhere": (WAY[1:], rf"from vertex {WAY[1]} to vertex 40; 0 to 40 was asked for"),
    "to elsewhere": (WAY[:-1], "0 to 40 was asked for"),
    "reversed": (WAY[::-1], "from vertex 40 to vertex 0"),
    "a jump": ([0, 40], r"along \(0, 40\), which is no edge of the graph"),
    "there and back": ([WAY[0], WAY[1], *WAY], "comes twice through one"),
    "beyond": ([0, 60, 40], "through the vertices 0 to 60; there are 0 to 59"),
    "negative": ([0, -1, 40], "through the vertices -1 to 40"),
    "floats": ([0.0, 40.0], "type float64; whole numbers"),
    "two columns": ([WAY, WAY], "of shape"),
    "none": ([], "finds no path from vertex 0 to vertex 40, which one component holds"),
    "None": (None, "of shape"),
}


@pytest.mark.parametrize("case", WRONG_PATHS)
def test_wrong_paths_are_refused(case: str) -> None:
    vertices, text = WRONG_PATHS[case]
    with pytest.raises(PluginError, match=rf"Pairs\.path.*{text}"):
        gk.geodesic(GRAPH, 0, 40, solver=Pairs(vertices))
    for graph, metric in ((GRAPH, None), (BARE, gk.EuclideanMetric())):
        with pytest.raises(PluginError, match=rf"Seeks\.search.*{text}"):
            gk.geodesic(graph, 0, 40, solver=Seeks(vertices, TRUE.pieces), metric=metric)


@pytest.mark.parametrize(
    "length",
    [0.0, TRUE.length / 2, np.inf, np.nan, -TRUE.length, None, "long", TRUE.length + 0j, [TRUE.length]],
)
def test_a_wrong_length_is_refused(length: Any) -> None:
    with pytest.raises(PluginError, match=r"Pairs\.path gives"):
        gk.geodesic(GRAPH, 0, 40, solver=Pairs(length=length))


@pytest.mark.parametrize(
    "pieces",
    [
        TRUE.pieces[1:],
        TRUE.pieces * 0,
        TRUE.pieces[::-1],
        -TRUE.pieces,
        TRUE.pieces * np.nan,
        TRUE.pieces[:, None],
        TRUE.pieces + 0j,
        [1],
    ],
)
def test_wrong_pieces_are_refused(pieces: Any) -> None:
    for graph, metric in ((GRAPH, None), (BARE, gk.EuclideanMetric())):
        with pytest.raises(PluginError, match=r"Seeks\.search gives"):
            gk.geodesic(graph, 0, 40, solver=Seeks(length=pieces), metric=metric)


def test_right_paths_are_kept_and_measured_by_the_graph() -> None:
    near = TRUE.length * (1 + 1e-10)
    for solver in (
        Around(),
        Pairs(),
        Pairs(WAY, near),
        Seeks(length=TRUE.pieces),
        Seeks(length=TRUE.pieces * (1 + 1e-10)),
    ):
        path = gk.geodesic(GRAPH, 0, 40, solver=solver)
        np.testing.assert_array_equal(path.indices, WAY)
        np.testing.assert_array_equal(path.pieces, TRUE.pieces)
        assert path.indices.dtype == np.int64
    lazy = gk.geodesic(BARE, 0, 40, solver=Seeks(length=TRUE.pieces), metric=gk.EuclideanMetric())
    np.testing.assert_array_equal(lazy.pieces, TRUE.pieces)
    for solver in (Around(), Pairs([], np.inf), Seeks([], [])):
        with pytest.raises(DisconnectedError):
            gk.geodesic(TORN, 0, 4, solver=solver)


@pytest.mark.parametrize(
    "answer", [None, (1, 2), 5, (WAY, TRUE.length, -1), (WAY, TRUE.length, "many"), (WAY, TRUE.length, 0.5)]
)
def test_other_things_than_a_path_are_refused(answer: Any) -> None:
    solver = Pairs()
    solver.answer = answer
    with pytest.raises(PluginError, match=r"Pairs\.path"):
        gk.geodesic(GRAPH, 0, 40, solver=solver)
    with pytest.raises(PluginError, match=r"Other\.search returned a tuple; a Search is needed"):
        gk.geodesic(GRAPH, 0, 40, solver=type("Other", (Pairs,), {"search": Pairs.path})())
