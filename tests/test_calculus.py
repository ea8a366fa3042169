"""Exponential map, transport and curvature of an immersion, and [S18]'s own ways, against closed forms."""

import numpy as np
import pytest
import torch
from immersions import in_pictures, in_single, network, sphere, torus

import geodesic_kit as gk
from geodesic_kit.calculus.exponential import course, shot
from geodesic_kit.calculus.logarithm import initial_velocity
from geodesic_kit.errors import DataError, IncompleteGeodesic, InvalidParameter
from geodesic_kit.geodesics.curve import measured
from geodesic_kit.latent import PullbackMetric, analogy, parallel_translation, shoot
from geodesic_kit.latent.translation import projected


@pytest.fixture(scope="module")
def on_sphere():
    return PullbackMetric(sphere, dim=2)


def end_on_sphere(metric, z, v):
    """Image of where the great circle from z with velocity v ends, and its length."""
    direction = metric.jacobian(z[None])[0] @ v
    length = np.linalg.norm(direction)
    return metric.image(z[None])[0] * np.cos(length) + direction / length * np.sin(length), length


def latitude(angle, steps):
    """A circle of latitude, `angle` from the pole at z = 0, in stereographic coordinates, (steps + 1, 2)."""
    t = np.linspace(0, 2 * np.pi, steps + 1)
    return np.tan(angle / 2) * np.stack([np.cos(t), np.sin(t)], axis=1)


def test_shots_end_where_great_circles_do(on_sphere):
    rng = np.random.default_rng(0)
    for z, v in zip(rng.uniform(-0.5, 0.5, (5, 2)), rng.uniform(-0.6, 0.6, (5, 2)), strict=True):
        wanted, length = end_on_sphere(on_sphere, z, v)
        found = shot(on_sphere, z[None], v[None])
        assert np.linalg.norm(on_sphere.image(found.points)[0] - wanted) <= 1e-8 * length
        assert found.calls <= 150
        np.testing.assert_array_equal(gk.exp(on_sphere, z, v), found.points[0])
        np.testing.assert_array_equal(shoot(on_sphere, z, v), found.points[0])


def test_a_geodesic_that_leaves_the_map_is_told_early_with_how_far_it_came():
    """The square (-1, 1)^2 by tanh: straight lines end at its border, which lies at infinity."""
    metric = PullbackMetric(lambda z: torch.cat([torch.tanh(z), 0 * z[:, :1]], 1), dim=2)
    says = (
        r"length 1\.5 from \[0\.0, 0\.0\] with velocity \[1\.5, 0\.0\] was followed to 0\.667 of its way: .*"
        r"1e\+04 times as fast as at first"
    )
    for call in (
        lambda: gk.exp(metric, [0, 0], [1.5, 0], max_evaluations=2000),
        lambda: shoot(metric, [[0, 0], [0, 0]], [[0.1, 0.1], [1.5, 0]], max_evaluations=2000),
    ):
        with pytest.raises(IncompleteGeodesic, match=says):
            call()
    np.testing.assert_allclose(np.tanh(gk.exp(metric, [0, 0], [0.9, 0.3])), [0.9, 0.3], atol=1e-8)


def test_a_geodesic_has_a_number_of_evaluations_to_come_to_its_end(on_sphere):
    z, v = [0.1, 0.2], [0.5, -0.4]
    for call in (gk.exp, shoot):
        with pytest.raises(IncompleteGeodesic, match=r"the 20 evaluations that max_evaluations= allows"):
            call(on_sphere, z, v, max_evaluations=20)
        with pytest.raises(InvalidParameter, match="max_evaluations=0"):
            call(on_sphere, z, v, max_evaluations=0)
    with pytest.raises(IncompleteGeodesic, match=r"followed to .* of its way"):
        analogy(on_sphere, z, v, [0.3, 0.3], max_evaluations=20)


def test_a_course_passes_where_shorter_shots_end(on_sphere):
    z, v, t = np.array([0.1, 0.2]), np.array([0.5, -0.4]), np.array([0.0, 0.3, 1.0])
    ends = [gk.exp(on_sphere, z, share * v) for share in t]
    np.testing.assert_allclose(course(on_sphere, z, v, t), ends, atol=1e-8)


def test_a_smooth_map_is_not_taken_for_one_in_pieces_where_its_second_derivative_vanishes():
    metric = PullbackMetric(
        lambda z: torch.cat([torch.tanh(z), z[:, :1] ** 3 - 3 * z[:, :1] * z[:, 1:] ** 2], 1), dim=2
    )
    assert gk.sectional_curvature(metric, [0.0, 0.0]) == 0
    assert gk.sectional_curvature(metric, [0.2, 0.3]) != 0


