"""Training a plugin on a data set with its own recipe, resumable, to a weights file with its card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Recipe"]


@dataclass(frozen=True)
class Recipe:
    """How a plugin is trained on one data set: n points (None: all), options of its loader, options of `fit`, and why so."""

    why: str
    n: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    fit: Mapping[str, Any] = field(default_factory=dict)
