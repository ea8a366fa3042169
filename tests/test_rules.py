"""Rules of quadrature as values: read at the door, carried by the graph, and followed wherever it grows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.errors import InvalidParameter, QuadratureWarning
from geodesic_kit.metric.edge_lengths import lengths_as_in
from geodesic_kit.metric.rules import Adaptive, LeftRiemann, Rule, Trapezoid, as_rule
from geodesic_kit.paths.out_of_sample import distances_of_new

MOG = gk.densities["mog"]([[-1.0, 0.0], [1.0, 0.3]], [0.2, 0.1])
X = MOG.sample(120, seed=0)
NEW = MOG.sample(7, seed=1)
METRIC = gk.GenerativeMetric(MOG, lam=0.02, p0=0.2)
BARE = gk.GenerativeMetric(gk.as_density(MOG.log_prob, dim=2, normalised=True), lam=0.02, p0=0.2)
RULES: list[Rule] = [Adaptive(), Adaptive(1e-2, panels=1), Trapezoid(3), LeftRiemann(5)]


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({}, Adaptive(1e-6, None)),
        (dict(rtol=1e-3, panels=4), Adaptive(1e-3, 4)),
        (dict(rule="trapezoid"), Trapezoid(8)),
        (dict(rule="trapezoid", pieces=np.int32(3)), Trapezoid(3)),
        (dict(rule=LeftRiemann(2)), LeftRiemann(2)),
    ],
)
def test_a_rule_is_read_at_the_door(given: dict[str, Any], rule: Rule) -> None:
    assert as_rule(**given) == rule
    assert gk.knn_graph(X, 4).weigh(METRIC, **given).rule in (rule, METRIC.settled(rule, 1))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (dict(rule="simpson"), "rule='simpson'; there are adaptive, trapezoid"),
        (dict(rule=Trapezoid), "there are adaptive, trapezoid"),
        (dict(rule=Trapezoid(4), pieces=4), "says how already: leave pieces= out"),
        (dict(pieces=4), "pieces= belongs to"),
        (dict(rule="trapezoid", rtol=1e-3), "rtol= and panels= belong to"),
        (dict(rule="trapezoid", pieces=0), "pieces=0"),
        (dict(rtol=-1.0), "rtol=-1.0"),
        (dict(panels=0), "panels=0"),
    ],
)
def test_what_is_no_rule_is_refused(given: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidParameter, match=text):
        gk.knn_graph(X, 4).weigh(METRIC, **given)


def test_a_metric_of_another_make_has_no_rule() -> None:
    graph = gk.knn_graph(X, 4).weigh(gk.EuclideanMetric())
    assert graph.rule is None
    for given in (dict(rule=Trapezoid(4)), dict(rule="trapezoid"), dict(rtol=1e-3), dict(rtol=1e-6)):
        with pytest.raises(InvalidParameter, match="measures its edges itself"):
            graph.weigh(gk.EuclideanMetric(), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("metric", [METRIC, BARE], ids=["a mixture", "a mere function"])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_graph_grows_by_its_own_rule(metric: gk.GenerativeMetric, rule: Rule) -> None:
    graph = gk.knn_graph(X, 5).bridged().weigh(metric, rule)
    grown = graph.attach(NEW)
    assert grown.rule == graph.rule
    whole = gk.Graph(grown.points, grown.edges).weigh(metric, graph.rule)
    np.testing.assert_allclose(grown.weights, whole.weights, rtol=1e-12)
    some = np.arange(0, graph.m, 7)
    np.testing.assert_allclose(lengths_as_in(graph, some), graph.weights[some], rtol=1e-12)
    rows = distances_of_new(graph, gk.distances(graph), NEW)
    for k, row in enumerate(rows):
        np.testing.assert_allclose(
            row, gk.distances(graph.attach(NEW[k : k + 1]), [graph.n])[0, : graph.n], rtol=1e-12
        )


@pytest.mark.parametrize("metric", [METRIC, BARE], ids=["a mixture", "a mere function"])
def test_a_lazy_search_measures_as_weighing_would(metric: gk.GenerativeMetric) -> None:
    graph = gk.knn_graph(X, 5).bridged()
    path = gk.geodesic(graph, 0, 50, metric=metric)
    weighed = gk.geodesic(graph.weigh(metric), 0, 50)
    np.testing.assert_array_equal(path.indices, weighed.indices)
    np.testing.assert_allclose(path.pieces, weighed.pieces, rtol=1e-12)


class Costly:
    """A density with ripples far finer than an edge, which counts what it is asked."""

    dim, normalised = 2, True

    def __init__(self) -> None:
        self.asked = 0

    def log_prob(self, x: np.ndarray) -> np.ndarray:
        self.asked += len(x)
        return np.log(1.5 + np.sin(60 * x[:, 0])) - np.square(x).sum(axis=1)


@pytest.mark.parametrize("most", [10_000, 40_000, 120_000])
def test_a_budget_of_evaluations_is_kept_and_what_it_leaves_is_told(most: int) -> None:
    density, graph = Costly(), gk.knn_graph(X, 4)
    with pytest.warns(QuadratureWarning, match=r"max_evaluations= allows are spent .*; give more"):
        some = graph.weigh(
            gk.GenerativeMetric(density, lam=0.02, p0=0.2), Adaptive(1e-9, max_evaluations=most)
        )
    assert some.report is not None
    assert some.report.evaluations <= most
    assert density.asked <= most
    truth = graph.weigh(gk.GenerativeMetric(Costly(), lam=0.02, p0=0.2), rtol=1e-11).weights
    assert truth is not None
    errors = np.abs(some.weights - truth) / truth
    assert (errors <= 3 * some.report.relative_errors + 1e-12).mean() > 0.97  # the estimate is no bound
    assert some.report.relative_errors.max() > 1e-9


def test_more_evaluations_leave_less_error() -> None:
    metric, graph = gk.GenerativeMetric(Costly(), lam=0.02, p0=0.2), gk.knn_graph(X, 4)
    worst = []
    for most in (10_000, 40_000, 120_000):
        with pytest.warns(QuadratureWarning):
            report = graph.weigh(metric, Adaptive(1e-9, max_evaluations=most)).report
        assert report is not None
        worst.append(float(report.relative_errors.max()))
    assert worst[0] > 10 * worst[1] > 100 * worst[2]


def test_a_budget_that_suffices_changes_nothing() -> None:
    for metric in (METRIC, BARE):
        plain = gk.knn_graph(X, 4).weigh(metric)
        bounded = gk.knn_graph(X, 4).weigh(metric, Adaptive(max_evaluations=10**7))
        np.testing.assert_array_equal(plain.weights, bounded.weights)


def test_a_budget_too_small_for_a_first_look_is_refused_before_it() -> None:
    density = Costly()
    with pytest.raises(InvalidParameter, match=r"max_evaluations=100: .* edges take .* rule='trapezoid'"):
        gk.knn_graph(X, 4).weigh(
            gk.GenerativeMetric(density, lam=0.02, p0=0.2), Adaptive(max_evaluations=100)
        )
    assert density.asked == 0
    with pytest.raises(InvalidParameter, match="max_evaluations=0"):
        Adaptive(max_evaluations=0)


def test_a_budget_is_shared_by_blocks_of_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geodesic_kit.metric.blocks._BLOCK", (50, 50))
    density, graph = Costly(), gk.knn_graph(X, 4)
    with pytest.warns(QuadratureWarning, match="spent"):
        graph.weigh(gk.GenerativeMetric(density, lam=0.02, p0=0.2), Adaptive(1e-9, max_evaluations=40_000))
    assert 20_000 < density.asked <= 40_000
