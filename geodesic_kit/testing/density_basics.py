"""What every density is held to: what it returns, that it is one, and that it changes nothing."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from ..types import (
    Density,
    Edges,
    HasBreaks,
    HasLogProbAndScore,
    HasScore,
    HasUpperBound,
    LeaveOneOut,
    OnPanels,
    OnSegments,
    Points,
    PowerLaw,
    Values,
)
from .tools import ALONE, LearnedContract, close, refuses, skip, still

__all__ = ["DensityBasics"]


class DensityBasics(LearnedContract):
    """Inherited tests that every density must pass; `DensityContract` adds those of its abilities."""

    rtol: ClassVar[float] = 1e-9
    score_rtol: ClassVar[float] = 1e-4
    step: ClassVar[float] = 1e-5
    box: ClassVar[float] = 10.0
    cells: ClassVar[int] = 401
    mass_rtol: ClassVar[float] = 1e-3

    @cached_property
    def density(self) -> Any:
        """The density under test."""
        return self.make()

    def claims(self, ability: type) -> bool:
        """Whether the density follows the protocol of an optional ability."""
        return isinstance(self.density, ability)

    @property
    def x(self) -> Points:
        """Up to 64 points of the data."""
        return np.array(self.data()[:64], dtype=np.float64)

    def test_follows_the_protocol(self) -> None:
        density = self.density
        assert isinstance(density, Density), "a density has dim, normalised and log_prob(x)"
        assert isinstance(density.dim, int), f"dim is {density.dim!r}, not an int"
        assert isinstance(density.normalised, bool), f"normalised is {density.normalised!r}, not a bool"
        assert density.dim == self.x.shape[1], (
            f"dim is {density.dim}, data() has {self.x.shape[1]} coordinates: override data()"
        )

    def test_log_prob_of_many_points_and_of_one(self) -> None:
        for x in (self.x, self.x[:1]):
            values = self.density.log_prob(x)
            assert isinstance(values, np.ndarray), (
                f"log_prob returned a {type(values).__name__}, not an array"
            )
            assert values.shape == (len(x),), f"log_prob returned shape {values.shape}, ({len(x)},) is needed"
            assert values.dtype == np.float64, f"log_prob returned {values.dtype}, float64 is needed"
            assert not np.isnan(values).any(), "log_prob returned NaN at points of the data"
            assert (values < np.inf).all(), "log_prob returned +inf"

    def test_log_prob_is_the_same_every_time(self) -> None:
        with still():
            assert np.array_equal(self.density.log_prob(self.x), self.density.log_prob(self.x)), (
                "two calls with the same points differ"
            )

    def test_leaves_the_global_random_state_alone(self) -> None:
        with still():
            density = self.make()
        x, edges = self.x, self._edges()
        law = PowerLaw(offset=-1.0, power=0.3, log_floor=-10.0)
        calls: dict[str, tuple[type, tuple[Any, ...]]] = {
            "log_prob": (Density, (x,)),
            "score": (HasScore, (x,)),
            "log_prob_and_score": (HasLogProbAndScore, (x,)),
            "segment_log_prob": (OnSegments, (x, edges, np.array([0.0, 0.5, 1.0]))),
            "segment_breaks": (HasBreaks, (x, edges, -np.inf)),
            "panels": (OnPanels, (x, law)),
            "log_prob_upper_bound": (HasUpperBound, ()),
            "leave_one_out": (LeaveOneOut, (x,)),
        }
        for name, (ability, arguments) in calls.items():
            if isinstance(density, ability):
                with still():
                    getattr(density, name)(*arguments)

    def test_a_point_does_not_see_its_batch(self) -> None:
        x, whole = self.x, self.density.log_prob(self.x)
        close(
            np.concatenate([self.density.log_prob(row[None]) for row in x[:ALONE]]),
            whole[:ALONE],
            self.rtol,
            "one by one",
            self.rtol,
        )
        close(self.density.log_prob(x[::-1])[::-1], whole, self.rtol, "in another order", self.rtol)
        close(
            self.density.log_prob(np.concatenate([x, x + 100.0]))[: len(x)],
            whole,
            self.rtol,
            "beside far points",
            self.rtol,
        )

    def test_any_layout_of_the_input_and_no_change_to_it(self) -> None:
        x, whole = self.x, self.density.log_prob(self.x)
        with still(x):
            self.density.log_prob(x)
        locked = x.copy()
        locked.flags.writeable = False  # a graph's points are read-only
        for layout in (np.asfortranarray(x), np.repeat(x, 2, axis=0)[::2], locked):
            close(self.density.log_prob(layout), whole, self.rtol, "another memory layout", self.rtol)

    def test_far_away_is_unlikely_not_undefined(self) -> None:
        far = self.density.log_prob(self.x.mean(axis=0, keepdims=True) + 1e4 * self.x.std())
        assert not np.isnan(far).any(), "log_prob is NaN far away; -inf is allowed"
        assert (far < self.density.log_prob(self.x).max()).all(), (
            "log_prob far away is not below its largest value at the data"
        )

    def test_refuses_what_is_no_point(self) -> None:
        poisoned = self.x
        poisoned[3, 0] = np.nan
        with refuses("NaN among the points"):
            self.density.log_prob(poisoned)
        with refuses("a point with one coordinate too many"):
            self.density.log_prob(np.zeros((2, self.density.dim + 1)))

    def test_integrates_to_one(self) -> None:
        if not self.density.normalised:
            skip("it does not claim to be normalised")
        if self.density.dim > 2:
            skip("quadrature needs one or two dimensions")
        _, log_p, cell = self._grid()
        mass = float(np.exp(log_p).sum() * cell)
        assert abs(mass - 1) <= self.mass_rtol, (
            f"normalised is True, but p integrates to {mass:.6g} over {self.box:g} standard deviations"
        )

    def _edges(self) -> Edges:
        pairs = np.random.default_rng(6).integers(len(self.x), size=(40, 2))
        return np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)

    def _along(self, edges: Edges, t: Values) -> Values:
        start, end = self.x[edges[:, 0], None], self.x[edges[:, 1], None]
        places = start + t[..., None] * (end - start)
        return self.density.log_prob(places.reshape(-1, self.density.dim)).reshape(t.shape)

    def _grid(self) -> tuple[Points, Values, float]:
        """Mid-points of a grid over the box, log p there, and the volume of a cell."""
        data = self.data()
        centre, reach = data.mean(axis=0), self.box * data.std(axis=0)
        cells = self.cells**2 if self.density.dim == 1 else self.cells
        axes = [
            c + r * (2 * (np.arange(cells) + 0.5) / cells - 1) for c, r in zip(centre, reach, strict=True)
        ]
        nodes = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
        return nodes, self.density.log_prob(nodes), float(np.prod(2 * reach / cells))
