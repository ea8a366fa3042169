"""The CPU solvers beyond their contract: blocks of sources, agreement, the errors' texts."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geodesic_kit as gk
from geodesic_kit.checks import as_sources
from geodesic_kit.errors import InvalidParameter, UnweightedError
from geodesic_kit.graph.graph import Graph

SOLVERS = [gk.solvers["scipy"](), gk.solvers["networkx"]()]
each_solver = pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.name)


def _random(n: int, m: int, seed: int) -> Graph:
    rng = np.random.default_rng(seed)
    pairs = np.sort(rng.integers(n, size=(m, 2)), axis=1)
    edges = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    return Graph(rng.standard_normal((n, 2)), edges, rng.uniform(0.1, 5.0, len(edges)))


@settings(max_examples=25, deadline=None)
@given(n=st.integers(2, 30), m=st.integers(0, 80), seed=st.integers(0, 10**6))
def test_scipy_and_networkx_agree(n: int, m: int, seed: int) -> None:
    graph = _random(n, m, seed)
    scipy, networkx = (solver.solve(graph, np.arange(n), predecessors=True) for solver in SOLVERS)
    np.testing.assert_allclose(scipy.distances, networkx.distances, rtol=1e-9)
    np.testing.assert_array_equal(scipy.predecessors, networkx.predecessors)  # random lengths do not tie


def test_scipy_in_blocks_gives_what_it_gives_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, sources = _random(40, 100, 0), np.array([3, 3, 39, 0, 7])
    whole = SOLVERS[0].solve(graph, sources, predecessors=True)
    monkeypatch.setattr("geodesic_kit_plugins.solvers.scipy._HELD", 80)  # two sources at a time
    blocks = SOLVERS[0].solve(graph, sources, predecessors=True)
    np.testing.assert_array_equal(whole.distances, blocks.distances)
    np.testing.assert_array_equal(whole.predecessors, blocks.predecessors)


@each_solver
def test_errors_name_the_thing_and_the_next_step(solver: Any) -> None:
    graph = _random(6, 10, 0)
    one = np.array([0])
    with pytest.raises(UnweightedError, match=r"graph\.weigh\(metric\)"):
        solver.solve(Graph(graph.points, graph.edges), one)
    with pytest.raises(
        InvalidParameter, match="sources name 2 vertices that do not exist, the first is 6: there are 0 to 5"
    ):
        solver.solve(graph, np.array([1, 6, -1]))
    with pytest.raises(InvalidParameter, match="dtype=int64; there are float64 and float32"):
        solver.solve(graph, one, dtype=np.int64)
    with pytest.raises(
        InvalidParameter, match=r"out is writeable, of shape \(2, 6\) and type float64; writeable, \(1, 6\)"
    ):
        solver.solve(graph, one, out=np.empty((2, 6)))
    with pytest.raises(InvalidParameter, match="out is read-only"):
        solver.solve(graph, one, out=np.broadcast_to(0.0, (1, 6)))
    with pytest.raises(InvalidParameter, match=r"of shape .* and type float32"):
        solver.solve(graph, one, out=np.empty((1, 6), dtype=np.float32))
    with pytest.raises(InvalidParameter, match="limit=nan"):
        solver.solve(graph, one, limit=float("nan"))


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        ([[0, 1]], r"shape \(1, 2\)"),
        ([0.5], "type float64"),
        ([True], "type bool"),
        (["a"], "whole numbers"),
        (3, r"shape \(\)"),
        ([9], "the first is 9: there are 0 to 4"),
    ],
)
def test_sources_that_are_none(bad: Any, text: str) -> None:
    with pytest.raises(InvalidParameter, match=text):
        as_sources(bad, 5)


def test_sources_keep_their_order_and_may_be_none_at_all() -> None:
    assert as_sources([4, 0, 4], 5).tolist() == [4, 0, 4]
    assert as_sources([], 5).shape == (0,)
    assert as_sources(np.array([2], dtype=np.uint8), 5).dtype == np.int64


@each_solver
def test_a_solver_is_a_value(solver: Any) -> None:
    assert solver == type(solver)()
    with pytest.raises(AttributeError):
        solver.name = "mine"
    assert solver.rtol == 1e-9


def test_networkx_is_not_imported_before_it_is_asked_for() -> None:
    code = (
        "import sys, geodesic_kit as gk; gk.solvers['scipy']; print(*(m in sys.modules for m in "
        "('networkx', 'cugraph')))"
    )
    assert subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split() == ["False", "False"]
