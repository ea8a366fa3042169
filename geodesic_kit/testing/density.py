"""The contract of a density: what it returns, that it is one, and that each ability it claims is true."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from ..metric.quadrature import COARSE, FINE, NODES, trapezoid
from ..types import (
    HasBreaks,
    HasLogProbAndScore,
    HasScore,
    HasUpperBound,
    LeaveOneOut,
    OnPanels,
    OnSegments,
    PowerLaw,
    Samples,
)
from .density_basics import DensityBasics
from .tools import close, refuses, skip, still

__all__ = ["DensityContract"]


class DensityContract(DensityBasics):
    """Inherited tests of a density; set `plugin`, or override `make`, and `data` where its points are not of
    the plane.

    A class with `fit` is fitted to `data()`. `rtol` is the agreement between two ways to the same log p:
    raise it for a model in float32. `box` and `cells` set the grid of the normalisation test, in standard
    deviations of the data and cells a side.
    """

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

    def test_panels_take_every_rule(self) -> None:
        law = PowerLaw(offset=-1.0, power=0.3, log_floor=float(np.median(self.density.log_prob(self.x))))
        prepare = self.density.panels(self.x, law) if self.claims(OnPanels) else None
        if prepare is None:
            skip("no panels are claimed, or what compiles them is not installed")
        edges, (nodes, weights) = self._edges(), trapezoid(11)
        with still(self.x, edges, nodes, weights):
            value, low, high = prepare(edges).means(nodes, weights)
        log_c = law.offset - law.power * np.logaddexp(
            self._along(edges, np.tile(nodes, (len(edges), 1))), law.log_floor
        )
        close(value, np.exp(log_c) @ weights, self.rtol, "means of a rule", 1e-12)
        close(
            np.array([low, high]),
            np.array([log_c.min(), log_c.max()]),
            self.rtol,
            "the range of log c at a rule's nodes",
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
