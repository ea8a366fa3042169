"""A planar arm of three links whose hand follows circles: the joints that bring it there."""

from __future__ import annotations

import numpy as np

from ..types import Points, Values

__all__ = ["RADII", "hand", "joints", "poses"]

_LINKS = np.array([1.0, 0.8, 0.6])
RADII = (0.2, 0.4, 0.6)  # of the hand's circles, all around one centre
_CENTRE = np.array([1.6, 0.0])


def joints(radius: float | Values, turn: Values) -> Points:
    """Angles (n, 3) of the joints, each from the link before it, with the hand on the circle of that radius,
    or of those (n,), at the angles `turn` (n,), in radians.

    The last link stays level, so that the pose is one: the elbow is bent to the left.
    """
    circle = np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1)
    wrist = _CENTRE + circle - [_LINKS[2], 0.0]
    first, second = _LINKS[:2]
    bend = np.arccos((np.square(wrist).sum(axis=1) - first**2 - second**2) / (2 * first * second))
    lift = np.arctan2(second * np.sin(bend), first + second * np.cos(bend))
    shoulder = np.arctan2(wrist[:, 1], wrist[:, 0]) + lift
    return np.stack([shoulder, -bend, bend - shoulder], axis=1)


def hand(angles: Points) -> Points:
    """Where the hand is for joint angles (n, 3): (n, 2)."""
    heading = np.cumsum(angles, axis=1)
    return np.stack([np.cos(heading) @ _LINKS, np.sin(heading) @ _LINKS], axis=1)


def poses(angles: Points) -> Points:
    """Sines, then cosines of the joints, (n, 3) -> (n, 6)."""
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
