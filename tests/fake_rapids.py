"""A stand-in for cupy, cudf and cugraph 26.10 that is as strict and as unhelpful as they are."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra


class Series:
    def __init__(self, values: Any) -> None:
        self._values = np.asarray(values)
        self.dtype = self._values.dtype

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("implicit conversion to a host NumPy array is not allowed, use .to_numpy()")

    def __len__(self) -> int:
        return len(self._values)

    def to_numpy(self) -> Any:
        return self._values.copy()


class DataFrame:
    def __init__(self, data: dict[str, Any]) -> None:
        self._columns = {name: Series(values) for name, values in data.items()}

    def __getitem__(self, name: str) -> Series:
        return self._columns[name]


class Graph:
    def __init__(self, m_graph: Any = None, directed: bool = False) -> None:
        if m_graph is not None:
            raise TypeError("m_graph is not a cugraph graph")
        self.directed = directed

    def from_cudf_edgelist(
        self,
        input_df: Any,
        source: str = "source",
        destination: str = "destination",
        edge_attr: str | None = None,
        renumber: bool = True,
        vertices: Any = None,
    ) -> None:
        if not isinstance(input_df, DataFrame):
            raise TypeError("input should be a cudf.DataFrame")
        source_ids, destination_ids = input_df[source], input_df[destination]
        if not renumber and (source_ids.dtype != np.int32 or destination_ids.dtype != np.int32):
            raise ValueError("set renumber to True for vertex ids that are not int32")
        if len(source_ids) == 0:
            raise ValueError("the edge list is empty")
        self.rows, self.columns = source_ids.to_numpy(), destination_ids.to_numpy()
        self.weights = np.ones(len(self.rows)) if edge_attr is None else input_df[edge_attr].to_numpy()
        if vertices is not None and not isinstance(vertices, Series):
            raise TypeError("vertices should be a cudf.Series")
        seen = np.union1d(self.rows, self.columns)
        self.vertices = seen if vertices is None else vertices.to_numpy()


def sssp(
    G: Any,
    source: int = 0,
    method: Any = None,
    directed: Any = None,
    return_predecessors: Any = None,
    unweighted: Any = None,
    overwrite: Any = None,
    indices: Any = None,
    cutoff: float | None = None,
) -> DataFrame:
    """Rows in no order; unreachable is the largest float, with predecessor -1; a cutoff leaves out what
    reaches it.
    """
    if not isinstance(G, Graph):
        raise TypeError(f"input type {type(G)} is not supported")
    if source not in G.vertices:
        raise ValueError("starting vertex should be between 0 to number of vertices")
    n = int(G.vertices.max()) + 1
    matrix = csr_array((G.weights, (G.rows, G.columns)), shape=(n, n))
    distance, before = dijkstra(matrix, directed=G.directed, indices=source, return_predecessors=True)
    distance, before = distance[G.vertices], np.where(before < 0, -1, before)[G.vertices]
    out_of_reach = np.isinf(distance) if cutoff is None else ~(distance < cutoff)
    distance[out_of_reach], before[out_of_reach] = np.finfo(G.weights.dtype).max, -1
    shuffled = np.roll(np.arange(len(distance))[::-1], source)
    return DataFrame(
        {
            "vertex": G.vertices[shuffled].astype(np.int32),
            "distance": distance[shuffled].astype(G.weights.dtype),
            "predecessor": before[shuffled].astype(np.int32),
        }
    )


def install(monkeypatch: pytest.MonkeyPatch, *, gpu: bool | Exception = True) -> None:
    """Put the stand-in where `import cugraph` looks, with a GPU, without one, or with a driver that
    raises.
    """

    def is_available() -> bool:
        if isinstance(gpu, Exception):
            raise gpu
        return gpu

    cuda = ModuleType("cupy.cuda")
    modules: dict[str, dict[str, Any]] = {
        "cupy.cuda": {"is_available": is_available},
        "cupy": {"cuda": cuda},
        "cudf": {"DataFrame": DataFrame, "Series": Series},
        "cugraph": {"Graph": Graph, "sssp": sssp},
    }
    for name, content in modules.items():
        module = cuda if name == "cupy.cuda" else ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    plugin = "geodesic_kit_plugins.solvers.cugraph"
    # remembered, so that what is imported next is forgotten afterwards
    monkeypatch.setitem(sys.modules, plugin, ModuleType(plugin))
    del sys.modules[plugin]
