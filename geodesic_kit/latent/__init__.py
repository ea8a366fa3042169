"""Latent space: the metric that a decoder pulls back, and paths between the codes of a model."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

# Name -> file; each is imported when first used, since some need torch.
_FILES = {
    "ProductMetric": "product",
    "PullbackMetric": "pullback",
    "analogy": "translation",
    "magnification_factor": "magnification",
    "neural_geodesic": "neural",
    "parallel_translation": "translation",
    "shoot": "translation",
}

__all__ = [*_FILES]

if TYPE_CHECKING:
    from .magnification import magnification_factor as magnification_factor
    from .neural import neural_geodesic as neural_geodesic
    from .product import ProductMetric as ProductMetric
    from .pullback import PullbackMetric as PullbackMetric
    from .translation import analogy as analogy
    from .translation import parallel_translation as parallel_translation
    from .translation import shoot as shoot


def __getattr__(name: str) -> Any:
    if name not in _FILES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; there are {', '.join(__all__)}")
    value = getattr(importlib.import_module(f"{__name__}.{_FILES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
