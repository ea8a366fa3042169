"""Motion in the BVH format: a tree of joints, and a row of channels a frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import TruncatedFileError
from ...types import Ints, Points

__all__ = ["Clip", "read_bvh"]

_PLACE, _TURN = ("Xposition", "Yposition", "Zposition"), ("Zrotation", "Yrotation", "Xrotation")


@dataclass(frozen=True, eq=False)
class Clip:
    """Joints in the file's order, the ends of limbs too; `angles` (frames, J, 3) are degrees about z, y and
    x, 0 at the ends; `step` is in seconds.
    """

    names: tuple[str, ...]
    parents: Ints
    offsets: Points
    angles: NDArray[np.float64]
    step: float


def read_bvh(text: str, name: str) -> Clip:
    """The clip in a BVH file whose joints turn about z, then y, then x. Raises TruncatedFileError."""
    tree, _, table = text.partition("MOTION")
    try:
        names, parents, offsets, turning = _tree(tree.split())
        lines = table.split("\n")
        head = {
            key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines) if value
        }
        rows = np.array([line.split() for line in lines if line.strip() and ":" not in line], dtype=float)
        if rows.shape != (int(head["Frames"]), 3 + 3 * turning.sum()):
            raise ValueError(f"{rows.shape[0]} rows for {head['Frames']} frames")
        angles = np.zeros((len(rows), len(names), 3))
        angles[:, turning] = rows[:, 3:].reshape(len(rows), -1, 3)  # the root's place comes first
        return Clip(names, parents, offsets, angles, float(head["Frame Time"]))
    except (ValueError, KeyError, IndexError) as err:
        raise TruncatedFileError(f"{name} is no complete BVH file ({err}); fetch it again") from err


def _tree(words: list[str]) -> tuple[tuple[str, ...], Ints, Points, NDArray[np.bool_]]:
    """Names, parents, offsets, and which joints turn."""
    names: list[str] = []
    parents: list[int] = []
    offsets: list[list[float]] = []
    turning: list[bool] = []
    open_joints: list[int] = []
    for at, word in enumerate(words):
        if word in ("ROOT", "JOINT", "End"):
            parents.append(open_joints[-1] if open_joints else -1)
            names.append(f"{names[parents[-1]]}End" if word == "End" else words[at + 1])
            turning.append(word != "End")
        elif word == "{":
            open_joints.append(len(names) - 1)
        elif word == "}":
            open_joints.pop()
        elif word == "OFFSET":
            offsets.append([float(value) for value in words[at + 1 : at + 4]])
        elif word == "CHANNELS":
            told = words[at + 2 : at + 2 + int(words[at + 1])]
            if told != [*(() if open_joints[1:] else _PLACE), *_TURN]:
                raise ValueError(f"channels {' '.join(told)}")
    return tuple(names), np.array(parents), np.array(offsets).reshape(len(names), 3), np.array(turning)
