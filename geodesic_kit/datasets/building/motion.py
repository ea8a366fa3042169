"""The motion, made again: `python -m geodesic_kit.datasets.building.motion [FOLDER [PACKAGE]]` writes
dataset-motion.npz, by default into data/, from the package, which is downloaded where it is not given.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...base import pretrained
from ...base.cards import save_arrays
from ...errors import TruncatedFileError
from .bvh import Clip, read_bvh
from .debian import Package

__all__ = ["PACKAGE", "make_motion", "rotation_vectors"]

PACKAGE = Package(
    "assimp-testmodels", "5.2.5~ds0-1", "526f326186000cd6f631ea806128548a7d3d391abd8149fddc5c4c8513e80b8a"
)
_FILES = tuple(f"usr/share/assimp/models/BVH/{name}.bvh" for name in ("01_01", "01_03"))
_FIRST = 1  # frame 0 is a pose of the converter's, arms spread, not the person's
_EVERY = 4  # of 120 frames a second
# Hands have too few markers: fingers and thumbs leap by half a turn between frames.
_LEFT_OUT = "Fingers", "Thumb"
_STILL = 1e-4  # radians: what varies by less is constant, and was rounded


def make_motion(folder: str | Path = "data", package: str | Path | None = None) -> Path:
    """Write the poses of both clips with their card into the folder; a few seconds.

    Raises FetchError, HashMismatch, TruncatedFileError and InvalidParameter.
    """
    content = PACKAGE.files(_FILES, package)
    clips = [read_bvh(content[name].decode("latin1"), name) for name in _FILES]
    first = clips[0]
    if any(clip.names != first.names or (clip.offsets != first.offsets).any() for clip in clips):
        raise TruncatedFileError("the clips are of different skeletons; fetch them again")
    kept = [j for j, name in enumerate(first.names) if not any(part in name for part in _LEFT_OUT)]
    parts = [rotation_vectors(clip)[::_EVERY, kept] for clip in clips]
    for part in parts:
        # Fingers gone, their base is an end, which does not turn.
        part[:, ~np.isin(kept, first.parents[kept])] = 0.0
    every = np.concatenate(parts).reshape(-1, 3 * len(kept))
    varies = np.ptp(every, axis=0) > _STILL
    arrays: dict[str, NDArray[Any]] = {
        "poses": every[:, varies].astype(np.float32),
        "clip": np.repeat(np.arange(len(clips), dtype=np.uint8), [len(part) for part in parts]),
        "time": np.concatenate(
            [
                (_FIRST + _EVERY * np.arange(len(part))) * clip.step
                for clip, part in zip(clips, parts, strict=True)
            ]
        ),
        "names": np.array(first.names)[kept],
        "parents": np.array([kept.index(p) if p >= 0 else -1 for p in first.parents[kept]], dtype=np.int8),
        "offsets": first.offsets[kept],
        "rest": np.where(varies, 0.0, every[0]).reshape(-1, 3),
        "moving": np.flatnonzero(varies).astype(np.uint8),
    }
    card: dict[str, Any] = {
        "plugin": "dataset",
        "source": "CMU's motion capture database, clips 01_01 and 01_03, 30 frames a second",
        "licence": "free for research and commercial projects; terms in dataset-motion.txt",
        "files": [name.rpartition("/")[2] for name in _FILES],
        "package": PACKAGE.told(),
        "made_by": "python -m geodesic_kit.datasets.building.motion",
    }
    return save_arrays(Path(folder) / pretrained.filename("dataset", "motion", ".npz"), arrays, card)


def rotation_vectors(clip: Clip) -> NDArray[np.float64]:
    """Rotation vectors (frames, J, 3) of the clip's joints, in radians, without its first frame; the root's
    without its heading, the turn about the upright axis that comes before a tilt about a level one.

    Euler angles leap where two of their axes meet; these do not, as long as no joint turns by pi. A heading
    goes round and round, for which there is no chart.
    """
    from scipy.spatial.transform import Rotation

    angles = clip.angles[_FIRST:]
    turns = Rotation.from_euler("ZYX", angles.reshape(-1, 3), degrees=True)
    vectors = turns.as_rotvec().reshape(angles.shape)
    root = Rotation.from_euler("ZYX", angles[:, 0], degrees=True)
    upright = root.as_quat() * [0.0, 1.0, 0.0, 1.0]  # x, y, z, w
    vectors[:, 0] = (Rotation.from_quat(upright).inv() * root).as_rotvec()
    vectors[:, 0, 1] = 0.0  # but for rounding it is
    return vectors


if __name__ == "__main__":
    print(make_motion(*sys.argv[1:3]))
