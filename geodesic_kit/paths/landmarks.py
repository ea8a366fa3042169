"""Landmarks: a few vertices whose distances to all others bound, estimate and embed the distances of any
two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.progress import progress
from ..checks import as_float_type, as_pairs, integer, seeded
from ..checks.memory import within
from ..errors import InvalidParameter
from ..graph.graph import Graph, as_graph
from ..graph.landmark_rows import LandmarkRows
from ..types import Ints, Points, Values
from .landmark_scaling import MOST_SCALED, landmark_scaling
from .solving import automatic, solved

__all__ = ["Bounds", "Estimate", "Landmarks", "landmarks"]

_AT_ONCE = 8  # trees between two looks at what they have reached
_LOOKED_AT = 4096  # pairs whose distances are known, by which estimates are calibrated
_WITHIN = 0.95  # share of such pairs that the error bar holds


class Bounds(NamedTuple):
    """What no distance is below and none above, (m,) each, in the units of the graph's edges."""

    lower: Values
    upper: Values


class Estimate(NamedTuple):
    """Distances (m,), and by how much 95 % of such estimates err at most, (m,), in the units of the graph's
    edges.
    """

    distance: Values
    error: Values


@dataclass(frozen=True, eq=False)
class Landmarks:
    """What `gk.landmarks` gives: `graph`, which carries the distances of its n vertices to k landmarks, so
    that "astar" is guided by them.
    """

    graph: Graph

    def __repr__(self) -> str:
        return (
            f"Landmarks({len(self.vertices)} of {self.graph.n:,} vertices, {self.distances.dtype} distances)"
        )

    @property
    def rows(self) -> LandmarkRows:
        """The distances as the graph carries them."""
        assert self.graph.landmarks is not None
        return self.graph.landmarks

    @property
    def vertices(self) -> Ints:
        """The landmarks, (k,)."""
        return self.rows.vertices

    @property
    def distances(self) -> NDArray[Any]:
        """Distances of all vertices to the landmarks, (n, k), inf where there is no path, read-only."""
        return self.rows.distances

    @cached_property
    def components(self) -> Ints:
        """Component of each vertex, (n,), numbered from 0 by falling size."""
        return self.graph.components()

    def bounds(self, pairs: ArrayLike) -> Bounds:
        """Bounds of the distances of pairs (m, 2) of vertices: the largest |d(l, i) - d(l, j)| and the least
        d(l, i) + d(l, j) over the landmarks l.

        They hold of the true distance and of what any solver adds up in float64: both are rounded outward,
        from float32 too. Of two vertices that no path joins both are inf, of a vertex and itself both 0; the
        upper one is inf in a component without a landmark. Raises InvalidParameter.
        """
        i, j = as_pairs(pairs, self.graph.n).T
        return self._bounds(i, j)

    def _bounds(self, i: Ints, j: Ints, without: Ints | None = None) -> Bounds:
        lower, upper = self.rows.bounds(i, j, without)
        lower[i == j] = upper[i == j] = 0.0
        apart = self.components[i] != self.components[j]
        lower[apart] = upper[apart] = np.inf
        return Bounds(lower, upper)

    def estimate(self, pairs: ArrayLike) -> Estimate:
        """Distances of pairs (m, 2) of vertices, at one share of the way from the lower bound to the upper,
        and their error bars.

        The share, and the part of that way that holds 95 % of the errors, come of pairs whose distance is
        known: of a random landmark, left out of the bounds, and a random vertex. For pairs that are drawn
        like these some 95 % of the distances lie within the error; none ever lies beyond the bounds. Where
        there is no upper bound, the estimate is the lower one and the error inf. Raises InvalidParameter.
        """
        lower, upper = self.bounds(pairs)
        share, part = self._calibration
        with np.errstate(invalid="ignore"):
            width = np.where(lower == upper, 0.0, upper - lower)
            return Estimate(
                np.where(np.isfinite(upper), lower + share * width, lower),
                np.minimum(part, max(share, 1 - share)) * width,
            )

    @cached_property
    def _calibration(self) -> tuple[float, float]:
        """Where distances lie between their bounds, in the median, and how far from there 95 % of them do."""
        rng = np.random.default_rng(self.rows.seed)
        mark, v = rng.integers(self.rows.drawn, size=_LOOKED_AT), rng.integers(self.graph.n, size=_LOOKED_AT)
        lower, upper = self._bounds(self.vertices[mark], v, mark)
        known = self.distances[v, mark].astype(np.float64)
        some = np.isfinite(upper) & (upper > lower) & ~np.isin(v, self.vertices)
        if not some.any():
            return 0.5, 0.5
        shares = (known[some] - lower[some]) / (upper[some] - lower[some])
        share = float(np.clip(np.median(shares), 0, 1))
        return share, float(np.quantile(np.abs(shares - share), _WITHIN, method="higher"))

    def embed(self, n_components: int = 2) -> Points:
        """Points (n, n_components), in the units of the distances, by landmark scaling: classical scaling of
        the landmarks, each weighted by its share of the vertices that it is nearest to, and every vertex
        placed by its distances to them.

        Approximate, except with all vertices as landmarks, where it is classical scaling. Components are
        scaled one by one and laid side by side, with a ComponentsNotice. Raises InvalidParameter, also where
        a component has no landmark. V. de Silva, J. Tenenbaum, Sparse multidimensional scaling using landmark
        points (2004).
        """
        dim = integer(n_components, "n_components", least=1, most=MOST_SCALED)
        self.require_all_reached()
        return landmark_scaling(self.rows, self.components, dim)

    def require_all_reached(self) -> None:
        """Raises InvalidParameter where a component has no landmark."""
        count, marked = int(self.components.max()) + 1, np.unique(self.components[self.vertices])
        if len(marked) < count:
            alone = int((~np.isin(self.components, marked)).sum())
            raise InvalidParameter(
                f"{count - len(marked)} of {count} components, of {alone:,} vertices together, have no "
                "landmark, so nothing says where they lie; give a larger k=, or join them by graph.bridged()"
            )


