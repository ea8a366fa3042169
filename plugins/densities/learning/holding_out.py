"""What trainings do to their points first: means and deviations, and the points that are not seen."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from geodesic_kit.errors import DataError
from geodesic_kit.types import Points, Values

__all__ = ["deviations", "hold_out"]


def hold_out(x: Points, count: int, *, seed: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """`count` of the points x (n, d), by the seed, and the others: (count, d) held out and (n - count, d) to
    learn from, as float32.
    """
    order = np.random.default_rng(seed).permutation(len(x))
    held_out, taught = (
        torch.tensor(x[part], dtype=torch.float32, device=device) for part in (order[:count], order[count:])
    )
    return held_out, taught


def deviations(x: Points, *, pooled: bool = False) -> tuple[Values, Values]:
    """Mean and standard deviation of each column of x (n, d), (d,), (d,); `pooled` is one deviation for all
    columns.

    Raises DataError where a column's mean or deviation is beyond float64, or where it is constant, so that no
    density is finite.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        shift = x.mean(axis=0)
        spread = np.full(x.shape[1], (x - shift).std()) if pooled else x.std(axis=0)
    wide = np.flatnonzero(~(np.isfinite(shift) & np.isfinite(spread)))
    if wide.size:
        raise DataError(
            f"column {wide[0]} of x is too wide for float64 ({wide.size} in all): its deviation overflows; "
            "divide it by a constant"
        )
    constant = np.flatnonzero(spread <= 1e-12 * np.abs(x).max(axis=0, initial=0.0))
    if constant.size:
        raise DataError(
            f"column {constant[0]} of x is constant ({constant.size} in all): its density is infinite; "
            "drop such columns, x[:, x.std(axis=0) > 0], or add noise"
        )
    return shift, spread
