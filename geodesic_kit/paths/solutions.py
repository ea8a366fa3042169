"""What another's solver answered, looked at before it is believed: rows of shortest distances, and paths
along edges.

With positive weights the shortest distances d from s are the only numbers with d(s) = 0 and d(v) = min of
d(u) + w(u, v) over the edges at every other v (Bellman): a pass over the edges, which costs SciPy's time at
most, proves a row right.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..density.answers import real
from ..errors import PluginError
from ..graph.graph import Graph
from ..metric.edge_lengths import lengths_as_in
from ..types import Ints, Values

__all__ = [
    "check_array",
    "check_path",
    "check_rows",
    "check_type",
    "count",
    "edges_along",
    "pieces_along",
    "promised",
]

_HELD = 1 << 21  # sums d(u) + w held at once: 16 MB
_MOST_RTOL = 1e-4  # beyond it a promise is of no use
_MEASURED = 1e-5  # what two ways to measure an edge may differ by
_ROUNDING = 1e-9  # in float64, whatever is promised


def promised(solver: Any) -> float:
    """The agreement with SciPy that the solver declares as `rtol`. Raises PluginError."""
    who = f"{type(solver).__name__}.rtol"
    rtol = float(real(solver.rtol, (), who, PluginError))
    if not 0 <= rtol <= _MOST_RTOL:
        raise PluginError(f"{who} is {rtol:g}; a number from 0 to {_MOST_RTOL:g} is needed")
    return max(rtol, _ROUNDING)


def check_type(given: Any, kind: type, who: str) -> None:
    """Raises PluginError where a plugin returned another type."""
    if not isinstance(given, kind):
        raise PluginError(f"{who} returned a {type(given).__name__}; a {kind.__name__} is needed")


def check_array(given: Any, shape: tuple[int, ...], kind: np.dtype[Any] | str, what: str) -> None:
    """Raises PluginError where a plugin gave no array of that shape and type, or of one of those `kind` of
    types.
    """
    found = f"a {type(given).__name__}"
    if isinstance(given, np.ndarray):
        of_kind = given.dtype.kind in kind if isinstance(kind, str) else given.dtype == kind
        if of_kind and given.shape == shape and not np.ma.is_masked(given):
            return
        found = f"{'masked, ' * np.ma.is_masked(given)}of shape {given.shape} and type {given.dtype}"
    raise PluginError(
        f"{what} are {found}; an array of {'whole numbers' if kind == 'iu' else kind}, shape {shape}, "
        f"is needed"
    )


def count(given: Any, who: str) -> int:
    """A whole number of at least 0. Raises PluginError."""
    if isinstance(given, (bool, np.bool_)) or not isinstance(given, (int, np.integer)) or given < 0:
        raise PluginError(f"{who} is {given!r}; a whole number from 0 up is needed")
    return int(given)


def check_rows(
    rows: Any, graph: Graph, sources: Ints, limit: float, kind: np.dtype[Any], rtol: float, who: str
) -> None:
    """Hold distances (s, n) against the graph's weights, by the equation above. Raises PluginError."""
    check_array(rows, (len(sources), graph.n), kind, f"the distances of {who}")
    slack, least = 2 * rtol + 4 * float(np.finfo(kind).eps), float(np.finfo(kind).tiny)
    beyond = min(limit, float(np.finfo(kind).max))
    step = max(1, _HELD // max(graph.matrix.nnz, 1))
    for start in range(0, len(sources), step):
        found, own = np.asarray(rows[start : start + step], dtype=np.float64), sources[start : start + step]
        expected = _from_neighbours(graph, found)
        expected[np.arange(len(own)), own] = 0.0
        with np.errstate(invalid="ignore"):  # inf - inf
            right = (
                (np.abs(found - expected) <= slack * expected + least)
                & np.isfinite(expected)
                & (found <= beyond * (1 + slack))
            )
        right |= np.isposinf(found) & (expected >= beyond * (1 - slack))
        if not right.all():
            wrong = np.argwhere(~right)
            at_home = wrong[:, 1] == own[wrong[:, 0]]  # said first: it tells that rows are out of order
            row, v = wrong[np.argmax(at_home)].tolist()
            raise PluginError(
                _refuted(who, int(own[row]), v, float(found[row, v]), float(expected[row, v]), limit)
            )


def _from_neighbours(graph: Graph, found: Values) -> Values:
    """min over the edges (u, v) of d(u) + w(u, v), (s, n), inf where v has no edge."""
    matrix = graph.matrix
    expected = np.full(found.shape, np.inf)
    linked = np.flatnonzero(np.diff(matrix.indptr))
    if len(linked):
        through = found[:, matrix.indices]
        through += matrix.data
        expected[:, linked] = np.minimum.reduceat(through, matrix.indptr[linked], axis=1)
    return expected


def _refuted(who: str, source: int, v: int, found: float, expected: float, limit: float) -> str:
    if v == source:
        return (
            f"{who} says that vertex {v} is {found:.6g} away from itself: the rows come in the order of "
            f"the sources, 0 at each"
        )
    within = f" within limit={limit:g}" if np.isfinite(limit) else ""
    return (
        f"{who} says that vertex {v} is {found:.6g} away from vertex {source}; by its neighbours it is "
        f"{expected:.6g}{within}"
    )


def check_path(vertices: Any, graph: Graph, source: int, target: int, who: str) -> Ints:
    """A path's vertices as int64 (k,), none where there is none. Raises PluginError where no path from source
    to target has these.
    """
    array = np.asarray(vertices)
    if array.size == 0:
        labels = graph.components()
        if labels[source] == labels[target]:
            raise PluginError(
                f"{who} finds no path from vertex {source} to vertex {target}, which one component holds"
            )
        return np.empty(0, dtype=np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iu" or np.ma.is_masked(vertices):
        raise PluginError(
            f"{who} gives a path of shape {array.shape} and type {array.dtype}; whole numbers of shape "
            f"(k,) are needed"
        )
    if array.min() < 0 or array.max() >= graph.n:
        raise PluginError(
            f"{who} gives a path through the vertices {array.min()} to {array.max()}; there are 0 to "
            f"{graph.n - 1}"
        )
    if (array[0], array[-1]) != (source, target):
        raise PluginError(
            f"{who} gives a path from vertex {array[0]} to vertex {array[-1]}; {source} to {target} "
            f"was asked for"
        )
    if len(np.unique(array)) < len(array):
        raise PluginError(f"{who} gives a path of {len(array)} vertices that comes twice through one")
    path = array.astype(np.int64)
    missing = edges_along(graph, path) < 0
    if missing.any():
        k = int(np.argmax(missing))
        raise PluginError(
            f"{who} gives a path along ({path[k]}, {path[k + 1]}), which is no edge of the graph"
        )
    return path


def pieces_along(graph: Graph, path: Ints, claimed: Any, rtol: float, who: str) -> Values:
    """Lengths of a checked path's edges by the graph itself, (k - 1,); `claimed` are these, or their sum.
    Raises PluginError.
    """
    numbers = edges_along(graph, path)
    if graph.weights is not None:
        pieces = graph.weights[numbers]
    else:
        assert graph.metric is not None
        pieces, rtol = lengths_as_in(graph, numbers), max(rtol, _MEASURED)
    array = np.asarray(np.nan if np.ma.is_masked(claimed) else claimed)
    true = np.asarray((pieces.sum() if len(path) else np.inf) if array.ndim == 0 else pieces)
    if array.shape != true.shape or array.dtype.kind not in "iuf":
        raise PluginError(
            f"{who} gives lengths of shape {array.shape} and type {array.dtype} for a path of "
            f"{len(pieces)} edges"
        )
    if not np.allclose(array, true, rtol=2 * rtol, atol=0):
        raise PluginError(
            f"{who} gives a path of length {float(array.sum()):.9g} whose edges' lengths sum to "
            f"{float(true.sum()):.9g}"
        )
    return pieces


def edges_along(graph: Graph, path: Ints) -> Ints:
    """Number of the edge between each two vertices of a path that repeats none, (k - 1,), -1 where there is
    no edge.
    """
    ends = np.sort(np.stack([path[:-1], path[1:]], axis=1), axis=1)
    wanted = ends[:, 0] * graph.n + ends[:, 1]
    numbers = np.full(len(wanted), -1, dtype=np.int64)
    if not len(wanted):
        return numbers
    order = np.argsort(wanted)
    keys = graph.edges[:, 0] * graph.n + graph.edges[:, 1]
    at = np.minimum(np.searchsorted(wanted[order], keys), len(wanted) - 1)
    hit = np.flatnonzero(wanted[order][at] == keys)
    numbers[order[at[hit]]] = hit
    return numbers
