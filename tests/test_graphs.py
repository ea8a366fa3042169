"""Graphs: which pairs are joined, in every dimension; components, attaching, saving, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

import geodesic_kit as gk
from geodesic_kit.base import neighbours
from geodesic_kit.base.neighbours import pairs_expected
from geodesic_kit.checks import memory
from geodesic_kit.errors import (
    DataError,
    DuplicatePointsError,
    GraphError,
    HashMismatch,
    InvalidParameter,
    TooLittleMemoryError,
    TruncatedFileError,
    UnweightedError,
)
from geodesic_kit.graph import edge_rules as links

MIX = gk.densities["mog"]([[0.0, 0.0], [2.0, 1.0]], [0.3, 0.2])
METRIC = gk.GenerativeMetric(MIX, lam=0.01, p0=0.2)


def points(n: int, d: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d))


def pairs(graph: gk.Graph) -> set[tuple[int, int]]:
    return {tuple(edge) for edge in graph.edges.tolist()}


@pytest.fixture(params=[0, neighbours._COMPILED], ids=["compiled", "small"], scope="module")
def compiled_from(request: pytest.FixtureRequest) -> Iterator[int]:
    """Points, from which on pairs are found by compiled kernels."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "_COMPILED", request.param)
        yield request.param


@pytest.mark.parametrize("d", [1, 2, 5, 17, 40])
@given(seed=st.integers(0, 10**6), n=st.integers(2, 60), quantile=st.floats(0, 1))
def test_ball_and_nearest_are_the_definition(
    compiled_from: int, d: int, seed: int, n: int, quantile: float
) -> None:
    x = points(n, d, seed)
    distance = cdist(x, x)
    eps = float(np.quantile(distance[np.triu_indices(n, 1)], quantile)) + 1e-12
    i, j = np.nonzero(np.triu(distance < eps, 1))
    assert pairs(gk.epsilon_graph(x, eps=eps)) == set(zip(i.tolist(), j.tolist(), strict=True))
    k = 1 + seed % (n - 1)
    np.fill_diagonal(distance, np.inf)
    near = np.argsort(distance, axis=1, kind="stable")[:, :k]
    wanted = {(min(a, b), max(a, b)) for a in range(n) for b in near[a].tolist()}
    assert pairs(gk.knn_graph(x, k=k)) == wanted
    assert pairs(gk.adaptive_graph(x, k=k)) == wanted
    assert pairs(gk.adaptive_graph(x, k=k, eps=eps)) == wanted | pairs(gk.epsilon_graph(x, eps=eps))


def test_ties_are_outside_the_open_ball(compiled_from: int) -> None:
    grid = np.stack(np.meshgrid(np.arange(5.0), np.arange(5.0)), axis=-1).reshape(-1, 2)
    assert gk.epsilon_graph(grid, eps=1.0).m == 0
    assert gk.epsilon_graph(grid, eps=1.0 + 1e-9).m == 40
    high = np.zeros((3, 20))
    high[1, 0], high[2, 0] = 1.0, 2.0
    assert gk.epsilon_graph(high, eps=1.0).m == 0
    assert gk.epsilon_graph(high + 1e3, eps=1.0000001).m == 2


def test_every_vertex_of_the_adaptive_graph_has_k_neighbours() -> None:
    x = np.concatenate([points(80, 2) * 0.05, points(20, 2, 1) * 3])
    graph = gk.adaptive_graph(x, k=6, eps=0.05)
    assert np.bincount(graph.edges.ravel(), minlength=100).min() >= 6


def test_fixed_values() -> None:
    x = points(50, 2)
    graph = gk.epsilon_graph(x, eps=0.5).weigh(METRIC)
    for array in (graph.points, graph.edges, graph.weights):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    x[0] = 99.0  # the caller's own array stays theirs
    assert graph.points[0, 0] != 99.0
    dense = graph.matrix.toarray()
    assert np.array_equal(dense, dense.T)
    assert graph.matrix.nnz == 2 * graph.m
    assert "50 points in R^2" in repr(graph)
    assert "weighed by GenerativeMetric" in repr(graph)
    assert graph.report.contrast > 1
    assert "contrast" in repr(graph.report)


