"""The compiled kernels against their NumPy counterparts, and what pruning and threads leave as it was."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geodesic_kit as gk
from geodesic_kit.base import blocks, neighbours
from geodesic_kit.base import threads as parallel
from geodesic_kit.errors import ContrastError, InvalidParameter
from geodesic_kit.graph import search_layout
from geodesic_kit.metric import norms
from geodesic_kit.metric.quadrature import EdgeIntegrals
from geodesic_kit.metric.rules import Adaptive, LeftRiemann, Rule, Trapezoid

compiled = pytest.importorskip("geodesic_kit.base.compiled", reason="numba comes with the extra `native`")
pytestmark = pytest.mark.skipif(not parallel.compiled(), reason="GEODESIC_KIT_COMPILED=0")


@contextmanager
def plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Without numba, as where it is not installed."""
    with monkeypatch.context() as patch:
        patch.setenv("GEODESIC_KIT_COMPILED", "0")
        parallel.compiled.cache_clear()
        yield
    parallel.compiled.cache_clear()


def mixture(d: int, k: int, kind: str, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    means = 2 * rng.standard_normal((k, d))
    if kind == "isotropic":
        covariances: Any = 0.1 * rng.uniform(0.3, 3, k)
    elif kind == "diagonal":
        covariances = 0.1 * rng.uniform(0.3, 3, (k, d))
    else:
        factors = rng.standard_normal((k, d, d))
        covariances = 0.1 * (factors @ factors.transpose(0, 2, 1) / d + 0.2 * np.eye(d))
    return gk.densities["mog"](means, covariances, rng.dirichlet(np.ones(k)))


def both(
    monkeypatch: pytest.MonkeyPatch,
    metric: Any,
    points: np.ndarray,
    edges: np.ndarray,
    rule: Rule = Adaptive(),  # noqa: B008  # frozen
) -> tuple[EdgeIntegrals, EdgeIntegrals]:
    fast = metric.integrate(points, edges, rule)
    with plain(monkeypatch):
        return fast, metric.integrate(points, edges, rule)


@contextmanager
def at_any_size(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small work compiled, too."""
    with monkeypatch.context() as patch:
        patch.setattr(neighbours, "_COMPILED", 0)
        for module in (blocks, norms, search_layout):
            patch.setattr(module, "WORTH_COMPILING", 0)
        yield


@compiled.kernel
def _exp_and_log(x, powers, logs):  # type: ignore[no-untyped-def]
    for i in range(len(x)):
        powers[i] = compiled.exp(x[i])
        logs[i] = compiled.log(powers[i])


def test_exp_and_log_are_right_to_two_units_in_the_last_place() -> None:
    x = np.concatenate(
        [
            np.random.default_rng(0).uniform(-700, 700, 100_000),
            [0.0, -0.0, 1e-300, 708.0, -708.0],
            np.linspace(-1, 1, 1001),
        ]
    )
    powers, logs = np.empty_like(x), np.empty_like(x)
    _exp_and_log(x, powers, logs)
    np.testing.assert_array_max_ulp(powers, np.exp(x), 2)
    np.testing.assert_allclose(logs, np.log(powers), rtol=5e-16, atol=5e-16)


@pytest.mark.parametrize("kind", ["isotropic", "diagonal", "full"])
@pytest.mark.parametrize(("d", "k"), [(1, 3), (2, 40), (3, 1), (5, 6), (7, 4), (20, 12)])
def test_numpy_and_numba_agree(monkeypatch: pytest.MonkeyPatch, d: int, k: int, kind: str) -> None:
    density = mixture(d, k, kind, seed=d + k)
    points = density.sample(300, seed=1)
    graph = gk.knn_graph(points, 4)
    log_p = density.log_prob(points)
    metrics = (
        gk.GenerativeMetric(density, log_lam=float(np.quantile(log_p, 0.1)), log_p0=float(np.median(log_p))),
        gk.GenerativeMetric(density, log_lam=-np.inf, log_p0=float(np.median(log_p)), power=0.3 / d),
        gk.FermatMetric(density, beta=0.2 / d),
    )
    for metric in metrics:
        fast, slow = both(monkeypatch, metric, points, graph.edges)
        np.testing.assert_allclose(fast.means, slow.means, rtol=1e-12)
        assert fast.evaluations == slow.evaluations  # the same panels: one rule, two evaluators
        np.testing.assert_allclose(
            [fast.log_c_min, fast.log_c_max], [slow.log_c_min, slow.log_c_max], rtol=1e-12, atol=1e-12
        )


@pytest.mark.parametrize("kind", ["isotropic", "diagonal", "full"])
@pytest.mark.parametrize(("d", "k"), [(1, 3), (2, 40), (3, 1), (5, 6), (20, 12)])
def test_log_p_along_edges_agrees_too(monkeypatch: pytest.MonkeyPatch, d: int, k: int, kind: str) -> None:
    density, rng = mixture(d, k, kind, seed=d + k), np.random.default_rng(0)
    room = import_module(type(density).__module__)
    points = np.concatenate([density.sample(200, seed=1), 30 * rng.standard_normal((20, d))])  # some far off
    edges = rng.integers(0, len(points), (300, 2))
    kernels, tried = import_module(f"{room.__package__}.kernels_log_p"), []

    def counted(*arguments: Any) -> Any:
        tried.append(given(*arguments))
        return tried[-1]

    given = kernels.log_p_along
    monkeypatch.setattr(kernels, "log_p_along", counted)
    monkeypatch.setattr(room, "_WORTH_COMPILING", 0)
    for t in (np.array([0.0, 0.25, 1.0]), rng.uniform(size=(300, 4))):
        fast = density.segment_log_prob(points, edges, t)
        assert (tried[-1] is fast) == (d * (d + 1) / 2 <= 16 if kind == "full" else d <= 16)
        with plain(monkeypatch):
            slow = density.segment_log_prob(points, edges, t)
        np.testing.assert_allclose(fast, slow, rtol=1e-12, atol=1e-12)
    assert len(tried) == 2


@pytest.mark.parametrize("rule", [Trapezoid(1), Trapezoid(8), Trapezoid(100), LeftRiemann(5)], ids=str)
@pytest.mark.parametrize(("d", "k", "kind"), [(2, 3, "full"), (2, 40, "diagonal"), (20, 30, "isotropic")])
def test_every_rule_agrees_too(
    monkeypatch: pytest.MonkeyPatch, d: int, k: int, kind: str, rule: Rule
) -> None:
    density = mixture(d, k, kind, seed=d + k)
    points = density.sample(300, seed=1)
    metric = gk.GenerativeMetric.from_sample(density, points, power=0.6 / d)
    edges = gk.knn_graph(points, 4).edges
    calls = _calls_of_means(monkeypatch)
    fast, slow = both(monkeypatch, metric, points, edges, rule)
    assert calls  # compiled, not twice the plain path
    np.testing.assert_allclose(fast.means, slow.means, rtol=1e-12)
    assert fast.evaluations == slow.evaluations
    assert np.isnan(fast.errors).all()
    np.testing.assert_allclose(
        [fast.log_c_min, fast.log_c_max], [slow.log_c_min, slow.log_c_max], rtol=1e-12, atol=1e-12
    )


def _calls_of_means(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    from geodesic_kit_plugins.densities.mog.panels import CompiledPanels

    calls: list[int] = []
    own = CompiledPanels.means

    def counted(self: Any, nodes: Any, weights: Any) -> Any:
        calls.append(len(nodes))
        return own(self, nodes, weights)

    monkeypatch.setattr(CompiledPanels, "means", counted)
    return calls


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), spread=st.floats(-3, 3), d=st.integers(1, 4))
def test_what_is_pruned_does_not_matter(seed: int, spread: float, d: int) -> None:
    """Against the sum over all components, on one panel, for mixtures whose components differ by orders of
    magnitude.
    """
    from geodesic_kit.metric.quadrature import FINE, NODES

    rng = np.random.default_rng(seed)
    means, variances = 10.0**spread * rng.standard_normal((60, d)), 10.0 ** rng.uniform(-2, 1, 60)
    density = gk.densities["mog"](means, variances, rng.dirichlet(np.full(60, 0.3)))
    points = np.ascontiguousarray(means[:2] + 1e-3 * rng.standard_normal((2, d)))
    log_lam = float(rng.uniform(-30, 0))
    metric = gk.GenerativeMetric(density, log_lam=log_lam, log_p0=0.0)
    panels = density.panels(points, metric.power_law())(np.array([[0, 1]]))
    value = panels(np.array([0]), np.array([0.25]), np.array([0.75]))[0]
    at = (0.25 + 0.5 * NODES)[:, None]
    expected = 0.5 * FINE @ np.exp(metric.log_c(density.log_prob((1 - at) * points[0] + at * points[1])))
    np.testing.assert_allclose(value, expected, rtol=1e-11)


def test_a_mixture_behind_a_scaler_is_compiled_too(monkeypatch: pytest.MonkeyPatch) -> None:
    sklearn = pytest.importorskip("sklearn")
    assert sklearn
    from sklearn.mixture import GaussianMixture
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    points = np.random.default_rng(0).standard_normal((300, 2)) * [1.0, 30.0]
    density = gk.as_density(make_pipeline(StandardScaler(), GaussianMixture(3, random_state=0)).fit(points))
    metric = gk.GenerativeMetric.from_sample(density, points, power=0.7)
    assert density.panels(points, metric.power_law()) is not None
    fast, slow = both(monkeypatch, metric, points, gk.knn_graph(points, 5).edges)
    np.testing.assert_allclose(fast.means, slow.means, rtol=1e-12)


def test_a_mixture_with_a_log_p_of_its_own_is_not_compiled() -> None:
    class Doubled(gk.densities["mog"]):  # type: ignore[misc]
        def log_prob(self, x: np.ndarray) -> np.ndarray:
            return super().log_prob(x) + np.log(2)

    assert (
        Doubled([[0.0]], 1.0).panels(
            np.zeros((1, 1)), gk.FermatMetric(mixture(1, 1, "isotropic", 0), beta=1.0).power_law()
        )
        is None
    )


def test_a_far_component_of_great_weight_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    density = gk.densities["mog"](
        means=[[0.0, 0.0], [30.0, 0.0]], covariances=[1.0, 400.0], weights=[1e-9, 1 - 1e-9]
    )
    points = np.array([[-1.0, 0.0], [1.0, 0.5]])
    fast, slow = both(
        monkeypatch, gk.GenerativeMetric(density, lam=1e-12, p0=1e-4), points, np.array([[0, 1]])
    )
    np.testing.assert_allclose(fast.means, slow.means, rtol=1e-13)


@pytest.mark.parametrize(
    ("means", "covariances", "power"),
    [
        ([[0.0] * 6, [2.341] + [0.0] * 5], 1e-3, 0.5),  # between them e^-685 of the peak is left
        ([[0.0] * 6, [9.0] * 6], [1.0, 1e-98], 1.0),  # everywhere but at the other, e^-677 of its peak
        ([[0.0] * 6, [9.0] * 6], [1.0, 1e-96], 1.0),
        ([[0.0] * 6, [1.0] + [0.0] * 5], 1.0, 1.0),
    ],
)
def test_no_edge_hangs_on_those_beside_it_however_little_of_the_peak_is_left(
    monkeypatch: pytest.MonkeyPatch, means: list[list[float]], covariances: Any, power: float
) -> None:
    density = gk.densities["mog"](means, covariances, weights=[0.5, 0.5])
    points = (
        means
        + np.random.default_rng(0).standard_normal((40, 2, 6))
        * np.sqrt(np.minimum(np.array(covariances) * np.ones(2), 1))[:, None]
    )
    points, edges = points[:, : 1 + (power < 1)].reshape(-1, 6), np.argwhere(np.tri(40, k=-1))[:, ::-1]
    metric = gk.GenerativeMetric(density, log_lam=-np.inf, log_p0=0.0, power=power)
    fast, slow = both(monkeypatch, metric, points, edges)
    np.testing.assert_allclose(fast.means, slow.means, rtol=2e-11)
    np.testing.assert_allclose(
        [fast.log_c_min, fast.log_c_max], [slow.log_c_min, slow.log_c_max], rtol=1e-12, atol=1e-12
    )
    alone = [metric.integrate(points, edges[k : k + 1]).means[0] for k in range(0, len(edges), 10)]
    np.testing.assert_array_equal(alone, fast.means[::10])


@pytest.mark.parametrize("threads", ["1", "2", "3"])
def test_threads_do_not_change_a_bit(monkeypatch: pytest.MonkeyPatch, threads: str) -> None:
    density = mixture(2, 10, "full", seed=0)
    points = density.sample(3000, seed=1)
    graph = gk.knn_graph(points, 8)
    metric = gk.GenerativeMetric.from_sample(density, points)
    monkeypatch.setattr("geodesic_kit.metric.blocks._BLOCK", (500, 1000))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    alone = metric.integrate(points, graph.edges)
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0, 1, 2}, raising=False)
    np.testing.assert_array_equal(metric.integrate(points, graph.edges).means, alone.means)


def test_the_number_of_threads_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0, 1}, raising=False)
    for text, expected in (("", 2), ("1", 1), ("8", 2), ("2,4", 2), ("0", 1)):
        monkeypatch.setenv("OMP_NUM_THREADS", text)
        assert parallel.n_threads() == expected
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    with pytest.raises(
        InvalidParameter, match="OMP_NUM_THREADS='many' in the environment: give a whole number"
    ):
        parallel.n_threads()


def test_an_error_in_one_part_is_raised_and_nothing_more_is_begun() -> None:
    begun = []

    def work(part: int) -> int:
        begun.append(part)
        if part == 1:
            raise ValueError("part 1")
        time.sleep(1e-3)  # on a busy machine one thread may run long before the other
        return part

    with pytest.raises(ValueError, match="part 1"):
        list(parallel.shared_out(work, range(1000), 2))
    assert len(begun) < 1000


def test_a_metric_with_a_factor_of_its_own_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Twice(gk.GenerativeMetric):
        def log_c(self, log_p):  # type: ignore[no-untyped-def]
            return super().log_c(log_p) + np.log(2)

    density = mixture(2, 3, "isotropic", seed=0)
    points, edges = density.sample(10, seed=0), np.array([[0, 1], [2, 3]])
    once, twice = (
        metric(density, lam=0.01, p0=0.1).edge_lengths(points, edges)
        for metric in (gk.GenerativeMetric, Twice)
    )
    np.testing.assert_allclose(twice, 2 * once, rtol=1e-12)


def test_forms_that_overflow_and_ranges_that_do_not_fit_are_refused_as_numpy_refuses_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    density = gk.densities["mog"]([[0.0, 0.0]], 1e-3)
    points, edges = np.array([[0.0, 0.0], [1.0, 1e3]]), np.array([[0, 1]])
    metric = gk.FermatMetric(density, beta=1.0)
    messages = []
    for _ in range(2):
        with pytest.raises(ContrastError, match="log c runs from") as caught:
            metric.edge_lengths(points, edges)
        messages.append(str(caught.value)[:20])
        monkeypatch.setenv("GEODESIC_KIT_COMPILED", "0")
        parallel.compiled.cache_clear()
    monkeypatch.delenv("GEODESIC_KIT_COMPILED")
    parallel.compiled.cache_clear()
    assert messages[0] == messages[1]
    assert density.panels(np.array([[0.0, 0.0], [0.0, 1e150]]), metric.power_law()) is None


def test_pairs_are_the_same_with_and_without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    for d in (1, 2, 3, 6):
        points = np.round(rng.uniform(0, 1, (400, d)), 2)  # ties at the radius
        points = points[np.sort(np.unique(points, axis=0, return_index=True)[1])]
        with at_any_size(monkeypatch):
            fast = gk.epsilon_graph(points, 0.1 if d < 3 else 0.25)
        with plain(monkeypatch):
            slow = gk.epsilon_graph(points, 0.1 if d < 3 else 0.25)
        np.testing.assert_array_equal(fast.edges, slow.edges)


@pytest.mark.parametrize("d", [1, 2, 3, 15, 16, 23, 40])
def test_small_work_has_the_same_distances_to_the_bit(d: int, monkeypatch: pytest.MonkeyPatch) -> None:
    points = np.random.default_rng(d).standard_normal((150, d))
    asked = np.arange(63).reshape(9, 7)
    few, there = gk.knn_graph(points, k=6), blocks.distances_from(points[:9], points, asked)
    with at_any_size(monkeypatch):
        many = gk.knn_graph(points, k=6)
        here = blocks.distances_from(points[:9], points, asked)
        lengths = norms.norms(points, many.edges)
    np.testing.assert_array_equal(few.edges, many.edges)
    np.testing.assert_array_equal(there, here)
    np.testing.assert_array_equal(norms.norms(points, few.edges), lengths)


@pytest.mark.parametrize("d", [2, 40])
def test_small_graphs_are_laid_out_alike(d: int, monkeypatch: pytest.MonkeyPatch) -> None:
    points = np.random.default_rng(d).standard_normal((60, d))
    edges = gk.knn_graph(points, k=5).edges
    weights = np.random.default_rng(0).uniform(1, 2, len(edges))
    few = search_layout.Layout.of(points, edges, weights)
    ratio = few.ratio
    with monkeypatch.context() as patch:
        patch.setattr(search_layout, "WORTH_COMPILING", 0)
        many = search_layout.Layout.of(points, edges, weights)
        assert many.ratio == pytest.approx(ratio, rel=1e-12)
    for name in ("start", "neighbours", "lengths"):
        one, other = getattr(few, name), getattr(many, name)
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


@pytest.mark.parametrize("compiling", [0, 1 << 14])
def test_the_ratio_of_edges_without_digits_is_nothing(
    compiling: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_layout, "WORTH_COMPILING", compiling)
    edges, weights = np.array([[0, 1], [1, 2]]), np.ones(2)
    close = search_layout.Layout.of(np.array([[0.0], [1e-140], [1.0]]), edges, weights)
    assert close.ratio == 0
    alone = search_layout.Layout.of(np.zeros((3, 1)), edges, weights)
    assert alone.ratio == 0
    none = search_layout.Layout.of(np.zeros((3, 1)), edges[:0], weights[:0])
    assert none.ratio == 0
    assert len(none.neighbours) == 0


def test_a_small_cloud_waits_for_no_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise AssertionError("compiled")

    monkeypatch.setattr("geodesic_kit.base.grid.pairs_within_cells", refused)
    monkeypatch.setattr("geodesic_kit.base.grid.spatial_order", refused)
    points = np.random.default_rng(0).uniform(size=(2 * neighbours._COMPILED, 2))
    some = points[: neighbours._COMPILED - 1]
    graph = gk.epsilon_graph(some, 0.02).weigh(gk.EuclideanMetric())
    assert gk.distances(graph, [0])[0, 0] == 0
    with pytest.raises(AssertionError, match="compiled"):
        gk.epsilon_graph(points, 0.01)
