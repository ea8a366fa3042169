"""Rows of landmarks, and of what takes pairs of vertices."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

import geodesic_kit as gk

from . import things
from .row import Row, arg, row

__all__ = ["LANDMARKS"]


@cache
def marks() -> Any:
    return gk.landmarks(things.graph(), k=6)


def pairs() -> Any:
    return np.array([[0, 7], [3, 3], [9, 2]])


# pairs may name a vertex twice, and come twice, as no edge may
PAIRS = arg("edges", pairs)

LANDMARKS: list[Row] = [
    row(
        "landmarks",
        lambda: gk.landmarks,
        inf=True,
        graph=arg("object", things.graph, says="graph"),
        k=arg("count", 6),
        seed=arg("seed", 0),
        dtype=arg("type", lambda: np.float64),
    ),
    row(
        "distances (pairs)",
        lambda: gk.distances,
        inf=True,
        fixed=lambda: {"graph": things.graph()},
        pairs=arg("edges", pairs, none=True),
        solver=arg("choice", "scipy"),
        limit=arg("number", 2.0),
        dtype=arg("type", lambda: np.float64),
    ),
    row(
        "NativeSolver.pairs",
        lambda: gk.solvers["native"]().pairs,
        inf=True,
        fixed=lambda: {"graph": things.graph()},
        pairs=PAIRS,
        limit=arg("number", 2.0),
    ),
    row("checks.as_pairs", lambda: gk.checks.as_pairs, fixed=lambda: {"n": things.N}, pairs=PAIRS),
]
