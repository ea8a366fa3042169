"""What a plugin offers to be trained by the command: a recipe for a data set, and the manners of a
training.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

from ..types import Points

__all__ = ["Recipe", "Trainable"]


@dataclass(frozen=True)
class Recipe:
    """How a plugin is trained on one data set: n points (None: all), options of its loader, options of `fit`,
    and why so.
    """

    why: str
    n: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    fit: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class Trainable(Protocol):
    """What a plugin offers to be trained by `geodesic-kit train`, beside being a density or a decoder.

    `facts` is what its training measured, as JSON knows it: at least `steps`, and `finished`, false where
    `minutes` ended it.
    """

    recipes: ClassVar[Mapping[str, Recipe]]  # data set -> how

    @property
    def facts(self) -> Mapping[str, Any]:
        """What was measured in training; part of the card."""
        ...

    @classmethod
    def fit(
        cls, x: Points, *, seed: int, checkpoint: str | Path | None, minutes: float | None, **options: Any
    ) -> Self:
        """Train on x (n, d), from the checkpoint where that file exists; stop after `minutes` with something
        usable.
        """
        ...

    def save(self, path: str | Path, **facts: Any) -> Path:
        """Write the weights and their card, with `facts` added to it."""
        ...
