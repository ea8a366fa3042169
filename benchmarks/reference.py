"""Edge lengths to 1e-10 by a slow rule of its own, that both the kit and its peers are held to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .naive import factor
from .problems import Array, Problem

__all__ = ["deviation", "lengths", "sample", "worst"]

_RTOL = 1e-10
_MOST = 1 << 13  # panels


def sample(count: int, edges: int, seed: int = 1) -> NDArray[np.int64]:
    """Numbers of `count` edges that errors are measured on, ascending."""
    return np.sort(np.random.default_rng(seed).choice(edges, size=min(count, edges), replace=False))


def lengths(problem: Problem, edges: NDArray[np.int64]) -> Array:
    """Length of each edge, (m,): composite Gauss-Legendre, its panels doubled until it settles. Raises
    ArithmeticError.
    """
    return np.array([_length(problem, int(i), int(j)) for i, j in edges])


def worst(problem: Problem, edges: NDArray[np.int64], found: Array) -> float:
    """The largest relative error of the lengths found for these edges."""
    return deviation(found, lengths(problem, edges))


def deviation(found: Array, exact: Array) -> float:
    """The largest relative error of lengths."""
    return float(np.abs(found / exact - 1).max())


def _length(problem: Problem, i: int, j: int) -> float:
    start = problem.points[i] - problem.means
    along = problem.points[j] - problem.points[i]
    # |start + t along|^2 = a + 2 b t + square t^2 from differences, so that nothing cancels.
    a, b, square = np.square(start).sum(axis=1), start @ along, along @ along
    before, panels = np.inf, 8
    while panels <= _MOST:
        found = float(np.sqrt(square)) * _mean(problem, a, b, square, panels)
        if abs(found - before) <= _RTOL * found:
            return found
        before, panels = found, 2 * panels
    raise ArithmeticError(f"the reference of edge ({i}, {j}) has not settled at {_MOST} panels")


def _mean(problem: Problem, a: Array, b: Array, square: float, panels: int) -> float:
    nodes, weights = np.polynomial.legendre.leggauss(8)
    t = ((np.arange(panels)[:, None] + (nodes + 1) / 2) / panels).ravel()
    terms = -0.5 / problem.variance * (a + t[:, None] * (2 * b + t[:, None] * square))
    highest = terms.max(axis=1)
    log_p = highest + np.log(np.exp(terms - highest[:, None]).mean(axis=1))
    log_p -= 0.5 * len(problem.points[0]) * np.log(2 * np.pi * problem.variance)
    return float(np.tile(weights / 2, panels) @ factor(problem.metric, log_p)) / panels
