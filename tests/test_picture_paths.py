"""Paths by jumps, skips against skips, and readings, of a model whose every answer is known."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from geodesic_kit.applications.interpolation import straight
from geodesic_kit.errors import DataError, InvalidParameter
from geodesic_kit.paper.experiments.digit_classifier import Reader
from geodesic_kit.paper.experiments.picture_paths import (
    by_jumps,
    by_jumps_at_equal_steps,
    confidence,
    decoding_error,
    largest_steps,
    latent_ways,
    latent_ways_at_equal_steps,
    nearest_distance,
    ratio_of_skips,
    readings,
    skip_ratios,
    skips,
    visited,
)
from geodesic_kit.types import Points


@dataclass
class Halves:
    """z = 2 x, whose decoding is wrong by 1 / jumps in every pixel."""

    encoded: list[int] = field(default_factory=list)

    def encode(self, x: Points) -> Points:
        self.encoded.append(len(x))
        return 2 * x

    def decode(self, z: Points, *, steps: int) -> Points:
        return z / 2 + 1 / steps


def reader() -> Reader:
    """Two pixels in, three classes: the first pixel, the second, neither."""
    matrix = 20 * np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    return Reader((np.eye(2), matrix), (np.zeros(2), np.array([0.0, 0.0, 10.0])), np.array([0, 1, 2]))


def test_a_path_by_jumps_is_decoded_once_and_kept_within_the_pixels() -> None:
    model = Halves()
    a, b = np.array([[0.0, 0.5]]), np.array([[0.5, 1.0]])
    path = by_jumps(model, model.encode(a), model.encode(b), 5, jumps=4)
    np.testing.assert_allclose(path[0], np.minimum(straight(a[0], b[0], 5) + 0.25, 1))
    assert model.encoded == [1, 1]
    with pytest.raises(DataError, match=r"za has shape \(1, 2\), zb \(2, 2\)"):
        by_jumps(model, a, np.ones((2, 2)), 5, jumps=1)
    with pytest.raises(InvalidParameter, match="jumps"):
        by_jumps(model, a, b, 5, jumps=0)
    with pytest.raises(InvalidParameter, match="there are linear, slerp"):
        by_jumps(model, a, b, 5, jumps=1, kind="cubic")


@dataclass
class Bent:
    """The first pixel runs as the square of the latent parameter, and leaps by 0.2 at its middle, where
    `leap`.
    """

    leap: bool = False

    def decode(self, z: Points, *, steps: int) -> Points:
        return np.where(z > 0.5, 0.2 * self.leap, 0) + (1 - 0.2 * self.leap) * z**2


def test_equal_steps_are_decoded_anew_and_leave_a_leap() -> None:
    za, zb = np.array([[0.0], [0.0]]), np.array([[1.0], [0.5]])
    for leap in (False, True):
        path = by_jumps(Bent(leap), za, zb, 101, jumps=1)
        even = by_jumps_at_equal_steps(Bent(leap), za, zb, path, jumps=1, kind="linear")
        np.testing.assert_allclose(even[:, [0, -1]], path[:, [0, -1]])
        assert skips(path)[1] > 1.9
        assert skips(even)[1] == pytest.approx(1, abs=0.05)
        # the leap is 20 even steps of 101, and no parameter gives a picture within it
        assert skips(even)[0] == pytest.approx(20 if leap else 1, rel=0.1)


def test_the_decoding_error_falls_with_the_jumps() -> None:
    x = np.full((3, 2), 0.25)
    assert decoding_error(Halves(), 2 * x, x, (2, 4, 8)) == pytest.approx({2: 0.5, 4: 0.25, 8: 0.125})
    assert decoding_error(Halves(), 6 * x, 3 * x, [2]) == pytest.approx({2: 0.25}), "pixels end at 1"
    with pytest.raises(DataError, match=r"z has shape \(2, 2\), the pictures \(3, 2\)"):
        decoding_error(Halves(), x[:2], x, [1])


def test_skips_in_pixels_and_in_features() -> None:
    t = np.array([0.0, 0.1, 0.2, 0.5])[:, None]
    path = np.hstack([t, -t])  # the second pixel is cut off by the ReLU
    np.testing.assert_allclose(skips([path, 2 * path]), [3, 3])
    np.testing.assert_allclose(skips([path], reader()), [3])


def test_both_latent_ways_are_those_of_their_kinds() -> None:
    za, zb = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    ways = latent_ways(Bent(), za, zb, 9, jumps=1)
    level = latent_ways_at_equal_steps(Bent(), za, zb, ways, jumps=1)
    assert list(ways) == list(level) == ["latent linear", "latent spherical"]
    for way, kind in (("latent linear", "linear"), ("latent spherical", "slerp")):
        np.testing.assert_array_equal(ways[way], by_jumps(Bent(), za, zb, 9, jumps=1, kind=kind))
        again = by_jumps_at_equal_steps(Bent(), za, zb, ways[way], jumps=1, kind=kind)
        np.testing.assert_array_equal(level[way], again)


def test_steps_are_held_against_the_way_to_the_nearest_picture() -> None:
    path = np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 5.0]])
    np.testing.assert_allclose(largest_steps([path, path[1:]]), [5, 1])
    np.testing.assert_allclose(largest_steps([-path], reader()), [0])  # the ReLU cuts both pixels off
    assert nearest_distance(np.array([[0.0], [1.0], [3.0], [10.0]])) == pytest.approx(1.5)
    with pytest.raises(DataError, match="give at least two"):
        nearest_distance(path[:1])


def test_ratios_of_skips_by_form_rival_and_group() -> None:
    forms = {"pixels": {"geodesic": np.array([2.0, 2, 3, 3]), "line": np.array([4.0, 4, 3, 3])}}
    groups = {"all": np.full(4, True), "last": np.array([False, False, True, True])}
    table = skip_ratios(forms, ["line"], groups, seed=0)
    assert table.index.tolist() == [("pixels", "line")]
    assert table.loc[("pixels", "line"), "last"].high == pytest.approx(1)
    assert table.loc[("pixels", "line"), "all"] == ratio_of_skips([2, 2, 3, 3], [4, 4, 3, 3], seed=0)


def test_the_ratio_of_skips_is_a_geometric_mean() -> None:
    same = ratio_of_skips([2.0, 4.0, 8.0], [1.0, 2.0, 4.0], seed=0)
    assert (same.mean, same.low, same.high) == pytest.approx((2, 2, 2))
    assert ratio_of_skips([1.0, 4.0], [2.0, 2.0], seed=0).mean == pytest.approx(1)
    with pytest.raises(DataError, match="give finite ones"):
        ratio_of_skips([1.0, np.inf], [1.0, 1.0], seed=0)


def test_what_is_read_along_a_path_and_in_a_sample() -> None:
    path = np.array([[1.0, 0.0], [0.5, 0.0], [0.0, 0.0], [0.0, 1.0]])  # first, undecided, neither, second
    sure = confidence([path], reader())
    assert sure.shape == (1, 4)
    assert sure[0, 1] == pytest.approx(0.5, abs=1e-3)
    assert (sure[0, [0, 2, 3]] > 0.99).all()
    assert visited([path, path[:2]], reader()).tolist() == [3, 1]
    found = readings(path[[0, 2, 2, 3]], reader())
    assert found.sure == 1
    np.testing.assert_allclose(found.shares, [0.25, 0.25, 0.5])
