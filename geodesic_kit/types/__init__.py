"""Protocols that densities, metrics, solvers and latent models follow, and the arrays that pass between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ..checks.arrays import Edges, Ints, Point, Points, Values
from .results import Search, ShortestPaths

__all__ = [
    "Density",
    "DifferentiableDecoder",
    "Edges",
    "HasBreaks",
    "HasLogProbAndScore",
    "HasScore",
    "HasUpperBound",
    "Heuristic",
    "Ints",
    "LatentModel",
    "LeaveOneOut",
    "Metric",
    "OnPanels",
    "OnSegments",
    "Panels",
    "Point",
    "PointToPoint",
    "Points",
    "PowerLaw",
    "Samples",
    "Search",
    "Searches",
    "ShortestPaths",
    "Solver",
    "Values",
    "WeighedGraph",
]


@runtime_checkable
class Density(Protocol):
    """A density on R^d, ready to evaluate.

    Where `normalised` is False, absolute `lam` and `p0` have no meaning: use `GenerativeMetric.from_sample`.
    """

    # Properties, so that frozen densities, whose attributes cannot be set, follow the protocol as well.
    @property
    def dim(self) -> int:
        """Number of coordinates d."""
        ...

    @property
    def normalised(self) -> bool:
        """Whether p integrates to 1."""
        ...

    def log_prob(self, x: Points) -> Values:
        """Natural log of the density at each row of x, (n, d) -> (n,), in log(1 / length^d)."""
        ...


@runtime_checkable
class Samples(Protocol):
    """Optional ability: draw points."""

    def sample(self, n: int, *, seed: int) -> Points:
        """Draw n independent points, (n, d)."""
        ...


@runtime_checkable
class HasScore(Protocol):
    """Optional ability: the gradient of the log-density, for `refine`."""

    def score(self, x: Points) -> Points:
        """Gradient of log p at each row of x, (n, d) -> (n, d)."""
        ...


@runtime_checkable
class HasLogProbAndScore(HasScore, Protocol):
    """Optional ability: both at once, where the one costs little after the other."""

    def log_prob_and_score(self, x: Points) -> tuple[Values, Points]:
        """log p, (n,), and its gradient, (n, d), at each row of x, (n, d)."""
        ...


@runtime_checkable
class OnSegments(Protocol):
    """Optional ability: log p along straight segments, the fast path of quadrature."""

    def segment_log_prob(self, points: Points, edges: Edges, t: Values) -> NDArray[np.float64]:
        """log p at x_i + t (x_j - x_i), (m, len(t)), for every edge (i, j) and every t in [0, 1]."""
        ...


@runtime_checkable
class HasBreaks(OnSegments, Protocol):
    """Optional ability: knows where along an edge its narrow features lie, so that quadrature cannot miss them.

    Such a density's `segment_log_prob` also takes `t` of shape (m, T), one row an edge.
    """

    def segment_breaks(self, points: Points, edges: Edges, floor: float) -> tuple[Ints, Values]:
        """Edge numbers (b,) and places (b,) in (0, 1) where a panel must break; p below exp(floor) does not matter."""
        ...


@dataclass(frozen=True)
class PowerLaw:
    """log c = offset - power * logaddexp(log p, log_floor): what a metric of this form tells a compiled density."""

    offset: float
    power: float
    log_floor: float


class Panels(Protocol):
    """Some edges, prepared: where their panels must break, and the integrals of c over panels."""

    def breaks(self, floor: float) -> tuple[Ints, Values]:
        """As HasBreaks.segment_breaks."""
        ...

    def __call__(self, edge: Ints, start: Values, stop: Values) -> tuple[Values, Values, float, float]:
        """As quadrature.PanelRule; releases the GIL, since several threads integrate blocks of edges at once."""
        ...


@runtime_checkable
class OnPanels(HasBreaks, Protocol):
    """Optional ability: integrates c over panels of edges by itself, compiled, for metrics that are a power law of p."""

    def panels(self, points: Points, law: PowerLaw) -> Callable[[Edges], Panels] | None:
        """What prepares edges between those points, or None where only the plain path can serve."""
        ...


@runtime_checkable
class HasUpperBound(Protocol):
    """Optional ability: a proven bound of the density."""

    def log_prob_upper_bound(self) -> float:
        """A number that log p exceeds nowhere."""
        ...


@runtime_checkable
class LeaveOneOut(Protocol):
    """Optional ability: the log-density without a point's own kernel, so that a KDE is not judged at its own data."""

    def leave_one_out(self, x: Points) -> Values:
        """log p at each row of x, leaving out the components centred exactly there, (n, d) -> (n,)."""
        ...


