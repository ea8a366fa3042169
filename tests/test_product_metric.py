"""Products of a conformal and a pullback metric: closed forms, derivatives, graphs, refinement, refusals."""

import numpy as np
import pytest
from immersions import great_circle_distance, network, sphere
from scipy.special import logsumexp

import geodesic_kit as gk
from geodesic_kit.errors import ContrastError, DataError, DuplicatePointsError, InvalidParameter
from geodesic_kit.geodesics.curve import measured
from geodesic_kit.latent import ProductMetric, PullbackMetric, magnification_factor
from geodesic_kit.types import Heuristic, Immersion, Riemannian


def bumps():
    mixture = gk.densities["mog"](means=[[0, 0], [0.5, 0.2]], covariances=0.1)
    return gk.GenerativeMetric(mixture, 0.5, 0.5)


def constant(c):
    """A conformal metric whose factor is c everywhere."""
    density = gk.as_density(lambda x: np.zeros(len(x)), dim=2, score=np.zeros_like)
    return gk.GenerativeMetric(density, log_lam=-np.inf, log_p0=np.log(c))


class TestBumpsOnASphere(gk.testing.MetricContract):
    def make(self):
        return ProductMetric(bumps(), PullbackMetric(sphere, dim=2))


class TestNetworkWithNarrowKernels(gk.testing.MetricContract):
    def make(self):
        x = np.random.default_rng(0).standard_normal((40, 2))
        density = gk.densities["mog"](means=x, covariances=0.02)
        return ProductMetric(gk.GenerativeMetric.from_sample(density, x), PullbackMetric(network(30), dim=2))


@pytest.fixture(scope="module")
def cloud():
    return np.random.default_rng(0).uniform(-0.7, 0.7, (40, 2))


EDGES = np.stack([np.arange(20), np.arange(20, 40)], axis=1)


def test_it_is_riemannian_but_no_immersion():
    metric = ProductMetric(bumps(), PullbackMetric(sphere, dim=2))
    assert isinstance(metric, Riemannian)
    assert isinstance(metric, Heuristic)
    assert not isinstance(metric, Immersion)


def test_a_constant_factor_scales_every_length(cloud):
    image = PullbackMetric(network(), dim=2)
    metric = ProductMetric(constant(3.0), image)
    v = cloud[::-1].copy()
    np.testing.assert_allclose(metric.speed(cloud, v), 3 * image.speed(cloud, v), rtol=1e-14)
    np.testing.assert_allclose(
        metric.edge_lengths(cloud, EDGES), 3 * image.edge_lengths(cloud, EDGES), rtol=2e-7
    )
    np.testing.assert_allclose(metric.log_volume(cloud), image.log_volume(cloud) + 2 * np.log(3), rtol=1e-12)
    ours, own = metric.chords(cloud, v, 2), image.chords(cloud, v, 2)
    for scaled, plain in zip(ours, own, strict=True):
        np.testing.assert_allclose(scaled, 9 * plain, rtol=1e-12, atol=1e-12 * np.abs(plain).max())
    start = measured(cloud[:2], metric)
    found = gk.refine([start, measured(cloud[:2], image)])
    np.testing.assert_allclose(found[0].length, 3 * found[1].length, rtol=2e-6)


def plane_again(z):
    """The chart of the sphere's stereographic projection, as a density on the codes: c undoes the sphere."""
    return -np.log1p(np.square(z).sum(axis=1))