def test_speed_and_clairauts_integral_are_kept_on_the_torus():
    metric = PullbackMetric(torus, dim=2)
    z, v = np.array([[0.1, 0.2]]), np.array([[0.5, -0.9]])
    end = shot(metric, z, v)
    np.testing.assert_allclose(metric.speed(end.points, end.velocities), metric.speed(z, v), rtol=1e-8)
    integral = [(2 + np.cos(p[:, 1])) ** 2 * u[:, 0] for p, u in ((z, v), (end.points, end.velocities))]
    np.testing.assert_allclose(*integral, rtol=1e-8)


def test_many_shots_are_as_many_single_ones(on_sphere):
    z, v = np.random.default_rng(1).uniform(-0.5, 0.5, (2, 4, 2))
    np.testing.assert_allclose(
        gk.exp(on_sphere, z, v), [gk.exp(on_sphere, *pair) for pair in zip(z, v, strict=True)], rtol=1e-7
    )


def test_the_projected_shot_nears_the_true_one_with_its_steps():
    metric = PullbackMetric(torus, dim=2)
    z, v = np.array([0.1, 0.2]), np.array([0.5, -0.9])
    errors = [
        np.linalg.norm(shoot(metric, z, v, method="projection", steps=steps) - gk.exp(metric, z, v))
        for steps in (50, 100, 200)
    ]
    np.testing.assert_allclose(np.array(errors[:-1]) / errors[1:], 2, rtol=0.1)


@pytest.mark.parametrize("angle", [0.4, 1.0])
def test_holonomy_is_the_enclosed_area(on_sphere, angle):
    area = 2 * np.pi * (1 - np.cos(angle))
    v = np.array([1.0, 0.0])
    errors = []
    for steps in (80, 160, 320):
        end = parallel_translation(on_sphere, latitude(angle, steps), v)
        turned = np.arctan2(end[1], end[0]) % (2 * np.pi)
        errors.append(min(abs(turned - area), abs(2 * np.pi - turned - area)) / area)
    assert errors[-1] <= 1e-6
    assert errors[0] > errors[1] > errors[2]


@pytest.mark.parametrize(("dim", "steps"), [(2, 64), (10, 64), (32, 64), (2, 7)])
def test_transport_keeps_inner_products(dim, steps):
    metric = PullbackMetric(network(dim=dim), dim=dim)
    t = np.linspace(0, 1, steps + 1)[:, None]
    a, b = np.random.default_rng(0).standard_normal((2, dim))
    curve = (1 - t) * a + t * b + 0.2 * np.sin(np.pi * t)
    v = np.random.default_rng(1).standard_normal((3, dim))
    ends = parallel_translation(metric, curve, v)
    first, last = (x @ metric.jacobian(p)[0].T for x, p in ((v, curve[:1]), (ends, curve[-1:])))
    np.testing.assert_allclose(last @ last.T, first @ first.T, rtol=1e-12 * steps, atol=1e-11)


@pytest.mark.parametrize("dim", [2, 10])
def test_transport_errs_little_in_pictures(dim):
    metric = PullbackMetric(network(dim=dim, scale=1.0), dim=dim)
    a, b = np.random.default_rng(0).standard_normal((2, dim))
    v = np.random.default_rng(1).standard_normal(dim)

    def carried(steps):
        t = np.linspace(0, 1, steps + 1)[:, None]
        return parallel_translation(metric, (1 - t) * a + t * b + 0.2 * np.sin(np.pi * t), v)

    coarse, fine = carried(64), carried(256)
    assert np.linalg.norm(coarse - fine) <= 1e-5 * np.linalg.norm(fine)


def test_projections_lose_norm_and_direction_as_one_over_their_number(on_sphere):
    lost, angles, counts = [], [], (20, 100, 500)
    for steps in counts:
        s = np.linspace(-0.75, 0.75, steps + 1)
        circle = np.stack([np.tan(s / 2), 0 * s], axis=1)
        found = projected(on_sphere, circle, np.array([1.0, 1.0]))
        true = parallel_translation(on_sphere, circle, [1.0, 1.0])
        np.testing.assert_array_equal(
            found.vector, parallel_translation(on_sphere, circle, [1.0, 1.0], method="projection")
        )
        jacobian = on_sphere.jacobian(circle[-1:])[0]
        u, w = jacobian @ found.vector, jacobian @ true
        lost.append(found.lost)
        angles.append(np.arccos(np.clip(u @ w / np.linalg.norm(u) / np.linalg.norm(w), -1, 1)))
    for values in (lost, angles):
        assert abs(np.polyfit(np.log(counts), np.log(values), 1)[0] + 1) <= 0.05


@pytest.mark.parametrize("place", [lambda f: f, in_pictures])
def test_curvature(place):
    z = np.random.default_rng(0).uniform(-0.7, 0.7, (20, 2))
    tube = np.cos(z[:, 1]) / (2 + np.cos(z[:, 1]))
    for surface, wanted in ((sphere, 1.0), (torus, tube)):
        double = gk.sectional_curvature(PullbackMetric(place(surface), dim=2), z)
        np.testing.assert_allclose(double, np.broadcast_to(wanted, 20), atol=1e-10)
        single = gk.sectional_curvature(PullbackMetric(place(in_single(surface)), dim=2), z)
        np.testing.assert_allclose(single, np.broadcast_to(wanted, 20), atol=1e-5)


