"""The contrast max c / min c: measured at quadrature nodes, refused where float64 cannot hold it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.neighbours import nearest
from ..base.warn import tell
from ..density.along_edges import LogDensityOnEdges
from ..errors import ContrastError, ContrastWarning
from ..types import Density, Edges, Ints, Points, Values

__all__ = ["LOG_SPAN", "check_span", "closest_half", "nodes_on", "probe_edges", "warn_if_flat", "warn_if_one_edge_rules"]

LOG_SPAN = 600.0  # of log c: float64 ends at 709, and lengths multiply c
_FLAT = 1.01
_FEW_EDGES = 5  # on a shorter path some edge is always long


def check_span(low: float, high: float, metric: Any) -> None:
    """Refuse a log c from `low` to `high` that float64 cannot hold. Raises ContrastError."""
    if not low <= high:  # no edge, no node
        return
    if high > LOG_SPAN or low < -LOG_SPAN or high - low > LOG_SPAN:
        raise ContrastError(
            f"log c runs from {low:.4g} to {high:.4g} along the edges of {metric!r}, and float64 holds {LOG_SPAN:g}: "
            "give a smaller power=, a larger lam= with p0= near the densities of the data, or use GenerativeMetric.from_sample(density, x)"
        )


def warn_if_flat(low: float, high: float, metric: Any) -> None:
    """Warn ContrastWarning where max c / min c is near 1, so that the metric is Euclidean in disguise."""
    if low <= high and high - low < np.log(_FLAT):
        tell(
            f"the contrast max c / min c of {metric!r} is {np.exp(high - low):.6g}: the metric is nearly Euclidean; "
            "give a smaller lam=, or use GenerativeMetric.from_sample(density, x)",
            ContrastWarning,
        )


def probe_edges(x: Points, *, most: int = 1000, k: int = 10) -> tuple[Points, Edges, Edges]:
    """Up to `most` points of x, with edges to their k nearest and with edges to k random others, the same for the same x."""
    rng = np.random.default_rng(0)
    points = x if len(x) <= most else x[np.sort(rng.choice(len(x), most, replace=False))]
    n = len(points)
    if n < 2:
        return points, np.empty((0, 2), dtype=np.int64), np.empty((0, 2), dtype=np.int64)
    near, _ = nearest(points, min(k, n - 1))
    start = np.repeat(np.arange(n), near.shape[1])
    far = np.stack([np.repeat(np.arange(n), k), rng.integers(0, n, n * k)], axis=1)
    return points, np.stack([start, near.ravel()], axis=1), far[far[:, 0] != far[:, 1]]


def closest_half(near: Edges) -> NDArray[np.bool_]:
    """Which of the probe's edges to neighbours lead to the nearer half of a point's, (m,): what a sparser graph would keep."""
    if not len(near):
        return np.empty(0, dtype=bool)
    k = int((near[:, 0] == near[0, 0]).sum())
    return np.arange(len(near)) % k < max(1, k // 2)


def nodes_on(density: Density, points: Points, edges: Edges) -> NDArray[np.float64]:
    """log p at 9 equispaced nodes of each edge, (m, 9)."""
    t = np.linspace(0, 1, 9)
    return LogDensityOnEdges(density, points, edges)(np.arange(len(edges)), np.broadcast_to(t, (len(edges), len(t))))


def warn_if_one_edge_rules(pieces: Values, vertices: Ints) -> None:
    """Warn ContrastWarning where one edge makes more than half of a path of five or more."""
    if len(pieces) < _FEW_EDGES or pieces.max() <= 0.5 * pieces.sum():
        return
    worst = int(np.argmax(pieces))
    tell(
        f"the edge ({vertices[worst]}, {vertices[worst + 1]}) makes {pieces[worst] / pieces.sum():.0%} of a path of {len(pieces)} edges: "
        "it crosses a gap in the sample, or the contrast is too high; give a larger eps= or k=, a smaller power=, or a larger lam=",
        ContrastWarning,
    )
