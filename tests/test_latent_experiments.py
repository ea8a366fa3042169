"""What notebook L1 measures: paths between codes by three ways, magnification maps, a small generator."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from immersions import sphere
from PIL import Image

import geodesic_kit as gk
from geodesic_kit.errors import DataError, FallbackNotice
from geodesic_kit.geodesics.curve import measured
from geodesic_kit.paper.experiments import latent_figures, latent_lengths, latent_sets, magnification_maps
from geodesic_kit.paper.experiments.generators import draws, trained_generator

ON_SPHERE = gk.latent.PullbackMetric(sphere, dim=2)
ENDS = np.array([[[0.5, -0.5], [0.8, 0.1]], [[0.5, 0.5], [-0.2, 0.9]]])


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def ways() -> latent_lengths.Ways:
    return latent_lengths.ways_between(ON_SPHERE, *ENDS, n=40, rtol=1e-6, seed=0)


def test_three_ways_join_the_ends_and_the_refined_one_is_shortest(ways: latent_lengths.Ways) -> None:
    for way in latent_lengths.WAYS:
        for path, a, b in zip(getattr(ways, way), *ENDS, strict=True):
            np.testing.assert_array_equal(path.points[[0, -1]], [a, b])
    assert (ways.ratios("refined") < ways.ratios("neural") + 1e-6).all()
    assert (ways.ratios("neural") < 1).all()
    assert ways.certified == 1
    table = latent_lengths.comparison({"sphere": ways})
    assert table.loc["sphere", "pairs"] == 2
    assert table.loc["sphere", "refined / straight"] == pytest.approx(ways.ratios("refined").mean())


def test_speed_is_even_where_pieces_are_equal() -> None:
    flat = gk.latent.PullbackMetric(lambda z: torch.cat([3 * z, 0 * z[..., :1]], -1), dim=2)
    even = measured(np.linspace([0.0, 0.0], [1.0, 0.0], 5), flat)
    uneven = measured(np.array([[0.0, 0.0], [0.25, 0.0], [1.0, 0.0]]), flat)
    np.testing.assert_allclose(latent_lengths.speed(even), 3)
    np.testing.assert_allclose(latent_lengths.speed(uneven), [1.5, 4.5])
    np.testing.assert_allclose(latent_lengths.speed_variations([even, uneven]), [0, 0.5], atol=1e-12)


def test_distance_to_codes_is_the_largest_on_the_way() -> None:
    path = measured(np.array([[-1.0, 0.0], [1.0, 0.0]]), gk.EuclideanMetric())
    found = latent_lengths.distance_to_codes([path], np.array([[-1.0, 0.0], [1.0, 0.0]]), n=65)
    np.testing.assert_allclose(found, 1)


def test_the_spheres_magnification_falls_away_from_its_pole() -> None:
    codes = np.array([[0.0, 0.0], [0.02, 0.0], [0.0, 0.02], [-1.0, -1.0], [1.0, 1.0]])
    box = magnification_maps.code_box(codes)
    np.testing.assert_allclose(box, [[-1, 1], [-1, 1]])
    assert (magnification_maps.code_box(codes, 0.5) == [[0, 0.02], [0, 0.02]]).all()
    assert len(magnification_maps.code_grid(codes, 7)) == 49
    far = magnification_maps.share_beyond(codes[:3] * 50, 0.9)  # of a square whose three corners are codes
    assert 0 < far < 0.1
    assert magnification_maps.distance_correlation(ON_SPHERE, codes[:3] * 50) < -0.2


def test_maps_of_a_row_share_their_colours() -> None:
    grown = gk.latent.PullbackMetric(lambda z: 9 * sphere(z), dim=2)
    codes = np.random.default_rng(0).uniform(-1, 1, (30, 2))
    rows = {"sphere": {"one": ON_SPHERE, "nine": grown}}
    magnification_maps.draw_magnification(rows, {"sphere": codes}, {"sphere": None}, resolution=8)
    limits = [ax.images[0].get_clim() for ax in plt.gcf().axes[:2]]
    assert limits[0] == limits[1]
    assert limits[0][1] - limits[0][0] > np.log(81)


def test_figures_of_paths_name_sets_and_ways(ways: latent_lengths.Ways) -> None:
    pair = latent_figures.uneven(ways)
    paths = {way: getattr(ways, way)[pair] for way in latent_lengths.WAYS}
    latent_figures.draw_latent_paths({"sphere": paths}, {"sphere": ON_SPHERE}, {"sphere": ENDS[0]})
    assert plt.gcf().axes[0].get_title() == "sphere"
    latent_figures.draw_speeds({"sphere": {way: paths[way] for way in ("straight", "neural")}})
    assert plt.gcf().axes[0].get_xlabel() == "time t  [1]"
    latent_figures.draw_ratios({"sphere": ways})
    texts = [text.get_text() for text in plt.gcf().legends[0].get_texts()]
    assert texts == ["neural", "refined"]
    latent_figures.picture_rows({"a": np.zeros((5, 6)), "b": np.ones((5, 6))}, (2, 3), label="fraction")
    assert [tick.get_text() for tick in plt.gca().get_yticklabels()] == ["a", "b"]


def test_a_film_goes_there_and_back() -> None:
    frames = np.linspace(0, 1, 4)[:, None] * np.ones(6)
    film = Image.open(BytesIO(latent_figures.moving_pictures({"a": frames, "b": frames[::-1]}, (2, 3))))
    assert film.n_frames == 6


def test_a_generator_finds_where_the_data_are_and_leaves_the_random_state_alone() -> None:
    x = np.random.default_rng(0).normal([5.0, -3.0, 0.0], [0.1, 1.0, 2.0], (400, 3))
    state = torch.random.get_rng_state()
    one, other = (trained_generator(x, seed=0, steps=600) for _ in range(2))
    assert torch.equal(torch.random.get_rng_state(), state)
    z, made = draws(one, 500, seed=1)
    assert z.shape == (500, 2)
    np.testing.assert_array_equal(made, draws(other, 500, seed=1)[1])
    np.testing.assert_allclose(made.mean(axis=0), x.mean(axis=0), atol=1)
    assert np.isfinite(gk.latent.PullbackMetric(one, dim=2).log_volume(z[:5])).all()


def test_a_flow_keeps_the_lengths_of_segments() -> None:
    flow = gk.densities["realnvp"].pretrained("two_moons")
    with pytest.warns(FallbackNotice):
        metric = gk.latent.PullbackMetric(flow)
    x = gk.datasets.load("two_moons", n=6, seed=0).x
    np.testing.assert_allclose(latent_sets.preimage_ratios(flow, metric, x[:3], x[3:]), 1, rtol=1e-12)
    with pytest.raises(DataError, match="no length"):
        latent_sets.preimage_ratios(flow, metric, x[:1], x[:1])


def test_a_set_has_codes_that_decode_near_its_rows() -> None:
    of = latent_sets.latent_set("pendulum", 60, seed=0)
    assert of.name == "pendulum"
    assert of.codes.shape == (60, 2)
    assert latent_sets.closing_error(of) < 0.07  # the noise is 0.05


def test_where_a_set_cannot_be_fetched_the_autoencoder_draws_it() -> None:
    of, again = (latent_sets.latent_set("mnist", 60, seed=0, drawn=True) for _ in range(2))
    assert of.data.image_shape == (28, 28)
    assert of.data.y is None
    np.testing.assert_array_equal(of.data.x, again.data.x)
    # its draws are noisy pictures: what their codes leave is that noise
    assert latent_sets.closing_error(of) == pytest.approx(of.model.noise, rel=0.1)
