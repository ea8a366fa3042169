"""Arguments that many callables take alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import things
from .row import arg

__all__ = ["DENSITY", "EDGES", "IN_PLANE", "NEW", "SEED", "X", "method"]

X = arg("points", things.points, but=("one more column",), says="points")
NEW = arg("points", lambda: things.points()[:6] + 1 / 128, says="point points")
IN_PLANE = arg("points", things.points, says="points")
EDGES = arg("edges", lambda: np.array(things.graph().edges))
DENSITY = arg("object", things.density, says="density log_prob")
SEED = arg("seed", 0)


def method(owner: Callable[[], Any], name: str) -> Callable[[], Callable[..., Any]]:
    return lambda: getattr(owner(), name)
