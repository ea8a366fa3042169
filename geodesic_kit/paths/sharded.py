"""Distances by a cluster: shards of the sources, each solved by a worker, written in the order asked."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.faults import is_own
from ..base.progress import progress
from ..base.provenance import code_hash
from ..graph.forms import Forms
from ..graph.graph import Graph
from ..types import Ints, Solver
from ..workers.connection import connected
from ..workers.shards import carried_out
from ..workers.writer import Writer
from .solving import solved

__all__ = ["solved_by"]

_AT_ONCE = 1 << 22  # distances of a shard: 32 MB, seconds of work, whatever the size of the graph
_ROWS = 256  # of a shard at most


def solved_by(
    client: Any,
    solver: Solver,
    graph: Graph,
    sources: Ints,
    *,
    limit: float,
    kind: np.dtype[Any],
    out: Any,
) -> Any:
    """Distances (s, n) into `out`, a new array where it is None. Raises ClusterError and what the solver
    raises.

    Shards depend on the request alone, not on who carries it out, so that they are found again.
    """
    rows = max(1, min(_AT_ONCE // graph.n, _ROWS))
    shards = {k: slice(a, a + rows) for k, a in enumerate(range(0, len(sources), rows))}
    with connected(client) as cluster:
        light = _travelling(graph, solver)
        request = _request(light, sources, solver, limit, kind, rows)
        if out is None:
            out = np.empty((len(sources), graph.n), dtype=kind)
        with Writer.of(out, request, shards) as writer:
            left = {k: sources[part] for k, part in shards.items() if k not in writer.done}
            found = carried_out(cluster, _rows_of, (light, solver, limit, kind), left)
            for k, block in progress(found, len(left), graph.n, "shards of shortest paths"):
                writer.write(k, shards[k], block)
    return out


def _travelling(graph: Graph, solver: Solver) -> Graph:
    """What a solver reads of the graph: of the kit's own engine's the rows alone, without the points."""
    if is_own(solver) and solver.name == "native":
        nowhere = np.empty((graph.n, 0))
        layout = replace(graph.layout, points=nowhere, guide=None, _idle=[])
        none = np.empty((0, 2), dtype=np.int64)
        return Graph._trusted(points=nowhere, edges=none, weights=np.empty(0), forms=Forms(layout=layout))
    return Graph._trusted(points=graph.points, edges=graph.edges, weights=graph.weights)


def _request(
    light: Graph, sources: Ints, solver: Solver, limit: float, kind: np.dtype[Any], rows: int
) -> str:
    """A hash that is equal for two calls which must give the same rows."""
    arrays: list[Any] = [light.points, light.edges, light.weights, sources]
    if (layout := light.forms.layout) is not None:
        arrays += [layout.order, layout.start, layout.neighbours, layout.lengths]
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.shape} {array.dtype};".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    options = sorted(getattr(solver, "__dict__", {}).items())
    who = f"{type(solver).__module__}.{type(solver).__qualname__} {options!r}"
    digest.update(f"{who} {limit!r} {kind} {rows} {code_hash()}".encode())
    return digest.hexdigest()


def _rows_of(shared: tuple[Graph, Solver, float, np.dtype[Any]], sources: Ints) -> NDArray[Any]:
    """One shard, on a worker."""
    graph, solver, limit, kind = shared
    return solved(solver, graph, np.asarray(sources), limit=limit, kind=kind).distances
