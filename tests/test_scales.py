"""The same graph and the same lengths at every scale that float64 holds, or DataError that says to scale the
points.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

import geodesic_kit as gk
from geodesic_kit.applications.interpolation import mean_interval, skip
from geodesic_kit.base import threads as parallel
from geodesic_kit.base.copies import rows_that_repeat
from geodesic_kit.base.neighbours import nearest, pairs_between
from geodesic_kit.errors import DataError, DuplicatePointsError, GraphError
from geodesic_kit.geodesics.courses import courses, turning
from geodesic_kit.latent.interpolation import latent_points

EUCLIDEAN = gk.EuclideanMetric()


@pytest.fixture(params=["compiled", "plain"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """With kernels where numba is installed, and without."""
    if request.param == "plain":
        monkeypatch.setenv("GEODESIC_KIT_COMPILED", "0")
    parallel.compiled.cache_clear()
    yield request.param
    monkeypatch.undo()
    parallel.compiled.cache_clear()


def cloud(n: int, d: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d))


def graphs(x: np.ndarray, eps: float) -> list[gk.Graph]:
    made = [gk.knn_graph(x, 5), gk.epsilon_graph(x, eps), gk.adaptive_graph(x, 3, eps)]
    made += [
        graph.attach(graph.points[:4] + graph.points[1:5])
        for graph in (gk.knn_graph(x, 5), gk.epsilon_graph(x, eps))
    ]
    return [
        graph.weigh(EUCLIDEAN) for graph in [*made, gk.Graph(x, np.empty((0, 2), dtype=np.int64)).bridged()]
    ]


def true_distances(x: np.ndarray) -> np.ndarray:
    """Distances from exact squares, rounded once; inf from a point to itself."""
    exact = [[Fraction(value) for value in row] for row in x.tolist()]
    return np.array(
        [
            [
                root(sum((a - b) ** 2 for a, b in zip(p, q, strict=True))) if p is not q else np.inf
                for q in exact
            ]
            for p in exact
        ]
    )


def root(square: Fraction) -> float:
    shift = (square.numerator.bit_length() - square.denominator.bit_length()) // 2 if square else 0
    return float(np.ldexp(np.sqrt(float(square / Fraction(4) ** shift)), shift))


@pytest.mark.parametrize("d", [2, 5, 20])
@pytest.mark.parametrize("power", [-960, -530, -299, 100, 510, 1010])
def test_a_power_of_two_changes_no_edge_and_no_digit(d: int, power: int, way: str) -> None:
    x = cloud(50, d, power + 2000)
    eps = float(np.quantile(nearest(x, 8)[1], 0.5))
    scaled = np.ldexp(x, power)
    assert (np.ldexp(scaled, -power) == x).all()
    for one, other in zip(graphs(x, eps), graphs(scaled, float(np.ldexp(eps, power))), strict=True):
        np.testing.assert_array_equal(other.edges, one.edges)
        np.testing.assert_array_equal(other.weights, np.ldexp(one.weights, power))
    assert gk.suggest_graph(scaled).eps == np.ldexp(gk.suggest_graph(x).eps, power)


@given(seed=st.integers(0, 10**6), n=st.integers(7, 30), d=st.integers(1, 4), power=st.integers(-1100, 1023))
def test_at_any_power_of_two_the_graph_is_the_same_or_the_scale_is_refused(
    seed: int, n: int, d: int, power: int
) -> None:
    x = np.round(cloud(n, d, seed) * 2**20) / 2**20  # few digits: exact down to the smallest numbers
    x = np.unique(x, axis=0)
    with np.errstate(over="ignore"):
        scaled, eps = np.ldexp(x, power), float(np.ldexp(0.7, power))
    if not (np.isfinite(scaled).all() and (np.ldexp(scaled, -power) == x).all() and 0 < eps < np.inf):
        return
    try:
        found = graphs(scaled, eps)
    except DataError:
        assert power > 1010 or power < -1030
        return
    for one, other in zip(graphs(x, 0.7), found, strict=True):
        if power > -1040:  # else eps itself is rounded
            np.testing.assert_array_equal(other.edges, one.edges)
            np.testing.assert_array_equal(other.weights, np.ldexp(one.weights, power))


@pytest.mark.parametrize("scale", [1e-320, 1e-300, 1e-160, 1e155, 1e160, 1e300])
def test_at_decimal_scales(scale: float, way: str) -> None:
    x = cloud(200, 2, 1)
    edges = [graph.edges for graph in (gk.knn_graph(x, 5), gk.epsilon_graph(x, 0.3))]
    scaled = x * scale
    if scale > 1e-310:
        np.testing.assert_array_equal(gk.knn_graph(scaled, 5).edges, edges[0])
        np.testing.assert_array_equal(gk.epsilon_graph(scaled, 0.3 * scale).edges, edges[1])
    near, distance = nearest(scaled, 5)
    true = np.sort(true_distances(scaled), axis=1)[:, :5]
    np.testing.assert_allclose(distance, true, rtol=1e-15, atol=5e-324)
    assert (near != np.arange(200)[:, None]).all()
    np.testing.assert_allclose(
        EUCLIDEAN.edge_lengths(scaled, edges[0]),
        true_distances(scaled)[tuple(edges[0].T)],
        rtol=1e-15,
        atol=5e-324,
    )


MIXED = {
    "every coordinate of its own size": lambda rng, n, d: (
        rng.choice([-1, 1], (n, d)) * 10.0 ** rng.uniform(-320, 307, (n, d))
    ),
    "clusters within clusters": lambda rng, n, d: (
        rng.standard_normal((n, d)) * 10.0 ** rng.choice([-300, 0.0, -160], (n, 1))
    ),
    "columns in different units": lambda rng, n, d: (
        rng.standard_normal((n, d)) * 10.0 ** rng.choice([-310, 0.0, -200, 300], d)
    ),
    "a stray at the end of float64": lambda rng, n, d: np.append(
        rng.standard_normal((n - 1, d)) * 1e-5, np.full((1, d), 1.7e307), axis=0
    ),
    "the smallest numbers": lambda rng, n, d: np.pad(
        rng.choice(99, (n, 1), replace=False) * 5e-324, ((0, 0), (0, d - 1))
    ),
}


@pytest.mark.parametrize("d", [1, 3, 18])
@pytest.mark.parametrize("kind", MIXED)
def test_sizes_that_differ_within_a_cloud(kind: str, d: int, way: str) -> None:
    rng = np.random.default_rng(d)
    x = np.unique(MIXED[kind](rng, 20, d), axis=0)
    true = true_distances(x)
    near, distance = nearest(x, 4)
    np.testing.assert_allclose(distance, np.sort(true, axis=1)[:, :4], rtol=1e-14, atol=5e-324)
    np.testing.assert_allclose(np.take_along_axis(true, near, axis=1), distance, rtol=1e-14, atol=5e-324)
    for eps in rng.choice(true[true < 1e307], 3) * (1 + 1e-9) + 5e-324:
        wanted = np.argwhere(np.triu(true < eps))
        np.testing.assert_array_equal(gk.epsilon_graph(x, eps).edges, wanted)
        np.testing.assert_array_equal(
            pairs_between(x, x, eps)[0], np.argwhere((true < eps) | np.eye(len(x), dtype=bool))
        )
        assert set(map(tuple, gk.epsilon_graph(x[:-2], eps).attach(x[-2:]).edges.tolist())) == set(
            map(tuple, wanted.tolist())
        )
    assert gk.Graph(x, np.empty((0, 2), dtype=np.int64)).bridged().m == len(x) - 1


def test_near_is_not_equal_and_equal_is_refused() -> None:
    x = np.concatenate([cloud(20, 2, 0), [[0.0, 0.0], [1e-300, 0.0], [0.0, 5e-324]]])
    assert {(20, 21), (20, 22), (21, 22)} <= set(map(tuple, gk.epsilon_graph(x, 0.5).edges.tolist()))
    assert (20, 22) in set(map(tuple, gk.knn_graph(x, 1).edges.tolist()))
    grown = gk.knn_graph(x[:-1], 3).attach(x[-1:])  # near vertex 20, and not it
    assert grown.n == len(x)
    again = np.concatenate([x, [[-0.0, 1e-300], [0.0, 1e-300]]])
    assert rows_that_repeat(again).tolist() == [len(again) - 1]
    for make in (lambda: gk.epsilon_graph(again, 0.5), lambda: gk.knn_graph(again, 2)):
        with pytest.raises(DuplicatePointsError, match=f"first is row {len(again) - 1}"):
            make()
    with pytest.raises(DuplicatePointsError, match="new point 0 is vertex 21"):
        gk.knn_graph(x, 3).attach(x[21:22])


@pytest.mark.parametrize("reach", [1.7e308, 1e308])
def test_what_float64_cannot_hold_is_refused(reach: float, way: str) -> None:
    x = np.array([[-reach, 0.0], [reach, 0.0], [0.0, reach], [0.0, -reach]])
    x = x if reach > 1.2e308 else x[:, [0, 1, 1, 1]]
    edges = np.array([[0, 1], [2, 3]])
    for make in (
        lambda: gk.knn_graph(x, 1),
        lambda: gk.epsilon_graph(x, 1.0),
        lambda: gk.suggest_graph(x),
        lambda: gk.Graph(x, edges).weigh(EUCLIDEAN),
        lambda: EUCLIDEAN.edge_lengths(x, edges),
        lambda: gk.Graph(x, edges).bridged(),
    ):
        with pytest.raises(DataError, match="farther apart than float64 holds"):
            make()


@pytest.mark.parametrize("power", [-1000, -530, 0, 520, 1000])
def test_paths_at_every_scale(power: int, way: str) -> None:
    x = cloud(120, 2, 3)
    small = gk.knn_graph(x, 6).weigh(EUCLIDEAN)
    scaled = gk.knn_graph(np.ldexp(x, power), 6)
    expected = gk.distances(small)
    np.testing.assert_array_equal(gk.distances(scaled.weigh(EUCLIDEAN)), np.ldexp(expected, power))
    path = gk.geodesic(small, 3, 77)
    for found in (gk.geodesic(scaled.weigh(EUCLIDEAN), 3, 77), gk.geodesic(scaled, 3, 77, metric=EUCLIDEAN)):
        assert found.indices.tolist() == path.indices.tolist()
        assert found.length == np.ldexp(path.length, power)
        assert found.euclidean_length == np.ldexp(path.euclidean_length, power)
        np.testing.assert_array_equal(
            found.at([0.3, 0.7], by="euclidean"), np.ldexp(path.at([0.3, 0.7], by="euclidean"), power)
        )
    if power == 0:
        assert found.energy == path.energy
        return
    with pytest.raises(DataError, match="square of a length"):
        _ = found.energy


def test_lengths_that_a_path_cannot_sum_are_refused() -> None:
    chain, edges, heavy = [[0.0], [1.0], [2.0]], [[0, 1], [1, 2]], 0.7e308
    told = (
        r"weight of edge \(1, 2\) is 7e\+307; lengths of paths through 3 vertices fit float64 up to "
        r"6e\+307 an edge: scale the"
    )
    matrix = csr_array(([1.0, heavy], ([0, 1], [1, 2])), shape=(3, 3))
    for make in (
        lambda: gk.Graph(chain, edges, weights=[1.0, heavy]),
        lambda: gk.Graph.from_matrix(chain, matrix),
    ):
        with pytest.raises(GraphError, match=told):
            make()
    assert gk.distances(gk.Graph(chain, edges, weights=[0.5e308, 0.5e308]), [0]).tolist() == [
        [0.0, 0.5e308, 1e308]
    ]
    with pytest.raises(
        DataError, match=r"edge \(0, 1\) has the length 1e\+308 under EuclideanMetric\(\).*scale the points"
    ):
        gk.Graph([[0.0], [1e308], [1.1e308]], [[0, 1], [1, 2]]).weigh(EUCLIDEAN)
    with pytest.raises(DataError, match=r"length 4.941e-324 .*scale the points"):
        gk.Graph([[0.0], [5e-324]], [[0, 1]]).weigh(EUCLIDEAN)
    with pytest.raises(DuplicatePointsError, match=r"edge \(0, 1\) has the length 0 .*one point"):
        gk.Graph([[2.0], [2.0]], [[0, 1]]).weigh(EUCLIDEAN)


REACHES = (1e-200, 1e-100, 1.0, 1e100, 1e200, 1e300)


@pytest.mark.parametrize("reach", REACHES)
def test_straight_lines_are_refined_at_every_scale(reach: float) -> None:
    x = reach * cloud(120, 2, 3)
    refined = gk.refine(gk.geodesic(gk.knn_graph(x, 6).weigh(EUCLIDEAN), 3, 77))
    length = root(
        sum((Fraction(a) - Fraction(b)) ** 2 for a, b in zip(x[3].tolist(), x[77].tolist(), strict=True))
    )
    assert refined.length == pytest.approx(length, rel=1e-12, abs=0)
    assert refined.euclidean_length == pytest.approx(length, rel=1e-12, abs=0)
    np.testing.assert_allclose(refined.at(0.5) / reach, (x[3] + x[77])[None] / 2 / reach, rtol=1e-12)


def peaked(reach: float, n: int) -> tuple[np.ndarray, gk.GenerativeMetric]:
    """A cloud of that reach and a metric that is the same in its units."""
    peak = gk.as_density(
        lambda z: -np.abs(z / reach).sum(axis=1), dim=2, normalised=False, score=lambda z: -np.sign(z) / reach
    )
    return reach * cloud(n, 2, 3), gk.GenerativeMetric.of_logs(peak, -4.0, -2.0)


@pytest.mark.parametrize("reach", REACHES)
def test_curves_under_a_density_are_refined_or_the_scale_is_refused(reach: float) -> None:
    def path(reach: float) -> gk.Geodesic:
        x, metric = peaked(reach, 60)
        return gk.geodesic(gk.knn_graph(x, 6).weigh(metric), 3, 57)

    if 1e-110 < reach < 1e110:
        assert gk.refine(path(reach)).length / reach == pytest.approx(gk.refine(path(1.0)).length, rel=1e-5)
    else:
        with pytest.raises(DataError, match=r"of the path .* not fit float64; divide them by so much"):
            gk.refine(path(reach))


@pytest.mark.parametrize("reach", REACHES)
def test_a_mixture_is_fitted_or_the_scale_is_refused(reach: float) -> None:
    x = reach * cloud(60, 2, 3)
    if 1e-110 < reach < 1e110:
        mixture = gk.densities["mog"].fit(x)
        path = gk.geodesic(gk.knn_graph(x, 6).weigh(gk.GenerativeMetric.from_sample(mixture, x)), 3, 57)
        assert 0 < gk.refine(path).length <= path.length * (1 + 1e-12)
    else:
        with pytest.raises(DataError, match=r"the points .* not fit float64; divide them by so much"):
            gk.densities["mog"].fit(x)


@pytest.mark.parametrize("reach", [*REACHES, 1e-310, 4e307])
def test_turning_steps_and_means_at_every_scale(reach: float) -> None:
    curve = cloud(40, 2, 5)
    rtol = 1e-11 if reach > 1e-307 else 1e-2
    assert turning(reach * curve) == pytest.approx(turning(curve), rel=rtol)
    assert skip(reach * curve) == pytest.approx(skip(curve), rel=rtol)
    given, scaled = (mean_interval(size * curve[:, 0], seed=0) for size in (1.0, reach))
    assert scaled.mean / reach == pytest.approx(given.mean, rel=rtol)
    assert scaled.low / reach == pytest.approx(given.low, rel=rtol)
    ends = reach * curve[:2]
    np.testing.assert_allclose(
        latent_points(*ends, [0.3], "slerp") / reach, latent_points(*curve[:2], [0.3], "slerp"), rtol=rtol
    )


@pytest.mark.parametrize("reach", REACHES)
def test_measured_curves_at_every_scale(reach: float) -> None:
    one, scaled = (courses([points], metric)[0] for points, metric in (peaked(1.0, 20), peaked(reach, 20)))
    assert scaled.length / reach == pytest.approx(one.length, rel=1e-4)
    assert scaled.euclidean_length / reach == pytest.approx(one.euclidean_length, rel=1e-12)


def test_a_curve_longer_than_float64_holds_is_refused() -> None:
    there_and_back = np.array([[0.0], [1e308], [0.0], [1e308]])
    with pytest.raises(DataError, match="length of the curve exceeds float64"):
        gk.Geodesic(there_and_back, [1e308] * 3)
    path = gk.Geodesic(there_and_back, [1.0] * 3)
    for ask in (lambda: path.euclidean_length, lambda: path.at(0.5, by="euclidean")):
        with pytest.raises(DataError, match="length of the curve exceeds float64"):
            ask()


@pytest.mark.parametrize("reach", [1e-300, 1e200])
def test_figures_at_every_scale(reach: float) -> None:
    plt = pytest.importorskip("matplotlib.pyplot")
    x, metric = peaked(reach, 40)
    graph = gk.knn_graph(x, 5).weigh(metric)
    ax = gk.plots.graph(graph)
    shown = ax.collections[0].get_array()
    ax.figure.canvas.draw()
    plt.close(ax.figure)
    np.testing.assert_allclose(
        shown,
        gk.plots.graph(gk.knn_graph(x / reach, 5).weigh(peaked(1.0, 1)[1])).collections[0].get_array(),
        rtol=1e-5,
    )
    with pytest.raises(DataError, match="axes overflow"):
        gk.plots.points(x / reach * 4e307)
    plt.close("all")
