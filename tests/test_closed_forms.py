"""Graph distances with the advisor's eps against closed forms: mean error <= 0.5 %, 99 % of pairs <= 1 %, degree <= 80."""

from __future__ import annotations

import numpy as np
import pytest
from domains import DOMAINS

import geodesic_kit as gk


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", sorted(DOMAINS))
def test_advised_graph(name: str, seed: int) -> None:
    domain = DOMAINS[name]
    x = domain.sample(4000, seed)
    graph = gk.epsilon_graph(x, eps=gk.suggest_graph(x).eps).weigh(domain.metric())
    assert graph.mean_degree <= 80
    sources = np.arange(200)
    exact = domain.distance(x[sources][:, None], x[None])
    far = exact >= 4 * np.median(graph.weights)
    error = np.abs(gk.distances(graph, sources)[far] / exact[far] - 1)
    assert far.mean() > 0.7
    assert error.mean() <= 0.005
    assert np.quantile(error, 0.99) <= 0.01