def test_components_are_named_by_size() -> None:
    x = np.concatenate([points(5, 2) * 0.01 + 9, points(20, 2) * 0.01, [[50.0, 50.0]]])
    labels = gk.epsilon_graph(x, eps=1.0).components()
    assert labels.tolist() == [1] * 5 + [0] * 20 + [2]
    assert gk.Graph(x, np.empty((0, 2), dtype=int)).components().tolist() == list(range(26))


@pytest.mark.parametrize("d", [2, 18])
def test_attach_to_a_ball_graph_equals_building_over_all(d: int) -> None:
    x = points(60, d)
    eps = 0.7 * np.sqrt(d)
    density = gk.densities["mog"](np.zeros((1, d)), 1.0)
    metric = gk.GenerativeMetric(density, log_lam=-20.0 * d / 2, log_p0=density.log_prob_upper_bound() - d)
    whole = gk.epsilon_graph(x, eps=eps).weigh(metric)
    grown = gk.epsilon_graph(x[:50], eps=eps).weigh(metric).attach(x[50:])
    assert pairs(grown) == pairs(whole)
    np.testing.assert_allclose(grown.matrix.toarray(), whole.matrix.toarray(), rtol=1e-12)
    assert grown.attach(points(1, d, 9)).n == 61


def test_attach_to_a_neighbour_graph_leaves_old_edges_alone() -> None:
    x, new = points(50, 2), points(4, 2, 1)
    graph = gk.knn_graph(x, k=5).weigh(METRIC)
    grown = graph.attach(new)
    assert pairs(graph) <= pairs(grown)
    assert grown.m == graph.m + 20
    alone = graph.attach(new[2:3])
    np.testing.assert_array_equal(grown.matrix.toarray()[52, :50], alone.matrix.toarray()[50, :50])
    assert gk.adaptive_graph(x, k=3, eps=0.3).attach(new).n == 54
    unweighed = gk.knn_graph(x, k=5).attach(new)
    assert unweighed.weights is None
    np.testing.assert_allclose(unweighed.weigh(METRIC).matrix.toarray(), grown.matrix.toarray(), rtol=1e-12)


def test_attach_refusals() -> None:
    x = points(20, 2)
    with pytest.raises(GraphError, match="attach has no rule to follow"):
        gk.Graph(x, [[0, 1]]).attach(points(1, 2))
    with pytest.raises(DuplicatePointsError, match="new point 0 is vertex 3"):
        gk.knn_graph(x, k=3).attach(x[3:4])
    with pytest.raises(DataError, match="3 coordinates, 2 are needed"):
        gk.knn_graph(x, k=3).attach(points(1, 3))


def test_relabelling_commutes() -> None:
    x = points(60, 2)
    order = np.random.default_rng(1).permutation(60)
    for make in (lambda x: gk.epsilon_graph(x, eps=0.6), lambda x: gk.knn_graph(x, k=6)):
        first, second = make(x).weigh(METRIC).matrix.toarray(), make(x[order]).weigh(METRIC).matrix.toarray()
        np.testing.assert_allclose(second, first[np.ix_(order, order)], rtol=1e-12)


