"""Fig 1: a map of the town for each walker, with all walkers' paths and their lengths under its metric."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from ...geodesics.curve import Geodesic
from ...metric.generative import EuclideanMetric
from ...plots import density, geodesics
from ...types import Metric

__all__ = ["draw_maps"]


def draw_maps(
    walkers: Mapping[str, Metric],
    paths: Mapping[str, Geodesic],
    lengths: Mapping[str, Mapping[str, float]],
    box: ArrayLike,
) -> None:
    """Draw log c of each walker over a box ((x0, x1), (y0, y1)), and all paths; `lengths[walker][path]` go to
    the legend.
    """
    import matplotlib.pyplot as plt

    size = (5 * len(walkers), 4.8)
    axes = plt.subplots(1, len(walkers), figsize=size, layout="constrained", sharey=True)[1]
    (left, right), (low, high) = np.asarray(box, dtype=float)
    for ax, (who, metric) in zip(axes, walkers.items(), strict=True):
        if not isinstance(metric, EuclideanMetric):  # whose map is a constant
            density(metric, box, ax=ax)
        geodesics(None, {f"{name}: {lengths[who][name]:.2f}": path for name, path in paths.items()}, ax=ax)
        ax.set(title=f"walker: {who}", xlim=(left, right), ylim=(low, high))
        below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16)}
        ax.legend(title="length of the path of", frameon=False, **below)
        ax.label_outer()
