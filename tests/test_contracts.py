"""Our own plugins through the shipped contracts, and wrong plugins that the contracts must find out."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.graph.graph import Graph
from geodesic_kit.testing import (
    DecoderContract,
    DensityContract,
    LatentContract,
    MetricContract,
    SolverContract,
)
from geodesic_kit.testing.tools import still
from geodesic_kit.types import Points, Search, Values


class TestMoG(DensityContract):
    plugin = staticmethod(lambda: gk.densities["mog"].fit(TestMoG().data(), seed=0, n_components=3))


class TestMoGDiagonal(DensityContract):
    def make(self) -> Any:
        return gk.densities["mog"](
            means=[[0.0, 0.0], [3.0, 1.0]], covariances=[[1.0, 0.5], [0.3, 2.0]], weights=[0.7, 0.3]
        )


class TestMoGKernels(DensityContract):
    def make(self) -> Any:
        return gk.densities["mog"].fit(self.data(), seed=0, method="kde")


class TestMoGInFiveDimensions(DensityContract):
    def data(self) -> Points:
        return np.random.default_rng(0).standard_normal((80, 5))

    def make(self) -> Any:
        return gk.densities["mog"].fit(self.data(), seed=0, method="kmeans", n_components=4)


class TestMoGOnALine(DensityContract):
    def data(self) -> Points:
        return np.random.default_rng(0).standard_normal((100, 1))

    def make(self) -> Any:
        return gk.densities["mog"](means=[[-1.0], [1.0]], covariances=0.25)


class TestEuclidean(MetricContract):
    plugin = gk.EuclideanMetric


class TestGenerative(MetricContract):
    plugin = staticmethod(lambda: gk.GenerativeMetric(_two_bumps(), lam=0.01, p0=0.05))


class TestGenerativeFromSample(MetricContract):
    def make(self) -> Any:
        return gk.GenerativeMetric.from_sample(_two_bumps(), _two_bumps().sample(100, seed=0))


class TestGenerativeOfACallable(MetricContract):
    def make(self) -> Any:
        return gk.GenerativeMetric(gk.as_density(_gaussian, dim=2), lam=0.01, p0=0.05)


class TestFermat(MetricContract):
    plugin = staticmethod(lambda: gk.FermatMetric(_two_bumps(), beta=0.5))


class TestLogLikelihood(MetricContract):
    plugin = staticmethod(lambda: gk.LogLikelihoodMetric(_two_bumps(), lam=0.1, p0=10.0))


class TestSciPy(SolverContract):
    plugin = gk.solvers["scipy"]


class TestNative(SolverContract):
    plugin = gk.solvers["native"]


class TestNativeOnThreeThreads(SolverContract):
    def make(self):
        return gk.solvers["native"](threads=3)


class TestAStar(SolverContract):
    plugin = gk.solvers["astar"]


class TestNetworkX(SolverContract):
    plugin = gk.solvers["networkx"]


def _gaussian(x: Points) -> Values:
    return -0.5 * np.square(x).sum(axis=1) - np.log(2 * np.pi)


def _two_bumps() -> Any:
    return gk.densities["mog"](means=[[-1.0, 0.0], [1.0, 0.5]], covariances=[0.5, 0.3])


# From here on: each plugin breaks one law, and the test of that law must fail.


class Gaussian:
    """A right density, to break."""

    dim = 2
    normalised: bool = True

    def log_prob(self, x: Points) -> Values:
        return _gaussian(gk.checks.as_points(x, dim=2))

    def score(self, x: Points) -> Points:
        return -np.asarray(x)

    def sample(self, n: int, *, seed: int) -> Points:
        return np.random.default_rng(seed).standard_normal((n, 2))

    def log_prob_upper_bound(self) -> float:
        return -float(np.log(2 * np.pi))

    def segment_log_prob(self, points: Points, edges: Any, t: Values) -> Any:
        a, b = points[edges[:, 0], None], points[edges[:, 1], None]
        return self.log_prob((a + t[..., None] * (b - a)).reshape(-1, 2)).reshape(len(edges), -1)


class TestTheRightOne(DensityContract):
    plugin = Gaussian


class Unnormalised(Gaussian):
    def log_prob(self, x: Points) -> Values:
        return super().log_prob(x) + 0.1


class WrongScore(Gaussian):
    def score(self, x: Points) -> Points:
        return np.asarray(x)


class Mutates(Gaussian):
    def log_prob(self, x: Points) -> Values:
        values = super().log_prob(x)
        if x.flags.writeable:
            x *= 0
        return values


class SeesItsBatch(Gaussian):
    def log_prob(self, x: Points) -> Values:
        return super().log_prob(x) - 1e-3 * np.asarray(x).max()


class Column(Gaussian):
    def log_prob(self, x: Points) -> Values:
        return super().log_prob(x)[:, None]


class SinglePrecision(Gaussian):
    def log_prob(self, x: Points) -> Any:
        return super().log_prob(x).astype(np.float32)


class LetsNaNThrough(Gaussian):
    def log_prob(self, x: Points) -> Values:
        return _gaussian(np.nan_to_num(x))


class Overflows(Gaussian):
    def log_prob(self, x: Points) -> Values:
        values = super().log_prob(x)
        return np.where(values < -1e6, np.nan, values)


class Noisy(Gaussian):
    calls = 0

    def log_prob(self, x: Points) -> Values:
        Noisy.calls += 1
        return super().log_prob(x) + 1e-12 * Noisy.calls


class IgnoresItsSeed(Gaussian):
    def sample(self, n: int, *, seed: int) -> Points:
        return super().sample(n, seed=0)


class TouchesGlobalState(Gaussian):
    def sample(self, n: int, *, seed: int) -> Points:
        np.random.seed(seed)  # noqa: NPY002  # the fault under test
        return np.random.standard_normal((n, 2))  # noqa: NPY002


class SamplesAnother(Gaussian):
    def sample(self, n: int, *, seed: int) -> Points:
        return 1.2 * super().sample(n, seed=seed)


class BoundTooLow(Gaussian):
    def log_prob_upper_bound(self) -> float:
        return -2.0


class SegmentsReversed(Gaussian):
    def segment_log_prob(self, points: Points, edges: Any, t: Values) -> Any:
        return super().segment_log_prob(points, edges[:, ::-1], t)


class SeedsNumPy(Gaussian):
    """The same seed every time, so that only the first call changes anything."""

    def log_prob(self, x: Points) -> Values:
        np.random.seed(0)  # noqa: NPY002  # the fault under test
        return super().log_prob(x)


class SeedsWhenMade(Gaussian):
    def __init__(self) -> None:
        np.random.seed(0)  # noqa: NPY002


class DrawsFromNumPy(Gaussian):
    def score(self, x: Points) -> Points:
        return super().score(x) + 1e-12 * np.random.standard_normal(np.shape(x))  # noqa: NPY002


class SeedsInItsBound(Gaussian):
    def log_prob_upper_bound(self) -> float:
        np.random.seed(0)  # noqa: NPY002
        return super().log_prob_upper_bound()


class SeedsPython(Gaussian):
    def segment_log_prob(self, points: Points, edges: Any, t: Values) -> Any:
        random.seed(0)
        return super().segment_log_prob(points, edges, t)


class BoundIsNoNumber(Gaussian):
    def log_prob_upper_bound(self) -> float:
        return float("nan")


class LeavesOut(Gaussian):
    def leave_one_out(self, x: Points) -> Values:
        return self.log_prob(x) - 1.0


class ForgetsOnLoad(Gaussian):
    def save(self, path: Any) -> None:
        np.savez(path, dim=2)

    @classmethod
    def load(cls, path: Any) -> Any:
        return cls()


WRONG_DENSITIES: list[tuple[type, str, str]] = [
    (Unnormalised, "test_integrates_to_one", r"normalised is True, but p integrates to 1\.105"),
    (WrongScore, "test_score_is_the_gradient", "score against differences"),
    (Mutates, "test_any_layout_of_the_input_and_no_change_to_it", "changed in place"),
    (SeesItsBatch, "test_a_point_does_not_see_its_batch", "one by one"),
    (Column, "test_log_prob_of_many_points_and_of_one", r"shape \(64, 1\)"),
    (SinglePrecision, "test_log_prob_of_many_points_and_of_one", "float32"),
    (LetsNaNThrough, "test_refuses_what_is_no_point", "NaN among the points is accepted"),
    (Overflows, "test_far_away_is_unlikely_not_undefined", "NaN far away"),
    (Noisy, "test_log_prob_is_the_same_every_time", "differ"),
    (IgnoresItsSeed, "test_samples_are_seeded", "two seeds gave one sample"),
    (TouchesGlobalState, "test_samples_are_seeded", "global random state"),
    (SeedsNumPy, "test_leaves_the_global_random_state_alone", "global random state of NumPy"),
    (SeedsNumPy, "test_log_prob_is_the_same_every_time", "global random state of NumPy"),
    (SeedsWhenMade, "test_leaves_the_global_random_state_alone", "global random state of NumPy"),
    (DrawsFromNumPy, "test_leaves_the_global_random_state_alone", "global random state of NumPy"),
    (SeedsInItsBound, "test_leaves_the_global_random_state_alone", "global random state of NumPy"),
    (SeedsPython, "test_leaves_the_global_random_state_alone", "global random state of Python"),
    (BoundIsNoNumber, "test_upper_bound_holds", "is NaN"),
    (SamplesAnother, "test_samples_follow_the_density", "the samples' mean log p"),
    (BoundTooLow, "test_upper_bound_holds", "above its claimed bound"),
    (SegmentsReversed, "test_segments_are_the_density_along_edges", "segment_log_prob"),
    (LeavesOut, "test_leave_one_out_is_log_prob_where_nothing_is_centred", "between centres"),
    (ForgetsOnLoad, "test_save_and_load", "a truncated file is accepted"),
]


@pytest.mark.parametrize(
    ("wrong", "law", "text"), WRONG_DENSITIES, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_wrong_density_is_found_out(wrong: type, law: str, text: str) -> None:
    state = np.random.get_state(), random.getstate()  # noqa: NPY002
    _breaks(DensityContract, wrong, law, text)
    np.random.set_state(state[0])  # noqa: NPY002  # what a wrong one did outside of a guard
    random.setstate(state[1])


def test_a_state_that_was_seeded_before_is_seen_to_be_seeded_again() -> None:
    before = np.random.get_state()  # noqa: NPY002
    for _ in range(2):
        with pytest.raises(AssertionError, match="global random state of NumPy"), still():
            np.random.seed(0)  # noqa: NPY002
    with still():
        np.random.default_rng(0).random()
    after = np.random.get_state()  # noqa: NPY002
    assert before[0] == after[0]
    np.testing.assert_array_equal(before[1], after[1])
    assert before[2:] == after[2:]


class Rotation:
    """A right latent model, to break."""

    turn: ClassVar[Any] = np.array([[0.6, -0.8], [0.8, 0.6]])

    def encode(self, x: Points) -> Points:
        return gk.checks.as_points(x, dim=2) @ self.turn

    def decode(self, z: Points) -> Points:
        return gk.checks.as_points(z, dim=2) @ self.turn.T


class TestTheRightLatentModel(LatentContract):
    plugin = Rotation


class EncodesOnly:
    encode = Rotation.encode


class Forgets(Rotation):
    def decode(self, z: Points) -> Points:
        return super().decode(z) + 1e-4


class Centres(Rotation):
    def encode(self, x: Points) -> Points:
        return super().encode(x - np.mean(x, axis=0))


class EncodesInSinglePrecision(Rotation):
    def encode(self, x: Points) -> Points:
        return super().encode(x).astype(np.float32)


class DecodesAnything(Rotation):
    def decode(self, z: Points) -> Points:
        return np.asarray(z)[:, :2] @ self.turn.T


class Moves(Rotation):
    def decode(self, z: Points) -> Points:
        back = super().decode(z)
        z *= 2
        return back


WRONG_LATENT_MODELS = [
    (EncodesOnly, "test_follows_the_protocol", "has encode"),
    (Forgets, "test_there_and_back", r"decode\(encode\(x\)\) against x"),
    (Centres, "test_a_row_does_not_see_its_batch", "encode one by one"),
    (EncodesInSinglePrecision, "test_shapes_and_types", "encode returned float32"),
    (DecodesAnything, "test_refuses_what_is_no_point", "decode: NaN among the points is accepted"),
    (Moves, "test_the_same_every_time_and_no_change_to_the_input", "changed in place|two calls of decode"),
]


@pytest.mark.parametrize(
    ("wrong", "law", "text"), WRONG_LATENT_MODELS, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_wrong_latent_model_is_found_out(wrong: type, law: str, text: str) -> None:
    _breaks(LatentContract, wrong, law, text)


class Turned(Rotation):
    """A right decoder, to break: a turn of the plane, and its sine."""

    def encode(self, x: Points) -> Points:
        return super().encode(gk.checks.as_points(x, dim=3)[:, :2])

    def decode(self, z: Points) -> Points:
        back = super().decode(z)
        return np.concatenate([back, np.sin(back[:, :1])], axis=1)

    def decoder(self, z: Any) -> Any:
        torch = pytest.importorskip("torch")
        if z.shape[-1] != 2:
            raise ValueError("z has another width")
        back = z @ torch.tensor(self.turn.T)
        return torch.cat([back, torch.sin(back[..., :1])], dim=-1)


class DecoderLaws(DecoderContract):
    def data(self) -> Points:
        x = super().data()
        return np.concatenate([x, np.sin(x[:, :1])], axis=1)


class TestTheRightDecoder(DecoderLaws):
    plugin = Turned


class HasNoDecoder(Turned):
    decoder = None  # type: ignore[assignment]


class DecodesOtherwise(Turned):
    def decoder(self, z: Any) -> Any:
        return super().decoder(z) * 1.001


class TakesRowsOnly(Turned):
    def decoder(self, z: Any) -> Any:
        return super().decoder(z.reshape(-1, z.shape[-1]))


class CutsTheGradient(Turned):
    def decoder(self, z: Any) -> Any:
        return super().decoder(z.detach())


class SeesTheBatch(Turned):
    def decoder(self, z: Any) -> Any:
        found = super().decoder(z)
        return found if len(z) == 16 else found + 1e-3


class TakesAnyWidth(Turned):
    def decoder(self, z: Any) -> Any:
        return super().decoder(z[..., :2])


class ShrinksImages(Turned):
    def __init__(self) -> None:
        self.decoder = partial(super().decoder)  # type: ignore[method-assign]
        self.decoder.isometric = lambda z: z  # type: ignore[attr-defined]


WRONG_DECODERS = [
    (HasNoDecoder, "test_has_a_decoder", "`decoder` is a torch callable"),
    (DecodesOtherwise, "test_the_decoder_is_decode", "decoder against decode"),
    (TakesRowsOnly, "test_any_batch_of_latent_points", r"is needed"),
    (SeesTheBatch, "test_any_batch_of_latent_points", "another batch"),
    (CutsTheGradient, "test_derivatives_are_those_of_decode", "jvp against differences"),
    (ShrinksImages, "test_isometric_images_are_as_far_apart", "distances of isometric images"),
    (TakesAnyWidth, "test_the_decoder_refuses_other_widths", "one coordinate too many is accepted"),
]


@pytest.mark.parametrize(
    ("wrong", "law", "text"), WRONG_DECODERS, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_wrong_decoder_is_found_out(wrong: type, law: str, text: str) -> None:
    pytest.importorskip("torch")
    _breaks(DecoderLaws, wrong, law, text)


class Plain:
    """A right metric, to break: three times the Euclidean one."""

    bound: ClassVar[float] = 3.0

    def edge_lengths(self, points: Points, edges: Any) -> Values:
        edges = gk.checks.as_edges(edges, len(points))
        return 3.0 * np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)

    def lower_bound(self) -> float:
        return self.bound


class TestTheRightMetric(MetricContract):
    plugin = Plain


class LeftEndOnly(Plain):
    def edge_lengths(self, points: Points, edges: Any) -> Values:
        return super().edge_lengths(points, edges) * (4.0 + np.tanh(points[edges[:, 0], 0]))


class Squared(Plain):
    def edge_lengths(self, points: Points, edges: Any) -> Values:
        return super().edge_lengths(points, edges) ** 2


class Inverse(Plain):
    def edge_lengths(self, points: Points, edges: Any) -> Values:
        return 1.0 / super().edge_lengths(points, edges)


class BoundTooHigh(Plain):
    bound = 3.1


class CanBeNegative(Plain):
    def edge_lengths(self, points: Points, edges: Any) -> Values:
        return super().edge_lengths(points, edges) - 1.0


class RelativeToTheOthers(Plain):
    def edge_lengths(self, points: Points, edges: Any) -> Values:
        lengths = super().edge_lengths(points, edges)
        return lengths / lengths.max(initial=1e-9)


class CountsFromTheEnd(Plain):
    def edge_lengths(self, points: Points, edges: Any) -> Values:
        return super().edge_lengths(points, edges % len(points))


class Guided(Plain):
    """A right metric with a right heuristic, to break."""

    def to_target(self, points: Points, target: Any) -> Values:
        return (3.0 - 1e-9) * np.linalg.norm(points - target, axis=1)


class TestTheRightHeuristic(MetricContract):
    plugin = Guided


class TooFar(Guided):
    def to_target(self, points: Points, target: Any) -> Values:
        return 1.1 * super().to_target(points, target)


class AdmissibleAndInconsistent(Guided):
    """Below the distance, and here a number, there 0."""

    def to_target(self, points: Points, target: Any) -> Values:
        return super().to_target(points, target) * (np.abs(points[:, 0]) > 0.5)


class NotZeroAtItsTarget(Guided):
    def to_target(self, points: Points, target: Any) -> Values:
        return super().to_target(points, target) + 1e-3


class Negative(Guided):
    def to_target(self, points: Points, target: Any) -> Values:
        return -super().to_target(points, target)


class Undefined(Guided):
    def to_target(self, points: Points, target: Any) -> Values:
        return np.where(points[:, 0] > 0, np.nan, super().to_target(points, target))


class HeuristicColumn(Guided):
    def to_target(self, points: Points, target: Any) -> Values:
        return super().to_target(points, target)[:, None]


class HeuristicInSinglePrecision(Guided):
    def to_target(self, points: Points, target: Any) -> Any:
        return (0.9 * super().to_target(points, target)).astype(np.float32)


class HeuristicSeesItsBatch(Guided):
    def to_target(self, points: Points, target: Any) -> Values:
        away = np.linalg.norm(points - target, axis=1)
        return 0.5 * away * away.max() / (1 + away.max())


class MovesItsTarget(Guided):
    def to_target(self, points: Points, target: Any) -> Values:
        away = super().to_target(points, target)
        target += 1.0
        return away


class SeedsInItsLengths(Plain):
    def edge_lengths(self, points: Points, edges: Any) -> Values:
        np.random.seed(0)  # noqa: NPY002
        return super().edge_lengths(points, edges)


WRONG_METRICS: list[tuple[type, str, str]] = [
    (LeftEndOnly, "test_an_edge_is_as_long_in_reverse", "the reversed edges"),
    (Squared, "test_parts_add_up", "the parts of edges split at 0.5"),
    (Inverse, "test_a_short_edge_is_as_long_as_its_scale", "at half the step"),
    (BoundTooHigh, "test_lower_bound_holds", r"below the bound 3\.1"),
    (CanBeNegative, "test_lengths_are_positive_numbers", "not positive"),
    (RelativeToTheOthers, "test_an_edge_does_not_see_the_others", "one by one"),
    (TooFar, "test_to_target_is_a_consistent_bound", "not consistent"),
    (AdmissibleAndInconsistent, "test_to_target_is_a_consistent_bound", "not consistent"),
    (NotZeroAtItsTarget, "test_to_target_is_a_consistent_bound", "at its target"),
    (Negative, "test_to_target_is_a_consistent_bound", "negative"),
    (Undefined, "test_to_target_is_a_consistent_bound", "not finite"),
    (HeuristicColumn, "test_to_target_is_a_consistent_bound", r"shape \(60, 1\)"),
    (HeuristicInSinglePrecision, "test_to_target_is_a_consistent_bound", "float32"),
    (HeuristicSeesItsBatch, "test_to_target_is_a_consistent_bound", "to_target of one point"),
    (MovesItsTarget, "test_to_target_is_a_consistent_bound", "changed in place"),
    (SeedsInItsLengths, "test_lengths_are_positive_numbers", "global random state of NumPy"),
    (CountsFromTheEnd, "test_refuses_what_is_no_edge", "does not exist is accepted"),
]


@pytest.mark.parametrize(
    ("wrong", "law", "text"), WRONG_METRICS, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_wrong_metric_is_found_out(wrong: type, law: str, text: str) -> None:
    _breaks(MetricContract, wrong, law, text)


class Around:
    """SciPy's solver with its answer changed on the way back."""

    name: ClassVar[str] = "around"
    rtol: ClassVar[float] = 1e-9

    def change(self, distances: Any, predecessors: Any) -> tuple[Any, Any]:
        return distances, predecessors

    def solve(self, graph: Graph, sources: Any, **options: Any) -> gk.ShortestPaths:
        found = gk.solvers["scipy"]().solve(graph, sources, **options)
        return gk.ShortestPaths(*self.change(found.distances, found.predecessors))


