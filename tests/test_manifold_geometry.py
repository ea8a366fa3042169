"""What the notebook on [S18] measures: closed forms of surfaces, charts, curvature of decoders, analogies."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import geodesic_kit as gk

torch = pytest.importorskip("torch")

from geodesic_kit.latent import PullbackMetric  # noqa: E402
from geodesic_kit.paper.experiments import closed_geometry, decoder_geometry, manifold_figures  # noqa: E402
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
def pendulum() -> decoder_geometry.Scene:
    return decoder_geometry.scene("pendulum", 60, 3, seed=5)


def test_a_scene_has_codes_of_pictures_and_pairs_of_these() -> None:
    of = pendulum()
    assert of.codes.shape == (60, 2)
    assert len(np.unique(of.pairs)) == 6
    images = of.metric.image(of.codes)
    apart = np.linalg.norm(images[:, None] - images, axis=2).max()
    assert of.diameter == pytest.approx(apart, rel=1e-9)
    assert of.near(3)[0] == 3
    drawn = decoder_geometry.scene("pendulum", 60, 3, seed=5, drawn=True)
    assert drawn.codes.shape == (60, 2)
    assert not np.array_equal(drawn.codes, of.codes)


def test_geodesics_are_no_longer_than_lines_and_loops_turn_by_curvature() -> None:
    of = pendulum()
    paths, lines = decoder_geometry.geodesics_and_lines(of)
    assert (np.array([path.length for path in paths]) <= lines * (1 + 1e-9)).all()
    angle, area, inside = decoder_geometry.holonomy(of, of.codes[0], 0.1)
    assert area > 0
    assert angle == pytest.approx(inside, abs=1e-3)
    values = decoder_geometry.curvatures(of, 5)
    wanted = gk.sectional_curvature(of.metric, of.codes[:5]) * of.diameter**2
    np.testing.assert_allclose(values, wanted)


def test_an_analogy_ends_where_the_calculus_does() -> None:
    of = pendulum()
    near = of.near(0)
    assert len(set(near)) == 3
    near = (0, *np.argsort(np.linalg.norm(of.codes - of.codes[0], axis=1))[1:3])
    found = decoder_geometry.analogy_ways(of, *near, columns=3)
    wanted = gk.latent.analogy(of.metric, *of.codes[list(near)], rtol=1e-4)
    step = np.linalg.norm(of.codes[near[1]] - of.codes[near[0]])
    assert np.linalg.norm(found.end - wanted) < 0.02 * step
    assert 0 < found.apart < 1
    assert {frames.shape for frames in found.ways.values()} == {(3, 256)}


def test_a_vector_comes_back_turned_and_shortened() -> None:
    of = manifold_figures.journey(1.0, 12)
    np.testing.assert_allclose(np.linalg.norm(of.polar, axis=1), 1, rtol=1e-12)
    kept = np.linalg.norm(of.projected, axis=1)
    assert (np.diff(kept) < 0).all()
    turned = np.arccos(of.polar[0] @ of.polar[-1])
    assert turned == pytest.approx(2 * np.pi * (1 - np.cos(1.0)), abs=5e-3)
    film = manifold_figures.moving_vector(of)
    assert film[:6] == b"GIF89a"
