"""Warnings that point at the caller's line, however deep in the kit they are met."""

from __future__ import annotations

import sys
import warnings

__all__ = ["tell"]

# What lies between a caller and the place where something is met: the kit itself, and what wraps its methods.
_BETWEEN = {"contextlib", "functools", "geodesic_kit", "geodesic_kit_plugins", "sklearn"}


def tell(text: str, category: type[Warning]) -> None:
    """Warn of `category` at the nearest line that is neither the kit's nor a wrapper's; in a thread of the
    kit's own, here.
    """
    frame, level = sys._getframe(1), 2
    while frame.f_globals.get("__name__", "").partition(".")[0] in _BETWEEN:
        if frame.f_back is None:
            level = 2
            break
        frame, level = frame.f_back, level + 1
    warnings.warn(text, category, stacklevel=level)