class SortsItsSources(Around):
    def solve(self, graph: Graph, sources: Any, **options: Any) -> gk.ShortestPaths:
        return super().solve(graph, np.unique(sources), **options)


class LargestFloat(Around):
    def change(self, distances: Any, predecessors: Any) -> tuple[Any, Any]:
        return np.where(np.isinf(distances), np.finfo(float).max, distances), predecessors


class SciPysOwnNone(Around):
    def change(self, distances: Any, predecessors: Any) -> tuple[Any, Any]:
        return distances, None if predecessors is None else np.where(predecessors < 0, -9999, predecessors)


class SinglePrecisionInside(Around):
    def change(self, distances: Any, predecessors: Any) -> tuple[Any, Any]:
        return distances.astype(np.float32).astype(distances.dtype), predecessors


class HopsInsteadOfLengths(Around):
    def solve(self, graph: Graph, sources: Any, **options: Any) -> gk.ShortestPaths:
        return super().solve(Graph(graph.points, graph.edges, np.ones(graph.m)), sources, **options)


class IgnoresItsLimit(Around):
    def solve(self, graph: Graph, sources: Any, **options: Any) -> gk.ShortestPaths:
        return super().solve(graph, sources, **{**options, "limit": np.inf})


class CopiesOut(Around):
    def change(self, distances: Any, predecessors: Any) -> tuple[Any, Any]:
        return np.array(distances), predecessors


