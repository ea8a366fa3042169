"""Mixtures that distances are held against fast marching on; importing this skips where scikit-fmm is
absent.
"""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("skfmm", reason="scikit-fmm comes with the extra `notebooks`")

MIXTURES = {
    "two wells": dict(means=[[-1.0, 0.0], [1.0, 0.0]], covariances=0.15),
    "three unequal": dict(
        means=[[-1.0, -0.6], [1.0, -0.6], [0.0, 1.0]], covariances=[0.1, 0.2, 0.1], weights=[0.5, 0.3, 0.2]
    ),
    "slanted": dict(
        means=[[-0.7, 0.0], [0.7, 0.3]], covariances=[[[0.4, 0.15], [0.15, 0.1]], [[0.08, 0.0], [0.0, 0.4]]]
    ),
    "ring": dict(
        means=[[1.2 * np.cos(a), 1.2 * np.sin(a)] for a in np.arange(8) * np.pi / 4], covariances=0.06
    ),
    "one wide": dict(means=[[0.0, 0.0]], covariances=1.0),
}
