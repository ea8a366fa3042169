"""A costly density of the plane, tabulated once on a grid: for its picture, and for paths through it."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.interpolate import RectBivariateSpline

from ...checks import as_points, integer
from ...density.as_density import as_density
from ...errors import InvalidParameter, NotADensityError
from ...types import Density, Points, Samples, Values

__all__ = ["tabulated"]

_TRIES = 200  # points at which the table is compared with the density
_ERROR = 0.02  # of the highest p there, as large as it may be: what a metric sees is p beside lam


def tabulated(density: Density, box: Any, cells: int = 100) -> Density:
    """log p of a density of the plane by a bicubic spline through its values on a grid over `box`, ((low,
    high), (low, high)).

    `cells` is their number along the longer side; between the nodes the spline errs by the fourth power of
    their spacing. Outside the box log p is that of the nearest point within. Where the density samples, so
    does the table. Raises InvalidParameter, also where the table is too coarse by a trial at random points,
    and NotADensityError where log p is not finite.
    """
    if density.dim != 2:
        raise InvalidParameter(
            f"a density of {density.dim} coordinates cannot be tabulated on a grid of the plane"
        )
    sides = as_points(box, name="box", dim=2)
    if len(sides) != 2 or (np.diff(sides) <= 0).any():
        raise InvalidParameter(f"box={box!r}: give ((low, high), (low, high)), one side a coordinate")
    low, high = sides.T
    spacing = (high - low).max() / integer(cells, "cells", least=4)
    axes = [np.linspace(a, b, 1 + max(4, round((b - a) / spacing))) for a, b in zip(low, high, strict=True)]
    log_p = density.log_prob(np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2))
    if not np.isfinite(log_p).all():
        raise NotADensityError(
            "log p is not finite everywhere in the box, so no smooth table of it can be "
            "made; take a smaller box"
        )
    spline = RectBivariateSpline(*axes, log_p.reshape(*map(len, axes)))

    tried = np.random.default_rng(0).uniform(low, high, (_TRIES, 2))
    known = density.log_prob(tried)
    top = known.max()
    error = np.abs(np.exp(np.minimum(spline.ev(*tried.T) - top, 1.0)) - np.exp(known - top)).max()
    if error > _ERROR:
        raise InvalidParameter(
            f"cells={cells}: a table of log p errs by up to {error:.2g} of the highest p between its nodes; "
            "take more or a smaller box"
        )

    def value(x: Points) -> Values:
        return spline.ev(*np.clip(x, low, high).T)

    def score(x: Points) -> Points:
        inside = np.clip(x, low, high)
        return np.where(
            inside == x, np.stack([spline.ev(*inside.T, dx=1), spline.ev(*inside.T, dy=1)], axis=1), 0.0
        )

    sample = density.sample if isinstance(density, Samples) else None
    return as_density(value, dim=2, score=score, sample=sample, normalised=density.normalised)
