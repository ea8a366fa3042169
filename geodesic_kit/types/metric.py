"""What turns edges into lengths, and bounds of what is left to a target."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ..checks.arrays import Edges, Point, Points, Values

__all__ = ["Heuristic", "Metric"]


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
