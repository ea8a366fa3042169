"""A weighed graph as the compiled searches read it: vertices that are near each other lie near each other in
memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from ..base.blocks import WORTH_COMPILING, step_norms
from ..base.neighbours import spatial_order
from ..base.scales import fitted
from ..base.threads import n_threads, shared_out
from ..errors import GraphError
from ..types import Edges, Ints, Points, Values

__all__ = ["Layout", "no_edge"]

_MANY = 10_000  # vertices, from which on threads are worth starting
_FEWEST_DIGITS = 1e-135  # distance, whose square keeps its digits


@dataclass(frozen=True, eq=False)
class Layout:
    """Both directions of every edge in CSR form, vertices numbered in spatial order, which is up to 2.7 times
    faster.

    order (n,) is the caller's vertex at each place, place (n,) its inverse.
    """

    points: Points  # (n, d), by place
    order: Ints
    place: NDArray[np.int32]
    start: Ints
    neighbours: NDArray[np.int32]
    lengths: Values
    guide: Callable[[Points], Points] | None = None  # from points to where distances guide a search
    _idle: list[Any] = field(default_factory=list, repr=False)

    @classmethod
    def of(
        cls,
        points: Points,
        edges: Edges,
        weights: Values,
        guide: Callable[[Points], Points] | None = None,
    ) -> Layout:
        """The layout of a graph. Needs numba."""
        order = spatial_order(points)
        place = np.empty(len(order), dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        rows = _rows(place, edges, weights)
        return cls._of_arrays(np.take(points, order, axis=0), order, place, *rows, guide=guide)

    def extended(self, points: Points, edges: Edges, weights: Values) -> Layout:
        """With further points, numbered on, and further edges; what was laid out before is copied as it
        lies.
        """
        from ..base.compiled import constant
        from ..base.kernels import widened

        n, q = len(self.order), len(points)
        last = np.arange(n, n + q)
        place = np.concatenate([self.place, last.astype(np.int32)])
        more = _rows(place, edges, weights)
        start = np.concatenate([self.start, np.full(q, self.start[-1])]) + more[0]
        neighbours, lengths = np.empty(start[-1], dtype=np.int32), np.empty(start[-1])
        old = (self.start, self.neighbours, self.lengths)
        widened(*old, *(constant(array) for array in more), constant(start), neighbours, lengths)
        return self._of_arrays(
            np.concatenate([self.points, points]),
            np.concatenate([self.order, last]),
            place,
            start,
            neighbours,
            lengths,
            guide=self.guide,
        )

    @classmethod
    def _of_arrays(cls, *arrays: NDArray[Any], guide: Callable[[Points], Points] | None) -> Layout:
        from ..base.compiled import constant

        frozen: list[Any] = [*(constant(array) for array in arrays), guide]
        return cls(*frozen)

    def __reduce__(self) -> Any:
        """How it travels to another process: without working arrays and what follows from the others."""
        arrays = (self.points, self.order, self.place, self.start, self.neighbours, self.lengths)
        return _received, (arrays, self.guide)

    @cached_property
    def ground(self) -> Points:
        """Where distances guide a search: the points, or what `guide` makes of them, times a power of two, so
        that compiled searches can square their distances.
        """
        from ..base.compiled import constant

        places = self.points if self.guide is None else self.guide(self.points)
        return constant(fitted(places)[1][0])

    @cached_property
    def ratio(self) -> float:
        """The least length of an edge per distance of its ends in `ground`, a little lowered, 0 where no edge
        has any.

        On this graph `ratio` times the distance to the target there never exceeds the path's length, whatever
        the metric.
        """
        found = _least_ratio(self.ground, self.start, self.neighbours, self.lengths)
        # Rounding must not break the triangle inequality that the bound rests on.
        return (1 - 1e-9) * found if np.isfinite(found) else 0.0

    def along(self, vertices: Ints) -> Values:
        """Length of each edge of a path through the caller's vertices, (k - 1,). Raises GraphError where two
        have none.
        """
        at = self.place[vertices]
        here, there = at[:-1], at[1:]
        first = self.start[here]
        degrees = self.start[here + 1] - first
        step = np.repeat(np.arange(len(here)), degrees)
        row = np.arange(len(step)) + np.repeat(first - np.cumsum(degrees) + degrees, degrees)
        hit = self.neighbours[row] == there[step]
        if np.count_nonzero(hit) < len(here):
            k = int(np.setdiff1d(np.arange(len(here)), step[hit])[0])
            raise no_edge(int(vertices[k]), int(vertices[k + 1]))
        return self.lengths[row[hit]]

    def borrow(self, make: Any) -> Any:
        """Working arrays of an earlier search that is over, else new ones from `make()`; give them back by
        `give`.
        """
        try:
            return self._idle.pop()
        except IndexError:
            return make()

    def give(self, arrays: Any) -> None:
        """Keep working arrays, as they were when borrowed, for the next search."""
        self._idle.append(arrays)


def _received(arrays: tuple[NDArray[Any], ...], guide: Callable[[Points], Points] | None) -> Layout:
    return Layout._of_arrays(*arrays, guide=guide)


def _rows(place: NDArray[np.int32], edges: Edges, weights: Values) -> tuple[Ints, NDArray[np.int32], Values]:
    """Start (n + 1,), neighbours (2m,) and lengths (2m,) of a graph whose vertices are renumbered by
    `place`.
    """
    if 2 * len(edges) <= WORTH_COMPILING:
        return _small_rows(place, edges, weights)
    from ..base.compiled import constant
    from ..base.kernels import both_ways, degrees

    n = len(place)
    given = (constant(edges), constant(weights), constant(place))
    start, filled = np.zeros(n + 1, dtype=np.int64), np.zeros(n, dtype=np.int32)
    degrees(given[0], given[2], start)
    neighbours, lengths = np.empty(2 * len(edges), dtype=np.int32), np.empty(2 * len(edges))
    fixed = constant(start)
    for _ in shared_out(
        lambda part: both_ways(*given, *part, fixed, filled, neighbours, lengths), _parts(n), n_threads()
    ):
        pass
    return start, neighbours, lengths


def _small_rows(
    place: NDArray[np.int32], edges: Edges, weights: Values
) -> tuple[Ints, NDArray[np.int32], Values]:
    """As _rows, by SciPy: a column for each direction of each edge; its rows list their columns in order."""
    ends, both = place[edges], 2 * len(edges)
    columns = (np.ones(both, dtype=np.int8), ends.ravel(), np.arange(both + 1, dtype=np.int32))
    rows = csc_array(columns, shape=(len(place), both)).tocsr()
    at = rows.indices
    return rows.indptr.astype(np.int64), ends[:, ::-1].ravel()[at], weights[at // 2]


def _least_ratio(ground: Points, start: Ints, neighbours: NDArray[np.int32], lengths: Values) -> float:
    """The least length of an edge per distance of its ends; inf where no edge has any, 0 where the square of
    one is too small for its digits to be kept.
    """
    n = len(ground)
    if len(neighbours) * ground.shape[1] <= WORTH_COMPILING:
        here = np.repeat(np.arange(n), np.diff(start))
        once = neighbours > here
        apart = step_norms(ground[neighbours[once]] - ground[here[once]])
        some = apart > 0
        if (apart[some] < _FEWEST_DIGITS).any():
            return 0.0
        return float((lengths[once][some] / apart[some]).min(initial=np.inf))
    from ..base.kernels import least_ratio

    def least(part: tuple[int, int]) -> float:
        return float(least_ratio(ground, start, neighbours, lengths, *part))

    return min(shared_out(least, _parts(n), n_threads()))


def _parts(n: int) -> list[tuple[int, int]]:
    """The rows in two runs, since each run reads all edges: two threads gain, more would not."""
    return [(0, n // 2), (n // 2, n)] if n >= _MANY else [(0, n)]


def no_edge(a: int, b: int) -> GraphError:
    """The error where a path steps from a to b and the graph does not."""
    return GraphError(
        f"no edge joins the vertices {a} and {b}, so no path goes from one to the other in a step"
    )
