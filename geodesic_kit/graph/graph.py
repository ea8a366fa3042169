"""A graph as a value: points, edges and their lengths; weighed, grown, bridged, saved."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from ..base.cards import load_arrays, save_arrays
from ..base.components import components_of
from ..base.extras import needing
from ..checks import as_edges, as_metric, as_points, as_sources, as_weights
from ..errors import GraphError, InvalidParameter, TruncatedFileError, UnweightedError
from ..metric.conformal import ConformalMetric
from ..metric.edge_lengths import Weighing, measured, rule_of, weigh
from ..metric.rules import Rule, as_rule
from ..types import Edges, Ints, Metric, Points, Values
from .bridges import spanning_bridges
from .edge_rules import Link, as_card, from_card
from .forms import Forms, read_only, symmetric
from .from_matrix import edges_of_matrix
from .guides import guide_of
from .landmark_rows import LandmarkRows
from .search_layout import Layout, no_edge

__all__ = ["Graph", "as_graph"]


@dataclass(frozen=True, eq=False)
class Graph:
    """An undirected graph over points (n, d): edges (m, 2) with i < j, and their lengths (m,) once weighed.

    `link` remembers the rule that made the edges, `rule` the one that measured them and `report` how that
    went, so that `attach` can repeat both; `bridges` (b, 2) are the edges that `bridged` added. Arrays are
    read-only. Raises DataError and GraphError.
    """

    points: Points
    edges: Edges
    weights: Values | None = None
    metric: Metric | None = None
    link: Link | None = None
    rule: Rule | None = None
    report: Weighing | None = field(default=None, repr=False)
    bridges: Edges | None = field(default=None, repr=False)
    forms: Forms = field(default_factory=Forms, init=False, repr=False)

    def __post_init__(self) -> None:
        points = as_points(self.points)
        edges = as_edges(self.edges, len(points))
        if not (edges[:, 0] < edges[:, 1]).all():
            edges = np.sort(edges, axis=1)
            if (edges[:, 0] == edges[:, 1]).any():
                raise GraphError(
                    f"vertex {edges[edges[:, 0] == edges[:, 1]][0, 0]} has an edge to itself; drop such edges"
                )
        keys = edges[:, 0] * len(points) + edges[:, 1]
        if not (keys[1:] > keys[:-1]).all() and len(np.unique(keys)) < len(keys):
            raise GraphError("an edge is given twice; an undirected edge is one row (i, j)")
        object.__setattr__(self, "points", read_only(points, self.points))
        object.__setattr__(self, "edges", read_only(edges, self.edges))
        if self.weights is not None:
            object.__setattr__(
                self, "weights", read_only(as_weights(self.weights, edges, len(points)), self.weights)
            )

    def __repr__(self) -> str:
        weighed = (
            "unweighed"
            if self.weights is None
            else f"weighed by {self.metric!r}"
            if self.metric
            else "weighed"
        )
        rule = f" by {self.link}" if self.link else ""
        if self.landmarks is not None:
            weighed += f", {len(self.landmarks.vertices)} landmarks"
        return (
            f"Graph({self.n:,} points in R^{self.points.shape[1]}, {self.m:,} edges{rule}, mean degree "
            f"{self.mean_degree:.3g}, {weighed})"
        )

    @property
    def n(self) -> int:
        """Number of vertices."""
        return len(self.points)

    @property
    def m(self) -> int:
        """Number of edges."""
        return len(self.edges)

    @property
    def mean_degree(self) -> float:
        """Mean number of edges at a vertex, 2 m / n."""
        return 2 * self.m / self.n

    @property
    def matrix(self) -> csr_array:
        """Symmetric CSR matrix (n, n) of edge lengths. Raises UnweightedError before `weigh`."""
        if self.forms.matrix is None:
            self.forms.matrix = symmetric(self.n, self.edges, self.require_weights())
        return self.forms.matrix

    @property
    def layout(self) -> Layout:
        """The graph as compiled searches read it. Raises UnweightedError before `weigh`, ModuleNotFoundError
        without numba.
        """
        if self.forms.layout is None:
            guide = guide_of(self.metric, self.points)
            self.forms.layout = Layout.of(self.points, self.edges, self.require_weights(), guide)
        return self.forms.layout

    @property
    def landmarks(self) -> LandmarkRows | None:
        """Distances to the landmarks that `gk.landmarks(graph).graph` carries, which guide searches."""
        return self.forms.landmarks

    def require_weights(self) -> Values:
        """The weights, (m,). Raises UnweightedError before `weigh`."""
        if self.weights is None:
            raise UnweightedError("the graph has no weights; give it some by graph.weigh(metric)")
        return self.weights

    def along(self, vertices: Ints) -> Values:
        """Length of each edge of a path through these vertices, (k - 1,). Raises UnweightedError,
        InvalidParameter and GraphError.
        """
        path = as_sources(vertices, self.n, "vertices")
        if self.forms.layout is not None:
            return self.forms.layout.along(path)
        pieces = np.array([self.matrix[a, b] for a, b in pairwise(path)], dtype=np.float64)
        if not pieces.all():
            step = int(np.flatnonzero(pieces == 0)[0])
            raise no_edge(int(path[step]), int(path[step + 1]))
        return pieces

    def components(self) -> Ints:
        """Component of each vertex, (n,), numbered from 0 by falling size; ties go to the lower vertex."""
        one_way = coo_array(
            (np.ones(self.m), (self.edges[:, 0], self.edges[:, 1])), shape=(self.n, self.n)
        ).tocsr()
        return components_of(one_way)

    def weigh(
        self,
        metric: Metric,
        rule: str | Rule = "adaptive",
        pieces: int | None = None,
        rtol: float | None = None,
        panels: int | None = None,
        client: Any = None,
    ) -> Graph:
        """A new graph whose weights are the lengths of its edges under `metric`. [GG] Def 2.4.

        `rule` "adaptive" meets the relative tolerance `rtol` (1e-6) with an error estimate an edge. For
        mixtures nothing is too narrow for it; in any other density a feature far narrower than an edge can
        hide between its nodes, unless it starts from more `panels`. "trapezoid" is the paper's, with `pieces`
        (8). A rule of `metric.rules` is taken as it is. `client` shares the edges out over a cluster. Raises
        InvalidParameter, ContrastError, NotADensityError, ClusterError; warns ContrastWarning where c hardly
        varies.
        """
        chosen = as_rule(rule, pieces, rtol, panels)
        as_metric(metric)
        asked = rule != "adaptive" or rtol is not None or panels is not None
        if asked and not isinstance(metric, ConformalMetric):
            raise InvalidParameter(
                f"{metric!r} measures its edges itself; rule=, pieces=, rtol= and panels= do not apply"
            )
        weights, report = weigh(self.points, self.edges, metric, chosen, client)
        weights.flags.writeable = False  # no one else holds them
        return self._with(weights=weights, metric=metric, rule=report.rule if report else None, report=report)

    @classmethod
    def _trusted(cls, **parts: Any) -> Self:
        """A graph of parts that the kit has made: read-only arrays, which need no check and no copy."""
        self = object.__new__(cls)
        for each in fields(cls):
            object.__setattr__(self, each.name, parts.get(each.name))
        if self.forms is None:
            object.__setattr__(self, "forms", Forms())
        return self

    def _with(self, layout: Layout | None = None, **changed: Any) -> Self:
        """This graph with other parts, as `_trusted` has them; what solvers read is kept as long as it is
        true.
        """
        if changed.keys() & {"points", "edges", "weights"}:
            changed["forms"] = Forms(layout=layout)
        return self._trusted(**({each.name: getattr(self, each.name) for each in fields(self)} | changed))

    def attach(self, points: Points) -> Graph:
        """A new graph with `points` (q, d) as vertices n to n + q - 1, linked and weighed by the rules of
        this one.

        Edges between the old vertices stay as they are. Raises GraphError where this graph was not made by a
        rule.
        """
        if self.link is None:
            raise GraphError(
                "this graph was not made by epsilon_graph, knn_graph or adaptive_graph, so "
                "attach has no rule to follow"
            )
        new = as_points(points, dim=self.points.shape[1])
        edges = self.link.between(self.points, new)
        everything = np.concatenate([self.points, new])
        everything.flags.writeable = False
        return self._extended(everything, edges)

    def bridged(self) -> Graph:
        """A new graph whose components are joined by the shortest edges between them, named in `.bridges` (b,
        2).

        A bridge's weight is its length under the metric, as any edge's: it crosses a gap, and costs what the
        gap costs.
        """
        added = spanning_bridges(self.points, self.components())
        bridges = added if self.bridges is None else np.concatenate([self.bridges, added])
        bridges.flags.writeable = False
        return (
            self._extended(self.points, added, bridges=bridges) if len(added) else self._with(bridges=bridges)
        )

    def _extended(self, points: Points, edges: Edges, **changed: Any) -> Graph:
        """This graph with further edges, weighed as its own are, over its points or over these and more."""
        joined = np.concatenate([self.edges, edges])
        joined.flags.writeable = False
        if self.weights is None:
            return self._with(points=points, edges=joined, **changed)
        if self.metric is None:
            raise GraphError(
                "this graph has weights and no metric, so new edges cannot be weighed; add "
                "them before weighing"
            )
        added = measured(points, edges, self.metric, rule_of(self))
        weights = np.concatenate([self.weights, added])
        weights.flags.writeable = False
        layout = self.forms.layout  # a million vertices need not be laid out again for two more
        layout = None if layout is None else layout.extended(points[self.n :], edges, added)
        return self._with(layout, points=points, edges=joined, weights=weights, **changed)

    @classmethod
    def from_matrix(cls, points: Points, matrix: Any) -> Self:
        """The graph of a matrix (n, n) of edge lengths, sparse or dense; an edge may be there on one side
        alone.

        So scikit-learn's `kneighbors_graph(x, k, mode="distance")` gives the edges of `knn_graph(x, k)`. No
        edge is what a sparse matrix does not store, 0 in a dense one, and inf. Raises GraphError on NaN,
        negative lengths, a stored 0, an entry on the diagonal, and where two sides of an edge differ by more
        than a relative 1e-6; of smaller differences the longer is taken.
        """
        points = as_points(points)
        return cls(points, *edges_of_matrix(matrix, len(points)))

    def to_networkx(self) -> Any:
        """The graph as a networkx.Graph with nodes 0 to n - 1 and the attribute `weight`."""
        with needing("to_networkx needs", "networkx"):
            import networkx as nx
        graph = nx.Graph()
        graph.add_nodes_from(range(self.n))
        if self.weights is None:
            graph.add_edges_from(self.edges.tolist())
        else:
            graph.add_weighted_edges_from(zip(*self.edges.T.tolist(), self.weights.tolist(), strict=True))
        return graph

    def save(self, path: str | Path) -> Path:
        """Write points, edges, weights and the rule to `path` (npz) with a card beside it; the metric is not
        saved.
        """
        arrays: dict[str, NDArray[Any]] = {"points": self.points, "edges": self.edges}
        if self.weights is not None:
            arrays["weights"] = self.weights
        return save_arrays(path, arrays, {"plugin": "graph", "link": as_card(self.link)})

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The graph saved at `path`, without its metric. Raises HashMismatch and TruncatedFileError."""
        arrays, card = load_arrays(path)
        if missing := {"points", "edges"} - set(arrays):
            raise TruncatedFileError(
                f"{path} holds no {', '.join(sorted(missing))}: it is not a saved graph; save it again"
            )
        return cls(arrays["points"], arrays["edges"], arrays.get("weights"), link=from_card(card.get("link")))


def as_graph(graph: Any, taker: str) -> Graph:
    """`graph`, which is one. Raises GraphError, which names who takes it, for anything else."""
    if not isinstance(graph, Graph):
        raise GraphError(
            f"{taker} takes a graph, not {type(graph).__name__}; give what gk.knn_graph(x, "
            "k=).weigh(metric) returns"
        )
    return graph
