"""The contract of a density: what it returns, that it is one, and that each ability it claims is true."""

from __future__ import annotations

import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..metric.quadrature import COARSE, FINE, NODES
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
    Samples,
    Values,
)
from .tools import Contract, close, refuses, skip, still, two_clusters

__all__ = ["DensityContract"]


class DensityContract(Contract):
    """Inherited tests of a density; set `plugin`, or override `make`, and `data` where its points are not of
    the plane.

    A class with `fit` is fitted to `data()`. `rtol` is the agreement between two ways to the same log p:
    raise it for a model in float32. `box` and `cells` set the grid of the normalisation test, in standard
    deviations of the data and cells a side.
    """

    rtol: ClassVar[float] = 1e-9
    score_rtol: ClassVar[float] = 1e-4
    step: ClassVar[float] = 1e-5
    box: ClassVar[float] = 10.0
    cells: ClassVar[int] = 401
    mass_rtol: ClassVar[float] = 1e-3

    def data(self) -> Points:
        """Points to fit to and to evaluate at, (n, d): by default 200 in two unequal clusters of the
        plane.
        """
        return two_clusters()

    def make(self) -> Any:
        """The density under test, made anew."""
        plugin = type(self).plugin
        return (
            plugin.fit(self.data(), seed=0)
            if isinstance(plugin, type) and hasattr(plugin, "fit")
            else super().make()
        )

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
            np.concatenate([self.density.log_prob(row[None]) for row in x]),
            whole,
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

    def test_score_is_the_gradient(self) -> None:
        if not self.claims(HasScore):
            skip("no score is claimed")
        x = self.x
        with still(x):
            score = self.density.score(x)
        assert score.dtype == np.float64, f"score returned {score.dtype}, float64 is needed"
        step = self.step * x.std()
        differences = np.empty_like(x)
        for axis in range(x.shape[1]):
            shift = np.zeros(x.shape[1])
            shift[axis] = step
            differences[:, axis] = (self.density.log_prob(x + shift) - self.density.log_prob(x - shift)) / (
                2 * step
            )
        size = np.abs(differences).max()
        close(
            score,
            differences,
            self.score_rtol,
            "score against differences of log_prob",
            self.score_rtol * size,
        )

    def test_samples_are_seeded(self) -> None:
        if not self.claims(Samples):
            skip("no samples are claimed")
        with still():
            first, again, other = (self.density.sample(50, seed=seed) for seed in (1, 1, 2))
        assert first.shape == (50, self.density.dim), f"sample(50) returned shape {first.shape}"
        assert first.dtype == np.float64, f"sample returned {first.dtype}, float64 is needed"
        assert np.isfinite(first).all(), "sample returned NaN or inf"
        assert np.array_equal(first, again), "one seed gave two samples"
        assert not np.array_equal(first, other), "two seeds gave one sample"
        assert self.density.sample(1, seed=1).shape == (1, self.density.dim), "sample(1) is not one row"

    def test_samples_follow_the_density(self) -> None:
        if not self.claims(Samples):
            skip("no samples are claimed")
        drawn = self.density.sample(4000, seed=3)
        log_p = self.density.log_prob(drawn)
        assert np.isfinite(log_p).all(), "a sample has probability zero"
        if not self.density.normalised or self.density.dim > 2:
            return
        nodes, log_q, cell = self._grid()
        mass = np.exp(log_q) * cell
        moments = {"log p": (log_p, np.where(mass > 0, log_q, 0.0))}
        moments |= {f"x[{axis}]": (drawn[:, axis], nodes[:, axis]) for axis in range(self.density.dim)}
        for what, (of_sample, of_grid) in moments.items():
            mean = mass @ of_grid
            error = np.sqrt(mass @ np.square(of_grid - mean) / len(drawn))
            assert abs(of_sample.mean() - mean) <= 5 * error + 1e-3, (
                f"the samples' mean {what} is {of_sample.mean():.4g}, p's is {mean:.4g}"
            )

    def test_segments_are_the_density_along_edges(self) -> None:
        if not self.claims(OnSegments):
            skip("no segments are claimed")
        edges, t = self._edges(), np.array([0.0, 0.21, 0.5, 1.0])
        with still(self.x, edges, t):
            found = self.density.segment_log_prob(self.x, edges, t)
        close(found, self._along(edges, np.tile(t, (len(edges), 1))), self.rtol, "segment_log_prob", 1e-8)
        if self.claims(HasBreaks):
            which, places = self.density.segment_breaks(self.x, edges, -np.inf)
            assert np.shape(which) == np.shape(places), (
                "segment_breaks returned edges and places of different lengths"
            )
            assert ((which >= 0) & (which < len(edges))).all(), (
                "segment_breaks names edges that are not there"
            )
            assert ((places > 0) & (places < 1)).all(), "segment_breaks returned a place outside (0, 1)"
            own = np.random.default_rng(0).random((len(edges), 3))
            close(
                self.density.segment_log_prob(self.x, edges, own),
                self._along(edges, own),
                self.rtol,
                "a row of t for each edge",
                1e-8,
            )

    def test_panels_integrate_the_density(self) -> None:
        law = PowerLaw(offset=-1.0, power=0.3, log_floor=float(np.median(self.density.log_prob(self.x))))
        prepare = self.density.panels(self.x, law) if self.claims(OnPanels) else None
        if prepare is None:
            skip("no panels are claimed, or what compiles them is not installed")
        edges, width = self._edges(), 0.35
        start = np.linspace(0, 1 - width, len(edges))
        with still(self.x, edges):
            value, error, low, high = prepare(edges)(np.arange(len(edges)), start, start + width)
        log_c = law.offset - law.power * np.logaddexp(
            self._along(edges, start[:, None] + width * NODES), law.log_floor
        )
        expected, rough = (width * np.exp(log_c) @ weights for weights in (FINE, COARSE))
        close(value, expected, self.rtol, "panels", 1e-12)
        assert (
            np.abs(error - np.abs(rough - expected)) <= 1e-9 * expected + 10 * self.rtol * expected
        ).all(), "panels estimate another error than the difference of the two Lobatto rules"
        close(
            np.array([low, high]),
            np.array([log_c.min(), log_c.max()]),
            self.rtol,
            "the range of log c of panels",
            1e-9,
        )

    def test_log_prob_and_score_are_both(self) -> None:
        if not self.claims(HasLogProbAndScore):
            skip("no log_prob_and_score is claimed")
        with still(self.x):
            log_p, score = self.density.log_prob_and_score(self.x)
        close(log_p, self.density.log_prob(self.x), self.rtol, "log p of log_prob_and_score", 1e-9)
        close(score, self.density.score(self.x), self.rtol, "score of log_prob_and_score", 1e-9)

    def test_upper_bound_holds(self) -> None:
        if not self.claims(HasUpperBound):
            skip("no upper bound is claimed")
        bound = self.density.log_prob_upper_bound()
        assert isinstance(bound, float), (
            f"log_prob_upper_bound returned a {type(bound).__name__}, not a float"
        )
        assert not np.isnan(bound), "log_prob_upper_bound is NaN; inf where nothing is proven"
        x = np.concatenate([self.x, self.density.sample(2000, seed=4)]) if self.claims(Samples) else self.x
        seen = [self.density.log_prob(x)] + ([self._grid()[1]] if self.density.dim <= 2 else [])
        highest = np.concatenate(seen).max()
        assert highest <= bound + 1e-9 * (1 + abs(bound)), (
            f"log p reaches {highest:.9g}, above its claimed bound {bound:.9g}"
        )

    def test_leave_one_out_is_log_prob_where_nothing_is_centred(self) -> None:
        if not self.claims(LeaveOneOut):
            skip("no leave_one_out is claimed")
        elsewhere = self.x + np.pi * 1e-3
        close(
            self.density.leave_one_out(elsewhere),
            self.density.log_prob(elsewhere),
            self.rtol,
            "leave_one_out between centres",
            self.rtol,
        )
        values = self.density.leave_one_out(self.x)
        assert values.shape == (len(self.x),), (
            f"leave_one_out returned shape {values.shape}, ({len(self.x)},) is needed"
        )
        assert not np.isnan(values).any(), "leave_one_out returned NaN"

    def test_fit_is_seeded(self) -> None:
        kind = type(self.density)
        if not hasattr(kind, "fit"):
            skip("it is not fitted")
        data = self.data()
        with still(data):
            first, again = (kind.fit(data, seed=5).log_prob(self.x) for _ in range(2))
        assert np.array_equal(first, again), "one seed gave two fits"

    def test_save_and_load(self) -> None:
        kind = type(self.density)
        if not (hasattr(kind, "save") and hasattr(kind, "load")):
            skip("it is not saved")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "density.npz"
            self.density.save(path)
            loaded = kind.load(path)
            assert np.array_equal(loaded.log_prob(self.x), self.density.log_prob(self.x)), (
                "the loaded density differs from the saved one"
            )
            path.write_bytes(path.read_bytes()[:-20])
            with refuses("a truncated file"):
                kind.load(path)

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