def landmarks(graph: Graph, k: int = 64, seed: int = 0, dtype: Any = np.float64) -> Landmarks:
    """Distances of all vertices to k of them: a quarter drawn at random, then each the farthest from all
    before it.

    Random ones lie on the way between many pairs and bound their distances from above, those at the rim lie
    behind them and bound from below. A component of at least 4 n / 3 k vertices has one. It takes k trees
    and n k numbers of memory.

    Parameters
    ----------
    graph : Graph
        Weighed, of n vertices.
    k : int, default 64
        Number of landmarks, from 1 to n.
    seed : int, default 0
        Of the vertices that are drawn.
    dtype : {float64, float32}, default float64
        Type of the distances; float32 is half the memory, and hardly guides a search where edges are short.

    Returns
    -------
    Landmarks
        Its `graph` carries the distances; `bounds`, `estimate` and `embed` read them.

    Raises
    ------
    UnweightedError, InvalidParameter, TooLittleMemoryError

    Examples
    --------
    >>> x = gk.datasets.load("two_moons", n=400, seed=0).x
    >>> metric = gk.GenerativeMetric.from_sample(gk.densities["mog"].fit(x, seed=0, n_components=8), x)
    >>> graph = gk.suggest_graph(x).build(x).weigh(metric)
    >>> bounds = gk.landmarks(graph, k=8, seed=0).bounds([(0, 1)])
    >>> D = gk.distances(graph, sources=[0])
    >>> bool(bounds.lower[0] <= D[0, 1] <= bounds.upper[0])
    True
    """
    as_graph(graph, "landmarks").require_weights()
    k, seed, kind = integer(k, "k", least=1, most=graph.n), seeded(seed), as_float_type(dtype)
    needed = graph.n * (k * kind.itemsize + 16 * min(k, _AT_ONCE)) + 32 * graph.m
    with within(needed, f"distances to {k} landmarks", "ask for fewer landmarks, k=, or dtype=np.float32"):
        rows = _Rows(graph, k, kind)
        drawn = np.random.default_rng(seed).choice(graph.n, -(-k // 4), replace=False)
        for start in range(0, len(drawn), _AT_ONCE):
            rows.add(drawn[start : start + _AT_ONCE])
        large = 3 * k * np.bincount(labels := graph.components())[labels] >= 4 * graph.n
        rim = k - len(drawn)
        for _ in progress(range(rim), rim, graph.n, "landmarks"):
            rows.add(np.array([rows.next(large)]))
    return Landmarks(rows.carried(len(drawn), seed))


class _Rows:
    """Rows that are filled a few landmarks at a time; `gap` (n,) is the distance to the nearest one."""

    def __init__(self, graph: Graph, k: int, kind: np.dtype[Any]) -> None:
        self.graph, self.vertices = graph, np.empty(0, dtype=np.int64)
        self.distances, self.gap = np.empty((graph.n, k), dtype=kind), np.full(graph.n, np.inf)

    def add(self, some: Ints) -> None:
        """Those trees. Raises InvalidParameter where a distance does not fit the type."""
        found = solved(automatic(), self.graph, some).distances
        np.minimum(self.gap, found.min(axis=0), out=self.gap)
        self.gap[some] = -np.inf  # none is taken twice, however near the others are
        first, kind = len(self.vertices), self.distances.dtype
        if (found.max(initial=0.0, where=np.isfinite(found))) > np.finfo(kind).max:
            raise InvalidParameter(
                f"dtype={kind}: distances up to {found.max():.3g} do not fit; leave it out"
            )
        self.distances[:, first : first + len(some)] = found.T
        self.vertices = np.append(self.vertices, some)

    def next(self, large: NDArray[np.bool_]) -> int:
        """The vertex farthest from all landmarks, in a large component first where one has none."""
        return int(np.argmax(np.where(np.isposinf(self.gap) & ~large, -1.0, self.gap)))

    def carried(self, drawn: int, seed: int) -> Graph:
        """The graph, which carries the rows."""
        shortest = float(np.min(self.graph.require_weights(), initial=np.inf))
        rows = LandmarkRows(self.vertices, self.distances, shortest, drawn, seed)
        return self.graph._with(forms=replace(self.graph.forms, landmarks=rows))
