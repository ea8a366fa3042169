"""What a torch decoder is asked for: latent points of its width and type."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from geodesic_kit.errors import DataError, shown

__all__ = ["as_latent"]


def as_latent(z: Any, width: int, dtype: torch.dtype) -> Tensor:
    """`z`, a tensor (..., width) of that type. Raises DataError, never by a value: it can be traced."""
    if not isinstance(z, Tensor):
        raise DataError(f"z={shown(z)} is no torch tensor; give one of shape (..., {width}), or call decode")
    if z.ndim == 0 or z.shape[-1] != width:
        raise DataError(f"z has shape {tuple(z.shape)}; give latent points (..., {width})")
    if z.dtype != dtype:
        raise DataError(f"z is {z.dtype}, the decoder is {dtype}; give z.to({dtype})")
    return z
