"""Densities from functions: log p or an energy, with a score and a sampler where they are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..answers import log_values, real
from ..checks import as_points, integer
from ..errors import DataError, InvalidParameter, NotADensityError
from ..types import Points, Values

__all__ = ["CallableDensity", "from_callable"]


@dataclass(frozen=True, eq=False, repr=False)
class CallableDensity:
    """Density whose log p is `sign * function(x)`; every output is checked for shape (n,), for NaN and for +inf."""

    function: Callable[..., Any]
    dim: int
    normalised: bool
    sign: int = 1
    score_function: Callable[..., Any] | None = None
    sample_function: Callable[..., Any] | None = None

    def __repr__(self) -> str:  # without the function's address, which differs from run to run
        of = f"{'-' if self.sign < 0 else ''}{_name(self.function)}"
        return f"CallableDensity({of}, dim={self.dim}{'' if self.normalised else ', not normalised'})"

    def log_prob(self, x: Points) -> Values:
        """Natural log of the density at each row of x, (n, d) -> (n,); -inf where it is zero. Raises NotADensityError."""
        points = as_points(x, name="x", dim=self.dim, empty=True)
        if len(points) == 0:
            return np.empty(0)
        what = "the energy" if self.sign < 0 else "log p"
        return log_values(self.function(points.copy()), (len(points),), what, f" of {_name(self.function)}", points, self.sign)


class _Scored(CallableDensity):
    def score(self, x: Points) -> Points:
        """Gradient of log p at each row of x, (n, d) -> (n, d). Raises NotADensityError."""
        points = as_points(x, name="x", dim=self.dim, empty=True)
        if len(points) == 0:
            return np.empty_like(points)
        assert self.score_function is not None
        gradient = real(self.score_function(points.copy()), points.shape, "score")
        bad = np.flatnonzero(~np.isfinite(gradient).all(axis=1))
        if bad.size:
            raise NotADensityError(f"score is not finite at {bad.size} of {len(points)} rows, the first is row {bad[0]}")
        return gradient


class _Sampled(CallableDensity):
    def sample(self, n: int, *, seed: int) -> Points:
        """Draw n independent points, (n, d), the same ones for the same seed. Raises NotADensityError."""
        n = integer(n, "n", least=1)
        assert self.sample_function is not None
        points = real(self.sample_function(n, seed=integer(seed, "seed")), (n, self.dim), "sample")
        try:
            return as_points(points, name="the drawn points")
        except DataError as err:
            raise NotADensityError(f"{_name(self.sample_function)}: {err}") from err


class _ScoredAndSampled(_Scored, _Sampled):
    pass


# An ability that is not there must not be there: a class for each set of abilities, so that the protocols of `types` can tell.
_CLASSES = {(False, False): CallableDensity, (True, False): _Scored, (False, True): _Sampled, (True, True): _ScoredAndSampled}


def from_callable(
    function: Callable[..., Any],
    *,
    dim: int | None,
    kind: str = "log_prob",
    score: Callable[..., Any] | None = None,
    sample: Callable[..., Any] | None = None,
    normalised: bool = True,
) -> CallableDensity:
    """A density on R^dim from a vectorised function (n, d) -> (n,). Raises InvalidParameter without `dim`."""
    if dim is None:
        raise InvalidParameter(f"{_name(function)} does not tell its dimension; pass dim=, the number of coordinates of a point")
    energy = kind == "energy"
    return _CLASSES[score is not None, sample is not None](function, dim, normalised and not energy, -1 if energy else 1, score, sample)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__qualname__", type(function).__name__)
