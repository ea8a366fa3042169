"""Graph distances with the advisor's eps against closed forms: mean error <= 0.5 %, 99 % of pairs <= 1 %,
degree <= 80.
"""

from __future__ import annotations

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.paper.experiments.closed_forms import DOMAINS, refined_error, relative_errors


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", sorted(DOMAINS))
def test_advised_graph(name: str, seed: int) -> None:
    domain = DOMAINS[name]
    x = domain.sample(4000, seed)
    graph = gk.epsilon_graph(x, eps=gk.suggest_graph(x).eps).weigh(domain.metric())
    assert graph.mean_degree <= 80
    error = np.abs(relative_errors(graph, domain, np.arange(200)))  # pairs at least 4 median edges apart
    assert len(error) > 0.7 * 200 * 4000
    assert error.mean() <= 0.005
    assert np.quantile(error, 0.99) <= 0.01


@pytest.mark.parametrize("name", sorted(DOMAINS))
def test_refined_geodesics_meet_the_closed_form(name: str) -> None:
    domain = DOMAINS[name]
    x = domain.sample(800, 0)
    graph = gk.epsilon_graph(x, eps=gk.suggest_graph(x).eps).weigh(domain.metric())
    assert refined_error(graph, domain, 2, rtol=1e-5) < 1e-4
