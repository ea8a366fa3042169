"""Parts of a data set that has so many rows and no more."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidParameter
from ..types import Ints

__all__ = ["subset"]


def subset(y: NDArray[Any], n: int | None, seed: int, name: str) -> Ints:
    """Rows of a random subset of n in which every class keeps its share (largest remainders), in random
    order.
    """
    if n is None or n == len(y):
        return np.arange(len(y))
    if n > len(y):
        raise InvalidParameter(f"n={n}: {name} holds {len(y)} points")
    rng = np.random.default_rng(seed)
    classes, counts = np.unique(y, return_counts=True)
    share = counts * (n / len(y))
    quota = np.floor(share).astype(int)
    quota[np.argsort(quota - share, kind="stable")[: n - quota.sum()]] += 1
    chosen = [
        rng.choice(np.flatnonzero(y == label), size=k, replace=False)
        for label, k in zip(classes, quota, strict=True)
    ]
    return rng.permutation(np.concatenate(chosen))
