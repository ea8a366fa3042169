"""An independent distance: the eikonal equation |grad T| = c solved by fast marching (scikit-fmm).

Order 2; the source is a disk of four cells whose rim carries the mean length of its radii, so that the point source's
singularity is resolved.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

import geodesic_kit as gk

skfmm = pytest.importorskip("skfmm", reason="scikit-fmm comes with the extra `test`")

MIXTURES = {
    "two wells": dict(means=[[-1.0, 0.0], [1.0, 0.0]], covariances=0.15),
    "three unequal": dict(means=[[-1.0, -0.6], [1.0, -0.6], [0.0, 1.0]], covariances=[0.1, 0.2, 0.1], weights=[0.5, 0.3, 0.2]),
    "slanted": dict(means=[[-0.7, 0.0], [0.7, 0.3]], covariances=[[[0.4, 0.15], [0.15, 0.1]], [[0.08, 0.0], [0.0, 0.4]]]),
    "ring": dict(means=[[1.2 * np.cos(a), 1.2 * np.sin(a)] for a in np.arange(8) * np.pi / 4], covariances=0.06),
    "one wide": dict(means=[[0.0, 0.0]], covariances=1.0),
}


def travel_time(metric: gk.GenerativeMetric, source: np.ndarray, half: float, cells: int, targets: np.ndarray) -> np.ndarray:
    """Distance from the source to the targets inside the box [-half, half]^2, on a grid of cells^2."""
    axis = np.linspace(-half, half, cells + 1)
    step = axis[1] - axis[0]
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
    log_c = metric.log_factor(grid.reshape(-1, 2)).reshape(cells + 1, cells + 1)
    radius = 4 * step
    phi = np.linalg.norm(grid - source, axis=-1) - radius
    time = np.asarray(skfmm.travel_time(phi, np.exp(-log_c), dx=[step, step], order=2))
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    star = np.concatenate([source[None], source + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)])
    rim = metric.edge_lengths(star, np.stack([np.zeros(64, dtype=int), np.arange(1, 65)], axis=1)).mean()
    return map_coordinates(time, ((targets + half) / step).T, order=3) + rim