@runtime_checkable
class LatentModel(Protocol):
    """A model with a latent space, NumPy in and out."""

    def encode(self, x: Points) -> Points:
        """Latent point of each row, (n, d) -> (n, z)."""
        ...

    def decode(self, z: Points) -> Points:
        """Data point of each row, (n, z) -> (n, d)."""
        ...


@runtime_checkable
class DifferentiableDecoder(Protocol):
    """A torch decoder (..., z) -> (..., x) that pullback geometry differentiates."""

    decoder: Callable[[Any], Any]


@runtime_checkable
class Metric(Protocol):
    """Turns straight edges into lengths."""

    def edge_lengths(self, points: Points, edges: Edges) -> Values:
        """Length of each straight edge, (m,), positive and symmetric. [GG] Def 2.4."""
        ...

    def lower_bound(self) -> float:
        """A proven lower bound of length per Euclidean length; 0.0 where nothing is proven."""
        ...


@runtime_checkable
class Heuristic(Protocol):
    """A consistent lower bound of the remaining distance, for point-to-point search."""

    def to_target(self, points: Points, target: Point) -> Values:
        """Lower bound of the distance from each row to the target, (n,)."""
        ...


class WeighedGraph(Protocol):
    """What a solver reads of a graph: `gk.Graph` is one, whose edges have lengths or a metric that gives them."""

    @property
    def points(self) -> Points:
        """The vertices' places, (n, d)."""
        ...

    @property
    def edges(self) -> Edges:
        """The ends of each edge, (m, 2), the lower first."""
        ...

    @property
    def weights(self) -> Values | None:
        """The length of each edge, (m,); None before they are measured."""
        ...

    @property
    def metric(self) -> Metric | None:
        """What measures the edges, as far as it is known."""
        ...

    @property
    def n(self) -> int:
        """Number of vertices."""
        ...

    @property
    def m(self) -> int:
        """Number of edges."""
        ...

    @property
    def matrix(self) -> csr_array:
        """Symmetric CSR matrix (n, n) of edge lengths. Raises UnweightedError where they are not measured."""
        ...

    @property
    def layout(self) -> Any:
        """The graph as compiled searches read it. Raises UnweightedError where its edges are not measured."""
        ...

    def require_weights(self) -> Values:
        """The weights, (m,). Raises UnweightedError where they are not measured."""
        ...

    def along(self, vertices: Ints) -> Values:
        """Length of each edge of a path through these vertices, (k - 1,)."""
        ...


@runtime_checkable
class Solver(Protocol):
    """Shortest paths on a weighted graph; `rtol` is the agreement promised with SciPy."""

    name: ClassVar[str]
    rtol: ClassVar[float]

    def solve(
        self,
        graph: WeighedGraph,
        sources: Ints,
        *,
        limit: float = np.inf,
        predecessors: bool = False,
        dtype: Any = np.float64,
        out: NDArray[Any] | None = None,
    ) -> ShortestPaths:
        """Distances (s, n) in the order of `sources`; unreachable or beyond `limit` is inf, with predecessor -1."""
        ...


@runtime_checkable
class PointToPoint(Protocol):
    """Optional ability of a solver: one pair at a time, with early exit."""

    def path(self, graph: WeighedGraph, source: int, target: int) -> tuple[Ints, float, int]:
        """Vertices of a shortest path, its length, and the number of vertices expanded."""
        ...


@runtime_checkable
class Searches(PointToPoint, Protocol):
    """Optional ability of a solver: a pair on a graph that may not be weighed yet, with an account of what it took."""

    def search(self, graph: WeighedGraph, source: int, target: int) -> Search:
        """The path, its edges' lengths, the vertices expanded and the edges integrated."""
        ...
