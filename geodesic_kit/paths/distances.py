"""Distances over a weighed graph: rows of shortest paths from its sources."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import as_float_type, as_pairs, as_sources, number
from ..checks.memory import within
from ..errors import InvalidParameter
from ..graph.graph import Graph, as_graph
from ..types import Solver
from ..workers.writer import as_target
from .pairs import distances_of_pairs
from .sharded import solved_by
from .solving import as_solver, solved

__all__ = ["distances"]

_ADVICE = (
    "ask for fewer sources=, dtype=np.float32, a limit= with fewer sources at a time, or write to a file "
    "by out=np.memmap(...)"
)


def distances(
    graph: Graph,
    sources: ArrayLike | None = None,
    solver: str | Solver = "auto",
    limit: float = np.inf,
    dtype: Any = np.float64,
    out: NDArray[Any] | None = None,
    pairs: ArrayLike | None = None,
    client: Any = None,
) -> NDArray[Any]:
    """Distances over a weighed graph, from sources to all vertices or of pairs. [GG] §2.2, Appendix B.

    Pairs are grouped by a common end, and a search ends when the last of its targets is reached; by "astar"
    each pair is searched for from both ends, or by the landmarks that the graph carries.

    Parameters
    ----------
    graph : Graph
        Weighed, of n vertices.
    sources : int array (s,), optional
        Vertices to start from, all by default.
    solver : str or Solver, default "auto"
        A name of `gk.solvers` or an instance; "auto" is the native engine where numba is there, else SciPy.
    limit : float, default inf
        Distances beyond it are inf.
    dtype : {float64, float32}, default float64
        Type of the distances.
    out : array (s, n) or (m,), optional
        What they are written to and is returned, such as a memmap; with `client` it may be a zarr array too.
    pairs : int array (m, 2), optional
        Pairs of vertices, in place of sources.
    client : dask.distributed.Client or str, optional
        It or a scheduler's address shares the sources out over a cluster, with the same result to the bit;
        with `out` the same call repeated goes on where it was stopped.

    Returns
    -------
    array (s, n), or (m,) of pairs
        In the order asked and the units of the graph's weights; unreachable is inf.

    Raises
    ------
    UnweightedError, InvalidParameter, UnknownPlugin, ClusterError
    TooLittleMemoryError
        Before a result that cannot fit is allocated.

    Examples
    --------
    >>> x = gk.datasets.load("two_moons", n=400, seed=0).x
    >>> metric = gk.GenerativeMetric.from_sample(gk.densities["mog"].fit(x, seed=0, n_components=8), x)
    >>> graph = gk.suggest_graph(x).build(x).weigh(metric)
    >>> D = gk.distances(graph, sources=[0, 1])
    >>> D.shape
    (2, 400)
    >>> float(D[0, 0])
    0.0
    """
    as_graph(graph, "distances").require_weights()
    if pairs is not None and sources is not None:
        raise InvalidParameter("sources= and pairs= are given; leave one of them out")
    listed = None if pairs is None else as_pairs(pairs, graph.n)
    asked = np.arange(graph.n) if sources is None else as_sources(sources, graph.n, one=True)
    limit = number(limit, "limit", least=0)
    kind = as_float_type(dtype)
    shape = (len(asked), graph.n) if listed is None else (len(listed),)
    if listed is not None and client is not None:
        raise InvalidParameter("client= shares out sources, and pairs= are given; leave one of them out")
    if out is not None:
        out = as_target(out, shape, kind)
        if client is None and not isinstance(out, np.ndarray):
            raise InvalidParameter("out= is a zarr array, which client= writes; give an array or a memmap")
    if listed is not None:
        found = distances_of_pairs(graph, listed, as_solver(solver), limit)
        if out is None:
            return found.astype(kind, copy=False)
        out[...] = found
        return out
    made = 0 if out is not None else shape[0] * graph.n * kind.itemsize
    with within(made + 32 * graph.m, f"distances of shape {shape}", _ADVICE):
        if client is not None:
            return solved_by(client, as_solver(solver), graph, asked, limit=limit, kind=kind, out=out)
        return solved(as_solver(solver), graph, asked, limit=limit, kind=kind, out=out).distances
