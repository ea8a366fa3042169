"""Euclidean lengths of edges, however long."""

from __future__ import annotations

import numpy as np

from ..base.blocks import WORTH_COMPILING, step_norms
from ..base.scales import settled
from ..base.threads import compiled
from ..types import Edges, Points, Values

__all__ = ["norms"]


def norms(points: Points, edges: Edges) -> Values:
    """Euclidean length of each edge, (m,); no (m, d) array is held. Raises DataError where one exceeds
    float64.
    """

    def measure(steps: Points) -> Values:
        star = np.stack([np.zeros(len(steps), dtype=np.int64), np.arange(1, len(steps) + 1)], axis=1)
        return _norms(np.concatenate([np.zeros((1, steps.shape[1])), steps]), star)

    return settled(
        _norms(points, edges), lambda rows: points[edges[rows, 1]] - points[edges[rows, 0]], measure
    )


def _norms(points: Points, edges: Edges) -> Values:
    out = np.empty(len(edges))
    if len(edges) * points.shape[1] > WORTH_COMPILING and compiled():
        from ..base.compiled import constant
        from ..base.kernels import norms as fill

        fill(constant(points), constant(edges), out)
        return out
    step = max(1, (1 << 21) // points.shape[1])
    for start in range(0, len(edges), step):
        i, j = edges[start : start + step].T
        with np.errstate(over="ignore"):
            out[start : start + step] = step_norms(points[j] - points[i])
    return out
