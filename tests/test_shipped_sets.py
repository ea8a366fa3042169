"""The committed sets: chairs at every angle, poses and their skeleton, and how each is made again."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import cdist

import geodesic_kit as gk
from geodesic_kit.base import pretrained
from geodesic_kit.base.cards import card_path
from geodesic_kit.datasets import shipped
from geodesic_kit.errors import DataError, HashMismatch, InvalidParameter, NoSuchFile, TruncatedFileError


def of(name: str, **options: Any) -> Any:
    return gk.datasets.load(name, **options)


def test_chairs_are_ten_at_seventy_two_angles() -> None:
    data = of("chairs")
    assert data.x.shape == (720, 1024)
    assert data.image_shape == (32, 32)
    assert data.density is None
    assert data.skeleton is None
    assert (data.x.min(), data.x.max()) == (0.0, pytest.approx(1.0, abs=0.02))
    assert np.array_equal(data.y, data.factors["chair"])
    pairs = set(zip(data.factors["chair"].tolist(), data.factors["angle"].tolist(), strict=True))
    assert pairs == {(chair, 5 * k) for chair in range(10) for k in range(72)}
    # every chair fills its pictures but for a rim of half a pixel
    turns = data.x.reshape(10, 72, 32, 32).max(axis=1)
    assert turns[:, [0, -1]].max() <= 0.5
    assert turns[:, :, [0, -1]].max() <= 0.5
    frames = turns > 0.05
    wide, high = (frames.any(axis=axis).sum(axis=1) for axis in (1, 2))
    assert (np.maximum(wide, high) >= 28).all()


def test_a_turn_ends_where_it_began_and_no_two_angles_look_alike() -> None:
    turns = of("chairs").x.reshape(10, 72, 1024)
    apart = np.stack([cdist(turn, turn) for turn in turns])
    away = np.abs(np.arange(72)[:, None] - np.arange(72))
    away = np.minimum(away, 72 - away)
    steps = np.stack([apart[:, k, (k + 1) % 72] for k in range(72)], axis=1)
    # the step from 355 degrees to 0 is one like the others
    assert (steps[:, -1] < 1.5 * np.median(steps, axis=1)).all()
    # and of the pictures at other angles the nearest are the neighbours
    apart[:, away == 0] = np.inf
    assert (away[np.arange(72), apart.argmin(axis=2)] == 1).mean() > 0.97
    assert apart[:, away > 1].min() > 0.2


def test_every_sixth_angle_is_held_out() -> None:
    whole, taught, tested = (of("chairs", split=split) for split in ("all", "train", "test"))
    assert (len(taught.x), len(tested.x)) == (600, 120)
    assert set(tested.factors["angle"]) == set(range(0, 360, 30))
    assert not set(taught.factors["angle"]) & set(tested.factors["angle"])
    assert {row.tobytes() for row in whole.x} == {row.tobytes() for row in [*taught.x, *tested.x]}
    some = of("chairs", n=30, seed=3)
    assert np.array_equal(np.bincount(some.y), np.full(10, 3))
    assert np.array_equal(some.x, of("chairs", n=30, seed=3).x)
    for row, chair, angle in zip(some.x, some.y, some.factors["angle"], strict=True):
        assert np.array_equal(row, whole.x[72 * chair + int(angle) // 5])
    with pytest.raises(InvalidParameter, match="split='half'; there are all, train, test"):
        of("chairs", split="half")
    with pytest.raises(InvalidParameter, match="n=121: the test split of chairs holds 120 points"):
        of("chairs", n=121, split="test")


def test_motion_is_two_clips_of_smooth_poses() -> None:
    data = of("motion")
    assert data.x.shape == (1816, 52)
    assert data.image_shape is None
    assert np.array_equal(data.y, data.factors["clip"])
    assert np.bincount(data.y).tolist() == [688, 1128]
    assert (data.x.std(axis=0) > 0.01).all()
    size = np.linalg.norm(data.skeleton.rotations(data.x), axis=2)
    assert size.max() < 2.5  # radians: far from pi, where rotation vectors leap
    within = np.diff(data.y) == 0
    assert np.diff(data.factors["time"])[within] == pytest.approx(1 / 30, abs=1e-4)
    steps = np.linalg.norm(np.diff(data.skeleton.rotations(data.x), axis=0), axis=2)[within]
    assert steps.max() < 1.5  # a toe's; an Euler flip is pi
    assert np.quantile(steps, 0.999) < 0.5
    assert "NSF EIA-0196217" in pretrained.path("dataset", "motion", ".npz").with_suffix(".txt").read_text()


def test_bones_keep_their_lengths() -> None:
    data = of("motion", n=200, seed=2)
    skeleton = data.skeleton
    places = skeleton.positions(data.x)
    assert places.shape == (200, 30, 3)
    parent, joint = skeleton.bones.T
    lengths = np.linalg.norm(places[:, joint] - places[:, parent], axis=2)
    wanted = np.linalg.norm(skeleton.offsets[joint], axis=1)
    assert wanted.min() > 0
    np.testing.assert_allclose(lengths, np.broadcast_to(wanted, lengths.shape), rtol=1e-12)
    assert (places[:, 0] == 0).all()
    # what does not lie on a bone lies on its parent: hips and shoulders
    rest = np.setdiff1d(np.arange(1, 30), joint)
    np.testing.assert_allclose(places[:, rest], places[:, skeleton.parents[rest]], atol=1e-12)
    assert (skeleton.parents[1:] < np.arange(1, 30)).all()
    # the person stands on the feet: on the mean the head is up, the toes are down
    head, toes = (skeleton.names.index(name) for name in ("Head", "LeftToeBase"))
    assert places[:, head, 1].mean() > 5 > -10 > places[:, toes, 1].mean()
    assert skeleton.positions(np.empty((0, 52))).shape == (0, 30, 3)
    with pytest.raises(DataError, match="x have 51 coordinates, 52 are needed"):
        skeleton.positions(data.x[:, 1:])
    assert repr(skeleton) == "Skeleton(30 joints, 52 coordinates)"


def test_turning_one_joint_turns_what_hangs_on_it() -> None:
    from geodesic_kit.datasets.skeleton import Skeleton

    arm = Skeleton(
        ("root", "elbow", "hand"),
        np.array([-1, 0, 1]),
        np.array([[0.0, 0, 0], [2, 0, 0], [1, 0, 0]]),
        np.array([[0.0, 0, 0], [0, 0, np.pi / 2], [0, 0, 0]]),
        np.array([2, 4]),
    )
    straight, up, twisted = arm.positions(np.array([[0.0, 0], [np.pi / 2, 0], [np.pi, 0]]))
    np.testing.assert_allclose(straight, [[0, 0, 0], [2, 0, 0], [2, 1, 0]], atol=1e-12)
    np.testing.assert_allclose(up, [[0, 0, 0], [0, 2, 0], [-1, 2, 0]], atol=1e-12)
    np.testing.assert_allclose(twisted, [[0, 0, 0], [-2, 0, 0], [-2, -1, 0]], atol=1e-12)
    assert arm.bones.tolist() == [[0, 1], [1, 2]]


@pytest.mark.parametrize("name", ["chairs", "motion"])
def test_loaded_sets_are_values(name: str) -> None:
    data, again = of(name, n=40, seed=1), of(name, n=40, seed=1)
    assert np.array_equal(data.x, again.x)
    assert not np.array_equal(data.x, of(name, n=40, seed=2).x)
    for array in (data.x, data.y, *data.factors.values()):
        assert len(array) == 40
        assert not array.flags.writeable
    assert np.array_equal(pickle.loads(pickle.dumps(data)).x, data.x)  # noqa: S301  # our own bytes
    assert gk.datasets.fetch(name) is None
    assert np.array_equal(np.sort(of(name).x, axis=None), np.sort(of(name, n=len(of(name).x)).x, axis=None))


@pytest.mark.parametrize("name", ["chairs", "motion"])
def test_a_cut_or_absent_file_is_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped_at = pretrained.path("dataset", name, ".npz")
    path = tmp_path / shipped_at.name
    for file in (shipped_at, card_path(shipped_at)):
        shutil.copy(file, tmp_path / file.name)
    monkeypatch.setattr(shipped.pretrained, "path", lambda *_: path)
    assert len(of(name).x) > 700
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises((HashMismatch, TruncatedFileError), match=rf"dataset-{name}\.npz is truncated"):
        of(name)
    path.unlink()
    with pytest.raises(NoSuchFile, match=rf"no file .*dataset-{name}\.npz"):
        of(name)
