"""Each failure signature is found where it was made, and nowhere else."""

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.applications.defaults import default_graph, default_metric, fitted_density

ALL = ("disconnected", "euclidean", "one edge rules", "rough paths", "miscalibrated density", "units")


@pytest.fixture(scope="module")
def circles():
    return gk.datasets.load("two_circles", n=400, seed=0)


@pytest.fixture(scope="module")
def density(circles):
    return fitted_density(circles.x, "mog", 0)


@pytest.fixture(scope="module")
def metric(circles, density):
    return default_metric(density, circles.x)


@pytest.mark.parametrize("name", ["mixture", "two_circles", "narrow_mog"])
def test_the_defaults_show_no_signature(name):
    x = gk.datasets.load(name, n=500, seed=1).x
    found = gk.diagnose(default_graph(x).weigh(default_metric(fitted_density(x, "mog", 1), x)))
    assert found.looked_at == ALL
    assert "disconnected" not in found
    assert "euclidean" not in found
    assert "miscalibrated density" not in found
    assert "rough paths" not in found


def test_parts_are_named_with_the_radius_that_joins_them():
    x = np.concatenate([np.random.default_rng(0).normal(size=(30, 2)), [[20.0, 0.0]], [[21.0, 0.0]]])
    graph = gk.knn_graph(x, k=1)
    (found,) = gk.diagnose(graph)
    assert found.name == "disconnected"
    assert "components of" in found.measured
    eps = float(found.advice.split("eps above ")[1].split(" ")[0])
    assert gk.epsilon_graph(x, eps=eps * 1.001).components().max() == 0
    assert gk.diagnose(graph).looked_at == ("disconnected", "units")


def test_a_metric_that_hardly_varies_is_euclidean_in_disguise(circles, density):
    flat = gk.GenerativeMetric(density, lam=1e3, p0=1.0)
    with pytest.warns(gk.errors.ContrastWarning):
        found = gk.diagnose(gk.knn_graph(circles.x, k=15).bridged().weigh(flat))
    assert "euclidean" in found
    assert "euclidean" in gk.diagnose(gk.knn_graph(circles.x, k=15).bridged().weigh(gk.EuclideanMetric()))


def test_one_edge_that_rules_is_found():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=(150, 2)), rng.normal([12.0, 0.0], size=(150, 2))])
    density = gk.densities["mog"](means=[[0, 0], [12, 0]], covariances=1.0, weights=[0.5, 0.5])
    graph = gk.knn_graph(x, k=10).bridged()
    metric = gk.GenerativeMetric(density, lam=1e-6, p0=0.05)
    found = gk.diagnose(gk.Graph(x, graph.edges).weigh(metric))
    assert "one edge rules" in found
    assert "one edge rules" not in gk.diagnose(graph.weigh(metric))  # a bridge is known to cross a gap
    assert "%" in next(finding for finding in found if finding.name == "one edge rules").measured


@pytest.mark.parametrize(("n", "dim"), [(300, 2), (300, 5)])
def test_an_edge_that_only_leads_to_an_outlying_vertex_rules_nothing(n, dim):
    x = np.random.default_rng(0).normal(size=(n, dim))
    assert "one edge rules" not in gk.diagnose(
        default_graph(x).weigh(default_metric(fitted_density(x, "mog", 0), x))
    )


def test_too_few_neighbours_make_rough_paths(circles, metric):
    assert "rough paths" in gk.diagnose(gk.knn_graph(circles.x, k=3).bridged().weigh(metric))
    assert "rough paths" not in gk.diagnose(gk.knn_graph(circles.x, k=40).bridged().weigh(metric))


@pytest.mark.parametrize("wrong", ["elsewhere", "too narrow", "too broad", "zero"])
def test_a_density_that_is_not_the_points_is_found(circles, wrong):
    x = circles.x
    mog = gk.densities["mog"]
    if wrong == "elsewhere":
        density = mog.fit(x[:, ::-1] * [1.0, 0.3], seed=0)
    elif wrong == "too narrow":
        density = mog(means=x, covariances=1e-6, weights=np.full(len(x), 1 / len(x)))
    elif wrong == "too broad":
        density = mog(means=[[0.0, 0.0]], covariances=25.0)
    else:
        density = gk.as_density(lambda z: np.where(z[:, 0] < 0.5, 0.0, -np.inf), dim=2, normalised=False)
    metric = gk.GenerativeMetric.of_logs(density, -8.0, 0.0, 0.2)
    found = gk.diagnose(gk.knn_graph(x, k=10).bridged().weigh(metric))
    assert "miscalibrated density" in found
    assert str(found) == repr(found)
    assert "miscalibrated density: " in repr(found)


@pytest.mark.parametrize("size", [1, 2, 150])
def test_too_few_and_too_many_components_are_found_though_the_vertices_are_as_likely_as_draws(circles, size):
    density = gk.densities["mog"].fit(circles.x, seed=0, n_components=size)
    found = gk.diagnose(default_graph(circles.x).weigh(default_metric(density, circles.x), rtol=1e-3))
    (told,) = [finding for finding in found if finding.name == "miscalibrated density"]
    assert ("it peaks on the vertices" if size == 150 else "it fills gaps") in told.measured


@pytest.mark.parametrize("dim", [1, 2, 5, 30])
def test_the_true_density_is_calibrated_in_any_dimension(dim):
    density = gk.densities["mog"](means=np.zeros((1, dim)), covariances=1.0)
    x = density.sample(300, seed=7)
    graph = gk.knn_graph(x, k=10).bridged().weigh(gk.GenerativeMetric.from_sample(density, x), rtol=1e-2)
    assert "miscalibrated density" not in gk.diagnose(graph)


@pytest.mark.parametrize(("n", "dim"), [(10, 1), (50, 1), (100, 1), (20, 2)])
def test_chance_spacings_of_few_points_are_no_finding(n, dim):
    density = gk.densities["mog"](means=np.zeros((1, dim)), covariances=1.0)
    named = 0
    for seed in range(30):
        x = density.sample(n, seed=seed)
        graph = (
            gk.knn_graph(x, k=min(8, n - 1))
            .bridged()
            .weigh(gk.GenerativeMetric(density, lam=0.01, p0=0.1), rtol=1e-2)
        )
        named += "miscalibrated density" in gk.diagnose(graph, seed=seed)
    assert named <= 1


def test_what_is_no_graph_is_refused(circles):
    with pytest.raises(gk.errors.GraphError, match=r"weigh\(metric\)"):
        gk.diagnose(circles.x)


def test_two_looks_are_alike(circles, metric):
    graph = gk.knn_graph(circles.x, k=5).bridged().weigh(metric)
    assert gk.diagnose(graph, seed=3) == gk.diagnose(graph, seed=3)


def test_a_graph_without_edges_or_metric_is_still_looked_at():
    lone = gk.Graph(np.array([[0.0]]), np.empty((0, 2), dtype=int))
    assert gk.diagnose(lone).ok
    weighed = gk.Graph(np.array([[0.0], [1.0], [2.5]]), np.array([[0, 1], [1, 2]]), np.array([1.0, 9.0]))
    assert gk.diagnose(weighed).looked_at == ("disconnected", "euclidean", "one edge rules", "units")
