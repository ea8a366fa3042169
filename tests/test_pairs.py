"""Distances of listed pairs: those of whole rows, in the order asked, by every solver."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

import geodesic_kit as gk
from geodesic_kit.base import threads as parallel
from geodesic_kit.errors import InvalidParameter, UnweightedError
from geodesic_kit.graph.graph import Graph

SOLVERS = ["auto", "scipy", "astar", "networkx", *(["native"] if parallel.compiled() else [])]


def random_graph(n: int, m: int, seed: int) -> Graph:
    """Any graph over any points; it may fall into components."""
    rng = np.random.default_rng(seed)
    some = np.sort(rng.integers(n, size=(m, 2)), axis=1)
    edges = np.unique(some[some[:, 0] != some[:, 1]], axis=0)
    return Graph(rng.standard_normal((n, 2)), edges, rng.uniform(0.1, 1, len(edges)))


@settings(max_examples=100, deadline=None)
@given(
    n=st.integers(1, 30),
    m=st.integers(0, 90),
    count=st.integers(0, 60),
    limit=st.sampled_from([0.0, 0.7, 2.0, np.inf]),
    solver=st.sampled_from(SOLVERS),
    marked=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_pairs_have_the_distances_of_whole_rows(
    n: int, m: int, count: int, limit: float, solver: str, marked: bool, seed: int
) -> None:
    graph = random_graph(n, m, seed)
    pairs = np.random.default_rng(seed).integers(n, size=(count, 2))
    true = dijkstra(graph.matrix)[pairs[:, 0], pairs[:, 1]]
    expected = np.where(true <= limit, true, np.inf)
    if marked:
        graph = gk.landmarks(graph, k=1 + n // 3).graph
    found = gk.distances(graph, pairs=pairs, solver=solver, limit=limit)
    near = np.isfinite(true) & np.isclose(true, limit, rtol=1e-9, atol=0)  # either way, by rounding
    np.testing.assert_allclose(found[~near], expected[~near], rtol=1e-9)


@pytest.fixture(scope="module")
def grid() -> Graph:
    rng = np.random.default_rng(0)
    return gk.knn_graph(rng.uniform(size=(2000, 2)), 8).weigh(gk.EuclideanMetric())


@pytest.mark.skipif(not parallel.compiled(), reason="needs numba, which comes with the extra `native`")
def test_any_number_of_threads_gives_the_same(grid: Graph) -> None:
    pairs = np.random.default_rng(1).integers(grid.n, size=(3000, 2))
    native = gk.solvers["native"]
    one, three = (native(threads=threads).pairs(grid, pairs) for threads in (1, 3))
    assert np.array_equal(one, three)
    np.testing.assert_array_equal(one, gk.distances(grid)[pairs[:, 0], pairs[:, 1]])


def test_a_star_of_pairs_takes_one_search(grid: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    scipy = gk.solvers["scipy"]
    solve = scipy.solve

    def counting(self: Any, graph: Any, sources: Any, **more: Any) -> Any:
        asked.extend(sources)
        return solve(self, graph, sources, **more)

    monkeypatch.setattr(scipy, "solve", counting)
    pairs = [[5, 900], [17, 900], [900, 3], [44, 900], [900, 900]]
    found = gk.distances(grid, pairs=pairs, solver="scipy")
    assert asked == [900]
    np.testing.assert_allclose(found, gk.distances(grid, [900])[0, [5, 17, 3, 44, 900]], rtol=1e-12)


def test_type_and_place_of_the_result(grid: Graph) -> None:
    pairs = [[0, 1], [2, 3]]
    single = gk.distances(grid, pairs=pairs, dtype=np.float32)
    assert single.dtype == np.float32
    out = np.empty(2)
    assert gk.distances(grid, pairs=pairs, out=out) is out
    np.testing.assert_allclose(single, out, rtol=1e-6)
    assert gk.distances(grid, pairs=[]).shape == (0,)


def test_what_cannot_be_is_refused(grid: Graph) -> None:
    with pytest.raises(InvalidParameter, match="sources= and pairs="):
        gk.distances(grid, [0], pairs=[[0, 1]])
    with pytest.raises(InvalidParameter, match="row 1, \\(3, 2000\\)"):
        gk.distances(grid, pairs=[[0, 1], [3, 2000]])
    with pytest.raises(InvalidParameter, match=r"out has shape \(3,\)"):
        gk.distances(grid, pairs=[[0, 1]], out=np.empty(3))
    with pytest.raises(UnweightedError):
        gk.distances(gk.knn_graph(grid.points, 5), pairs=[[0, 1]])
