"""Where panels break at a jump of log p: just before it and just after."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..types import Ints, Values

__all__ = ["around"]

_BRINK = 1e-11  # of an edge, on either side of a jump: a panel that ends there sees one side only


def around(edge: Ints, crossed: NDArray[np.float64]) -> tuple[Ints, Values]:
    """Edge numbers and places in (0, 1) on either side of where edges cross; places are NaN or outside where
    one does not.

    `edge` is broadcast against the places: (r,) for (r,), or (m, 1) for a row of places an edge.
    """
    places = crossed[..., None] + np.array([-_BRINK, _BRINK])
    inside = (places > 0) & (places < 1)
    return np.broadcast_to(edge[..., None], places.shape)[inside].astype(np.int64, copy=False), places[inside]