def test_curvature_of_any_plane_of_a_sphere_of_three_dimensions():
    metric = PullbackMetric(lambda z: 2 * sphere(z), dim=3)
    u, w = np.random.default_rng(0).standard_normal((2, 3))
    np.testing.assert_allclose(gk.sectional_curvature(metric, [0.1, 0.2, 0.3], u, w), 0.25, rtol=1e-12)


def test_a_plane_has_no_curvature_though_its_chart_bends():
    def polar(z):
        return torch.stack([z[:, 0] * torch.cos(z[:, 1]), z[:, 0] * torch.sin(z[:, 1]), 0 * z[:, 0]], 1)

    metric = PullbackMetric(polar, dim=2)
    np.testing.assert_allclose(gk.sectional_curvature(metric, [[1.0, 0.3], [2.0, 1.0]]), 0, atol=1e-14)


def test_the_first_velocity_leads_to_the_end(on_sphere):
    rng = np.random.default_rng(5)
    for a, b in rng.uniform(-0.6, 0.6, (4, 2, 2)):
        path = gk.refine(measured(np.stack([a, b]), on_sphere))
        v = initial_velocity(on_sphere, path)
        np.testing.assert_allclose(gk.exp(on_sphere, a, v), b, atol=1e-8)
        np.testing.assert_allclose(on_sphere.speed(a[None], v[None]), path.length - path.error, rtol=1e-7)


def test_a_larger_rtol_takes_fewer_evaluations_and_is_kept(on_sphere):
    z, v = np.array([[0.1, 0.2]]), np.array([[0.5, -0.4]])
    rough, fine = shot(on_sphere, z, v, 1e-4), shot(on_sphere, z, v)
    assert rough.calls < fine.calls
    np.testing.assert_array_equal(gk.exp(on_sphere, z, v, rtol=1e-4), rough.points)
    places = [0.1, 0.2], [0.5, 0.1], [-0.2, 0.3]
    away = analogy(on_sphere, *places, rtol=1e-4) - analogy(on_sphere, *places)
    assert 0 < np.linalg.norm(away) <= 1e-3
    for call in (gk.exp, shoot):
        with pytest.raises(InvalidParameter, match="rtol=0: give a number above 0"):
            call(on_sphere, z, v, rtol=0)
    with pytest.raises(InvalidParameter, match="rtol=2: give a number above 0"):
        analogy(on_sphere, *places, rtol=2)


def test_an_analogy_in_a_flat_space_is_the_parallelogram():
    metric = PullbackMetric(lambda z: torch.cat([z, z[:, :1] + z[:, 1:]], 1), dim=2)
    np.testing.assert_allclose(analogy(metric, [0, 0], [1, 0.5], [0.2, 2]), [1.2, 2.5], atol=1e-8)


def test_transport_along_a_geodesic_is_by_its_own_metric(on_sphere):
    path = gk.refine(measured(np.array([[0.1, 0.2], [-0.3, 0.4]]), on_sphere), rtol=1e-9)
    v = initial_velocity(on_sphere, path)
    end = gk.transport(path, v)
    reached = shot(on_sphere, path.points[:1], v[None])
    np.testing.assert_allclose(end, reached.velocities[0], atol=1e-6)


def test_refusals(on_sphere):
    mixture = gk.densities["mog"](means=[[0, 0]], covariances=1.0)
    conformal = gk.GenerativeMetric(mixture, 1, 1)
    for wrong, error, says in (
        (lambda: gk.exp(conformal, [0, 0], [1, 1]), InvalidParameter, "immersion"),
        (lambda: gk.sectional_curvature(conformal, [0, 0]), InvalidParameter, "immersion"),
        (lambda: parallel_translation(on_sphere, [[0, 0]], [1, 0]), DataError, "two points"),
        (
            lambda: parallel_translation(on_sphere, [[0, 0], [1, 0]], [1, 0], method="x"),
            InvalidParameter,
            "polar",
        ),
        (lambda: gk.transport([[0, 0], [1, 1]], [1, 0]), InvalidParameter, "Geodesic"),
        (lambda: gk.exp(on_sphere, [0, 0, 0], [1, 0, 0]), DataError, "3 coordinates"),
        (lambda: gk.exp(on_sphere, [0, np.inf], [1, 0]), DataError, "NaN or inf"),
        (lambda: gk.sectional_curvature(on_sphere, [0, 0], [1, 0], [2, 0]), DataError, "no plane"),
        (
            lambda: gk.sectional_curvature(PullbackMetric(sphere, dim=3), [0, 0, 0]),
            InvalidParameter,
            "u= and w=",
        ),
    ):
        with pytest.raises(error, match=says):
            wrong()
