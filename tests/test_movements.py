"""The pendulum's pictures and the arm's poses: what they were made from, their geometry and their density."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.datasets import arm, movements, pendulum


def of(name: str, **options: Any) -> Any:
    return gk.datasets.load(name, **options)


@pytest.mark.parametrize(("name", "columns", "noise"), [("pendulum", 256, 0.05), ("arm", 6, 0.03)])
def test_a_draw_depends_on_its_arguments_only(name: str, columns: int, noise: float) -> None:
    data, again, other = of(name, n=300, seed=5), of(name, n=300, seed=5), of(name, n=300, seed=6)
    assert data.x.shape == (300, columns)
    assert np.array_equal(data.x, again.x)
    assert not np.array_equal(data.x, other.x)
    clean = of(name, n=300, seed=5, noise=0)
    assert clean.density is None
    assert (data.x - clean.x).std() == pytest.approx(noise, rel=0.05)
    for factor, values in data.factors.items():
        assert np.array_equal(values, clean.factors[factor])
        assert len(values) == 300
        assert not values.flags.writeable
    assert np.array_equal(pickle.loads(pickle.dumps(data)).x, data.x)  # noqa: S301  # our own bytes


def test_a_picture_is_that_of_its_angle() -> None:
    data = of("pendulum", n=2000, noise=0)
    angle = data.factors["angle"]
    assert data.image_shape == (16, 16)
    assert data.y is None
    assert (data.x.min(), data.x.max()) == (0.0, 1.0)
    assert angle.min() >= 0
    assert angle.max() < 2 * np.pi
    assert np.abs(np.bincount((angle / (np.pi / 4)).astype(int), minlength=8) - 250).max() < 70
    # the centre of mass lies in the direction of the rod: hanging at 0, to the right at a quarter turn
    place = np.arange(16) - 7.5
    mass = data.x.reshape(-1, 16, 16) / data.x.sum(axis=1)[:, None, None]
    right, down = mass.sum(axis=1) @ place, mass.sum(axis=2) @ place
    away = np.arctan2(right, down) - angle
    assert np.abs((away + np.pi) % (2 * np.pi) - np.pi).max() < 0.05
    assert np.hypot(right, down).min() > 3


def test_a_turned_pendulum_is_the_turned_picture() -> None:
    angles = np.linspace(0, 2 * np.pi, 12)
    quarter = pendulum.pictures(angles + np.pi / 2).reshape(-1, 16, 16)
    turned = np.rot90(pendulum.pictures(angles).reshape(-1, 16, 16), axes=(1, 2))
    np.testing.assert_allclose(quarter, turned, atol=1e-12)
    assert pendulum.pictures(np.empty(0)).shape == (0, 256)


def test_the_hand_follows_its_circle_and_the_last_link_stays_level() -> None:
    data = of("arm", n=500, noise=0)
    joints, hand = data.factors["joints"], data.factors["hand"]
    np.testing.assert_allclose(np.hypot(*(hand - [1.6, 0.0]).T), np.array(arm.RADII)[data.y], atol=1e-12)
    np.testing.assert_allclose(joints.sum(axis=1), 0.0, atol=1e-12)
    np.testing.assert_allclose(data.x, np.concatenate([np.sin(joints), np.cos(joints)], axis=1), atol=1e-12)
    first = np.stack([np.cos(joints[:, 0]), np.sin(joints[:, 0])], axis=1)
    second = 0.8 * np.stack([np.cos(joints[:, :2].sum(axis=1)), np.sin(joints[:, :2].sum(axis=1))], axis=1)
    np.testing.assert_allclose(first + second + [0.6, 0.0], hand, atol=1e-12)
    assert np.bincount(data.y).min() > 120


@pytest.mark.parametrize("name", ["pendulum", "arm"])
def test_draws_follow_the_true_density(name: str) -> None:
    data = of(name, n=400, seed=1)
    own = data.density.log_prob(data.x)
    other = data.density.log_prob(data.density.sample(400, seed=2))
    error = np.hypot(own.std(), other.std()) / 20
    assert abs(own.mean() - other.mean()) < 4 * error
    assert data.density.log_prob(data.x + 0.1).mean() < own.mean() - 4 * error


def test_the_density_is_the_integral_over_the_angle() -> None:
    x = of("pendulum", n=3, seed=2).x
    fine = pendulum.pictures(2 * np.pi * np.arange(20_000) / 20_000)
    squares = np.stack([np.square(row - fine).sum(axis=1) for row in x]) / (2 * 0.05**2)
    wanted = np.log(np.exp(squares.min(axis=1)[:, None] - squares).mean(axis=1)) - squares.min(axis=1)
    wanted -= 128 * np.log(2 * np.pi * 0.05**2)
    np.testing.assert_allclose(of("pendulum", n=1).density.log_prob(x), wanted, atol=3e-5, rtol=0)


def test_the_speeds_that_the_densities_rest_on_are_bounds() -> None:
    u = np.arange(20_001) / 20_000
    found = [pendulum.pictures(2 * np.pi * u)]
    found += [arm.poses(arm.joints(radius, 2 * np.pi * u)) for radius in arm.RADII]
    bounds = [movements._PENDULUM_SPEED, *movements._ARM_SPEEDS]
    for curve, bound in zip(found, bounds, strict=True):
        fastest = np.linalg.norm(np.diff(curve, axis=0), axis=1).max() * 20_000
        assert 0.8 * bound < fastest < bound
