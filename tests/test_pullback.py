"""Pullback metrics: lengths, chords and maps against closed forms, and what they refuse."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from immersions import in_pictures, network, sphere, torus

import geodesic_kit as gk
from geodesic_kit.errors import DataError, FallbackNotice, InvalidParameter
from geodesic_kit.latent import PullbackMetric, magnification_factor
from geodesic_kit.types import Heuristic, Immersion, Riemannian, SmoothImmersion


class TestSphere(gk.testing.MetricContract):
    def make(self):
        return PullbackMetric(sphere, dim=2)


class TestNetwork(gk.testing.MetricContract):
    def make(self):
        return PullbackMetric(network(), dim=2)


class TestVariance(gk.testing.MetricContract):
    def make(self):
        metric = PullbackMetric(network(width=20), dim=2)
        codes = np.random.default_rng(0).standard_normal((60, 2))
        noise = 0.1 * np.random.default_rng(1).standard_normal((60, 20))
        return metric.with_variance(codes, metric.image(codes) + noise)


class TestInFewerCoordinates(gk.testing.MetricContract):
    def make(self):
        return PullbackMetric(gk.decoders["iwae"].pretrained("pendulum"), rtol=1e-5)


@pytest.fixture(scope="module")
def cloud():
    return np.random.default_rng(0).uniform(-0.7, 0.7, (40, 2))


def test_it_follows_the_protocols():
    metric = PullbackMetric(sphere, dim=2)
    for protocol in (Riemannian, Immersion, SmoothImmersion, Heuristic):
        assert isinstance(metric, protocol)
    assert isinstance(
        gk.GenerativeMetric(gk.densities["mog"](means=[[0, 0]], covariances=1.0), 1, 1), Riemannian
    )


def test_magnification_is_the_chart_metric(cloud):
    found = magnification_factor(PullbackMetric(sphere, dim=2), cloud)
    np.testing.assert_allclose(found, 4 / (1 + np.square(cloud).sum(axis=1)) ** 2, rtol=1e-13)


@pytest.mark.parametrize("surface", [sphere, torus, in_pictures(sphere)])
def test_edges_are_as_long_as_their_speed_integrates_to(surface, cloud):
    metric, edges = PullbackMetric(surface, dim=2), np.stack([np.arange(20), np.arange(20, 40)], axis=1)
    t, weight = np.polynomial.legendre.leggauss(40)
    start, step = cloud[edges[:, 0]], cloud[edges[:, 1]] - cloud[edges[:, 0]]
    x = start[:, None] + (t[None, :, None] + 1) / 2 * step[:, None]
    speed = metric.speed(x.reshape(-1, 2), np.repeat(step, 40, axis=0)).reshape(20, 40)
    np.testing.assert_allclose(metric.edge_lengths(cloud, edges), speed @ weight / 2, rtol=1e-7)


def test_few_secants_are_the_papers_rule(cloud):
    metric = PullbackMetric(sphere, dim=2, pieces=3)
    t = np.linspace(0, 1, 4)[:, None]
    images = metric.image((1 - t) * cloud[0] + t * cloud[1])
    wanted = np.linalg.norm(np.diff(images, axis=0), axis=1).sum()
    np.testing.assert_allclose(metric.edge_lengths(cloud, np.array([[0, 1]])), wanted, rtol=1e-14)


def test_an_edge_over_a_kink_settles():
    # |x|: two straight sides, so the length of (-a, b) is exactly sqrt(2) (a + b)
    metric = PullbackMetric(lambda z: torch.cat([z, z.abs()], -1), dim=1)
    z = np.array([[-0.3], [0.7]])
    np.testing.assert_allclose(metric.edge_lengths(z, np.array([[0, 1]])), np.sqrt(2), rtol=1e-6)


def test_chords_have_the_derivatives_that_differences_have(cloud):
    step = 1e-5 * np.eye(2)
    mixture = gk.densities["mog"](means=[[0, 0], [0.5, 0.2]], covariances=0.1)
    for metric in (PullbackMetric(torus, dim=2), gk.GenerativeMetric(mixture, 0.5, 0.5)):
        x, y = cloud[:20], cloud[20:]
        found = metric.chords(x, y, 2)
        np.testing.assert_array_equal(found.squares, metric.chords(x, y).squares)
        for c in range(2):
            for which, slope in enumerate((found.start, found.end)):
                ahead, behind = ([x, y], [x, y])
                ahead[which], behind[which] = ahead[which] + step[c], behind[which] - step[c]
                beside = metric.chords(*ahead, 1), metric.chords(*behind, 1)
                np.testing.assert_allclose(
                    (beside[0].squares - beside[1].squares) / 2e-5, slope[:, c], rtol=1e-6, atol=1e-7
                )
                first = (beside[0].start - beside[1].start) / 2e-5
                blocks = found.hessian[:, 0] if which == 0 else found.hessian[:, 1].transpose(0, 2, 1)
                np.testing.assert_allclose(first, blocks[:, c], rtol=1e-4, atol=1e-5)
                last = (beside[0].end - beside[1].end) / 2e-5
                blocks = found.hessian[:, 1] if which == 0 else found.hessian[:, 2]
                np.testing.assert_allclose(last, blocks[:, c], rtol=1e-4, atol=1e-5)
        assert np.linalg.eigvalsh(_whole(found.convex)).min() > -1e-9


def _whole(blocks):
    return np.block([[blocks[:, 0], blocks[:, 1]], [blocks[:, 1].transpose(0, 2, 1), blocks[:, 2]]])


@given(st.integers(1, 4), st.integers(0, 5))
@settings(max_examples=10, deadline=None)
def test_a_linear_decoder_is_a_plain_change_of_coordinates(dim, seed):
    rng = np.random.default_rng(seed)
    matrix = rng.standard_normal((dim + 2, dim))
    z = rng.standard_normal((6, dim))
    metric = PullbackMetric(lambda x: x @ torch.tensor(matrix.T), dim=dim)
    edges = np.array([[0, 1], [2, 3], [4, 5]])
    wanted = np.linalg.norm((z[edges[:, 1]] - z[edges[:, 0]]) @ matrix.T, axis=1)
    np.testing.assert_allclose(metric.edge_lengths(z, edges), wanted, rtol=1e-12)
    gram = np.linalg.slogdet(matrix.T @ matrix)[1] / 2
    np.testing.assert_allclose(metric.log_volume(z), gram, rtol=1e-10)


def test_a_module_is_computed_with_in_double_and_stays_as_it_was():
    model = network(width=5)
    before = [weights.clone() for weights in model.parameters()]
    metric = PullbackMetric(model, dim=2)
    assert metric.image(np.zeros((1, 2))).dtype == np.float64
    assert all(
        w.dtype == torch.float32 and torch.equal(w, b)
        for w, b in zip(model.parameters(), before, strict=True)
    )
    double = [np.asarray(w.detach(), dtype=float) for w in model.parameters()]
    z = np.array([[0.3, -0.4]])
    hidden = np.tanh(np.tanh(z @ double[0].T + double[1]) @ double[2].T + double[3])
    np.testing.assert_allclose(metric.image(z), hidden @ double[4].T + double[5], rtol=1e-14)


def test_the_variance_keeps_away_from_where_there_are_no_codes():
    metric = PullbackMetric(network(width=30, scale=1.0), dim=2)
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 300)
    codes = np.stack([np.cos(angle), np.sin(angle)], axis=1) + 0.05 * rng.standard_normal((300, 2))
    both = metric.with_variance(codes, metric.image(codes) + 0.1 * rng.standard_normal((300, 30)))
    # from the ring into the hole the deviation rises from .1 to .1 sqrt(1000), in each of 30 coordinates
    ends = np.array([[1.0, 0.0], [0.0, 0.0]])
    wall = both.edge_lengths(ends, np.array([[0, 1]]))[0]
    assert wall > 0.5 * np.sqrt(30) * 0.1 * np.sqrt(1000)
    assert wall > 3 * metric.edge_lengths(ends, np.array([[0, 1]]))[0]


def test_an_ensembles_metric_is_the_mean_of_its_members():
    models, z = [network(seed=k) for k in range(3)], np.array([[0.1, 0.2], [1.0, -1.0]])
    mean = np.mean([PullbackMetric(m, dim=2).speed(z, np.ones((2, 2))) ** 2 for m in models], axis=0)
    np.testing.assert_allclose(
        PullbackMetric.ensemble(models, dim=2).speed(z, np.ones((2, 2))) ** 2, mean, rtol=1e-12
    )


def test_a_bijective_decoder_is_told_and_its_metric_is_euclidean():
    def shear(z):
        return torch.stack([z[:, 0], z[:, 1] + z[:, 0] ** 2], dim=1)

    with pytest.warns(FallbackNotice, match="Euclidean"):
        metric = PullbackMetric(shear, dim=2)
    t = np.linspace(0, 1, 200)[:, None]
    x = (1 - t) * np.array([0.0, 0.0]) + t * np.array([1.0, 2.0])
    codes = np.stack([x[:, 0], x[:, 1] - x[:, 0] ** 2], axis=1)
    edges = np.stack([np.arange(199), np.arange(1, 200)], axis=1)
    np.testing.assert_allclose(
        np.linalg.norm(x[-1] - x[0]), metric.edge_lengths(codes, edges).sum(), rtol=1e-4
    )


def ignoring(z):
    return torch.cat([z[:, :1], z[:, :1] ** 2, 1 + z[:, :1]], 1)


def test_a_singular_metric_is_told():
    metric = PullbackMetric(ignoring, dim=2)
    assert (metric.log_volume(np.zeros((2, 2))) == -np.inf).all()
    assert (magnification_factor(metric, np.zeros((2, 2))) == 0).all()
    grid = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    with pytest.raises(DataError, match="rank 1 of 2"):
        gk.knn_graph(grid, k=2).weigh(metric)
    for asked in (gk.exp, gk.latent.shoot):
        with pytest.raises(DataError, match="rank 1 of 2"):
            asked(metric, [0.0, 0.0], [1.0, 1.0])


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda: PullbackMetric(3, dim=2), InvalidParameter, "torch callable"),
        (lambda: PullbackMetric(PullbackMetric, dim=2), InvalidParameter, "torch callable"),
        (lambda: PullbackMetric(network()), InvalidParameter, "dim="),
        (lambda: PullbackMetric(network(), dim=3), DataError, "takes no points of 3 coordinates"),
        (lambda: PullbackMetric(sphere, dim=0), InvalidParameter, "dim"),
        (lambda: PullbackMetric(sphere, dim=2, pieces=0), InvalidParameter, "pieces"),
        (lambda: PullbackMetric(sphere, dim=2, rtol=-1), InvalidParameter, "rtol"),
        (lambda: PullbackMetric(lambda z: z[:1], dim=2), DataError, "a row for each"),
        (lambda: PullbackMetric(lambda z: 1.0, dim=2), DataError, "not a tensor"),
        (lambda: PullbackMetric(sphere, dim=2).image([[1.0, 2.0, 3.0]]), DataError, "3 coordinates, 2"),
        (lambda: PullbackMetric(sphere, dim=2).image([[np.nan, 2.0]]), DataError, "NaN"),
        (
            lambda: PullbackMetric(lambda z: sphere(z) / 0, dim=2).image([[0.0, 1.0]]),
            DataError,
            "latent point",
        ),
        (lambda: PullbackMetric.ensemble([]), InvalidParameter, "one model or more"),
        (lambda: PullbackMetric(sphere, dim=2).with_variance(np.eye(2), np.eye(3)), DataError, "codes"),
    ],
)
def test_what_is_no_decoder_is_refused(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()


def test_relu_serves_graphs_and_refuses_curvature():
    first, second = (np.random.default_rng(0).standard_normal(shape) for shape in ((2, 16), (16, 8)))
    metric = PullbackMetric(lambda z: torch.relu(z @ torch.tensor(first) + 0.3) @ torch.tensor(second), dim=2)
    z = np.random.default_rng(0).standard_normal((60, 2))
    graph = gk.knn_graph(z, k=8).weigh(metric)
    tree = gk.distances(graph, [0])
    for j in range(1, 20):
        np.testing.assert_allclose(gk.geodesic(graph, 0, j, solver="astar").length, tree[0, j], rtol=1e-12)
    for asked in (lambda: gk.sectional_curvature(metric, z), lambda: gk.exp(metric, z[0], z[1])):
        with pytest.raises(InvalidParameter, match="linear in pieces"):
            asked()


def test_the_same_lines_run_on_either_metric():
    x = np.random.default_rng(0).standard_normal((150, 2))
    mixture = gk.densities["mog"].fit(x, seed=0, n_components=2)
    for metric in (
        gk.GenerativeMetric.from_sample(mixture, x),
        PullbackMetric(network(width=30, scale=1.0), dim=2),
    ):
        graph = gk.suggest_graph(x).build(x).weigh(metric)
        D = gk.distances(graph)
        path = gk.geodesic(graph, 0, 1, refine=True)
        assert path.length <= D[0, 1] * (1 + 1e-12)
        labels = gk.cluster(D, n_clusters=2, seed=0)
        assert gk.embed(D, method="mds", seed=0).shape == (150, 2)
        assert path.at(np.linspace(0, 1, 5)).shape == (5, 2)
        estimator = gk.GenerativeGeodesics(metric=metric).fit(x)
        np.testing.assert_allclose(
            estimator.transform(x[:3]), estimator.distances_[:3], rtol=1e-9, atol=1e-12
        )
        assert "nothing found" in repr(gk.diagnose(graph))
        gk.plots.geodesics(graph, [path], labels)
        gk.plots.density(metric, box=x, resolution=20)


def test_a_metric_excludes_what_would_make_another():
    metric, x = PullbackMetric(sphere, dim=2), np.random.default_rng(0).standard_normal((20, 2))
    for more in ({"lam": 0.1}, {"density": "realnvp"}, {"power": 1.0}):
        with pytest.raises(InvalidParameter, match=next(iter(more))):
            gk.GenerativeGeodesics(metric=metric, **more).fit(x)
    assert gk.GenerativeGeodesics(metric=metric).fit(x).density_ is None


class Plain:
    """A metric that measures edges, and one more that bounds what is left."""

    def __init__(self, metric):
        self.metric = metric

    def edge_lengths(self, points, edges):
        return self.metric.edge_lengths(points, edges)

    def lower_bound(self):
        return 0.0


class Guided(Plain):
    def to_target(self, points, target):
        return self.metric.to_target(points, target)


def test_a_weighed_graph_is_searched_by_what_bounds_its_lengths():
    metric = PullbackMetric(network(scale=2.5), dim=2)
    z = np.random.default_rng(0).standard_normal((600, 2))
    solver, expanded = gk.solvers["astar"](), {}
    for name, one in (("plain", Plain(metric)), ("told", Guided(metric)), ("images", metric)):
        graph = gk.knn_graph(z, k=10).weigh(one)
        tree = gk.distances(graph, [0])[0]
        found = [solver.path(graph, 0, j) for j in range(1, 100)]
        np.testing.assert_allclose([length for _, length, _ in found], tree[1:100], rtol=1e-12)
        expanded[name] = sum(count for *_, count in found)
    assert expanded["told"] < 0.8 * expanded["plain"]
    assert expanded["images"] < 0.8 * expanded["plain"]


def test_no_edge_is_taken_for_settled_by_accident() -> None:
    """One difference of two extrapolations is now and then small where neither is right."""

    def steep(z: torch.Tensor) -> torch.Tensor:
        turned = torch.tanh(6 * z[..., 0]) + 0.3 * torch.sin(5 * z[..., 1])
        return torch.stack([z[..., 0], turned, z[..., 1]], -1)

    rng = np.random.default_rng(0)
    starts = rng.uniform(-1, 1, (4000, 2))
    points = np.concatenate([starts, starts + 0.4 * rng.standard_normal((4000, 2))])
    edges = np.stack([np.arange(4000), np.arange(4000, 8000)], axis=1)
    exact, found = (PullbackMetric(steep, dim=2, rtol=r).edge_lengths(points, edges) for r in (1e-11, 1e-6))
    np.testing.assert_allclose(found, exact, rtol=1e-6)


@pytest.mark.parametrize("kind", ["mean", "(mu, sigma)", "ensemble"])
def test_lengths_in_fewer_coordinates_are_those_of_the_images(kind):
    model = gk.decoders["iwae"].pretrained("pendulum")
    z = np.random.default_rng(0).standard_normal((40, 2))
    found, wanted = PullbackMetric(model), PullbackMetric(model.decoder.forward, dim=2)
    if kind == "(mu, sigma)":
        x = gk.datasets.load("pendulum", 40, seed=0).x
        found, wanted = (metric.with_variance(z, x) for metric in (found, wanted))
    elif kind == "ensemble":
        found, wanted = (PullbackMetric.ensemble([m, m], dim=2) for m in (model, model.decoder.forward))
    assert found.isometric is not found.function
    assert wanted.isometric(torch.tensor(z)).shape[1] > found.isometric(torch.tensor(z)).shape[1]
    np.testing.assert_array_equal(found.image(z), wanted.image(z))
    np.testing.assert_allclose(found.log_volume(z), wanted.log_volume(z), rtol=1e-9)
    np.testing.assert_allclose(found.speed(z, z[::-1]), wanted.speed(z, z[::-1]), rtol=1e-11)
    np.testing.assert_allclose(found.to_target(z, z[0]), wanted.to_target(z, z[0]), atol=1e-12)
    for own, due in zip(found.chords(z[:-1], z[1:], 2), wanted.chords(z[:-1], z[1:], 2), strict=True):
        np.testing.assert_allclose(own, due, rtol=1e-9, atol=1e-11 * np.abs(due).max())
    edges = np.stack([np.arange(20), np.arange(20, 40)], axis=1)
    np.testing.assert_allclose(found.edge_lengths(z, edges), wanted.edge_lengths(z, edges), rtol=1e-9)