class SourceAsPredecessor(Around):
    def change(self, distances: Any, predecessors: Any) -> tuple[Any, Any]:
        return distances, None if predecessors is None else np.where(
            distances == 0, distances.argmin(axis=1)[:, None], predecessors
        )


class KeepsTheFirstGraph(Around):
    kept: Graph | None = None

    def solve(self, graph: Graph, sources: Any, **options: Any) -> gk.ShortestPaths:
        self.kept = self.kept or graph
        return super().solve(self.kept, sources, **options)


WRONG_SOLVERS: list[tuple[type, str, str]] = [
    (SortsItsSources, "test_rows_come_in_the_order_asked_repeated_where_repeated", "the rows of sources"),
    (LargestFloat, "test_what_cannot_be_reached_is_inf_and_minus_one", "two edges and a lone vertex"),
    (SciPysOwnNone, "test_what_cannot_be_reached_is_inf_and_minus_one", "-9999"),
    (SciPysOwnNone, "test_predecessors_lead_home", "-1 is needed"),
    (SinglePrecisionInside, "test_agrees_with_scipy", "distances of 30 vertices"),
    (HopsInsteadOfLengths, "test_agrees_with_scipy", "distances of 30 vertices"),
    (IgnoresItsLimit, "test_limit_cuts_what_is_farther", "limit=3.0"),
    (CopiesOut, "test_dtype_and_out_are_honoured", "not the array given as out="),
    (SourceAsPredecessor, "test_small_graphs", "have predecessors"),
    (KeepsTheFirstGraph, "test_is_the_same_every_time_and_changes_nothing", "keeps no state"),
]