def test_matrix_networkx_and_files(tmp_path) -> None:
    graph = gk.epsilon_graph(points(30, 2), eps=0.8).weigh(METRIC)
    back = gk.Graph.from_matrix(graph.points, graph.matrix)
    assert pairs(back) == pairs(graph)
    np.testing.assert_array_equal(back.matrix.toarray(), graph.matrix.toarray())
    other = graph.to_networkx()
    assert other.number_of_nodes() == 30
    assert other.number_of_edges() == graph.m
    i, j = graph.edges[0]
    assert other[i][j]["weight"] == graph.weights[0]
    assert gk.epsilon_graph(points(30, 2), eps=0.8).to_networkx().number_of_edges() == graph.m
    path = graph.save(tmp_path / "graph.npz")
    np.testing.assert_array_equal(gk.Graph.load(path).weights, graph.weights)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(HashMismatch, match="truncated or was changed"):
        gk.Graph.load(path)
    with pytest.raises(TruncatedFileError, match="not a saved graph"):
        gk.Graph.load(MIX.save(tmp_path / "mix.npz"))
    with pytest.raises(GraphError, match="undirected"):
        gk.Graph.from_matrix(graph.points[:2], np.array([[0.0, 1.0], [2.0, 0.0]]))
    with pytest.raises(GraphError, match="30 points need"):
        gk.Graph.from_matrix(graph.points, np.eye(3))


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda x: gk.epsilon_graph(np.full((3, 2), np.nan), eps=1.0), DataError, "NaN or inf in 3 row"),
        (lambda x: gk.epsilon_graph(np.full((3, 2), np.inf), eps=1.0), DataError, "NaN or inf"),
        (lambda x: gk.epsilon_graph(np.empty((0, 2)), eps=1.0), DataError, "empty"),
        (lambda x: gk.epsilon_graph(x[:, 0], eps=1.0), DataError, r"x\[:, None\]"),
        (lambda x: gk.epsilon_graph([["a", "b"]], eps=1.0), DataError, "cannot be read as numbers"),
        (lambda x: gk.epsilon_graph(x + 1j, eps=1.0), DataError, "complex|cannot be read"),
        (lambda x: gk.epsilon_graph(x, eps=0.0), InvalidParameter, "eps=0.0: give a number above 0"),
        (lambda x: gk.epsilon_graph(x, eps=-1.0), InvalidParameter, "eps=-1.0"),
        (lambda x: gk.epsilon_graph(x, eps=np.nan), InvalidParameter, "eps=nan"),
        (lambda x: gk.knn_graph(x, k=0), InvalidParameter, "k=0: give a whole number from 1"),
        (lambda x: gk.knn_graph(x, k=2.5), InvalidParameter, "k=2.5 is not a whole number"),
        (lambda x: gk.knn_graph(x, k=10), InvalidParameter, "k=10 for 10 points; give at most 9"),
        (lambda x: gk.adaptive_graph(x, k=3, eps=-1.0), InvalidParameter, "eps=-1.0"),
        (
            lambda x: gk.epsilon_graph(np.concatenate([x, x[4:5]]), eps=1.0),
            DuplicatePointsError,
            "row 10.*np.unique",
        ),
        (lambda x: gk.knn_graph(np.concatenate([x, x[4:5]]), k=2), DuplicatePointsError, "row 10.*np.unique"),
        (lambda x: gk.Graph(x, [[0, 10]]), DataError, "0 to 9"),
        (lambda x: gk.Graph(x, [[0, 1, 2]]), DataError, r"shape \(m, 2\)"),
        (lambda x: gk.Graph(x, [[1, 1]]), GraphError, "edge to itself"),
        (lambda x: gk.Graph(x, [[0, 1], [1, 0]]), GraphError, "given twice"),
        (lambda x: gk.Graph(x, [[0, 1]], weights=[-1.0]), GraphError, "finite and positive"),
        (lambda x: gk.Graph(x, [[0, 1]], weights=[1.0, 2.0]), GraphError, "1 edges need"),
        (lambda x: gk.epsilon_graph(x, eps=1.0).matrix, UnweightedError, r"graph\.weigh\(metric\)"),
        (
            lambda x: gk.epsilon_graph(x, eps=1.0).weigh(METRIC, rule="simpson"),
            InvalidParameter,
            "there are adaptive, trapezoid",
        ),
        (
            lambda x: gk.epsilon_graph(x, eps=1.0).weigh(METRIC, pieces=3),
            InvalidParameter,
            "pieces= belongs to",
        ),
        (
            lambda x: gk.epsilon_graph(x, eps=1.0).weigh(METRIC, rule="trapezoid", pieces=0),
            InvalidParameter,
            "pieces=0",
        ),
        (
            lambda x: gk.epsilon_graph(x, eps=1.0).weigh(METRIC, rule="trapezoid", rtol=0.1),
            InvalidParameter,
            "rtol= and panels= belong",
        ),
        (lambda x: gk.epsilon_graph(x, eps=1.0).weigh(METRIC, rtol=-1.0), InvalidParameter, "rtol=-1.0"),
        (lambda x: gk.epsilon_graph(x, eps=1.0).weigh("metric"), InvalidParameter, "is not a metric"),
        (
            lambda x: gk.epsilon_graph(np.ones((3, 3)) * np.arange(3)[:, None], eps=9.0).weigh(METRIC),
            InvalidParameter,
            r"lives in R\^2",
        ),
    ],
)
def test_bad_input(make, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        make(points(10, 2))


def test_a_metric_of_another_make_measures_itself() -> None:
    class Taxi:
        def edge_lengths(self, points, edges):
            return np.abs(points[edges[:, 1]] - points[edges[:, 0]]).sum(axis=1)

        def lower_bound(self):
            return 1.0

    graph = gk.knn_graph(points(20, 2), k=4)
    weighed = graph.weigh(Taxi())
    assert weighed.report is None
    np.testing.assert_allclose(weighed.weights, Taxi().edge_lengths(graph.points, graph.edges))
    assert weighed.attach(points(1, 2, 3)).m == graph.m + 4
    with pytest.raises(InvalidParameter, match="measures its edges itself"):
        graph.weigh(Taxi(), rule="trapezoid")


def test_trapezoid_and_adaptive_agree_in_the_limit() -> None:
    graph = gk.knn_graph(points(60, 2), k=6)
    exact = graph.weigh(METRIC, rtol=1e-9).weights
    errors = [
        np.abs(graph.weigh(METRIC, rule="trapezoid", pieces=m).weights / exact - 1).max() for m in (8, 64)
    ]
    assert errors[1] < errors[0] / 50


def test_one_point_and_two() -> None:
    one = gk.epsilon_graph([[0.0, 0.0]], eps=1.0).weigh(METRIC)
    assert one.m == 0
    assert one.components().tolist() == [0]
    assert gk.epsilon_graph([[0.0], [1.0]], eps=2.0).m == 1


def test_a_saved_graph_remembers_its_rule(tmp_path) -> None:
    x = points(30, 2)
    for k, graph in enumerate(
        (gk.epsilon_graph(x, eps=0.8), gk.knn_graph(x, k=4), gk.adaptive_graph(x, k=3, eps=0.4))
    ):
        back = gk.Graph.load(graph.save(tmp_path / f"{k}.npz"))
        assert back.link == graph.link
        assert pairs(back.attach(points(2, 2, 5))) == pairs(graph.attach(points(2, 2, 5)))
    assert gk.Graph.load(gk.Graph(x, [[0, 1]]).save(tmp_path / "plain.npz")).link is None
    with pytest.raises(LookupError, match=r"a saved graph, not a density: gk\.Graph\.load"):
        gk.densities.load(tmp_path / "0.npz")


def test_masked_points_are_refused() -> None:
    with pytest.raises(DataError, match="masked"):
        gk.epsilon_graph(np.ma.array(points(4, 2), mask=[[True, True]] + [[False, False]] * 3), eps=1.0)


@pytest.mark.parametrize("scale", [1e-30, 1e-8, 1.0, 1e8, 1e30])
def test_neighbours_in_many_dimensions_are_exact_at_any_scale(scale: float) -> None:
    """float32 products find candidates; what they doubt is settled in float64."""
    rng = np.random.default_rng(0)
    x = scale * (rng.standard_normal((300, 24)) + 100.0)
    x[1::2] = x[::2] + 1e-4 * scale * rng.standard_normal((150, 24))  # pairs that float32 hardly tells apart
    exact = np.linalg.norm(x[:, None] - x[None], axis=2)
    np.fill_diagonal(exact, np.inf)
    near = np.argsort(exact, axis=1, kind="stable")[:, :5]
    expected = {(min(i, int(j)), max(i, int(j))) for i in range(300) for j in near[i]}
    assert set(map(tuple, gk.knn_graph(x, k=5).edges.tolist())) == expected
    eps = float(np.quantile(exact, 0.02))
    np.testing.assert_array_equal(gk.epsilon_graph(x, eps=eps).edges, np.argwhere(np.triu(exact < eps)))


@pytest.mark.parametrize("d", [2, 5, 20])
def test_too_many_edges_are_told_before_they_are_listed(d: int, monkeypatch: pytest.MonkeyPatch) -> None:
    x = points(5000, d)
    eps = float(np.quantile(cdist(x[:200], x), 0.3))
    true = gk.epsilon_graph(x, eps).m
    assert pairs_expected(x, eps) == pytest.approx(true, rel=0.3)
    monkeypatch.setattr(memory, "available_memory", lambda: 40 * true)
    with pytest.raises(TooLittleMemoryError, match=r"edges of 5,000 points less than eps=.*smaller eps="):
        gk.epsilon_graph(x, eps)
    with pytest.raises(TooLittleMemoryError, match=r"4,999 neighbours of 5,000 points need .*smaller k="):
        gk.knn_graph(x, 4999)
    assert gk.epsilon_graph(x, eps / 10**0.5).n == 5000


class Wrapped:
    """Not an array, and yet what it is read as is its own memory."""

    def __init__(self, array) -> None:
        self.array = np.array(array)

    def __array__(self, dtype=None, copy=None):
        return self.array


def test_a_graph_keeps_no_memory_that_others_write() -> None:
    points, edges, weights = Wrapped([[0.0], [1.0], [2.0]]), Wrapped([[0, 1], [1, 2]]), Wrapped([1.0, 2.0])
    graph = gk.Graph(points, edges, weights)
    view = Wrapped([1.0, 2.0]).array
    seen = view[:]
    seen.flags.writeable = False  # as pandas hands out what it still writes to
    lent = gk.Graph(points, edges, seen)
    for source in (points, edges, weights):
        source.array[0] = 9  # it is still its owner's to write
    view[0] = 9
    for made in (graph, lent):
        np.testing.assert_array_equal(made.points, [[0.0], [1.0], [2.0]])
        np.testing.assert_array_equal(made.edges, [[0, 1], [1, 2]])
        np.testing.assert_array_equal(made.weights, [1.0, 2.0])
    again = gk.Graph(graph.points, graph.edges, graph.weights)
    assert all(
        mine is yours
        for mine, yours in (
            (again.points, graph.points),
            (again.edges, graph.edges),
            (again.weights, graph.weights),
        )
    )


def test_weights_of_a_pandas_series_stay_as_they_were() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"weight": [1.0, 2.0]})
    graph = gk.Graph([[0.0], [1.0], [2.0]], [[0, 1], [1, 2]], frame["weight"])
    frame.loc[0, "weight"] = 9.0
    np.testing.assert_array_equal(graph.weights, [1.0, 2.0])


