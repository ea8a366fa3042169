"""The contrast max c / min c: measured at quadrature nodes, refused where float64 cannot hold it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.warn import tell
from ..errors import ContrastError, ContrastWarning
from ..types import Ints, Values

__all__ = ["LOG_SPAN", "check_span", "power_of_c", "warn_if_flat", "warn_if_one_edge_rules"]

LOG_SPAN = 600.0  # of log c: float64 ends at 709, and lengths multiply c
_FLAT = 1.01
_FEW_EDGES = 5  # on a shorter path some edge is always long


def check_span(low: float, high: float, metric: Any) -> None:
    """Refuse a log c from `low` to `high` along edges that float64 cannot hold. Raises ContrastError."""
    if not low <= high:  # no edge, no node
        return
    if high > LOG_SPAN or low < -LOG_SPAN or high - low > LOG_SPAN:
        raise _beyond(low, high, LOG_SPAN, f"along the edges of {metric!r}")


def power_of_c(log_c: Values, k: int, metric: Any) -> Values:
    """c^k of each log c, any shape. Raises ContrastError where float64 cannot hold it."""
    low, high, most = log_c.min(initial=np.inf), log_c.max(initial=-np.inf), LOG_SPAN / k
    if low <= high and (high > most or low < -most):
        raise _beyond(low, high, most, f"at these points under {metric!r}")
    return np.asarray(np.exp(k * log_c))


def _beyond(low: float, high: float, most: float, where: str) -> ContrastError:
    return ContrastError(
        f"log c runs from {low:.4g} to {high:.4g} {where}, and float64 holds {most:g}: give a smaller "
        "power=, a larger lam= with p0= near the densities of the data, or use "
        "GenerativeMetric.from_sample(density, x)"
    )


def warn_if_flat(low: float, high: float, metric: Any) -> None:
    """Warn ContrastWarning where max c / min c is near 1, so that the metric is Euclidean in disguise."""
    if low <= high and high - low < np.log(_FLAT):
        tell(
            f"the contrast max c / min c of {metric!r} is {np.exp(high - low):.6g}: the metric is nearly "
            "Euclidean; give a smaller lam=, or use GenerativeMetric.from_sample(density, x)",
            ContrastWarning,
        )


def warn_if_one_edge_rules(pieces: Values, vertices: Ints) -> None:
    """Warn ContrastWarning where one edge makes more than half of a path of five or more."""
    if len(pieces) < _FEW_EDGES or pieces.max() <= 0.5 * pieces.sum():
        return
    worst = int(np.argmax(pieces))
    tell(
        f"the edge ({vertices[worst]}, {vertices[worst + 1]}) makes {pieces[worst] / pieces.sum():.0%} of a "
        f"path of {len(pieces)} edges: it crosses a gap in the sample, or the contrast is too high; give a "
        "larger eps= or k=, a smaller power=, or a larger lam=",
        ContrastWarning,
    )
