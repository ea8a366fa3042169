"""What turns edges into lengths, what measures vectors and short pieces, and bounds of what is left to a
target.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ..checks.arrays import Edges, Point, Points, Values

__all__ = ["Chords", "Heuristic", "Immersion", "Metric", "Riemannian", "SmoothImmersion"]


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


class Chords(NamedTuple):
    """Squared lengths of short pieces from x to y, (k,), and their derivatives as far as they were asked for.

    `start` and `end` (k, d) are the gradients by x and by y; `hessian` (k, 3, d, d) holds the second
    derivatives by x twice, by x and then y, by y twice; `convex` is a positive semidefinite matrix near it.
    """

    squares: Values
    start: Points | None = None
    end: Points | None = None
    convex: NDArray[np.float64] | None = None
    hessian: NDArray[np.float64] | None = None


@runtime_checkable
class Riemannian(Protocol):
    """What `refine` asks of any metric: lengths of tangent vectors, and of short pieces with derivatives."""

    @property
    def dim(self) -> int:
        """Number of coordinates d."""
        ...

    def speed(self, x: Points, v: Points) -> Values:
        """Length of the tangent vector v at x of each row, (n, d), (n, d) -> (n,): c|v|, |Jv|."""
        ...

    def chords(self, x: Points, y: Points, order: int = 0) -> Chords:
        """Squared length of the short piece from x to y of each row, (k, d), to second order in it; order 1
        adds gradients and a convex matrix, order 2 the Hessian.
        """
        ...

    def log_volume(self, x: Points) -> Values:
        """log sqrt det G at each row, (n, d) -> (n,); -inf where G is singular."""
        ...


@runtime_checkable
class Immersion(Protocol):
    """A metric that a map f pulls back from the Euclidean R^D: no edge is shorter than its ends' images are
    apart.
    """

    def image(self, z: Points) -> Points:
        """f(z) of each row, (n, z) -> (n, D)."""
        ...


@runtime_checkable
class SmoothImmersion(Immersion, Protocol):
    """An immersion with two derivatives, for transport, shooting and curvature."""

    @property
    def dim(self) -> int:
        """Number of coordinates z."""
        ...

    def jacobian(self, z: Points) -> NDArray[np.float64]:
        """J of each row, (n, z) -> (n, D, z)."""
        ...

    def second(self, z: Points, u: Points, v: Points) -> Points:
        """Second derivative of f along u and v at each row, (n, z) thrice -> (n, D)."""
        ...
