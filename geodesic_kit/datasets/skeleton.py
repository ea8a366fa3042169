"""A skeleton: joints that turn, the bones between them, and where they are in a pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..checks import as_points
from ..types import Ints, Points

__all__ = ["Skeleton"]


@dataclass(frozen=True, eq=False)
class Skeleton:
    """Joints by name, each after its parent; parents (J,) hold -1 at the root, offsets (J, 3) lead from the
    parent to the joint where nothing is turned.

    A pose is a row of d numbers: those coordinates of the joints' rotation vectors, in radians, that
    `moving` (d,) points out among the 3 J of `rest` (J, 3); the others are as there. The root stays where it
    is.
    """

    names: tuple[str, ...]
    parents: Ints
    offsets: Points
    rest: Points
    moving: Ints

    def __post_init__(self) -> None:
        for array in (self.parents, self.offsets, self.rest, self.moving):
            array.setflags(write=False)

    def __repr__(self) -> str:
        return f"Skeleton({len(self.names)} joints, {len(self.moving)} coordinates)"

    @property
    def bones(self) -> Ints:
        """Pairs (B, 2) of a joint's parent and the joint, those apart: the strokes of a stick figure."""
        joints = np.flatnonzero((self.parents >= 0) & self.offsets.any(axis=1))
        return np.stack([self.parents[joints], joints], axis=1)

    def rotations(self, x: Points) -> NDArray[np.float64]:
        """Rotation vectors (n, J, 3) of the joints, each in its parent's frame, of poses x (n, d), in
        radians. Raises DataError.
        """
        x = as_points(x, name="x", dim=len(self.moving), empty=True)
        vectors = np.tile(self.rest.reshape(-1), (len(x), 1))
        vectors[:, self.moving] = x
        return vectors.reshape(len(x), *self.rest.shape)

    def positions(self, x: Points) -> NDArray[np.float64]:
        """Where the joints are in poses x (n, d), (n, J, 3), in the unit of the offsets, the root at 0.

        Raises DataError.
        """
        from scipy.spatial.transform import Rotation

        vectors = self.rotations(x)
        turns = np.empty((*vectors.shape, 3))  # of each joint in its parent's frame, then in space
        if len(vectors):
            turns[:] = Rotation.from_rotvec(vectors.reshape(-1, 3)).as_matrix().reshape(turns.shape)
        places = np.zeros(vectors.shape)
        for joint, parent in enumerate(self.parents):
            if parent >= 0:
                places[:, joint] = places[:, parent] + turns[:, parent] @ self.offsets[joint]
                turns[:, joint] = turns[:, parent] @ turns[:, joint]
        return places