def test_pairs_are_counted_only_where_all_of_them_would_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    x, asked = points(5000, 2), []
    monkeypatch.setattr(links, "pairs_expected", lambda *given: asked.append(given) or 0.0)
    graph = gk.epsilon_graph(x, 0.1)
    graph.attach(x[:9] + 1e-3)
    assert not asked
    monkeypatch.setattr(memory, "available_memory", lambda: 2**28)
    assert gk.epsilon_graph(x, 0.1).m == graph.m
    assert len(asked) == 1


@pytest.mark.parametrize(
    "numbers", [np.arange(20_000) % 5, np.arange(20_000) // 4000], ids=["in turn", "one after the other"]
)
def test_many_copies_of_few_points_are_refused_before_a_search(
    monkeypatch: pytest.MonkeyPatch, numbers: np.ndarray
) -> None:
    for name in ("nearest", "pairs_within", "pairs_expected"):
        monkeypatch.setattr(links, name, None)
    x = numbers[:, None]
    for make in (
        lambda: gk.knn_graph(x, 3),
        lambda: gk.epsilon_graph(x, 0.5),
        lambda: gk.adaptive_graph(x, 3, 0.5),
    ):
        with pytest.raises(DuplicatePointsError, match=r"19995 point\(s\) repeat an earlier one"):
            make()
