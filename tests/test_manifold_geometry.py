"""What the notebook on [S18] measures: closed forms of surfaces, charts, curvature of decoders, analogies."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

import geodesic_kit as gk

torch = pytest.importorskip("torch")

from geodesic_kit.errors import IncompleteGeodesic  # noqa: E402
from geodesic_kit.latent import PullbackMetric  # noqa: E402
from geodesic_kit.paper.experiments import (  # noqa: E402
    closed_geometry,
    decoder_geometry,
    latent_sets,
    manifold_figures,
)
from geodesic_kit.paper.experiments.surfaces import (  # noqa: E402
    gnomonic,
    great_circles,
    polar_plane,
    sphere,
    torus,
    torus_courses,
)


def test_clairauts_geodesics_are_straight_and_as_long_as_they_say() -> None:
    metric = PullbackMetric(torus, dim=2)
    course = torus_courses([-1.0, 0.2], [0.5, 0.9], [1.2, -0.7])
    np.testing.assert_allclose(metric.speed(course.starts, course.velocities), course.lengths, rtol=1e-12)
    assert closed_geometry.shot_errors(metric, course).max() < 1e-8
    meridian = torus_courses([-1.0], [0.5], [0.0])
    np.testing.assert_allclose(meridian.lengths, 1.5, rtol=1e-13)
    assert meridian.ends[0, 0] == 0


def test_great_circles_end_at_their_length() -> None:
    course = great_circles([[0.1, 0.3]], [[0.5, -0.2]])
    ends = [sphere(torch.tensor(p)).numpy() for p in (course.starts, course.ends)]
    np.testing.assert_allclose(np.arccos((ends[0] * ends[1]).sum()), course.lengths[0], rtol=1e-12)


def test_lengths_shots_and_holonomy_meet_the_closed_forms() -> None:
    known = closed_geometry.courses(4, seed=3)
    for name, surface in {"sphere": sphere, "torus": torus}.items():
        metric = PullbackMetric(surface, dim=2)
        assert np.abs(closed_geometry.length_errors(metric, known[name])).max() < 1e-8
        assert closed_geometry.shot_errors(metric, known[name]).max() < 1e-8
    metric = PullbackMetric(sphere, dim=2)
    assert closed_geometry.holonomy_error(metric, 1.0, 160) < 1e-6
    assert 1e-5 < closed_geometry.holonomy_error(metric, 1.0, 160, method="projection") < 1e-2


def test_projections_lose_as_one_over_their_number() -> None:
    lost = closed_geometry.great_circle_losses(PullbackMetric(sphere, dim=2), [50, 100, 200])
    for values in (lost.norm, lost.angle):
        np.testing.assert_allclose(values[:-1] / values[1:], 2, rtol=0.05)
    # along a great circle: the part across the motion is kept, the part along it is lost by cosines
    assert lost.angle[1] == pytest.approx(1.5**2 / 4 / 100, rel=1e-2)


def test_second_differences_near_the_second_derivative() -> None:
    metric = PullbackMetric(torus, dim=2)
    z, u, v = np.random.default_rng(0).uniform(-0.5, 0.5, (3, 5, 2))
    near = closed_geometry.Differences(metric, 1e-4)
    np.testing.assert_allclose(near.second(z, u, v), metric.second(z, u, v), atol=1e-6)
    np.testing.assert_allclose(gk.sectional_curvature(near, z), gk.sectional_curvature(metric, z), atol=1e-6)


@pytest.mark.parametrize(
    ("surface", "ends", "ratio", "curvature"),
    [
        (gnomonic, ([-0.8, -0.3], [0.9, 0.5]), 1.0, 1.0),
        (polar_plane, ([1.0, 0.0], [1.0, 2.0]), 1 / np.sin(1.0), 0.0),
    ],
)
def test_the_charts_that_forbid_to_read_curvature_from_lengths(
    surface: object, ends: tuple[list[float], list[float]], ratio: float, curvature: float
) -> None:
    metric = PullbackMetric(surface, dim=2)
    found = closed_geometry.line_and_geodesic(metric, *ends)
    assert found["line"].length / found["geodesic"].length == pytest.approx(ratio, rel=1e-4)
    assert gk.sectional_curvature(metric, ends[0]) == pytest.approx(curvature, abs=1e-10)


@cache
def pendulum() -> latent_sets.LatentSet:
    return latent_sets.latent_set("pendulum", 60, seed=5, unseen=True)


def test_unseen_rows_are_others_than_the_seed_gives() -> None:
    of = pendulum()
    assert of.codes.shape == (60, 2)
    seen = gk.datasets.load("pendulum", n=60, seed=5).x
    assert np.abs(of.data.x[:, None] - seen).max(axis=2).min() > 0.05
    images = of.metric.image(of.codes)
    apart = np.linalg.norm(images[:, None] - images, axis=2).max()
    assert decoder_geometry.diameter(of) == pytest.approx(apart, rel=1e-9)


def test_geodesics_are_no_longer_than_lines() -> None:
    pairs = np.array([[0, 1], [2, 3], [4, 5]])
    paths, lines = decoder_geometry.geodesics_and_lines(pendulum(), pairs)
    assert (np.array([path.length for path in paths]) <= lines * (1 + 1e-9)).all()
    for path, pair in zip(paths, pairs, strict=True):
        np.testing.assert_array_equal(path.points[[0, -1]], pendulum().codes[pair])


def test_curvature_is_told_by_the_diameter() -> None:
    of = pendulum()
    wanted = gk.sectional_curvature(of.metric, of.codes) * decoder_geometry.diameter(of) ** 2
    np.testing.assert_allclose(decoder_geometry.curvatures(of), wanted)


def on_sphere() -> latent_sets.LatentSet:
    """The sphere in the place of a decoder."""
    return replace(pendulum(), metric=PullbackMetric(sphere, dim=2))


def test_a_loop_turns_by_the_area_it_encloses() -> None:
    radius = np.tan(0.7)  # the latitude 1.4 from the pole
    loop = decoder_geometry.holonomy(on_sphere(), np.zeros(2), radius, within=1e-6)
    wanted = 2 * np.pi * (1 - np.cos(1.4))
    np.testing.assert_allclose([loop.angle, loop.area, loop.inside], wanted, atol=2e-6)


def test_whole_turns_are_told_by_what_lies_inside() -> None:
    radius = np.tan(0.95)  # beyond the equator, more than one turn
    loop = decoder_geometry.holonomy(on_sphere(), np.zeros(2), radius, within=1e-6)
    assert loop.angle == pytest.approx(2 * np.pi * (1 - np.cos(1.9)), abs=2e-6)
    assert loop.angle > 2 * np.pi


def test_an_analogy_ends_where_the_calculus_does() -> None:
    of = pendulum()
    assert len(set(decoder_geometry.near(of, 3))) == 3
    close = [int(k) for k in np.argsort(np.linalg.norm(of.codes - of.codes[0], axis=1))[:3]]
    found = decoder_geometry.analogy_between(of, *close)
    wanted = gk.latent.analogy(of.metric, *of.codes[close], rtol=1e-4)
    step = np.linalg.norm(of.codes[close[1]] - of.codes[close[0]])
    assert np.linalg.norm(found.by_calculus - wanted) < 0.02 * step
    assert 0 < found.apart < 1
    rows = decoder_geometry.analogy_rows(of, found, 3)
    assert {frames.shape for frames in rows.values()} == {(3, 256)}
    ends = (found.by_calculus, found.by_projections, found.by_sum)
    for frames, end in zip(list(rows.values())[1:], ends, strict=True):
        np.testing.assert_allclose(frames[0], of.model.decode(of.codes[close[2:]])[0], atol=1e-9)
        np.testing.assert_allclose(frames[-1], of.model.decode(end[None])[0], atol=1e-2)


def test_codes_without_an_analogy_are_told_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(of: latent_sets.LatentSet, a: int, b: int, c: int) -> str:
        if a == 1:
            raise IncompleteGeodesic("it left")
        return f"{a}, {b}, {c}"

    monkeypatch.setattr(decoder_geometry, "analogy_between", fails)
    tried = decoder_geometry.analogies(pendulum(), 4)
    assert list(tried.found) == [0, 2, 3]
    assert tried.left == {1: "it left"}
    assert tried.share == 0.75


def test_curvature_is_drawn_three_decoders_a_row() -> None:
    of = pendulum()
    manifold_figures.draw_curvature({f"{k}": (of.codes, of.codes[:, 0]) for k in range(4)})
    axes = plt.gcf().axes
    assert [ax.get_title() for ax in axes[:4]] == ["0", "1", "2", "3"]
    assert axes[0].get_xlabel() == "z₁  [1]"
    assert [ax.axison for ax in axes[:6]] == [True] * 4 + [False] * 2
    plt.close("all")


def test_a_vector_comes_back_turned_and_shortened() -> None:
    of = manifold_figures.journey(1.0, 12)
    np.testing.assert_allclose(np.linalg.norm(of.polar, axis=1), 1, rtol=1e-12)
    kept = np.linalg.norm(of.projected, axis=1)
    assert (np.diff(kept) < 0).all()
    turned = np.arccos(of.polar[0] @ of.polar[-1])
    assert turned == pytest.approx(2 * np.pi * (1 - np.cos(1.0)), abs=5e-3)
    film = manifold_figures.moving_vector(of)
    assert film[:6] == b"GIF89a"
