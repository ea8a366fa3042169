"""What trainings do to their points first: means and deviations, and the points that are not seen."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from geodesic_kit.errors import DataError
from geodesic_kit.types import Points, Values

__all__ = ["LEAST", "deviations", "hold_out", "how_many"]

LEAST = 10  # points, so that one can be held out and the others have a spread
_FEWEST_HELD_OUT = 30  # points, where that is not more than half of them
_MOST_HELD_OUT = 5000  # points: enough for the mean to 0.02, and cheap


def how_many(n: int, share: float) -> int:
    """Of n points, how many are held out where a `share` was asked for: up to 5000, of thin data more than
    the share.
    """
    # A mean over two points would take a density that all others contradict.
    return min(_MOST_HELD_OUT, max(round(share * n), min(_FEWEST_HELD_OUT, n // 2)))


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
