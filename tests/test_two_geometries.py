"""What notebook L5 measures: three metrics on the same codes, and distances over models trained anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from immersions import sphere

import geodesic_kit as gk
from geodesic_kit.base import pretrained
from geodesic_kit.errors import InvalidParameter
from geodesic_kit.geodesics.curve import Geodesic, measured
from geodesic_kit.paper.experiments import geometry_figures, retrained, two_geometries
from geodesic_kit.paper.experiments.latent_lengths import distance_to_codes
from geodesic_kit.paper.experiments.latent_sets import latent_set
from geodesic_kit.paper.experiments.plane_paths import random_pairs


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_the_three_metrics_of_a_set_are_one_another_s_parts() -> None:
    of = latent_set("arm", 60, seed=0)
    metrics = two_geometries.geometries(of, rtol=1e-4)
    assert tuple(metrics) == two_geometries.GEOMETRIES
    volumes = {name: metric.log_volume(of.codes) for name, metric in metrics.items()}
    np.testing.assert_allclose(volumes["density"] + volumes["pullback"], volumes["product"], rtol=1e-12)
    assert metrics["product"].rtol == 1e-4
    assert metrics["density"].density.means.shape == of.codes.shape


def ring(n: int) -> Any:
    turn = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.stack([np.cos(turn), np.sin(turn)], axis=1)


def test_geodesics_of_a_ring_follow_it_or_cross_it() -> None:
    codes = ring(60)
    density = gk.GenerativeMetric.from_sample(gk.densities["mog"](means=codes, covariances=0.01), codes)
    flat = gk.latent.PullbackMetric(lambda z: torch.cat([z, 0 * z[..., :1]], -1), dim=2)
    metrics = {
        "density": density,
        "pullback": flat,
        "product": gk.latent.ProductMetric(density, flat, rtol=1e-4),
    }
    pairs = np.array([[0, 25], [10, 38]])
    found = two_geometries.geodesics_of(metrics, codes, pairs, k=4, rtol=1e-4)
    far = {name: distance_to_codes(paths, codes) for name, paths in found.items()}
    assert (far["pullback"] > 0.5).all()
    assert max(far["density"].max(), far["product"].max()) < 0.1
    # an isometric decoder changes nothing: the product is the density's metric
    ratios = two_geometries.relative_lengths(found, metrics)
    for name in metrics:
        np.testing.assert_array_equal(ratios[name][name], 1)
    np.testing.assert_allclose(ratios["density"]["product"], 1, rtol=5e-4)
    np.testing.assert_allclose(ratios["product"]["density"], 1, rtol=5e-4)
    assert (ratios["density"]["pullback"] > 2).all()
    assert (ratios["pullback"]["density"] > 1.2).all()
    assert two_geometries.unfinished(found["pullback"]) == 0


def test_what_did_not_converge_is_counted() -> None:
    points = np.array([[0.0, 0.0], [1.0, 0.0]])
    paths = [Geodesic(points, [1.0], notes=notes) for notes in ((), ("not converged",), ("outside",), ())]
    assert two_geometries.unfinished(paths) == 0.25


def test_the_reach_is_the_spacing_of_even_codes() -> None:
    assert two_geometries.reach_of(ring(60)) == pytest.approx(2 * np.sin(np.pi / 60))


def test_the_image_changes_evenly_along_its_own_geodesic() -> None:
    metric = gk.latent.PullbackMetric(sphere, dim=2)
    path = gk.refine(measured(np.array([[-0.8, 0.1], [0.5, 0.6]]), metric))
    places, speed = two_geometries.image_speed(path, metric)
    np.testing.assert_allclose(speed, 1, rtol=1e-3)
    np.testing.assert_allclose(places[[0, -1]], [0.5 / 128, 1 - 0.5 / 128])
    uneven = measured(np.array([[-0.8, 0.1], [0.5, 0.6]]), gk.EuclideanMetric())
    assert np.ptp(two_geometries.image_speed(uneven, metric)[1]) > 0.3


class Model:
    """A decoder that sees the plane through a matrix: codes differ by it, images do not."""

    latent_dim = 2

    def __init__(self, matrix: list[list[float]]) -> None:
        self.matrix = np.array(matrix)

    def encode(self, x: Any) -> Any:
        return x[:, :2] @ self.matrix.T

    def decoder(self, z: Any) -> Any:
        return sphere(z @ torch.tensor(np.linalg.inv(self.matrix).T))


def test_distances_that_a_change_of_codes_leaves_do_not_vary() -> None:
    x = np.random.default_rng(0).uniform(-0.6, 0.6, (60, 2))
    pairs = random_pairs(60, 8, seed=0)
    turned = [Model([[1, 0], [0, 1]]), Model([[0, -2], [2, 0]])]
    same = retrained.distances_in(turned, x, pairs, k=8, rtol=1e-5)
    assert tuple(same) == retrained.KINDS
    np.testing.assert_allclose(retrained.variations(same["geodesic"]), 0, atol=1e-4)
    np.testing.assert_allclose(retrained.variations(same["Euclidean"]), np.std([1, 2], ddof=1) / 1.5)
    np.testing.assert_allclose(retrained.variations(same["Euclidean, one scale"]), 0, atol=1e-12)
    sheared = retrained.distances_in([turned[0], Model([[1, 1], [0, 1]])], x, pairs, k=8, rtol=1e-5)
    np.testing.assert_allclose(retrained.variations(sheared["geodesic"]), 0, atol=1e-4)
    assert retrained.variations(sheared["Euclidean, one scale"]).max() > 0.1


def test_the_paired_test_says_which_is_lower() -> None:
    rng = np.random.default_rng(0)
    low = rng.uniform(0.1, 0.2, 30)
    told = retrained.compared(low, low + rng.uniform(0.01, 0.05, 30))
    assert told.share == 1
    assert told.p < 1e-6
    assert retrained.compared(low + 0.1, low + rng.uniform(0, 0.05, 30)).p > 0.99


def test_the_models_trained_anew_are_shipped_and_differ_by_their_seeds_alone() -> None:
    models = retrained.models(8)
    assert [model.facts["fit"]["seed"] for model in models] == list(range(8))
    assert len({str({**model.facts["fit"], "seed": 0}) for model in models}) == 1
    assert all(pretrained.path("iwae", f"pendulum_{k}").stat().st_size <= 400_000 for k in range(8))
    # each has found the pendulum: its noise is within a quarter of the true one
    assert all(0.05 / 1.25 < model.noise < 1.25 * 0.05 for model in models)
    for wrong in (1, 9, 2.5):
        with pytest.raises(InvalidParameter, match="n="):
            retrained.models(wrong)  # type: ignore[arg-type]


def test_figures_tell_ways_and_units() -> None:
    far = {"ring": {"density": np.array([0.1, 0.2, 0.1]), "pullback": np.array([0.5, 0.3, 0.4])}}
    geometry_figures.draw_farthest(far, {"ring": 0.15})
    ax = plt.gcf().axes[0]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "density",
        "pullback",
        "reach of the codes",
    ]
    # pairs stand in the order of the last way's distance
    np.testing.assert_allclose(ax.lines[1].get_ydata(), [0.3, 0.4, 0.5])
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [0.2, 0.1, 0.1])
    angle = np.linspace(0, 2 * np.pi, 60)
    geometry_figures.draw_codes_of_models([ring(60)] * 5, angle)
    titles = [ax.get_title() for ax in plt.gcf().axes]
    assert titles[:5] == [f"model {k}" for k in range(5)]
    geometry_figures.draw_variations({"Euclidean": np.array([0.2, 0.3]), "geodesic": np.array([0.1, 0.4])})
    ax = plt.gca()
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [0.2, 0.3])
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [0.1, 0.4])
    assert "geodesic" in ax.get_ylabel()
