"""Metric lengths of the pieces of polygons, of many in one call of the metric."""

from __future__ import annotations

import numpy as np

from ..metric.conformal import ConformalMetric
from ..metric.edge_lengths import lengths_by
from ..metric.rules import Adaptive, Rule
from ..types import HasBreaks, Metric, Points, Values
from .batched import raise_named

__all__ = ["measured_together", "pieces_of"]

# that an edge starts from where the density does not tell its narrow features, whatever the number of edges
_PANELS = 16


def measured_together(polygons: list[Points], metric: Metric, names: list[int] | None) -> list[Values]:
    """Lengths of the pieces of each polygon, (k, d) -> (k - 1,); a piece of no length has 0. Errors name the
    polygon.
    """
    if not polygons:
        return []
    try:
        rule = (
            Adaptive(panels=1 if isinstance(metric.density, HasBreaks) else _PANELS)
            if isinstance(metric, ConformalMetric)
            else None
        )
        return pieces_of(polygons, metric, rule)
    except Exception as err:  # noqa: BLE001  raised again with the name of the polygon
        if len(polygons) == 1:
            raise_named(err, names[0] if names else None)
    half = len(polygons) // 2  # the first that fails is found by halves, and raises
    parts = names[:half] if names else None, names[half:] if names else None
    return measured_together(polygons[:half], metric, parts[0]) + measured_together(
        polygons[half:], metric, parts[1]
    )


def pieces_of(polygons: list[Points], metric: Metric, rule: Rule | None = None) -> list[Values]:
    """Metric lengths of the pieces of each polygon, (k, d) -> (k - 1,), as `lengths_by` has them; a piece of
    no length has 0.
    """
    points = np.concatenate(polygons)
    last = np.cumsum([len(polygon) for polygon in polygons]) - 1
    first = np.delete(np.arange(len(points)), last)
    edges = np.stack([first, first + 1], axis=1)
    moving = (points[first] != points[first + 1]).any(axis=1)
    lengths = np.zeros(len(edges))
    lengths[moving] = lengths_by(metric, points, edges[moving], rule)
    return np.split(lengths, last[:-1] - np.arange(len(polygons) - 1))
