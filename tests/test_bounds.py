"""Metrics that lie: lengths that are none, and bounds that a search must not rest on, are refused by the name
of who gave them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.errors import GeodesicKitError, NotADensityError, PluginError
from geodesic_kit.geodesics import curve

POINTS = np.random.default_rng(7).uniform(-1, 1, (60, 2))
BARE = gk.knn_graph(POINTS, 5)


class Plain:
    """Twice the Euclidean metric, its lengths changed."""

    def __init__(self, change: Callable[[Any], Any] = lambda lengths: lengths, bound: Any = 0.0) -> None:
        self.change, self.bound = change, bound

    def edge_lengths(self, points: Any, edges: Any) -> Any:
        return self.change(2 * np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1))

    def lower_bound(self) -> Any:
        return self.bound


WRONG_LENGTHS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a column": (lambda w: w[:, None], r"shape \(\d+, 1\), \(\d+,\) is needed"),
    "a row": (lambda w: w[None], r"shape \(1, \d+\)"),
    "one for all": (lambda w: w[:1], r"shape \(1,\)"),
    "one number": (lambda w: 2.0, r"shape \(\)"),
    "three": (lambda w: w[:3], r"shape \(3,\)"),
    "complex": (lambda w: w + 0.5j, "complex128 values"),
    "masked": (lambda w: np.ma.masked_greater(w, np.median(w)), "are masked"),
    "text": (lambda w: w.astype(str), "<U"),
    "objects": (lambda w: w.astype(object), "object values"),
    "booleans": (lambda w: w > 0, "bool values"),
    "ragged": (lambda w: [[1.0], [1.0, 2.0]], "cannot be read: row 0 has 1"),
    "None": (lambda w: None, "object values"),
}


@pytest.mark.parametrize("case", WRONG_LENGTHS)
def test_lengths_that_are_no_lengths_are_refused_everywhere(case: str) -> None:
    change, text = WRONG_LENGTHS[case]
    with pytest.raises(PluginError, match=rf"Plain\.edge_lengths returned .*{text}"):
        BARE.weigh(Plain(change))
    with pytest.raises(PluginError, match=r"Plain\.edge_lengths returned"):
        gk.geodesic(BARE, 0, 40, metric=Plain(change), solver="astar")
    with pytest.raises(PluginError, match=r"Plain\.edge_lengths returned"):
        curve.measured(POINTS[:6], Plain(change))


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, -1.0])
def test_lengths_are_finite_and_positive(value: float) -> None:
    for weigh in (
        lambda: BARE.weigh(Plain(lambda w: w * value)),
        lambda: gk.geodesic(BARE, 0, 40, metric=Plain(lambda w: w * value)),
    ):
        with pytest.raises(gk.errors.ContrastError, match=r"has the length .* under .*Plain"):
            weigh()


def test_a_metric_cannot_write_to_points_and_edges_and_its_errors_are_its_own() -> None:
    class Writes(Plain):
        def edge_lengths(self, points: Any, edges: Any) -> Any:
            points *= 2
            return super().edge_lengths(points, edges)

    class Sorts(Plain):
        def edge_lengths(self, points: Any, edges: Any) -> Any:
            edges.sort()
            return super().edge_lengths(points, edges)

    class Fails(Plain):
        def edge_lengths(self, points: Any, edges: Any) -> Any:
            return 1 // 0

    mine = POINTS[:6].copy()
    for kind, text in ((Writes, "read-only"), (Sorts, "read-only"), (Fails, "ZeroDivisionError")):
        for run in (lambda kind=kind: BARE.weigh(kind()), lambda kind=kind: curve.measured(mine, kind())):
            with pytest.raises(PluginError, match=rf"{kind.__name__}\.edge_lengths failed: .*{text}"):
                run()
    np.testing.assert_array_equal(mine, POINTS[:6])


def test_weights_are_not_the_metrics_own_array() -> None:
    kept: list[Any] = []

    def keep(lengths: Any) -> Any:
        kept.append(lengths)
        return lengths

    graph = BARE.weigh(Plain(keep))
    before = graph.weights.copy()
    kept[0] *= 5
    np.testing.assert_array_equal(graph.weights, before)


# Bounds that a search rests on


@pytest.mark.parametrize("bound", [np.nan, np.inf, -1.0, None, "1", 1j, [1.0], True, np.ma.masked])
def test_a_lower_bound_is_a_number(bound: Any) -> None:
    with pytest.raises(PluginError, match=r"Plain\.lower_bound returned "):
        gk.geodesic(BARE, 0, 40, metric=Plain(bound=bound), solver="astar")


class Told(Plain):
    """With a heuristic, as told of the Euclidean distance to the target."""

    def __init__(self, tell: Callable[[Any], Any]) -> None:
        super().__init__()
        self.tell = tell

    def to_target(self, points: Any, target: Any) -> Any:
        return self.tell(np.linalg.norm(points - target, axis=1))


WRONG_HEURISTICS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "too large": (
        lambda h: 2.5 * h,
        r"falls by .* along the edge \(\d+, \d+\), which is .* long \(the "
        r"target is vertex \d+\)",
    ),
    "too large far away": (lambda h: h**4 * 9, "falls by"),
    "constant": (np.ones_like, "returned 1 at its target, vertex 40"),
    "negative": (lambda h: -h, "finite and at least 0"),
    "NaN": (lambda h: h * np.nan, "returned nan at vertex 0"),
    "inf": (lambda h: np.where(h > 0, np.inf, 0.0), "returned inf at vertex 0"),
    "a column": (lambda h: h[:, None], r"shape \(60, 1\)"),
    "one number": (lambda h: 0.0, r"shape \(\)"),
    "complex": (lambda h: h + 0j, "complex128"),
    "masked": (lambda h: np.ma.masked_greater(h, 0.5), "masked"),
    "None": (lambda h: None, "object"),
    "raises": (lambda h: h[99], "failed: IndexError"),
}


@pytest.mark.parametrize("case", WRONG_HEURISTICS)
def test_a_heuristic_that_is_no_consistent_bound_is_refused(case: str) -> None:
    tell, text = WRONG_HEURISTICS[case]
    with pytest.raises(PluginError, match=rf"Told\.to_target .*({text})"):
        gk.geodesic(BARE, 0, 40, metric=Told(tell), solver="astar")


def test_a_right_heuristic_is_kept() -> None:
    expected = gk.geodesic(BARE.weigh(gk.EuclideanMetric()), 0, 40, solver="scipy").length
    for tell in (lambda h: (2 - 1e-9) * h, lambda h: 0 * h, lambda h: h.astype(np.float32)):
        path = gk.geodesic(BARE, 0, 40, metric=Told(tell), solver="astar")
        assert path.length == pytest.approx(2 * expected, rel=1e-12)
        assert path.exact


class Capped:
    """A mixture whose peak is claimed to be `by` lower than it is proven to be."""

    normalised: ClassVar[bool] = True

    def __init__(self, inner: Any, by: float) -> None:
        self.inner, self.dim, self.by = inner, inner.dim, by

    def log_prob(self, x: Any) -> Any:
        return self.inner.log_prob(x)

    def log_prob_upper_bound(self) -> Any:
        return self.inner.log_prob_upper_bound() - self.by


class Bounded(Plain):
    """A metric that claims `factor` times the bound that is proven."""

    def __init__(self, inner: Any, factor: float) -> None:
        self.inner, self.factor = inner, factor

    def edge_lengths(self, points: Any, edges: Any) -> Any:
        return self.inner.edge_lengths(points, edges)

    def lower_bound(self) -> Any:
        return self.factor * self.inner.lower_bound()


class Guided(Bounded):
    """The same as a heuristic."""

    def lower_bound(self) -> Any:
        return 0.0

    def to_target(self, points: Any, target: Any) -> Any:
        return super().lower_bound() * np.linalg.norm(points - target, axis=1)


METRICS: dict[str, tuple[Callable[[Any, float], Any], str]] = {
    "upper bound of a density": (
        lambda mix, by: gk.GenerativeMetric(Capped(mix, by), lam=0.01, p0=0.1),
        "Capped.log_prob_upper_bound",
    ),
    "lower bound": (
        lambda mix, by: Bounded(gk.GenerativeMetric(mix, lam=0.01, p0=0.1), np.exp(by)),
        "Bounded.lower_bound",
    ),
    "heuristic": (
        lambda mix, by: Guided(gk.GenerativeMetric(mix, lam=0.01, p0=0.1), np.exp(by)),
        "Guided.to_target",
    ),
}


@pytest.mark.filterwarnings("ignore::geodesic_kit.errors.ContrastWarning")
@pytest.mark.parametrize("kind", METRICS)
def test_no_wrong_bound_gives_a_wrong_path(kind: str) -> None:
    """Over sizes, pairs and how wrong it is: the path is right, or the bound is found wrong, and said to
    be.
    """
    make, culprit = METRICS[kind]
    refused = right = 0
    for case in range(48):
        rng = np.random.default_rng(case)
        mix = gk.densities["mog"](means=rng.uniform(-1, 1, (3, 2)), covariances=0.05)
        n = [40, 150, 400][case % 3]
        graph = gk.epsilon_graph(rng.uniform(-1.5, 1.5, (n, 2)), eps=3 * np.sqrt(2.5 / n))
        ends = rng.choice(np.flatnonzero(graph.components() == 0), 2, replace=False).tolist()
        expected = gk.distances(graph.weigh(gk.GenerativeMetric(mix, lam=0.01, p0=0.1)), ends[:1])[0, ends[1]]
        metric = make(mix, [0.0, 1.0, 2.0, 3.0][case % 4])
        found = _length_or_error(graph, *ends, metric)
        if isinstance(found, str):
            assert culprit in found
            assert case % 4 > 0
            refused += 1
        else:
            assert found == pytest.approx(expected, rel=1e-6)
            right += 1
    assert refused >= 24
    assert right >= 12


def _length_or_error(graph: gk.Graph, i: int, j: int, metric: Any) -> float | str:
    try:
        return gk.geodesic(graph, i, j, metric=metric, solver="astar").length
    except GeodesicKitError as err:
        return str(err)


def test_an_upper_bound_that_log_p_exceeds_is_refused_wherever_c_is_evaluated() -> None:
    mix = gk.densities["mog"](means=[[0.0, 0.0]], covariances=0.2)
    graph = gk.knn_graph(POINTS, 5)
    wrong = Capped(mix, 3.0)
    for run in (
        lambda: graph.weigh(gk.GenerativeMetric(wrong, lam=0.01, p0=0.1)),
        lambda: graph.weigh(gk.FermatMetric(wrong, beta=0.5), rule="trapezoid"),
        lambda: graph.weigh(gk.GenerativeMetric.from_sample(wrong, POINTS)),
    ):
        with pytest.raises(
            NotADensityError,
            match=r"Capped\.log_prob_upper_bound says that log p exceeds "
            r".* nowhere",
        ):
            run()
    plain, capped = (
        graph.weigh(gk.GenerativeMetric(density, lam=0.01, p0=0.1)).weights
        for density in (mix, Capped(mix, 0.0))
    )
    np.testing.assert_allclose(capped, plain, rtol=1e-6)


class Single:
    """A density in single precision, whose rounded log p lies above the bound that holds of the exact one."""

    dim, normalised, above = 2, False, 65 + 5e-6

    def log_prob(self, x: Any) -> Any:
        return (self.above - 50 * np.square(x).sum(axis=1)).astype(np.float32)

    def log_prob_upper_bound(self) -> float:
        return self.above


@pytest.mark.parametrize("power", [1.0, 4.0])
def test_rounding_in_single_precision_exceeds_no_bound(power: float) -> None:
    points, edges = np.array([[0.0, 0.0], [1e-5, 0.0]]), [[0, 1]]
    assert float(Single().log_prob(points).max()) - Single.above > 2e-6
    gk.FermatMetric(Single(), beta=power).edge_lengths(points, edges)
    wrong = Single()
    wrong.log_prob_upper_bound = lambda: Single.above - 1e-3  # type: ignore[method-assign]
    with pytest.raises(NotADensityError, match="log_prob_upper_bound"):
        gk.FermatMetric(wrong, beta=power).edge_lengths(points, edges)
