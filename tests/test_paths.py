"""Distances and geodesics on a weighed graph: closed forms, metric axioms, order, limits, memory, and what is
refused.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import geodesic_kit as gk
from geodesic_kit.errors import (
    ContrastWarning,
    DataError,
    DisconnectedError,
    InvalidParameter,
    TooLittleMemoryError,
    UnknownPlugin,
    UnweightedError,
)

MoG = gk.densities["mog"]
MIX = MoG([[0.0, 0.0], [2.0, 1.0]], [0.3, 0.2])
SOLVERS = ("scipy", "networkx")


def graph(n: int = 60, seed: int = 0, lam: float = 0.01, eps: float = 0.8, p0: float = 0.2) -> gk.Graph:
    x = np.random.default_rng(seed).normal(size=(n, 2))
    return gk.epsilon_graph(x, eps=eps).weigh(gk.GenerativeMetric(MIX, lam=lam, p0=p0))


def test_a_complete_euclidean_graph_gives_euclidean_distances() -> None:
    x = np.random.default_rng(0).normal(size=(40, 3))
    complete = gk.knn_graph(x, k=39).weigh(gk.EuclideanMetric())
    from scipy.spatial.distance import cdist

    np.testing.assert_allclose(gk.distances(complete), cdist(x, x), rtol=1e-12, atol=1e-15)


def test_one_dimension_is_the_integral() -> None:
    density = MoG([[-1.0], [0.4], [2.0]], [0.02, 0.3, 0.005])
    metric = gk.GenerativeMetric(density, lam=1e-3, p0=0.3)
    x = np.sort(np.random.default_rng(0).uniform(-3, 3, 300))[:, None]
    chain = gk.epsilon_graph(x, eps=0.3).weigh(metric)
    from scipy.integrate import quad

    exact = sum(
        quad(lambda t: float(np.exp(metric.log_factor(np.array([[t]]))[0])), a, b, epsabs=0, epsrel=1e-13)[0]
        for a, b in zip(x[:-1, 0], x[1:, 0], strict=True)
    )
    assert gk.distances(chain, [0])[0, -1] == pytest.approx(exact, rel=1e-8)
    assert gk.geodesic(chain, 0, 299).length == pytest.approx(exact, rel=1e-8)
    two_points = gk.Graph(x[[0, -1]], [[0, 1]]).weigh(metric)
    assert two_points.weights[0] == pytest.approx(exact, rel=1e-7)


@given(seed=st.integers(0, 10**6), log_lam=st.floats(-8, 2), solver=st.sampled_from(SOLVERS))
def test_metric_axioms(seed: int, log_lam: float, solver: str) -> None:
    d = gk.distances(graph(25, seed, lam=float(np.exp(log_lam)), eps=1.0), solver=solver)
    np.testing.assert_allclose(d, d.T, rtol=1e-12)
    assert (np.diag(d) == 0).all()
    assert (d[~np.eye(25, dtype=bool)] > 0).all()
    finite = np.where(np.isfinite(d), d, 1e300)
    assert (finite <= (finite[:, :, None] + finite[None, :, :]).min(axis=1) * (1 + 1e-12)).all()


@given(seed=st.integers(0, 10**6), log_lam=st.floats(-6, -1), gap=st.floats(0.05, 2))
def test_laws_of_lam_and_p0(seed: int, log_lam: float, gap: float) -> None:
    """Of distances: d / (p0 + lam) falls with lam; d rises with p0; d falls with lam where p0 >= sup p."""
    x = np.random.default_rng(seed).normal(size=(25, 2))
    base = gk.knn_graph(x, k=6)

    def d(log_lam: float, log_p0: float) -> np.ndarray:
        values = gk.distances(base.weigh(gk.GenerativeMetric(MIX, log_lam=log_lam, log_p0=log_p0)))
        return np.where(np.isfinite(values), values, 0.0)

    small, large = d(log_lam, -1.0), d(log_lam + gap, -1.0)
    assert (
        large * np.exp(-np.logaddexp(log_lam + gap, -1.0))
        <= small * np.exp(-np.logaddexp(log_lam, -1.0)) * (1 + 2e-6)
    ).all()
    assert (d(log_lam, -1.0 + gap) >= small * (1 - 2e-6)).all()
    sup = MIX.log_prob_upper_bound()
    assert (d(log_lam + gap, sup) <= d(log_lam, sup) * (1 + 2e-6)).all()


@given(seed=st.integers(0, 10**6))
def test_solvers_agree_and_relabelling_commutes(seed: int) -> None:
    first = graph(30, seed)
    d = gk.distances(first, solver="scipy")
    np.testing.assert_allclose(gk.distances(first, solver="networkx"), d, rtol=1e-9)
    order = np.random.default_rng(seed).permutation(30)
    second = gk.epsilon_graph(first.points[order], eps=0.8).weigh(first.metric)
    np.testing.assert_allclose(gk.distances(second), d[np.ix_(order, order)], rtol=1e-9)


@pytest.mark.parametrize("solver", [*SOLVERS, "auto"])
def test_order_limit_type_and_out(solver: str, tmp_path) -> None:
    g = graph()
    everything = gk.distances(g, solver=solver)
    asked = [7, 3, 7, 59]
    np.testing.assert_array_equal(gk.distances(g, asked, solver=solver), everything[asked])
    np.testing.assert_array_equal(gk.distances(g, 5, solver=solver), everything[[5]])
    limit = float(np.median(everything[np.isfinite(everything)]))
    near = gk.distances(g, solver=solver, limit=limit)
    np.testing.assert_array_equal(near, np.where(everything <= limit, everything, np.inf))
    small = gk.distances(g, asked, solver=solver, dtype=np.float32)
    assert small.dtype == np.float32
    np.testing.assert_allclose(small, everything[asked], rtol=1e-6)
    out = np.memmap(tmp_path / "d.bin", dtype=np.float64, mode="w+", shape=(4, 60))
    assert np.shares_memory(gk.distances(g, asked, solver=solver, out=out), out)
    np.testing.assert_array_equal(out, everything[asked])
    assert gk.distances(g, [], solver=solver).shape == (0, 60)


def test_the_geodesic_is_the_distance() -> None:
    g = graph()
    d = gk.distances(g)
    for solver in SOLVERS:
        for j in (1, 20, 59):
            if np.isfinite(d[0, j]):
                path = gk.geodesic(g, 0, j, solver=solver)
                assert path.length == pytest.approx(d[0, j], rel=1e-12)
                assert path.indices[0] == 0
                assert path.indices[-1] == j
                np.testing.assert_array_equal(path.points, g.points[path.indices])
                np.testing.assert_allclose(
                    path.pieces,
                    g.metric.edge_lengths(g.points, np.stack([path.indices[:-1], path.indices[1:]], axis=1)),
                    rtol=1e-9,
                )
    alone = gk.geodesic(g, 4, 4)
    assert alone.length == 0
    assert len(alone.points) == 1
    assert gk.geodesic(g, -1, 0).indices[0] == 59


def test_disconnected() -> None:
    x = np.concatenate(
        [np.random.default_rng(0).normal(size=(20, 2)), np.random.default_rng(1).normal(size=(10, 2)) + 50]
    )
    g = gk.knn_graph(x, k=4).weigh(gk.EuclideanMetric())
    d = gk.distances(g)
    assert np.isinf(d[:20, 20:]).all()
    assert np.isfinite(d[:20, :20]).all()
    with pytest.raises(
        DisconnectedError,
        match=r"components 0 \(20 points\) and 1 \(10 points\) of 2; give "
        r"a larger eps= or k=",
    ):
        gk.geodesic(g, 0, 25)
    lonely = gk.Graph(x[:3], np.empty((0, 2), dtype=int)).weigh(gk.EuclideanMetric())
    assert np.array_equal(np.isfinite(gk.distances(lonely)), np.eye(3, dtype=bool))


def test_an_edge_that_rules_a_path_is_named() -> None:
    x = np.array([0.0, 0.1, 0.2, 0.3, 5.0, 5.1, 5.2])[:, None]
    chain = gk.Graph(x, np.stack([np.arange(6), np.arange(1, 7)], axis=1)).weigh(gk.EuclideanMetric())
    with pytest.warns(ContrastWarning, match=r"the edge \(3, 4\) makes 90% of a path of 6 edges"):
        gk.geodesic(chain, 0, 6)


def test_too_little_memory_is_told_before(monkeypatch) -> None:
    monkeypatch.setattr("geodesic_kit.checks.memory.available_memory", lambda: 10 << 20)
    line = gk.Graph(np.arange(2000.0)[:, None], [[0, 1]]).weigh(gk.EuclideanMetric())
    with pytest.raises(
        TooLittleMemoryError,
        match=r"distances of shape \(2000, 2000\) need .* "
        r"MiB.*sources=.*float32.*limit=.*memmap",
    ):
        gk.distances(line)
    many = gk.Graph(np.arange(3_000_000.0)[:, None], [[0, 1]]).weigh(gk.EuclideanMetric())
    monkeypatch.undo()
    with pytest.raises(TooLittleMemoryError, match="3000000"):
        gk.distances(many)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda g: gk.distances(gk.epsilon_graph(g.points, eps=1.0)), UnweightedError, "weigh"),
        (lambda g: gk.geodesic(gk.epsilon_graph(g.points, eps=1.0), 0, 1), UnweightedError, "weigh"),
        (
            lambda g: gk.distances(g, solver="dijkstra"),
            UnknownPlugin,
            "no solver named 'dijkstra'; there are .*networkx.*scipy",
        ),
        (lambda g: gk.distances(g, solver=3), InvalidParameter, "solver=3: give a name"),
        (lambda g: gk.distances(g, sources=[60]), InvalidParameter, "0 to 59"),
        (lambda g: gk.distances(g, sources=[0.5]), InvalidParameter, "whole numbers"),
        (lambda g: gk.distances(g, limit=-1.0), InvalidParameter, "limit=-1.0"),
        (lambda g: gk.distances(g, limit=np.nan), InvalidParameter, "limit=nan"),
        (lambda g: gk.distances(g, dtype=np.int32), InvalidParameter, "there are float64 and float32"),
        (lambda g: gk.distances(g, out=np.empty((2, 2))), InvalidParameter, r"out has shape \(2, 2\)"),
        (lambda g: gk.geodesic(g, 0, 60), InvalidParameter, "j=60 is not a vertex: there are 0 to 59"),
        (lambda g: gk.geodesic(g, 0.5, 1), InvalidParameter, "i=0.5 is not a vertex"),
        (lambda g: gk.geodesic(g, 0, 1).at(1.5), InvalidParameter, "from 0 to 1"),
        (lambda g: gk.geodesic(g, 0, 1).at(0.5, by="time"), InvalidParameter, "there are metric, euclidean"),
    ],
)
def test_bad_input(call, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call(graph())


def test_at_walks_the_length() -> None:
    path = gk.geodesic(graph(200, eps=0.6), 0, 5)
    t = np.linspace(0, 1, 33)
    points = path.at(t)
    np.testing.assert_allclose(points[[0, -1]], path.points[[0, -1]], atol=1e-12)
    steps = np.stack([np.arange(32), np.arange(1, 33)], axis=1)
    lengths = path.metric.edge_lengths(points, steps)
    np.testing.assert_allclose(lengths.sum(), path.length, rtol=0.05)
    np.testing.assert_allclose(np.cumsum(lengths)[15], path.length / 2, rtol=0.05)
    euclidean = path.at(t, by="euclidean")
    whole = np.linalg.norm(np.diff(euclidean, axis=0), axis=1)
    assert whole.max() <= path.euclidean_length / 32 * (1 + 1e-9)
    straight = gk.Geodesic(
        np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [3.0, 0.0]]), np.array([1.0, 0.0, 2.0])
    )
    np.testing.assert_allclose(straight.at([0, 0.5, 1])[:, 0], [0, 1.5, 3])
    np.testing.assert_allclose(straight.at(0.25, by="euclidean"), [[0.75, 0.0]])
    one = gk.Geodesic(np.zeros((1, 2)), np.empty(0))
    assert one.at([0, 1]).shape == (2, 2)


def test_energy_is_at_least_half_the_squared_length() -> None:
    path = gk.geodesic(graph(), 0, 5)
    assert path.energy >= path.length**2 / 2
    even = gk.Geodesic(np.arange(5.0)[:, None], np.ones(4))
    assert even.energy == pytest.approx(even.length**2 / 2)


def test_a_geodesic_is_checked() -> None:
    with pytest.raises(DataError, match="3 points have 2 pieces"):
        gk.Geodesic(np.zeros((3, 2)), np.ones(3))
    with pytest.raises(DataError, match="finite and not negative"):
        gk.Geodesic(np.zeros((2, 2)), np.array([-1.0]))


def test_at_asks_a_costly_density_only_a_few_times_a_part() -> None:
    asked = []

    def log_p(x: np.ndarray) -> np.ndarray:
        asked.append(len(x))
        return -0.5 * np.square(x).sum(axis=1)

    metric = gk.GenerativeMetric(gk.as_density(log_p, dim=2), lam=0.1, p0=1.0)
    path = gk.geodesic(graph(200, eps=0.6), 0, 5)
    walked = gk.Geodesic(
        path.points,
        metric.edge_lengths(
            path.points, np.stack([np.arange(len(path.points) - 1), np.arange(1, len(path.points))], 1)
        ),
        metric=metric,
    )
    asked.clear()
    walked.at(np.linspace(0, 1, 9))
    # 16 parts a piece, 7 nodes a panel, and as many again where panels are halved
    assert sum(asked) <= 16 * 7 * 2 * len(walked.pieces)