def test_a_factor_that_undoes_the_sphere_leaves_the_plane(cloud):
    # the sphere's chart is conformal, |J v| = 2 |v| / (1 + |z|^2), so c = 1 + |z|^2 leaves 2 |v|
    density = gk.as_density(
        plane_again, dim=2, score=lambda z: -2 * z / (1 + np.square(z).sum(axis=1, keepdims=True))
    )
    metric = ProductMetric(
        gk.GenerativeMetric(density, log_lam=-np.inf, log_p0=0.0), PullbackMetric(sphere, dim=2)
    )
    apart = np.linalg.norm(cloud[:20] - cloud[20:], axis=1)
    np.testing.assert_allclose(metric.edge_lengths(cloud, EDGES), 2 * apart, rtol=1e-9)
    np.testing.assert_allclose(magnification_factor(metric, cloud), 4, rtol=1e-13)
    bent = np.stack([cloud[:4], (cloud[:4] + cloud[20:24]) / 2 + 0.2, cloud[20:24]], axis=1)
    found = gk.refine([measured(path, metric) for path in bent], rtol=1e-8)
    np.testing.assert_allclose([path.length for path in found], 2 * apart[:4], rtol=1e-8)
    assert all(path.certified for path in found)


def test_a_linear_decoder_leaves_the_conformal_metric(cloud):
    # an isometry of the plane into R^5: the product is the conformal metric itself, by other code
    import torch

    basis = torch.linalg.qr(torch.randn(5, 2, dtype=torch.float64, generator=torch.manual_seed(0))).Q
    own = bumps()
    metric = ProductMetric(own, PullbackMetric(lambda z: z @ basis.T, dim=2))
    np.testing.assert_allclose(metric.edge_lengths(cloud, EDGES), own.edge_lengths(cloud, EDGES), rtol=1e-6)
    ours, plain = metric.chords(cloud[:20], cloud[20:], 2), own.chords(cloud[:20], cloud[20:], 2)
    for name in ("squares", "start", "end", "hessian"):
        np.testing.assert_allclose(getattr(ours, name), getattr(plain, name), rtol=1e-7, atol=1e-8)
    ends = [np.stack(pair) for pair in zip(cloud[:6], cloud[20:26], strict=True)]
    by_newton = gk.refine([measured(pair, metric) for pair in ends])
    by_lbfgs = gk.refine([measured(pair, own) for pair in ends])
    np.testing.assert_allclose(
        [path.length for path in by_newton], [path.length for path in by_lbfgs], rtol=4e-6
    )


def test_a_great_circle_is_a_geodesic_of_a_constant_times_the_sphere(cloud):
    metric = ProductMetric(constant(0.5), PullbackMetric(sphere, dim=2))
    found = gk.refine(
        [measured(np.stack(pair), metric) for pair in zip(cloud[:8], cloud[20:28], strict=True)]
    )
    exact = 0.5 * great_circle_distance(cloud[:8], cloud[20:28])
    np.testing.assert_allclose([path.length for path in found], exact, rtol=2e-6)


def test_chords_have_the_derivatives_that_differences_have(cloud):
    metric, step = ProductMetric(bumps(), PullbackMetric(network(20), dim=2)), 1e-5 * np.eye(2)
    x, y = cloud[:20], cloud[20:]
    found = metric.chords(x, y, 2)
    np.testing.assert_array_equal(found.squares, metric.chords(x, y).squares)
    for c in range(2):
        for which, slope in enumerate((found.start, found.end)):
            ahead, behind = [x, y], [x, y]
            ahead[which], behind[which] = ahead[which] + step[c], behind[which] - step[c]
            beside = metric.chords(*ahead, 1), metric.chords(*behind, 1)
            change = (beside[0].squares - beside[1].squares) / 2e-5
            np.testing.assert_allclose(change, slope[:, c], rtol=1e-6, atol=1e-7)
            blocks = found.hessian[:, 0] if which == 0 else found.hessian[:, 1].transpose(0, 2, 1)
            np.testing.assert_allclose(
                (beside[0].start - beside[1].start) / 2e-5, blocks[:, c], rtol=1e-5, atol=1e-6
            )
            blocks = found.hessian[:, 1] if which == 0 else found.hessian[:, 2]
            np.testing.assert_allclose(
                (beside[0].end - beside[1].end) / 2e-5, blocks[:, c], rtol=1e-5, atol=1e-6
            )
    near = found.convex
    whole = np.block([[near[:, 0], near[:, 1]], [near[:, 1].transpose(0, 2, 1), near[:, 2]]])
    np.testing.assert_allclose(whole, whole.transpose(0, 2, 1), atol=1e-12)
    assert np.linalg.eigvalsh(whole).min() > -1e-9


