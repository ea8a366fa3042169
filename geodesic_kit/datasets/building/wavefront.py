"""Surfaces in Wavefront's OBJ format: corners and faces, nothing else of it."""

from __future__ import annotations

import numpy as np

from ...errors import TruncatedFileError
from ...types import Ints, Points

__all__ = ["read_obj"]


def read_obj(text: str, name: str) -> tuple[Points, list[Ints]]:
    """Corners (n, 3) and the faces, each the indices of its corners in turn. Raises TruncatedFileError."""
    corners, faces = [], []
    try:
        for line in text.splitlines():
            kind, *rest = line.split() or [""]
            if kind == "v":
                corners.append([float(value) for value in rest[:3]])
            elif kind == "f":
                # corner/texture/normal; counted from 1, or backwards from the last corner so far
                told = np.array([int(one.split("/")[0]) for one in rest])
                faces.append(np.where(told < 0, len(corners) + told, told - 1))
        points = np.array(corners, dtype=np.float64).reshape(len(corners), 3)
    except ValueError as err:
        raise TruncatedFileError(f"{name} is no complete OBJ file ({err}); fetch it again") from err
    if not faces or any(len(face) < 3 or face.min() < 0 or face.max() >= len(points) for face in faces):
        raise TruncatedFileError(f"{name} has no faces, or one without its corners; fetch it again")
    return points, faces
