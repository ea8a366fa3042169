"""A module's weights among the arrays of a file, under a prefix of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from numpy.typing import NDArray
from torch import nn

__all__ = ["as_arrays", "bring_back"]


def as_arrays(module: nn.Module, prefix: str) -> dict[str, NDArray[Any]]:
    """The weights as training made them, in float32: half the file, and their double says no more."""
    return {
        f"{prefix}{name}": (value.float() if value.is_floating_point() else value).cpu().numpy()
        for name, value in module.state_dict().items()
    }


def bring_back(module: nn.Module, arrays: Mapping[str, NDArray[Any]], prefix: str) -> None:
    """Give the module its weights, those of the arrays that begin with the prefix. Raises RuntimeError where
    one is missing, is too many, or has another shape.
    """
    module.load_state_dict(
        {
            name.removeprefix(prefix): torch.from_numpy(array)
            for name, array in arrays.items()
            if name.startswith(prefix)
        }
    )
