"""What trainings do to their points first: means and deviations, and the points that are not seen."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from geodesic_kit.errors import DataError
from geodesic_kit.types import Points, Values

__all__ = ["hold_out", "refuse_too_wide"]


def hold_out(x: Points, count: int, *, seed: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """`count` of the points x (n, d), by the seed, and the others: (count, d) held out and (n - count, d) to learn from, as float32."""
    order = np.random.default_rng(seed).permutation(len(x))
    held_out, taught = (torch.tensor(x[part], dtype=torch.float32, device=device) for part in (order[:count], order[count:]))
    return held_out, taught


def refuse_too_wide(shift: Values, spread: Values) -> None:
    """Raise DataError where a column's mean or deviation, (d,) each, is no number: it, or its square, is beyond float64."""
    wide = np.flatnonzero(~(np.isfinite(shift) & np.isfinite(spread)))
    if wide.size:
        raise DataError(
            f"column {wide[0]} of x is too wide for float64 ({wide.size} in all): its deviation overflows; divide it by a constant"
        )
