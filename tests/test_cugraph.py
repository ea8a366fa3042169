"""The cuGraph solver against a stand-in that is as strict as cuGraph is, and, where there is one, on a real
GPU.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from fake_rapids import Graph as FakeGraph
from fake_rapids import install, sssp

import geodesic_kit as gk
from geodesic_kit.errors import MissingPlugin, NoGPUError
from geodesic_kit.graph.graph import Graph
from geodesic_kit.registry import Registry
from geodesic_kit.testing import SolverContract

TRIANGLE = Graph(
    np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [5.0, 5.0]]),
    np.array([[0, 1], [1, 2], [0, 2]]),
    np.array([1.0, 2.0, 4.0]),
)


def _fresh() -> Any:
    """The plugin through a registry of its own: the session's must not remember a class made on the
    stand-in.
    """
    return Registry("solvers")["cugraph"]


class TestCuGraphOnTheStandIn(SolverContract):
    @pytest.fixture(autouse=True)
    def stand_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        install(monkeypatch)

    def make(self) -> Any:
        return _fresh()()


@pytest.mark.gpu
class TestCuGraphOnAGPU(SolverContract):
    def make(self) -> Any:
        if find_spec("cugraph") is None:
            pytest.skip("cugraph is not installed")
        solver = gk.solvers["cugraph"]()
        try:
            solver.solve(TRIANGLE, np.array([0]))
        except NoGPUError as err:
            pytest.skip(str(err))
        return solver


@pytest.mark.skipif(find_spec("cugraph") is not None, reason="cugraph is installed")
def test_without_cugraph_it_says_what_to_install() -> None:
    assert "cugraph" in gk.solvers.names()
    with pytest.raises(
        MissingPlugin,
        match=r"'cugraph' needs a CUDA GPU and cugraph: pip install "
        r"'geodesic-kit\[cugraph\]'",
    ):
        _fresh()


@pytest.mark.parametrize(
    "gpu",
    [False, RuntimeError("cudaErrorInsufficientDriver"), ImportError("libcuda.so.1"), OSError("no device")],
)
def test_without_a_gpu_it_says_so(monkeypatch: pytest.MonkeyPatch, gpu: Any) -> None:
    install(monkeypatch, gpu=gpu)
    solver = _fresh()()  # the modules import without a GPU
    with pytest.raises(NoGPUError, match=r"'cugraph' needs a CUDA GPU with its driver.*solver='scipy'"):
        solver.solve(TRIANGLE, np.array([0]))


def test_the_limit_itself_is_within_whatever_cugraph_makes_of_its_cutoff(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(monkeypatch)
    found = _fresh()().solve(TRIANGLE, np.array([0]), limit=1.0)
    assert found.distances.tolist() == [[0.0, 1.0, np.inf, np.inf]]


def test_the_stand_in_is_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an adapter may get wrong is an error, or wrong, on the stand-in as well."""
    install(monkeypatch)
    import cudf

    with pytest.raises(TypeError, match="not supported"):
        sssp(TRIANGLE.matrix, source=0)
    with pytest.raises(TypeError):
        sssp(FakeGraph(), source=0, edge_attr="weight")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="to_numpy"):
        np.asarray(cudf.Series([1.0]))
    with pytest.raises(TypeError, match=r"cudf\.DataFrame"):
        FakeGraph().from_cudf_edgelist({"source": [0]})
    wide = cudf.DataFrame({"source": np.array([0, 1]), "destination": np.array([1, 0]), "weight": np.ones(2)})
    with pytest.raises(ValueError, match="not int32"):
        FakeGraph().from_cudf_edgelist(wide, renumber=False)
    narrow = cudf.DataFrame(
        {
            "source": np.array([0, 1], np.int32),
            "destination": np.array([1, 2], np.int32),
            "weight": np.array([1.0, 2.0]),
        },
    )
    one_way = FakeGraph(directed=True)
    one_way.from_cudf_edgelist(
        narrow, edge_attr="weight", renumber=False, vertices=cudf.Series(np.arange(4, dtype=np.int32))
    )
    found = sssp(one_way, source=1)
    order = np.argsort(found["vertex"].to_numpy())
    assert found["vertex"].to_numpy().tolist() != [0, 1, 2, 3]
    assert found["distance"].to_numpy()[order].tolist() == [
        np.finfo(float).max,
        0.0,
        2.0,
        np.finfo(float).max,
    ]
    assert found["predecessor"].to_numpy()[order].tolist() == [-1, -1, 1, -1]
    dropped = FakeGraph(directed=True)
    dropped.from_cudf_edgelist(narrow, edge_attr="weight", renumber=False)
    with pytest.raises(ValueError, match="starting vertex"):
        sssp(dropped, source=3)
