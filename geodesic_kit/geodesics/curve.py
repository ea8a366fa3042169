"""A geodesic as a value: the points of a curve, the lengths of its pieces, and where along it a fraction
lies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.scales import step_lengths, total
from ..checks import as_points, as_shares, chosen, reals
from ..errors import DataError
from ..metric.rules import Adaptive, Rule
from ..types import Ints, Metric, Points, Search, Values
from .lengths import pieces_of

__all__ = ["Geodesic", "Support", "measured"]

_CUTS = 16  # parts that a piece is cut into to find where a fraction of its length lies


@dataclass(frozen=True, eq=False)
class Support:
    """Where a sample lies: within `reach`, in the units of x, of one of its points, (n, d), which are not
    copied.
    """

    points: Points
    reach: float


@dataclass(frozen=True, eq=False)
class Geodesic:
    """A polygon through points (k, d) whose pieces, (k - 1,), have the given metric lengths.

    `indices` are the graph's vertices it runs through, None after refinement. `exact` is False where a search
    could not prove its bound. `error` estimates how much longer it is than the smooth geodesic, NaN on a
    graph path. `notes` say in what a refined curve falls short; `support` is where the sample lies that its
    ends come from; `search` says what finding the graph path took. `certified` is whether the exact Hessian
    of a refined curve's energy is positive definite, so that it is a local minimum; None where that was not
    looked at.
    """

    points: Points
    pieces: Values
    indices: Ints | None = None
    metric: Metric | None = None
    exact: bool = True
    error: float = float("nan")
    notes: tuple[str, ...] = ()
    support: Support | None = field(default=None, repr=False)
    search: Search | None = field(default=None, repr=False)
    certified: bool | None = None

    def __post_init__(self) -> None:
        points = as_points(self.points).copy()
        pieces = reals(self.pieces, "pieces", give="give one length a piece, (k - 1,)").copy()
        if pieces.shape != (len(points) - 1,):
            raise DataError(f"{len(points)} points have {len(points) - 1} pieces, {pieces.shape} were given")
        if not (np.isfinite(pieces) & (pieces >= 0)).all():
            raise DataError("the pieces of a geodesic are finite and not negative")
        total(pieces)
        for array in (points, pieces):
            array.flags.writeable = False
        object.__setattr__(self, "points", points)
        object.__setattr__(self, "pieces", pieces)

    def __repr__(self) -> str:
        error = "" if np.isnan(self.error) else f" ± {self.error:.1g}"
        notes = "".join(f"; {note}" for note in self.notes)
        if self.search is not None and self.search.integrated is not None:
            notes = (
                f"; {self.search.integrated:,} edges integrated"
                + ("" if self.exact else ", by a bound that is not proven")
                + notes
            )
        return (
            f"Geodesic(length {self.length:.6g}{error}, {len(self.points)} points in "
            f"R^{self.points.shape[1]}{notes})"
        )

    @property
    def length(self) -> float:
        """Metric length: the sum of the pieces, in the units of x times c. [GG] Eqn 1."""
        return float(self.pieces.sum())

    @property
    def energy(self) -> float:
        """Half the integral of the squared speed over t in [0, 1], with equal time a piece; at least length^2
        / 2.

        Raises DataError where float64 cannot hold it.
        """
        with np.errstate(over="ignore"):
            energy = float(0.5 * len(self.pieces) * np.square(self.pieces).sum())
        if not np.isfinite(energy) or (energy < np.finfo(float).tiny and self.length > 0):
            raise DataError(
                f"the square of a length of {self.length:.4g} does not fit float64; scale the points"
            )
        return energy

    @property
    def euclidean_length(self) -> float:
        """Euclidean length of the polygon, in the units of x. Raises DataError where it exceeds float64."""
        return total(self._steps())

    def at(self, t: ArrayLike, by: str = "metric") -> Points:
        """Points at the fractions t of the metric or the Euclidean length, (len(t), d). Raises
        InvalidParameter.
        """
        fraction = as_shares(t)
        chosen(by, "by", ("metric", "euclidean"))
        pieces = self.pieces if by == "metric" else self._steps()
        total(pieces)
        passed = np.concatenate([[0.0], np.cumsum(pieces)])
        if passed[-1] == 0:
            return np.repeat(self.points[:1], len(fraction), axis=0)
        moved = np.flatnonzero(pieces > 0)  # a standing point would divide by zero
        wanted = fraction * passed[-1]
        piece = moved[np.clip(np.searchsorted(passed[moved], wanted, side="right") - 1, 0, len(moved) - 1)]
        share = (wanted - passed[piece]) / (passed[piece + 1] - passed[piece])
        if by == "metric" and self.metric is not None:
            share = self._place(self.metric, piece, share)
        share = share[:, None]
        return (1 - share) * self.points[piece] + share * self.points[piece + 1]

    def _steps(self) -> Values:
        """Euclidean length of each piece, (k - 1,). Raises DataError where one exceeds float64."""
        return step_lengths(self.points[:-1], self.points[1:])

    def _place(self, metric: Metric, piece: Ints, share: Values) -> Values:
        """How far along each piece, of its Euclidean length, a share of its metric length lies, (k,)."""
        parts = self._parts(metric, piece)
        passed = np.concatenate([np.zeros((len(parts), 1)), np.cumsum(parts, axis=1)], axis=1)
        wanted = share * passed[:, -1]
        part = np.clip((wanted[:, None] >= passed).sum(axis=1) - 1, 0, _CUTS - 1)
        before, after = passed[np.arange(len(parts)), [part, part + 1]]
        # an end may stand still: there it is reached
        within = np.divide(wanted - before, after - before, out=np.ones(len(parts)), where=after > before)
        return (part + within) / _CUTS

    def _parts(self, metric: Metric, piece: Ints) -> NDArray[np.float64]:
        """Metric lengths of 16 even parts of those pieces, (k, 16), so that length is nearly linear within
        one; each piece is measured once.
        """
        known = self._measured_parts
        new = np.unique(piece[np.isnan(known[piece, 0])])
        if len(new):
            start, step = self.points[new], self.points[new + 1] - self.points[new]
            cuts = np.linspace(0, 1, _CUTS + 1)[:, None]
            # Cut so finely, one panel a part sees what several of a whole piece see.
            fine = list(start[:, None, :] + cuts * step[:, None, :])
            known[new] = pieces_of(fine, metric, Adaptive(panels=1))
        return known[piece]

    @cached_property
    def _measured_parts(self) -> NDArray[np.float64]:
        return np.full((len(self.pieces), _CUTS), np.nan)


def measured(points: Points, metric: Metric, rule: Rule | None = None) -> Geodesic:
    """The polygon through points (k, d) with its pieces' lengths under any metric; a piece of no length
    stays.

    A conformal metric measures by the rule where one is given.
    """
    return Geodesic(points, pieces_of([points], metric, rule)[0], metric=metric)
