"""Landmark scaling: any number of points placed by their distances to a few that are scaled classically."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.torgerson import laid_out, largest, upright
from ..base.warn import tell
from ..errors import ComponentsNotice
from ..graph.landmark_rows import LandmarkRows
from ..types import Ints, Points, Values

__all__ = ["MOST_SCALED", "landmark_scaling"]

_HELD = 1 << 21  # distances that are squared at once: 16 MB
MOST_SCALED = 1000  # dimensions


def landmark_scaling(rows: LandmarkRows, components: Ints, dim: int) -> Points:
    """Points (n, dim) of all vertices, component by component, each of which has a landmark; warns
    ComponentsNotice where there are several.
    """
    count = int(components.max()) + 1
    if count == 1:
        return _scaled(rows.distances, rows.vertices, dim)
    tell(
        f"the graph falls into {count} components: they are scaled one by one and laid side by side, so how "
        "far they lie apart means nothing; graph.bridged() joins them",
        ComponentsNotice,
    )
    pieces = []
    for c in range(count):
        own, mark = np.flatnonzero(components == c), components[rows.vertices] == c
        place = np.searchsorted(own, rows.vertices[mark])
        pieces.append(_scaled(rows.distances[np.ix_(own, np.flatnonzero(mark))], place, dim))
    return laid_out(pieces, components)


def _nearest_shares(distances: NDArray[Any]) -> Values:
    """Share of the vertices that each landmark is the nearest of, (n, k) -> (k,), 1 in sum."""
    nearest = np.bincount(np.argmin(distances, axis=1), minlength=distances.shape[1])
    return nearest / len(distances)


def _scaled(distances: NDArray[Any], vertices: Ints, dim: int) -> Points:
    """Points (n, dim) of one component by its distances (n, k) to its landmarks.

    With shares w of the landmarks, X their places, centred and X' W X = diag(values), a vertex with squared
    distances d to them lies at X' W (means - d) / 2 values, which is exact for Euclidean distances in dim
    dimensions (Gower 1968).
    """
    n, k = distances.shape
    among = distances[vertices].astype(np.float64)
    unit = float(among.max()) or 1.0
    squares = np.square((among + among.T) / (2 * unit))
    shares = _nearest_shares(distances)
    means = squares @ shares
    gram = -0.5 * (squares - means - (means - shares @ means)[:, None])
    root = np.sqrt(shares)
    values, vectors = largest(root[:, None] * gram * root, min(dim, k))
    kept = values > 0
    onto = np.zeros((k, dim))
    onto[:, : len(values)][:, kept] = root[:, None] * vectors[:, kept] / (2 * np.sqrt(values[kept]))
    z = np.empty((n, dim))
    step = max(1, _HELD // k)
    for start in range(0, n, step):
        part = slice(start, start + step)
        z[part] = (means - np.square(distances[part].astype(np.float64) / unit)) @ onto
    return upright(z - z.mean(axis=0)) * unit
