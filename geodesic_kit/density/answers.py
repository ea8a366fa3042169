"""What a plugin's density or latent model is asked with, and what it answers: read before any cast, so that
nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.faults import is_own, method_of
from ..checks.arrays import plain, reals
from ..errors import GeodesicKitError, NotADensityError
from ..types import (
    Density,
    Edges,
    HasBreaks,
    HasLogProbAndScore,
    HasScore,
    HasUpperBound,
    Ints,
    LeaveOneOut,
    OnPanels,
    OnSegments,
    Panels,
    Points,
    PowerLaw,
    Samples,
    Values,
)

__all__ = [
    "bound_exceeded",
    "drawn",
    "held_out_log_density",
    "lent",
    "lent_edges",
    "locked",
    "log_density",
    "log_density_and_score",
    "log_values",
    "prepared_panels",
    "real",
    "refuse_undefined",
    "score_of",
    "segment_breaks",
    "segment_log_density",
    "upper_bound",
]


def real(
    output: Any, shape: tuple[int | None, ...], what: str, error: type[GeodesicKitError] = NotADensityError
) -> NDArray[np.float64]:
    """`output` as float64 of `shape`, where None is any length; no broadcasting, no guessing. Raises
    `error`.
    """
    wanted = str(shape).replace("None", "any")
    name, give = f"what {what} returned", f"return real floats of shape {wanted}"
    array = plain(output, name, give=give, error=error)
    if array.dtype.kind not in "fiu":
        raise error(f"{what} returned {array.dtype} values ({type(output).__name__}); {give}")
    if array.ndim != len(shape) or any(
        length not in (None, own) for length, own in zip(shape, array.shape, strict=True)
    ):
        hint = f"evaluate all {shape[0]} rows in one call" if len(shape) == 1 else "one row for each"
        if array.shape == (*shape, 1):
            hint = "squeeze its last axis, output[:, 0]: one number for each"
        raise error(f"{what} returned shape {array.shape}, {wanted} is needed; {hint}")
    return reals(array, name, give=give, error=error)


def log_values(
    output: Any, shape: tuple[int, ...], what: str, of: str = "", x: Points | None = None, sign: int = 1
) -> NDArray[np.float64]:
    """log p, `sign` times what was returned: a number or -inf. Raises NotADensityError that names the first
    row, and its x.
    """
    values = real(output, shape, what)
    if sign < 0:
        values = -values
    if not values.size or not (np.isnan(values).any() or values.max() == np.inf):
        return values
    bad = np.argwhere(np.isnan(values) | (values == np.inf))
    first = tuple(bad[0].tolist())
    where = "" if x is None else f": x = {np.array2string(x[first[0]], threshold=6, precision=4)}"
    least, never = ("+inf", "-inf") if sign < 0 else ("-inf", "+inf")
    raise NotADensityError(
        f"{what}{of} is {sign * values[first]} at {len(bad)} of {values.size} "
        f"{'rows' if len(shape) == 1 else 'places'}, the first is row {first[0]}{where}; return finite "
        f"numbers, {least} where p = 0, never NaN or {never}"
    )


def lent(x: NDArray[Any], to: Any) -> NDArray[Any]:
    """`x` as the density or class `to` may have it: as it is where the kit's contract proves that it is left
    alone, else a copy.

    A read-only view would not do: torch writes through it, and warns even where it only reads.
    """
    return x if is_own(to) else x.copy()


def lent_edges(points: Points, edges: Edges, to: Any) -> tuple[Points, Edges]:
    """Points and edges for the plugin `to`, as `lent`; of few edges only their ends are copied, and numbered
    anew.
    """
    if is_own(to):
        return points, edges
    if edges.size >= len(points):
        return points.copy(), edges.copy()
    used, numbers = np.unique(edges, return_inverse=True)
    return points[used], numbers.reshape(edges.shape)


def log_density(density: Density, x: Points, *, spare: bool = False) -> Values:
    """log p at each row of x, (n,), checked; -inf means p = 0. `spare` points are nobody's any more. Raises
    NotADensityError.
    """
    output = density.log_prob(x if spare else lent(x, density))
    return log_values(output, (len(x),), method_of(density, "log_prob"), x=x)


def held_out_log_density(density: Density, x: Points) -> Values:
    """log p at each row of x, (n,), without a point's own kernel where the density can leave it out. Raises
    NotADensityError.
    """
    if not isinstance(density, LeaveOneOut):
        return log_density(density, x)
    return log_values(
        density.leave_one_out(lent(x, density)), (len(x),), method_of(density, "leave_one_out"), x=x
    )


def score_of(density: HasScore, x: Points) -> Points:
    """The score at each row of x, (n, d), not a number perhaps where p is 0. Raises NotADensityError."""
    return real(density.score(lent(x, density)), x.shape, method_of(density, "score"))


def refuse_undefined(score: Points, where: NDArray[np.bool_], density: HasScore) -> None:
    """Raises NotADensityError unless the score is finite at the rows `where` it counts."""
    bad = np.flatnonzero(~np.isfinite(score).all(axis=1) & where)
    if bad.size:
        raise NotADensityError(
            f"{method_of(density, 'score')} is not finite at {bad.size} of {len(score)} rows where p > 0, "
            f"the first is row {bad[0]}"
        )


def log_density_and_score(density: HasLogProbAndScore, x: Points) -> tuple[Values, Points]:
    """log p, (n,), and the score, (n, d), from one call. Raises NotADensityError."""
    what = method_of(density, "log_prob_and_score")
    output = density.log_prob_and_score(lent(x, density))
    if not isinstance(output, tuple) or len(output) != 2:
        raise NotADensityError(
            f"{what} returned a {type(output).__name__}; return two arrays, log p (n,) "
            "and its gradient (n, d)"
        )
    return log_values(output[0], (len(x),), what, x=x), real(output[1], x.shape, what)


def drawn(density: Samples, n: int, seed: int, dim: int) -> Points:
    """n points that the density drew, (n, d). Raises NotADensityError."""
    points = real(density.sample(n, seed=seed), (n, dim), method_of(density, "sample"))
    if not np.isfinite(points).all():
        raise NotADensityError(
            f"{method_of(density, 'sample')} returned NaN or inf in "
            f"{(~np.isfinite(points)).any(axis=1).sum()} of {n} points"
        )
    return points


def upper_bound(density: HasUpperBound) -> float:
    """The number that log p is said to exceed nowhere; +inf bounds nothing. Raises NotADensityError."""
    what = method_of(density, "log_prob_upper_bound")
    bound = float(real(density.log_prob_upper_bound(), (), what))
    if np.isnan(bound) or bound == -np.inf:
        raise NotADensityError(
            f"{what} returned {bound}; return a number that log p exceeds nowhere, +inf where none is known"
        )
    return bound


def bound_exceeded(density: HasUpperBound) -> NotADensityError:
    """The error of a density whose log p was seen to exceed its bound."""
    return NotADensityError(
        f"{method_of(density, 'log_prob_upper_bound')} says that log p exceeds {upper_bound(density):.6g} "
        "nowhere, and between the points it does: give a bound that holds, +inf where none is known"
    )


def segment_log_density(
    density: OnSegments, points: Points, edges: Edges, t: NDArray[np.float64]
) -> NDArray[np.float64]:
    """log p at places t, (T,) or (m, T), along edges, (m, T), checked. Raises NotADensityError."""
    what = method_of(density, "segment_log_prob")
    output = _reading(what, lambda: density.segment_log_prob(locked(points), edges, t))
    return log_values(output, (len(edges), t.shape[-1]), what)


def segment_breaks(density: HasBreaks, points: Points, edges: Edges, floor: float) -> tuple[Ints, Values]:
    """Edge numbers (b,) and places (b,) where panels must break, checked. Raises NotADensityError."""
    what = method_of(density, "segment_breaks")
    return _breaks(
        _reading(what, lambda: density.segment_breaks(locked(points), locked(edges), floor)), len(edges), what
    )


def prepared_panels(
    density: OnPanels, points: Points, law: PowerLaw
) -> Callable[[Edges], CheckedPanels] | None:
    """What prepares edges for the density's own integration, its answers checked, or None where only the
    plain path serves.
    """
    what = method_of(density, "panels")
    prepare = _reading(what, lambda: density.panels(locked(points), law))
    if prepare is None:
        return None
    return lambda edges: CheckedPanels(_reading(what, lambda: prepare(locked(edges))), len(edges), what)


class CheckedPanels:
    """Panels of a density, their answers checked; follows the protocol `Panels`."""

    def __init__(self, panels: Panels, n_edges: int, what: str) -> None:
        self._panels, self._n_edges, self._what = panels, n_edges, what

    def breaks(self, floor: float) -> tuple[Ints, Values]:
        """As HasBreaks.segment_breaks. Raises NotADensityError."""
        return _breaks(self._panels.breaks(floor), self._n_edges, self._what)

    def __call__(self, edge: Ints, start: Values, stop: Values) -> tuple[Values, Values, float, float]:
        """As quadrature.PanelRule. Raises NotADensityError."""
        value, error, low, high = self._panels(edge, start, stop)
        value, low, high = self._checked(value, low, high, edge.shape)
        error = real(error, edge.shape, self._what)
        if not error.min(initial=np.inf) >= 0:  # nor NaN
            raise NotADensityError(f"{self._what} returned errors that are negative or NaN")
        return value, error, low, high

    def means(self, nodes: Values, weights: Values) -> tuple[Values, float, float]:
        """As Panels.means. Raises NotADensityError."""
        return self._checked(*self._panels.means(locked(nodes), locked(weights)), (self._n_edges,))

    def _checked(self, value: Any, low: Any, high: Any, shape: tuple[int]) -> tuple[Values, float, float]:
        value = real(value, shape, self._what)
        low, high = (float(real(bound, (), self._what)) for bound in (low, high))
        if not (value.min(initial=np.inf) >= 0 and (low <= high or not shape[0])):  # nor NaN
            raise NotADensityError(
                f"{self._what} returned integrals that are negative or NaN, or a log c from {low:g} to "
                f"{high:g}"
            )
        return value, low, high


def _breaks(output: Any, n_edges: int, what: str) -> tuple[Ints, Values]:
    if not isinstance(output, tuple) or len(output) != 2:
        raise NotADensityError(
            f"{what} returned a {type(output).__name__}; return edge numbers (b,) and places (b,)"
        )
    numbers, places = (
        real(array, (None,), what) if i else np.asarray(array) for i, array in enumerate(output)
    )
    if numbers.shape != places.shape or (numbers.dtype.kind not in "iu" and numbers.size):
        raise NotADensityError(
            f"{what} returned edges {numbers.shape} of {numbers.dtype} and places {places.shape}; return "
            "whole numbers, one a place"
        )
    if numbers.size and (numbers.min() < 0 or numbers.max() >= n_edges):
        raise NotADensityError(
            f"{what} names the edges {numbers.min()} to {numbers.max()}; there are 0 to {n_edges - 1}"
        )
    if places.size and not (places.min() >= 0 and places.max() <= 1):  # nor NaN
        raise NotADensityError(
            f"{what} returned the places {places.min():g} to {places.max():g}; an edge runs from 0 to 1"
        )
    return numbers.astype(np.int64, copy=False), places


def locked(array: NDArray[Any]) -> NDArray[Any]:
    """A read-only view, so that what is written to is named, not spoilt, where nobody writes through it."""
    view = array.view()
    view.flags.writeable = False
    return view


def _reading(what: str, ask: Callable[[], Any]) -> Any:
    """What `ask` returns. Raises NotADensityError where it writes into arrays that are only lent."""
    try:
        return ask()
    except (TypeError, ValueError) as err:
        if "read-only" not in str(err) and "readonly" not in str(err):
            raise
        raise NotADensityError(
            f"{what} writes into the arrays that it is given ({err}); work on copies: points = points.copy()"
        ) from err
