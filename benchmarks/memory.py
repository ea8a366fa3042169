"""Memory that a piece of work adds to this process at its peak."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from geodesic_kit.paper.experiments.own_process import peaks

__all__ = ["added"]


def added(work: Callable[[], Any]) -> tuple[float, Any]:
    """Megabytes (10^6) at the peak of `work` above the level before it, and its result."""
    results: list[Any] = []
    peak = peaks([("work", lambda: results.append(work()))])["work"]
    return peak / 1e6, results[0]
