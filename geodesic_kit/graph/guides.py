"""Where a search looks for its target: in the images of an immersion, projected to few coordinates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..types import Immersion, Metric, Points

__all__ = ["guide_of"]

_COORDINATES = 4  # more hardly leave out another vertex, and cost a search what these save it
_LOOKED_AT = 512  # images whose principal directions are taken
_HELD = 1 << 24  # numbers of images held at once


def guide_of(metric: Metric | None, points: Points) -> Callable[[Points], Points] | None:
    """The map of points (n, d) to at most 4 principal coordinates of their images, in which distances bound
    lengths; None where the metric is no immersion.

    The projection is orthogonal, so that it brings no two images farther apart.
    """
    if not isinstance(metric, Immersion):
        return None
    some = metric.image(points[np.linspace(0, len(points) - 1, min(len(points), _LOOKED_AT)).astype(int)])
    centre, width = some.mean(axis=0), some.shape[1]
    axes = np.linalg.svd(some - centre, full_matrices=False)[2][:_COORDINATES]

    def guide(x: Points) -> Points:
        step = max(1, _HELD // max(width, x.shape[1]))
        return np.concatenate(
            [(metric.image(x[k : k + step]) - centre) @ axes.T for k in range(0, len(x), step)]
        )

    return guide
