"""How the committed sets are made: packages, the formats in them, the rasteriser, the same bytes twice."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from packages import ar, tar_of
from scipy.spatial.transform import Rotation

import geodesic_kit as gk
from geodesic_kit.base import pretrained
from geodesic_kit.base.cards import load_arrays, read_card
from geodesic_kit.datasets.building import chairs, motion
from geodesic_kit.datasets.building.bvh import read_bvh
from geodesic_kit.datasets.building.debian import Package
from geodesic_kit.datasets.building.rasteriser import drawn
from geodesic_kit.datasets.building.wavefront import read_obj
from geodesic_kit.errors import HashMismatch, TruncatedFileError

# A seat with a back along its rear edge: four corners each, x to the right, y up, z to the front.
CHAIR = """# a comment
v -1 0 1
v 1 0 1
v 1 0 -1
v -1 0 -1
v -1 2 -1
v 1 2 -1
f 1/1/1 2/2/1 3/3/1 4/4/1
f -4 -3 -2 -1
"""

WALK = """HIERARCHY
ROOT Hips
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Yrotation Xrotation
  JOINT LeftArm
  {
    OFFSET 1 2 3
    CHANNELS 3 Zrotation Yrotation Xrotation
    JOINT LeftFingers
    {
      OFFSET 0 1 0
      CHANNELS 3 Zrotation Yrotation Xrotation
      End Site
      {
        OFFSET 0 0 1
      }
    }
    JOINT LeftHand
    {
      OFFSET 0 4 0
      CHANNELS 3 Zrotation Yrotation Xrotation
      End Site
      {
        OFFSET 0 0 1
      }
    }
  }
}
MOTION
Frames: 10
Frame Time: .0083333
"""
ROWS = [
    [0, 0, 0, *(5, 30 * k, 7 * k), *(0, 170, 10 * k), *(90 * k, 0, 0), *(-17, 2 * k, 0)] for k in range(10)
]


def package(path: Path, files: dict[str, bytes]) -> Package:
    """A Debian package of those files at that path."""
    data = tar_of({f"./{name}": content for name, content in files.items()}, "xz")
    ar(path, {"debian-binary": b"2.0\n", "data.tar.xz": data})
    return Package("toys", "1.0-1", hashlib.sha256(path.read_bytes()).hexdigest())


def walk(rows: list[list[float]] = ROWS) -> str:
    return WALK + "".join(" ".join(map(str, row)) + " \n" for row in rows)


def test_a_square_covers_its_share_of_each_pixel() -> None:
    corners = np.array([[1.0, 1, 0], [2.5, 1, 0], [2.5, 3, 0], [1, 3, 0]])
    picture = drawn(corners, np.array([[0, 1, 2], [0, 2, 3]]), np.array([0.8, 0.8]), 4, finer=4)
    wanted = np.zeros((4, 4))
    wanted[1:3, 1], wanted[1:3, 2] = 0.8, 0.4
    np.testing.assert_allclose(picture, wanted, atol=1e-12)


def test_the_nearest_triangle_is_seen_whatever_the_order() -> None:
    rng = np.random.default_rng(0)
    corners = np.concatenate([rng.uniform(-3, 9, (20, 3, 2)), rng.uniform(0, 5, (20, 3, 1))], axis=2)
    shade, order = rng.uniform(0.1, 1, 20), rng.permutation(20)
    triangles = np.arange(60).reshape(20, 3)
    points = corners.reshape(-1, 3)
    picture = drawn(points, triangles, shade, 6, finer=2)
    assert np.array_equal(picture, drawn(points, triangles[order], shade[order], 6, finer=2))
    # a sample at a time, by hand
    wanted = np.zeros((12, 12))
    for row, column in np.ndindex(12, 12):
        at = np.array([column + 0.5, row + 0.5]) / 2
        best = np.inf
        for corner, grey in zip(corners, shade, strict=True):
            edges = np.stack([corner[1, :2] - corner[0, :2], corner[2, :2] - corner[0, :2]], axis=1)
            u, v = np.linalg.solve(edges, at - corner[0, :2])
            depth = corner[0, 2] + u * (corner[1, 2] - corner[0, 2]) + v * (corner[2, 2] - corner[0, 2])
            if min(u, v, 1 - u - v) >= 0 and depth < best:
                best, wanted[row, column] = depth, grey
    np.testing.assert_allclose(picture, wanted.reshape(6, 2, 6, 2).mean(axis=(1, 3)), atol=1e-12)


def test_a_chair_turns_to_the_viewers_right() -> None:
    views = chairs.views(*read_obj(CHAIR, "toy.obj"), np.radians([0.0, 90, 180, 270]))
    assert views.shape == (4, 32, 32)
    front, right, rear, left = views
    np.testing.assert_allclose(front, front[:, ::-1], atol=0.05)
    # from the side the seat points to its front, and the back's edge is but a line
    low = slice(20, 30)
    assert np.average(np.arange(32), weights=right[low].sum(axis=0) + 1e-9) > 15
    assert np.flatnonzero(right.any(axis=0)).mean() == pytest.approx(15.5, abs=1)
    assert (right[4:12, :16] > 0).sum() <= (front[4:12] > 0).sum() / 3
    np.testing.assert_array_equal(left > 0, (right > 0)[:, ::-1])
    # behind, the back hides the seat
    assert (rear > 0).sum() < (front > 0).sum()


def test_faces_are_read_by_their_corners() -> None:
    corners, faces = read_obj(CHAIR, "toy.obj")
    assert corners.shape == (6, 3)
    assert [face.tolist() for face in faces] == [[0, 1, 2, 3], [2, 3, 4, 5]]
    for text, said in (
        (CHAIR + "f 1 2 9\n", "one without its corners"),
        (CHAIR + "f 1 2\n", "one without its corners"),
        ("v 0 0 0\n", "has no faces"),
        (CHAIR + "v 1 x 3\n", "is no complete OBJ file"),
    ):
        with pytest.raises(TruncatedFileError, match=rf"toy\.obj .*{said}"):
            read_obj(text, "toy.obj")


def test_a_clip_is_read_joint_by_joint() -> None:
    clip = read_bvh(walk(), "toy.bvh")
    assert clip.names == ("Hips", "LeftArm", "LeftFingers", "LeftFingersEnd", "LeftHand", "LeftHandEnd")
    assert clip.parents.tolist() == [-1, 0, 1, 2, 1, 4]
    assert clip.offsets[1].tolist() == [1, 2, 3]
    assert clip.angles.shape == (10, 6, 3)
    assert clip.angles[2, [0, 1, 4]].tolist() == [[5, 60, 14], [0, 170, 20], [-17, 4, 0]]
    assert clip.step == 0.0083333
    for text, said in (
        (walk(ROWS[:4]), "4 rows for 10 frames"),
        (walk([row[:5] for row in ROWS]), "rows for 10 frames"),
        (walk()[:-20], "is no complete BVH file"),
        (walk().replace("Zrotation Yrotation Xrotation", "Xrotation Yrotation Zrotation", 1), "channels"),
        (walk().replace("Frame Time", "Time"), "Frame Time"),
    ):
        with pytest.raises(TruncatedFileError, match=rf"toy\.bvh .*{said}"):
            read_bvh(text, "toy.bvh")


def test_rotation_vectors_are_the_clips_rotations_but_for_the_heading() -> None:
    clip = read_bvh(walk(), "toy.bvh")
    vectors = motion.rotation_vectors(clip)
    assert vectors.shape == (9, 6, 3)
    for joint in (1, 2, 4):
        wanted = Rotation.from_euler("ZYX", clip.angles[1:, joint], degrees=True)
        assert (Rotation.from_rotvec(vectors[:, joint]) * wanted.inv()).magnitude().max() < 1e-12
    # the root: some turn about the upright axis, then this one about a level axis
    root = Rotation.from_euler("ZYX", clip.angles[1:, 0], degrees=True)
    heading = root * Rotation.from_rotvec(vectors[:, 0]).inv()
    np.testing.assert_allclose(heading.as_rotvec()[:, [0, 2]], 0, atol=1e-12)
    assert (vectors[:, 0, 1] == 0).all()


def made(kind: Any, folder: Path, own: Path) -> Path:
    folder.mkdir()
    return kind.make_chairs(folder, own) if kind is chairs else kind.make_motion(folder, own)


def test_motion_is_made_to_the_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "toys.deb"
    texts = walk(), walk([[*row[:-3], -17, 5, 3 * k] for k, row in enumerate(ROWS)])
    files = {name: text.encode() for name, text in zip(motion._FILES, texts, strict=True)}
    monkeypatch.setattr(motion, "PACKAGE", package(own, files))
    path, again = (made(motion, tmp_path / name, own) for name in "ab")
    assert path.read_bytes() == again.read_bytes()
    arrays, card = load_arrays(path, "dataset")
    assert arrays["names"].tolist() == ["Hips", "LeftArm", "LeftHand", "LeftHandEnd"]
    assert arrays["parents"].tolist() == [-1, 0, 1, 2]
    assert arrays["clip"].tolist() == [0, 0, 0, 1, 1, 1]
    np.testing.assert_allclose(arrays["time"][:3], np.array([1, 5, 9]) * 0.0083333)
    assert card["package"] == {"name": "toys", "version": "1.0-1", "sha256": motion.PACKAGE.sha256}
    files[motion._FILES[1]] = texts[1].replace("OFFSET 1 2 3", "OFFSET 1 2 4").encode()
    monkeypatch.setattr(motion, "PACKAGE", package(own, files))
    with pytest.raises(TruncatedFileError, match="are of different skeletons"):
        made(motion, tmp_path / "c", own)


def test_chairs_are_made_to_the_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chairs, "IDS", (7,))
    monkeypatch.setattr(chairs, "STEP", 45)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(chairs._CATALOGUE, "name#7=Stool\ncreator#7=Us\nmodel#7=/a/stool.obj\nname#70=No\n")
        archive.writestr("a/stool.obj", CHAIR)
    own = tmp_path / "toys.deb"
    monkeypatch.setattr(chairs, "PACKAGE", package(own, {chairs._MODELS: packed.getvalue()}))
    path, again = (made(chairs, tmp_path / name, own) for name in "ab")
    assert path.read_bytes() == again.read_bytes()
    arrays, card = load_arrays(path, "dataset")
    assert arrays["pictures"].shape == (8, 32, 32)
    assert arrays["angle"].tolist() == list(range(0, 360, 45))
    assert card["models"] == [{"id": 7, "name": "Stool", "creator": "Us", "model": "a/stool.obj"}]
    monkeypatch.setattr(chairs, "IDS", (8,))
    with pytest.raises(TruncatedFileError, match=r"does not hold what it should .*name#8"):
        made(chairs, tmp_path / "c", own)


def test_another_package_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "toys.deb"
    toys = package(own, {"usr/share/a": b"one"})
    assert toys.files(["usr/share/a"], own) == {"usr/share/a": b"one"}
    with pytest.raises(TruncatedFileError, match=r"toys\.deb: data\.tar\.xz lacks usr/share/b"):
        toys.files(["usr/share/b"], own)
    broken = ar(tmp_path / "broken.deb", {"data.tar.xz": b"not packed"})
    other = Package("toys", "1.0-1", hashlib.sha256(broken.read_bytes()).hexdigest())
    with pytest.raises(TruncatedFileError, match=r"broken\.deb: data\.tar\.xz cannot be unpacked"):
        other.files(["usr/share/a"], broken)
    for make in (chairs.make_chairs, motion.make_motion):
        with pytest.raises(HashMismatch, match=r"toys\.deb: sha256 is .*, recorded is"):
            make(tmp_path, own)


@pytest.mark.parametrize("maker", [chairs, motion])
def test_the_committed_file_names_the_package_and_the_command(maker: Any) -> None:
    name = maker.__name__.rpartition(".")[2]
    path = pretrained.path("dataset", name, ".npz")
    card = read_card(path)
    assert card["package"] == maker.PACKAGE.told()
    assert card["made_by"] == f"python -m {maker.__name__}"
    assert path.stat().st_size < 400_000
    assert path.with_suffix(".txt").is_file()
    assert gk.datasets.load(name).source == card["source"]
