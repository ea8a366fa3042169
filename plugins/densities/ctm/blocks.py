"""Work of a trajectory model on rows of points, block by block, in scaled coordinates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from geodesic_kit.errors import DataError
from geodesic_kit.types import Points, Values

from ...learning.holding_out import deviations
from .architecture import Architecture

__all__ = ["EXACT", "in_blocks", "scaling"]

EXACT = 8  # coordinates up to which the divergence is taken exactly, and all is computed in float64


def in_blocks(
    of: Any,
    x: Points,
    width: int,
    work: Callable[[Tensor], Tensor],
    *,
    latent: bool = False,
    share: int = 1,
) -> Any:
    """`work` on blocks of scaled rows, (n, width): `share` of the usual rows; `latent` rows enter as they
    are, and leave unscaled.
    """
    dtype = torch.float64 if of.dim <= EXACT else torch.float32
    rows = max(1, (256 if of.form.picture else 1 << 14) // share)
    with np.errstate(over="ignore"):
        scaled = x if latent else (x - of.shift) / of.scale
    parts = []
    for start in range(0, len(x), rows):
        block = torch.tensor(scaled[start : start + rows], dtype=dtype, device=of.device)
        parts.append(work(block).detach().cpu().double().numpy())
    result = np.concatenate(parts) if parts else np.empty((0, width))
    return of.shift + of.scale * result if latent else result


def scaling(x: Points, form: Architecture) -> tuple[Values, Values]:
    """Mean, (d,), and twice the deviation, (d,): of each coordinate, of pictures one for all pixels. Raises
    DataError where it is 0.
    """
    if len(x) < 4:
        raise DataError(f"x holds {len(x)} point(s); a model needs 4 or more, some of which are held out")
    shift, spread = deviations(x, pooled=form.picture)
    return shift, spread / 0.5  # the model's data have the deviation 0.5 that EDM's constants are made for
