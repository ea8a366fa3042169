"""Densities from functions: log p or an energy, with a score and a sampler where they are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checks import as_count, as_points, seeded
from ..errors import DataError, InvalidParameter, NotADensityError
from ..types import Edges, Ints, Points, Values
from .along_edges import at_points
from .answers import log_values, real

__all__ = ["CallableDensity", "from_callable"]


@dataclass(frozen=True, eq=False, repr=False)
class CallableDensity:
    """Density whose log p is `sign * function(x)`; every output is checked for shape (n,), for NaN and for
    +inf.
    """

    function: Callable[..., Any]
    dim: int
    normalised: bool
    sign: int = 1
    score_function: Callable[..., Any] | None = None
    sample_function: Callable[..., Any] | None = None
    breaks: Callable[[Points, Points], tuple[Ints, Values]] | None = None

    def __repr__(self) -> str:  # without the function's address, which differs from run to run
        of = f"{'-' if self.sign < 0 else ''}{_name(self.function)}"
        return f"CallableDensity({of}, dim={self.dim}{'' if self.normalised else ', not normalised'})"

    def log_prob(self, x: Points) -> Values:
        """Natural log of the density at each row of x, (n, d) -> (n,); -inf where it is zero. Raises
        NotADensityError.
        """
        points = as_points(x, name="x", dim=self.dim, empty=True)
        if len(points) == 0:
            return np.empty(0)
        what, name = "the energy" if self.sign < 0 else "log p", _name(self.function)
        rows = _never_square(points)
        values = log_values(self.function(rows.copy()), (len(rows),), what, f" of {name}", rows, self.sign)[
            : len(points)
        ]
        if self.sign > 0 and name.rpartition(".")[2] in _PROBABILITIES and values.min() >= 0:
            raise NotADensityError(
                f"{name} returned no negative number, so it looks like p, not log p; give its log, by a "
                "name that says so"
            )
        return values


class _Scored(CallableDensity):
    def score(self, x: Points) -> Points:
        """Gradient of log p at each row of x, (n, d) -> (n, d). Raises NotADensityError."""
        points = as_points(x, name="x", dim=self.dim, empty=True)
        if len(points) == 0:
            return np.empty_like(points)
        assert self.score_function is not None
        rows = _never_square(points)
        gradient = real(self.score_function(rows.copy()), rows.shape, "score")[: len(points)]
        bad = np.flatnonzero(~np.isfinite(gradient).all(axis=1))
        if bad.size:
            raise NotADensityError(
                f"score is not finite at {bad.size} of {len(points)} rows, the first is row {bad[0]}"
            )
        return gradient


class _Sampled(CallableDensity):
    def sample(self, n: int, *, seed: int) -> Points:
        """Draw n independent points, (n, d), the same ones for the same seed. Raises NotADensityError."""
        n = as_count(n, self.dim, least=1)
        assert self.sample_function is not None
        points = real(self.sample_function(n, seed=seeded(seed)), (n, self.dim), "sample")
        try:
            return as_points(points, name="the drawn points")
        except DataError as err:
            raise NotADensityError(f"{_name(self.sample_function)}: {err}") from err


class _ScoredAndSampled(_Scored, _Sampled):
    pass


class _Broken(CallableDensity):
    def segment_log_prob(self, points: Points, edges: Edges, t: Values) -> NDArray[np.float64]:
        """log p at x_i + t (x_j - x_i), (m, T), for t of shape (T,) or, one row an edge, (m, T)."""
        return at_points(self.log_prob, points, edges, np.broadcast_to(t, (len(edges), np.shape(t)[-1])))

    def segment_breaks(self, points: Points, edges: Edges, floor: float) -> tuple[Ints, Values]:
        """Edge numbers and places in (0, 1) where a panel must break: log p jumps or bends there."""
        assert self.breaks is not None
        start = points[edges[:, 0]]
        return self.breaks(start, points[edges[:, 1]] - start)


class _BrokenAndSampled(_Broken, _Sampled):
    pass


# An ability that is not there must not be there: a class for each set of abilities, so that the protocols of
# `types` can tell.
_CLASSES = {
    (False, False): CallableDensity,
    (True, False): _Scored,
    (False, True): _Sampled,
    (True, True): _ScoredAndSampled,
}
# names of what gives p, as SciPy has them; others may well give a log p that is positive
_PROBABILITIES = ("pdf", "evaluate")


def from_callable(
    function: Callable[..., Any],
    *,
    dim: int | None,
    kind: str = "log_prob",
    score: Callable[..., Any] | None = None,
    sample: Callable[..., Any] | None = None,
    normalised: bool = True,
    breaks: Callable[[Points, Points], tuple[Ints, Values]] | None = None,
) -> CallableDensity:
    """A density on R^dim from a vectorised function (n, d) -> (n,). Raises InvalidParameter without `dim`.

    `breaks` tells from starts and steps of edges, each (m, d), where log p jumps or bends along them: edge
    numbers and places in (0, 1).
    """
    if dim is None:
        raise InvalidParameter(
            f"{_name(function)} does not tell its dimension; pass dim=, the number of coordinates of a point"
        )
    energy = kind == "energy"
    kind_of = _CLASSES[score is not None, sample is not None]
    if breaks is not None:
        kind_of = _Broken if sample is None else _BrokenAndSampled
    return kind_of(function, dim, normalised and not energy, -1 if energy else 1, score, sample, breaks)


def _never_square(points: Points) -> Points:
    """The points, one of them twice where they are as many as coordinates: a function that takes columns for
    points must not pass.
    """
    return np.concatenate([points, points[:1]]) if len(points) == points.shape[1] else points


def _name(function: Callable[..., Any]) -> str:
    function = function.func if isinstance(function, partial) else function
    return getattr(function, "__qualname__", type(function).__name__)
