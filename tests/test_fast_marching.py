"""Graph distances against fast marching on two grids, the difference of which is its own error."""

from __future__ import annotations

import numpy as np
import pytest
from eikonal import MIXTURES, travel_time

import geodesic_kit as gk


def agreement(points: np.ndarray, half: float, metric: gk.GenerativeMetric, graph: gk.Graph) -> tuple[float, float]:
    """Fraction of far targets within 1 % plus fast marching's own error, and the 95 % quantile of that own error."""
    coarse, fine = (travel_time(metric, points[0], half, cells, points) for cells in (400, 800))
    distance = gk.distances(graph.weigh(metric), [0])[0]
    far = np.linalg.norm(points - points[0], axis=1) >= 4 * np.median(gk.EuclideanMetric().edge_lengths(points, graph.edges))
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
    within, own = agreement(points, 3.2, gk.GenerativeMetric(density, lam=lam, p0=0.1), gk.suggest_graph(points).build(points))
    assert own <= 0.01
    assert within >= 0.95
