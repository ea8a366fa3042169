"""Where panels break at a jump of log p: just before it and just after."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .types import Ints, Values

__all__ = ["around"]

_BRINK = 1e-11  # of an edge, on either side of a jump: a panel that ends there sees one side only


def around(crossed: NDArray[np.float64]) -> tuple[Ints, Values]:
    """Edge numbers and places in (0, 1) on either side of where each edge crosses, (m, r), NaN or outside where it does not."""
    places = crossed[:, :, None] + np.array([-_BRINK, _BRINK])
    edge, *which = np.nonzero((places > 0) & (places < 1))
    return edge.astype(np.int64), places[(edge, *which)]