def test_a_feature_narrower_than_the_edge_is_seen():
    # a kernel a hundredth of the edge wide, off every node of a coarse rule
    density = gk.densities["mog"](means=[[0.2371, 0.0]], covariances=1e-4)
    own = gk.GenerativeMetric(density, lam=1e-3, p0=1.0)
    metric = ProductMetric(own, PullbackMetric(sphere, dim=2))
    ends, t = np.array([[-1.0, 0.0], [1.0, 0.0]]), np.linspace(-1, 1, 200_001)
    x = np.stack([t, np.zeros_like(t)], axis=1)
    log_p = logsumexp(density.log_prob(x)[None], axis=0)
    exact = np.trapezoid(np.exp(own.log_c(log_p)) * 2 / (1 + t**2), t)
    np.testing.assert_allclose(metric.edge_lengths(ends, np.array([[0, 1]]))[0], exact, rtol=1e-6)


def test_it_runs_through_the_kit(cloud):
    x = np.random.default_rng(1).standard_normal((150, 2))
    mixture = gk.densities["mog"].fit(x, seed=0, n_components=2)
    metric = ProductMetric(gk.GenerativeMetric.from_sample(mixture, x), PullbackMetric(network(30), dim=2))
    graph = gk.suggest_graph(x).build(x).weigh(metric)
    D = gk.distances(graph)
    path = gk.geodesic(graph, 0, 1, refine=True)
    assert path.length <= D[0, 1] * (1 + 1e-12)
    assert gk.cluster(D, n_clusters=2, seed=0).shape == (150,)
    lazy = gk.knn_graph(x, k=8)
    tree = gk.distances(lazy.weigh(metric), [0])[0]
    for j in range(1, 12):
        found = gk.geodesic(lazy, 0, j, metric=metric, solver="astar")
        np.testing.assert_allclose(found.length, tree[j], rtol=1e-9)
    gk.plots.density(metric, box=x, resolution=20)
    gk.plots.geodesics(graph, [path])


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (
            lambda: ProductMetric(gk.EuclideanMetric(), PullbackMetric(sphere, dim=2)),
            InvalidParameter,
            "EuclideanMetric.*no conformal metric",
        ),
        (lambda: ProductMetric(bumps(), sphere), InvalidParameter, "no pullback metric"),
        (lambda: ProductMetric(bumps(), bumps()), InvalidParameter, "no pullback metric"),
        (
            lambda: ProductMetric(bumps(), PullbackMetric(network(dim=3), dim=3)),
            InvalidParameter,
            r"R\^2.*R\^3",
        ),
        (lambda: ProductMetric(bumps(), PullbackMetric(sphere, dim=2), rtol=0), InvalidParameter, "rtol"),
        (
            lambda: ProductMetric(bumps(), PullbackMetric(sphere, dim=2)).speed([[0.0, 0, 0]], [[1.0, 0, 0]]),
            DataError,
            "3 coordinates",
        ),
        (
            lambda: ProductMetric(constant(1e200), PullbackMetric(sphere, dim=2)).chords(
                [[0.0, 0.1]], [[0.1, 0.1]]
            ),
            ContrastError,
            "float64",
        ),
        (
            lambda: gk.knn_graph(np.array([[0.0, 0], [0, 0], [1, 0], [0, 1]]), k=2).weigh(
                ProductMetric(bumps(), PullbackMetric(sphere, dim=2))
            ),
            DuplicatePointsError,
            "repeat an earlier one",
        ),
    ],
)
def test_what_makes_no_product_is_refused(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()
