"""Data sets that are committed: chairs at every angle, and people in motion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base import pretrained
from ..base.cards import load_arrays
from ..checks import chosen
from .dataset import Dataset
from .skeleton import Skeleton
from .subsets import subset

__all__ = ["SHIPPED"]

_EVERY = 6  # of a chair's angles one in so many belongs to the test split
_SPLITS = "all", "train", "test"


def _chairs(n: int | None, seed: int, split: str = "all") -> Dataset:
    """Ten chairs, each turned by 5 degrees 72 times, 32 x 32 pixels in [0, 1], rendered from models in the
    public domain.

    y says which chair. `.factors` are {"chair": (n,), "angle": (n,), in degrees from facing the viewer, from
    0 to 355}. split "test" is every sixth angle, from 0 on, "train" the others.
    """
    held, source = _shipped("chairs")
    chair, angle = held["chair"].astype(np.int64), held["angle"].astype(np.float64)
    tested = angle % (_EVERY * 5) == 0
    parts = {"all": np.full(len(chair), True), "train": ~tested, "test": tested}
    rows = np.flatnonzero(parts[chosen(split, "split", _SPLITS)])
    rows = rows[subset(chair[rows], n, seed, f"the {split} split of chairs" if split != "all" else "chairs")]
    x = held["pictures"][rows]
    return Dataset(
        "chairs",
        x.reshape(len(x), -1) / 255.0,
        chair[rows],
        source,
        (int(x.shape[1]), int(x.shape[2])),
        factors={"chair": chair[rows].copy(), "angle": angle[rows]},
    )


def _motion(n: int | None, seed: int) -> Dataset:
    """Poses of a person who climbs, swings and jumps, 30 a second of two clips of CMU's motion capture
    database: rotation vectors of the joints, in radians.

    Columns are the coordinates that vary; y says which clip. `.factors` are {"clip": (n,), "time": (n,), in
    seconds from the clip's begin}; `.skeleton` has the joints and `positions(x)`. The root's place is left
    out.
    """
    held, source = _shipped("motion")
    clip = held["clip"].astype(np.int64)
    rows = subset(clip, n, seed, "motion")
    skeleton = Skeleton(
        tuple(str(name) for name in held["names"]),
        held["parents"].astype(np.int64),
        held["offsets"].astype(np.float64),
        held["rest"].astype(np.float64),
        held["moving"].astype(np.int64),
    )
    return Dataset(
        "motion",
        held["poses"][rows].astype(np.float64),
        clip[rows],
        source,
        factors={"clip": clip[rows].copy(), "time": held["time"][rows].astype(np.float64)},
        skeleton=skeleton,
    )


def _shipped(name: str) -> tuple[Mapping[str, NDArray[Any]], str]:
    """The committed arrays of that data set, and where they come from. Raises HashMismatch and
    TruncatedFileError.
    """
    arrays, card = load_arrays(pretrained.path("dataset", name, ".npz"), "dataset")
    return arrays, str(card["source"])


SHIPPED: dict[str, Callable[..., Dataset]] = {"chairs": _chairs, "motion": _motion}