@pytest.mark.parametrize(
    ("wrong", "law", "text"), WRONG_SOLVERS, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_wrong_solver_is_found_out(wrong: type, law: str, text: str) -> None:
    _breaks(SolverContract, wrong, law, text)


class Pairs(Around):
    """The kit's own A*, its path changed on the way back."""

    def turn(self, vertices: Any, length: Any, expanded: Any) -> Any:
        return vertices, length, expanded

    def path(self, graph: Graph, source: int, target: int) -> Any:
        return self.turn(*gk.solvers["astar"]().path(graph, source, target))


class TestTheRightPairs(SolverContract):
    plugin = Pairs


class Backwards(Pairs):
    def turn(self, vertices: Any, length: Any, expanded: Any) -> Any:
        return vertices[::-1], length, expanded


class StopsShort(Pairs):
    def turn(self, vertices: Any, length: Any, expanded: Any) -> Any:
        return vertices[: max(len(vertices) - 1, 1)], length, expanded


class Jumps(Pairs):
    def turn(self, vertices: Any, length: Any, expanded: Any) -> Any:
        return (vertices[[0, -1]] if len(vertices) > 2 else vertices), length, expanded


class LengthOfZero(Pairs):
    def turn(self, vertices: Any, length: Any, expanded: Any) -> Any:
        return vertices, 0.0, expanded


class LengthInAnArray(Pairs):
    def turn(self, vertices: Any, length: Any, expanded: Any) -> Any:
        return vertices, np.array([length]), expanded


class FloatingVertices(Pairs):
    def turn(self, vertices: Any, length: Any, expanded: Any) -> Any:
        return vertices.astype(float), length, expanded


class ExpandsNone(Pairs):
    def turn(self, vertices: Any, length: Any, expanded: Any) -> Any:
        return vertices, length, None


class TwoAnswers(Pairs):
    def turn(self, vertices: Any, length: Any, expanded: Any) -> Any:
        return vertices, length


class FewestHops(Pairs):
    """A path, and not a shortest one."""

    def path(self, graph: Graph, source: int, target: int) -> Any:
        vertices, _, expanded = gk.solvers["astar"]().path(
            Graph(graph.points, graph.edges, np.ones(graph.m)), source, target
        )
        return vertices, float(graph.along(vertices).sum()) if len(vertices) else np.inf, expanded


class AlwaysFinds(Pairs):
    def turn(self, vertices: Any, length: Any, expanded: Any) -> Any:
        return (vertices, length, expanded) if len(vertices) else (np.array([0, 1]), 1.0, 2)


class TakesAnyVertex(Pairs):
    def path(self, graph: Graph, source: int, target: int) -> Any:
        return super().path(graph, int(source) % graph.n, int(target) % graph.n)


class Seeks(Pairs):
    """The kit's own search, changed on the way back."""

    def alter(self, found: Search) -> Any:
        return found

    def search(self, graph: Graph, source: int, target: int) -> Any:
        return self.alter(gk.solvers["astar"]().search(graph, source, target))


class TestTheRightSearch(SolverContract):
    plugin = Seeks


class PiecesOfZero(Seeks):
    def alter(self, found: Search) -> Any:
        return replace(found, pieces=0 * found.pieces)


class PiecesReversed(Seeks):
    def alter(self, found: Search) -> Any:
        return replace(found, pieces=found.pieces[::-1])


class SearchesBackwards(Seeks):
    def alter(self, found: Search) -> Any:
        return replace(found, vertices=found.vertices[::-1], pieces=found.pieces[::-1])


class CountsNothing(Seeks):
    def alter(self, found: Search) -> Any:
        return replace(found, integrated=0)


class Unsure(Seeks):
    def alter(self, found: Search) -> Any:
        return replace(found, exact=False)


class Tuples(Seeks):
    def alter(self, found: Search) -> Any:
        return found.vertices, found.length, found.expanded


class LongerThanItSays(Seeks):
    """Takes every third edge for ten times as long as it is, and calls the result exact."""

    def search(self, graph: Graph, source: int, target: int) -> Any:
        metric = graph.metric
        if graph.weights is not None or metric is None:
            return super().search(graph, source, target)
        lengths = metric.edge_lengths(graph.points, graph.edges)
        far = Graph(graph.points, graph.edges, lengths * (1 + (np.arange(graph.m) % 3 == 0) * 9.0))
        found = gk.solvers["astar"]().search(far, source, target)
        return replace(
            found, pieces=Graph(graph.points, graph.edges, lengths).along(found.vertices), integrated=graph.m
        )


WRONG_PAIRS: list[tuple[type, str, str]] = [
    (Backwards, "test_path_is_a_shortest_path", "path leads from"),
    (StopsShort, "test_path_is_a_shortest_path", "path leads from"),
    (Jumps, "test_path_is_a_shortest_path", "which is no edge of the graph"),
    (LengthOfZero, "test_path_is_a_shortest_path", "the length that path returned"),
    (LengthInAnArray, "test_path_is_a_shortest_path", r"a length of shape \(1,\)"),
    (FloatingVertices, "test_path_is_a_shortest_path", "type float64"),
    (ExpandsNone, "test_path_is_a_shortest_path", "expanded is None"),
    (TwoAnswers, "test_path_is_a_shortest_path", "path returned 2 values"),
    (FewestHops, "test_path_is_a_shortest_path", "the length of the path's edges"),
    (AlwaysFinds, "test_path_is_a_shortest_path", "which lie in different components"),
    (TakesAnyVertex, "test_pairs_that_cannot_be_are_refused", "path from 0 to 30 of 30 vertices is accepted"),
    (PiecesOfZero, "test_search_on_a_weighed_graph", "the pieces of the path"),
    (PiecesReversed, "test_search_on_a_weighed_graph", "the pieces of the path"),
    (PiecesOfZero, "test_search_that_measures_edges_on_its_way", "the pieces of the path"),
    (SearchesBackwards, "test_search_on_a_weighed_graph", "search leads from"),
    (SearchesBackwards, "test_search_that_measures_edges_on_its_way", "search leads from"),
    (CountsNothing, "test_search_on_a_weighed_graph", "None is needed"),
    (CountsNothing, "test_search_that_measures_edges_on_its_way", "integrated is 0, and the path has"),
    (Unsure, "test_search_on_a_weighed_graph", "exact is False on a weighed graph"),
    (Tuples, "test_search_on_a_weighed_graph", "search returned a tuple, not a Search"),
    (LongerThanItSays, "test_search_that_measures_edges_on_its_way", "that search calls exact"),
]


@pytest.mark.parametrize(
    ("wrong", "law", "text"), WRONG_PAIRS, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_wrong_answer_about_a_pair_is_found_out(wrong: type, law: str, text: str) -> None:
    _breaks(SolverContract, wrong, law, text)


def test_a_contract_without_a_plugin_says_so() -> None:
    with pytest.raises(TypeError, match="names no plugin: set `plugin = Mine`"):
        SolverContract().test_declares_itself()


def test_a_factory_and_a_ready_object_are_plugins_too() -> None:
    def factory() -> Any:
        return Gaussian()

    ready = Gaussian()
    assert isinstance(type("Made", (DensityContract,), {"plugin": factory})().make(), Gaussian)
    assert type("Ready", (DensityContract,), {"plugin": ready})().make() is ready


def _breaks(contract: type, wrong: type, law: str, text: str) -> None:
    test: Callable[[], None] = getattr(type("Contract", (contract,), {"plugin": wrong})(), law)
    with pytest.raises(AssertionError, match=text):
        test()
