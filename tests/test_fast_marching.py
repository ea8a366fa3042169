"""Graph distances against fast marching on two grids, the difference of which is its own error."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from eikonal import MIXTURES

import geodesic_kit as gk
from geodesic_kit.paper.experiments.fast_marching import arrival, travel_time


def agreement(
    points: np.ndarray, half: float, metric: gk.GenerativeMetric, graph: gk.Graph
) -> tuple[float, float]:
    """Fraction of far targets within 1 % plus fast marching's own error, and the 95 % quantile of that own
    error.
    """
    coarse, fine = (
        travel_time(metric, points[0], [(-half, half)] * 2, cells, points) for cells in (400, 800)
    )
    distance = gk.distances(graph.weigh(metric), [0])[0]
    far = np.linalg.norm(points - points[0], axis=1) >= 4 * np.median(
        gk.EuclideanMetric().edge_lengths(points, graph.edges)
    )
    own = np.abs(coarse - fine)[far] / fine[far]
    return float((np.abs(distance[far] / fine[far] - 1) <= 0.01 + own).mean()), float(np.quantile(own, 0.95))


@pytest.mark.parametrize("lam", [0.001, 0.03, 1.0, 10.0])
@pytest.mark.parametrize("name", sorted(MIXTURES))
def test_uniform_vertices(name: str, lam: float) -> None:
    points = np.random.default_rng(0).uniform(-2, 2, (4000, 2))
    points[0] = 0.1, 0.2  # inside the data: in the far tail the source's own disk would decide the comparison
    metric = gk.GenerativeMetric(gk.densities["mog"](**MIXTURES[name]), lam=lam, p0=0.1)
    within, own = agreement(points, 2.0, metric, gk.epsilon_graph(points, eps=gk.suggest_graph(points).eps))
    assert own <= 0.01  # fast marching can judge
    assert within >= 0.95


@pytest.mark.parametrize("lam", [0.001, 0.1])
@pytest.mark.parametrize("name", sorted(MIXTURES))
def test_vertices_from_the_density(name: str, lam: float) -> None:
    density = gk.densities["mog"](**MIXTURES[name])
    points = density.sample(6000, seed=1)
    points = points[np.abs(points).max(axis=1) < 3.0][:4000]
    points[0] = density.means[0]
    within, own = agreement(
        points, 3.2, gk.GenerativeMetric(density, lam=lam, p0=0.1), gk.suggest_graph(points).build(points)
    )
    assert own <= 0.01
    assert within >= 0.95


def test_richardson_on_a_closed_form() -> None:
    half_plane = gk.as_density(lambda x: np.log(x[:, 1]), dim=2)  # c = 1 / x2
    metric = gk.GenerativeMetric(half_plane, log_lam=-np.inf, p0=1.0)
    source, box = np.array([0.0, 1.0]), [(-1.0, 1.0), (0.4, 2.6)]
    targets = np.random.default_rng(0).uniform([-0.6, 0.7], [0.6, 1.5], (200, 2))
    targets = targets[np.linalg.norm(targets - source, axis=1) > 0.2]
    exact = np.arccosh(1 + np.square(targets - source).sum(axis=1) / (2 * targets[:, 1]))
    found, own = arrival(metric, source, box, 100).at(targets)
    error = np.abs(found / exact - 1)
    assert error.max() < 0.01
    assert np.median(error) < 0.0025
    assert 0.5 < np.quantile(own, 0.95) / np.quantile(error, 0.95) < 10  # an estimate of the right size
    with pytest.raises(gk.errors.InvalidParameter, match="must lie 4 cells or more inside the box"):
        arrival(metric, [0.99, 1.0], box, 100)
    with pytest.raises(gk.errors.InvalidParameter, match="give a larger box="):
        arrival(metric, source, box, 100).at(np.array([[2.0, 1.0]]))


def test_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skfmm", None)
    metric = gk.GenerativeMetric(gk.densities["mog"](means=[[0, 0]], covariances=1.0), lam=1, p0=1)
    with pytest.raises(
        gk.errors.MissingPlugin,
        match=r"fast marching needs skfmm: pip install "
        r"'geodesic-kit\[notebooks\]'",
    ):
        travel_time(metric, [0, 0], [(-1, 1)] * 2, 100, np.zeros((1, 2)))
