"""The explorer's graph: the rule that joins its points, and log p along its edges, which is kept, so that a
slider of the metric only weighs anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from ...base.threads import compiled
from ...checks import chosen
from ...density.along_edges import LogDensityOnEdges, at_points
from ...density.answers import log_density
from ...graph.by_rule import adaptive_graph, epsilon_graph, knn_graph
from ...graph.graph import Graph
from ...metric.conformal import ConformalMetric
from ...metric.contrast import check_span
from ...metric.norms import norms
from ...types import Density, Edges, Ints, Metric, Points, Values

__all__ = ["RULES", "Kept", "Linked", "linked"]

RULES = ("epsilon", "knn", "adaptive")
_FEW = 3  # coordinates up to which edges are short
_BOOLE = np.array([7, 32, 12, 32, 7]) / 90  # of the five nodes of a panel
_ROUGH = 0.25  # second difference of log p, above which an edge has four times the panels
_FALL = 7.0  # below the least log p of the points, how far log p counts: as far as the slider of lam goes

Table = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Kept:
    """log p within the edges among points (n, d) that were asked for so far: another radius evaluates only
    the edges that it adds.
    """

    density: Density
    points: Points
    _coarse: _Memory = field(init=False)
    _fine: _Memory = field(init=False)

    def __post_init__(self) -> None:
        panels = 1 if self.points.shape[1] <= _FEW else 2
        object.__setattr__(self, "_coarse", _Memory(self, panels))
        object.__setattr__(self, "_fine", _Memory(self, 4 * panels))

    @cached_property
    def at_vertices(self) -> Values:
        """log p at each point, (n,)."""
        return log_density(self.density, self.points)

    def __call__(self, edges: Edges) -> tuple[Table, Ints, Table]:
        """log p at the nodes of each edge, ends and all, (m, 4 panels + 1); the numbers (r,) of edges along
        which it bends so much that they need more; and at the nodes of those.
        """
        log_p = self._coarse(edges)
        with np.errstate(invalid="ignore"):  # where p is 0
            bends = np.abs(np.diff(np.maximum(log_p, self.at_vertices.min() - _FALL), n=2, axis=1)).max(
                axis=1
            )
        rough = np.flatnonzero(~(bends <= _ROUGH))
        return log_p, rough, self._fine(edges[rough])


class _Memory:
    """log p at even places within edges, by edge."""

    def __init__(self, of: Kept, panels: int) -> None:
        self._of, self._inside = of, np.linspace(0, 1, 4 * panels + 1)[1:-1]
        self._keys: Ints = np.empty(0, dtype=np.int64)
        self._values: Table = np.empty((0, len(self._inside)))

    def __call__(self, edges: Edges) -> Table:
        """log p at the places and at both ends of each edge."""
        keys = edges[:, 0] * len(self._of.points) + edges[:, 1]
        at = np.searchsorted(self._keys, keys)
        known = at < len(self._keys)
        known[known] = self._keys[at[known]] == keys[known]
        ends = self._of.at_vertices[edges]
        out = np.empty((len(edges), len(self._inside) + 2))
        out[:, 0], out[:, -1] = ends[:, 0], ends[:, 1]
        out[known, 1:-1] = self._values[at[known]]
        if not known.all():
            out[~known, 1:-1] = new = self._evaluated(edges[~known])
            every = np.concatenate([self._keys, keys[~known]])
            order = np.argsort(every, kind="stable")
            self._keys, self._values = every[order], np.concatenate([self._values, new])[order]
        return out

    def _evaluated(self, edges: Edges) -> Table:
        density, points = self._of.density, self._of.points
        places = np.broadcast_to(self._inside, (len(edges), len(self._inside)))
        if points.shape[1] <= _FEW and not compiled():  # parabolas cost NumPy more than points
            return at_points(partial(log_density, density, spare=True), points, edges, places)
        return LogDensityOnEdges(density, points, edges)(np.arange(len(edges)), places)


@dataclass(frozen=True, eq=False)
class Linked:
    """A graph over the scene's points, the Euclidean lengths of its edges (m,), log p at the nodes of each,
    and at more of those numbered `rough`; the Euclidean paths found so far.
    """

    graph: Graph
    lengths: Values
    log_p: Table
    rough: Ints
    finer: Table
    paths: dict[tuple[int, int, str], Ints] = field(default_factory=dict)

    @cached_property
    def euclidean(self) -> Graph:
        """The graph weighed by Euclidean length."""
        return self.graph._with(weights=self.lengths)

    @cached_property
    def components(self) -> Ints:
        """Component of each vertex, (n,)."""
        return self.graph.components()

    def weigh(self, metric: Metric) -> tuple[Graph, float]:
        """The graph under `metric`, its edges to a hundredth, and the contrast max c / min c on it: nothing
        is evaluated anew, so that a slider can follow. Raises ContrastError.
        """
        if not isinstance(metric, ConformalMetric):
            return self.graph._with(weights=self.lengths, metric=metric), 1.0
        weights, low, high = _means(metric, self.log_p)
        finer, lower, higher = _means(metric, self.finer)
        low, high = min(low, lower), max(high, higher)
        weights[self.rough] = finer
        weights *= self.lengths
        weights.flags.writeable = False
        contrast = float(np.exp(high - low)) if len(weights) else 1.0
        return self.graph._with(weights=weights, metric=metric), contrast


def _means(metric: ConformalMetric, log_p: Table) -> tuple[Values, float, float]:
    """Mean of c along each edge by Boole's rule, (m,), and the least and the greatest log c."""
    log_c = metric.log_c(log_p)
    low, high = float(log_c.min(initial=np.inf)), float(log_c.max(initial=-np.inf))
    check_span(low, high, metric)
    c = np.exp(log_c, out=log_c)
    panels = (c.shape[1] - 1) // 4
    rule = np.zeros(c.shape[1])
    for panel in range(panels):
        rule[4 * panel : 4 * panel + 5] += _BOOLE / panels
    return c @ rule, low, high


def linked(points: Points, kept: Kept, rule: str, eps: float, k: int, bridged: bool) -> Linked:
    """The graph by one of RULES, its pieces joined where asked, with log p on its edges. Raises
    InvalidParameter.
    """
    chosen(rule, "rule", RULES)
    if rule == "epsilon":
        graph = epsilon_graph(points, eps)
    elif rule == "knn":
        graph = knn_graph(points, k)
    else:
        graph = adaptive_graph(points, k, eps)
    graph = graph.bridged() if bridged else graph
    lengths = norms(graph.points, graph.edges)
    lengths.flags.writeable = False
    return Linked(graph, lengths, *kept(graph.edges))
