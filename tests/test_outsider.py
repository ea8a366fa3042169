"""A third party's package, installed by pip, through the same door and the same contracts as our own
plugins.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.testing import DecoderContract, DensityContract, SolverContract

HERE = Path(__file__).parent

if find_spec("outsider_geodesics") is None:
    reason = "the outsider's package is not installed: pip install --no-deps ./tests/outsider"
    if os.environ.get("CI"):
        raise RuntimeError(f"{reason} (CI must)")
    pytest.skip(reason, allow_module_level=True)


class TestOutsidersDensity(DensityContract):
    def make(self) -> Any:
        return gk.densities["outsider-laplace"].fit(self.data(), seed=0)


class TestOutsidersSolver(SolverContract):
    def make(self) -> Any:
        return gk.solvers["outsider-bellman-ford"]()


class TestOutsidersDecoder(DecoderContract):
    def make(self) -> Any:
        return gk.decoders["outsider-bowl"]()

    def data(self) -> Any:
        return self.make().decode(super().data())


def test_the_registry_lists_it_with_its_owner() -> None:
    assert "outsider-laplace" in gk.densities.names()
    assert "outsider-bowl" in gk.decoders.names()
    assert gk.solvers.providers()["outsider-bellman-ford"].startswith(
        "outsider-geodesics (outsider_geodesics:BellmanFord"
    )


def test_it_walks_the_whole_way_of_a_datum() -> None:
    x = np.random.default_rng(0).laplace(size=(120, 2))
    metric = gk.GenerativeMetric.from_sample(gk.densities["outsider-laplace"].fit(x, seed=0), x)
    graph = gk.adaptive_graph(x, k=6, eps=0.5).weigh(metric, rule="trapezoid")
    own = gk.distances(graph, sources=[0, 5], solver="outsider-bellman-ford")
    np.testing.assert_allclose(own, gk.distances(graph, sources=[0, 5], solver="scipy"), rtol=1e-9)
    assert gk.geodesic(graph, 0, 5, solver="outsider-bellman-ford").length == pytest.approx(
        own[0, 5], rel=1e-9
    )


def test_the_package_is_two_files() -> None:
    assert {path.name for path in (HERE / "outsider").iterdir() if path.is_file()} == {
        "pyproject.toml",
        "outsider_geodesics.py",
    }
