"""Models with a latent space."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from ..checks.arrays import Points

__all__ = ["DifferentiableDecoder", "LatentModel"]


@runtime_checkable
class LatentModel(Protocol):
    """A model with a latent space, NumPy in and out."""

    def encode(self, x: Points) -> Points:
        """Latent point of each row, (n, d) -> (n, z)."""
        ...

    def decode(self, z: Points) -> Points:
        """Data point of each row, (n, z) -> (n, d)."""
        ...


@runtime_checkable
class DifferentiableDecoder(Protocol):
    """A torch decoder (..., z) -> (..., x) that pullback geometry differentiates."""

    decoder: Callable[[Any], Any]
