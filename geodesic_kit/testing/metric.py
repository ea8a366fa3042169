"""The contract of a metric: lengths that are positive, symmetric, additive, and not below the bounds it
claims.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..types import Edges, Heuristic, Metric, Points, Riemannian, Values
from .tools import Contract, close, refuses, skip, still

__all__ = ["MetricContract"]


class MetricContract(Contract):
    """Inherited tests of a metric; set `plugin` or override `make`, and `points` where its space is not the
    plane.

    `rtol` is the accuracy of an edge's length.
    """

    rtol: ClassVar[float] = 1e-5

    def points(self) -> Points:
        """Points where the metric is defined, (n, d): by default 60 in the plane."""
        return np.random.default_rng(30).standard_normal((60, 2))

    def edges(self) -> Edges:
        """Pairs i < j, (m, 2): by default about 120 of all pairs."""
        n = len(self.points())
        pairs = np.random.default_rng(31).integers(n, size=(120, 2))
        return np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)

    def test_follows_the_protocol(self) -> None:
        assert isinstance(self.make(), Metric), "a metric has edge_lengths(points, edges) and lower_bound()"

    def test_lengths_are_positive_numbers(self) -> None:
        points, edges = self.points(), self.edges()
        with still(points, edges):
            lengths = self.make().edge_lengths(points, edges)
        assert lengths.shape == (len(edges),), (
            f"edge_lengths returned shape {lengths.shape}, ({len(edges)},) is needed"
        )
        assert lengths.dtype == np.float64, f"edge_lengths returned {lengths.dtype}, float64 is needed"
        assert np.isfinite(lengths).all(), "an edge has no finite length"
        assert (lengths > 0).all(), "an edge has a length that is not positive"

    def test_no_edges_have_no_lengths(self) -> None:
        assert self.make().edge_lengths(self.points(), np.empty((0, 2), dtype=np.int64)).shape == (0,), (
            "no edges: shape (0,) is needed"
        )

    def test_an_edge_is_as_long_in_reverse(self) -> None:
        close(
            self._lengths(self.edges()[:, ::-1]), self._lengths(self.edges()), self.rtol, "the reversed edges"
        )

    def test_an_edge_does_not_see_the_others(self) -> None:
        edges = self.edges()
        close(self._lengths(edges[::-1])[::-1], self._lengths(edges), self.rtol, "in another order")
        close(
            np.concatenate([self._lengths(edge[None]) for edge in edges[:10]]),
            self._lengths(edges)[:10],
            self.rtol,
            "one by one",
        )

    def test_parts_add_up(self) -> None:
        points, edges = self.points(), self.edges()
        n, m = len(points), len(edges)
        start, end = points[edges[:, 0]], points[edges[:, 1]]
        whole = self._lengths(edges)
        for at in (0.5, 0.3):
            split = np.concatenate([points, start + at * (end - start)])
            middle = np.arange(n, n + m)
            parts = [self.make().edge_lengths(split, np.stack([side, middle], axis=1)) for side in edges.T]
            close(parts[0] + parts[1], whole, 2 * self.rtol, f"the parts of edges split at {at}")

    def test_a_short_edge_is_as_long_as_its_scale(self) -> None:
        points, edges = self.points(), self.edges()
        start, end = points[edges[:, 0]], points[edges[:, 1]]
        m = len(edges)
        pairs = np.stack([np.arange(m), np.arange(m, 2 * m)], axis=1)
        per_step = [
            self.make().edge_lengths(np.concatenate([start, start + h * (end - start)]), pairs) / h
            for h in (1e-4, 5e-5)
        ]
        close(per_step[0], per_step[1], 1e-2, "the length of a short edge per step, at half the step")

    def test_speed_is_the_length_of_a_short_edge(self) -> None:
        metric, x, v = self._riemannian()
        with still(x, v):
            speed = metric.speed(x, v)
        assert speed.shape == (len(x),), f"speed returned shape {speed.shape}, ({len(x)},) is needed"
        h = 1e-5
        pairs = np.stack([np.arange(len(x)), np.arange(len(x), 2 * len(x))], axis=1)
        short = metric.edge_lengths(np.concatenate([x - h / 2 * v, x + h / 2 * v]), pairs) / h
        close(short, speed, 1e-3, "short edges and the speed of their vectors")
        close(metric.speed(x, -2 * v), 2 * speed, self.rtol, "the speed of vectors twice as long, reversed")

    def test_chords_are_squared_lengths_with_their_derivatives(self) -> None:
        metric, x, v = self._riemannian()
        h = 1e-4
        y = x + h * v
        with still(x, y):
            found = metric.chords(x, y, 2)
        close(np.sqrt(found.squares) / h, metric.speed(x, v), 1e-2, "chords and the speed of their vectors")
        for order in (0, 1):
            close(metric.chords(x, y, order).squares, found.squares, 1e-9, f"chords of order {order} and 2")
        y = x + 0.1 * v
        found, nudge = metric.chords(x, y, 2), 1e-5
        scale = float(np.abs(found.end).max())
        for c, axis in enumerate(nudge * np.eye(metric.dim)):
            ahead, behind = metric.chords(x, y + axis, 1), metric.chords(x, y - axis, 1)
            slope = (ahead.squares - behind.squares) / (2 * nudge)
            close(slope, found.end[:, c], 1e-3, f"differences of chords by end {c}", 1e-4 * scale)
            bend = (ahead.end - behind.end) / (2 * nudge)
            size = float(np.abs(found.hessian).max())
            close(bend, found.hessian[:, 2, c], 1e-2, f"differences of slopes by end {c}", 1e-3 * size)
        close(metric.chords(y, x).squares, found.squares, self.rtol, "reversed chords")

    def test_log_volume_is_that_of_the_speeds(self) -> None:
        metric, x, _ = self._riemannian()
        axes = np.eye(metric.dim)
        squares = [[_square(metric, x, a + b) for b in axes] for a in axes]
        own = [_square(metric, x, a) for a in axes]
        tensor = np.array(
            [
                [(squares[i][j] - own[i] - own[j]) / 2 if i != j else own[i] for j in range(metric.dim)]
                for i in range(metric.dim)
            ]
        )
        wanted = np.linalg.slogdet(tensor.transpose(2, 0, 1))[1] / 2
        close(metric.log_volume(x), wanted, 1e-6, "log_volume and the determinant of the speeds", 1e-6)

    def _riemannian(self) -> tuple[Any, Points, Points]:
        """The metric, points and tangent vectors at them; skips what measures edges only."""
        metric = self.make()
        if not isinstance(metric, Riemannian):
            skip("it measures edges only")
        x = self.points()[:20]
        return metric, x, np.random.default_rng(32).standard_normal(x.shape)

    def test_lower_bound_holds(self) -> None:
        points, edges = self.points(), self.edges()
        with still():
            bound = self.make().lower_bound()
        assert isinstance(bound, float), f"lower_bound returned a {type(bound).__name__}"
        assert 0 <= bound < np.inf, f"lower_bound is {bound}; 0.0 where nothing is proven"
        ratio = self._lengths(edges) / np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
        assert ratio.min() >= bound * (1 - self.rtol), (
            f"an edge has {ratio.min():.6g} of its Euclidean length, below the bound {bound:.6g}"
        )

    def test_to_target_is_a_consistent_bound(self) -> None:
        metric, points, edges = self.make(), self.points(), self.edges()
        if not isinstance(metric, Heuristic):
            skip("no heuristic is claimed")
        lengths = self._lengths(edges)
        for end in (0, len(points) // 2, len(points) - 1):
            target = points[end].copy()
            with still(points, target):
                told = metric.to_target(points, target)
            assert isinstance(told, np.ndarray), f"to_target returned a {type(told).__name__}, not an array"
            assert told.shape == (len(points),), (
                f"to_target returned shape {told.shape}, ({len(points)},) is needed"
            )
            assert told.dtype == np.float64, f"to_target returned {told.dtype}, float64 is needed"
            assert np.isfinite(told).all(), "to_target is not finite"
            assert (told >= 0).all(), "to_target is negative"
            slack = 1e-9 * told.max()
            assert told[end] <= slack, (
                f"to_target is {told[end]:.6g} at its target, which is 0 away from itself"
            )
            apart = np.abs(told[edges[:, 0]] - told[edges[:, 1]])
            worst = int(np.argmax(apart / lengths))
            assert (apart <= (1 + self.rtol) * lengths + slack).all(), (
                f"to_target changes by {apart[worst]:.6g} along an edge of length {lengths[worst]:.6g}: it "
                "is not consistent"
            )
            others = np.flatnonzero(np.arange(len(points)) != end)
            straight = self._lengths(np.stack([others, np.full(len(others), end)], axis=1))
            worst = int(np.argmax(told[others] / straight))
            assert (told[others] <= (1 + self.rtol) * straight + slack).all(), (
                f"to_target is {told[others][worst]:.6g} where the straight edge to the target has the "
                f"length {straight[worst]:.6g}"
            )
            close(
                metric.to_target(points[::-1].copy(), target)[::-1],
                told,
                self.rtol,
                "to_target in another order",
                slack,
            )
            close(
                metric.to_target(points[:1].copy(), target),
                told[:1],
                self.rtol,
                "to_target of one point",
                slack,
            )

    def test_refuses_what_is_no_edge(self) -> None:
        with refuses("an edge to a vertex that does not exist"):
            self.make().edge_lengths(self.points(), np.array([[0, len(self.points())]]))

    def _lengths(self, edges: Any) -> Values:
        lengths: Values = self.make().edge_lengths(self.points(), np.ascontiguousarray(edges))
        return lengths


def _square(metric: Any, x: Points, v: Values) -> Values:
    """Squared speed of one vector at each of the points, (n,)."""
    return np.asarray(np.square(metric.speed(x, np.broadcast_to(v, x.shape).copy())))
