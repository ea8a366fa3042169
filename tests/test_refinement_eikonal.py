"""Refined geodesics of mixtures with several wells against fast marching, extrapolated from two grids
(Richardson, order 2).
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from eikonal import MIXTURES

import geodesic_kit as gk
from geodesic_kit.errors import ContrastWarning
from geodesic_kit.paper.experiments.fast_marching import travel_time

CORNERS = np.array([[-1.3, -1.1], [1.2, -0.9], [0.1, 1.4], [-1.0, 0.9], [1.4, 1.0], [0.9, 0.1]])


@pytest.mark.parametrize("lam", [0.003, 0.1])
@pytest.mark.parametrize("name", ["two wells", "three unequal", "slanted", "ring"])
def test_no_longer_than_fast_marching(name: str, lam: float) -> None:
    density = gk.densities["mog"](**MIXTURES[name])
    metric = gk.GenerativeMetric(density, lam=lam, p0=0.1)
    sample = np.random.default_rng(0).uniform(-2, 2, (1500, 2))
    # a source where c is small and smooth
    points = np.concatenate([density.means[:1] + 0.01, CORNERS, sample])
    graph = gk.suggest_graph(points).build(points).weigh(metric)
    with warnings.catch_warnings(action="ignore", category=ContrastWarning):
        paths = [gk.geodesic(graph, 0, j) for j in range(1, 1 + len(CORNERS))]
    coarse, fine = (travel_time(metric, points[0], [(-2.0, 2.0)] * 2, cells, CORNERS) for cells in (400, 800))
    exact = fine + (fine - coarse) / 3
    assert (np.abs(fine - coarse) <= 0.005 * fine).all()  # fast marching can judge
    for path, time in zip(gk.refine(paths), exact, strict=True):
        assert 0.995 <= path.length / time <= 1.001
        assert not path.notes
