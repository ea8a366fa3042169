"""The kit's own compiled kernels for graphs. Importing it needs numba; each has a NumPy counterpart beside its caller."""

from __future__ import annotations

import numpy as np

from .compiled import kernel

__all__ = ["norms"]


@kernel
def norms(points, edges, out):  # type: ignore[no-untyped-def]
    """Fill out (m,) with the Euclidean length of each edge; eight partial sums, so that they vectorise."""
    d = points.shape[1]
    part = np.empty(8)
    for e in range(len(edges)):
        first, last = points[edges[e, 0]], points[edges[e, 1]]
        total = 0.0
        whole = d - d % 8 if d >= 16 else 0
        if whole:
            part[:] = 0.0
            for c in range(0, whole, 8):
                for lane in range(8):
                    step = last[c + lane] - first[c + lane]
                    part[lane] += step * step
            for lane in range(8):
                total += part[lane]
        for c in range(whole, d):
            step = last[c] - first[c]
            total += step * step
        out[e] = np.sqrt(total)
