"""The rules that join points: a ball of radius eps, k nearest neighbours, or both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from ..base.copies import rows_that_repeat
from ..base.neighbours import nearest, pairs_between, pairs_expected, pairs_within
from ..checks import integer, number
from ..checks.memory import fits, within
from ..errors import DuplicatePointsError, InvalidParameter
from ..types import Edges, Points, Values

__all__ = ["AtLeast", "Ball", "Link", "Nearest", "as_card", "from_card", "reach_of"]

# so many points are searched at once, copies or not; rows looked at among more
_FEW_ROWS, _LOOKED_AT = 2000, 500
_PEAK_BETWEEN = 150  # bytes a pair takes while it is a number in a list, in order and kept
_PEAK = 48  # bytes a pair takes while pairs are found, put in order and kept


class Link(Protocol):
    """A rule that joins points."""

    def edges(self, points: Points) -> Edges:
        """Edges among the points, (m, 2), i < j."""
        ...

    def between(self, points: Points, new: Points) -> Edges:
        """Edges that join new points, numbered from len(points) up, to the points."""
        ...


@dataclass(frozen=True)
class Ball:
    """Every pair less than eps apart. [GG] Def 2.3."""

    eps: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "eps", number(self.eps, "eps", above=0, finite=True))

    def edges(self, points: Points) -> Edges:
        pairs, least = self._among(points)
        _refuse_duplicates(points, least)
        return pairs

    def between(self, points: Points, new: Points) -> Edges:
        """New points also join each other, so that attaching equals building over all points at once."""
        expected, number_of = _expected(
            float(len(new) * len(points)), _PEAK_BETWEEN, lambda: pairs_expected(points, self.eps, new)
        )
        told = f"{number_of} edges from {len(new):,} new points to those less than eps={self.eps:g} away"
        with within(
            _PEAK_BETWEEN * expected,
            told,
            "attach fewer points at a time, or make the graph with a smaller eps=",
        ):
            pairs, distances = pairs_between(new, points, self.eps)
        among, apart = self._among(new)
        _refuse_copies(pairs, distances)
        _refuse_duplicates(new, apart)
        return np.concatenate(
            [np.stack([pairs[:, 1], pairs[:, 0] + len(points)], axis=1), among + len(points)]
        )

    def _among(self, points: Points) -> tuple[Edges, float]:
        """Pairs of points, (m, 2), and the least distance. Raises DuplicatePointsError and
        TooLittleMemoryError.
        """
        _refuse_bulk(points)
        expected, number_of = _expected(
            len(points) * (len(points) - 1) / 2, _PEAK, lambda: pairs_expected(points, self.eps)
        )
        told = f"{number_of} edges of {len(points):,} points less than eps={self.eps:g} apart"
        with within(_PEAK * expected, told, "give a smaller eps=, or see gk.suggest_graph(points)"):
            return pairs_within(points, self.eps)


def _expected(most: float, peak: int, estimate: Callable[[], float]) -> tuple[float, str]:
    """How many pairs to make room for, `peak` bytes each, and in words: the most there can be, else an
    estimate.
    """
    if fits(peak * most):
        return most, f"at most {most:.2g}"
    expected = estimate()
    return expected, f"about {expected:.2g}"


@dataclass(frozen=True)
class Nearest:
    """Each point and its k nearest, one side's choice being enough."""

    k: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "k", integer(self.k, "k", least=1))

    def edges(self, points: Points) -> Edges:
        if self.k >= len(points):
            raise InvalidParameter(f"k={self.k} for {len(points)} points; give at most {len(points) - 1}")
        _refuse_bulk(points)
        pairs = len(points) * (self.k + 5)
        with within(_PEAK * pairs, f"{self.k:,} neighbours of {len(points):,} points", "give a smaller k="):
            near, distances = nearest(points, self.k)
        _refuse_duplicates(points, distances[:, 0].min())
        return _undirected(np.repeat(np.arange(len(points)), self.k), near.ravel(), len(points))

    def between(self, points: Points, new: Points) -> Edges:
        """Each new point joins its k nearest among the old ones only, so that it does not depend on its
        company.
        """
        if self.k > len(points):
            raise InvalidParameter(f"k={self.k} for {len(points)} points; give at most {len(points)}")
        near, distances = nearest(points, self.k, new)
        rows = np.repeat(np.arange(len(new)), self.k)
        _refuse_copies(np.stack([rows, near.ravel()], axis=1), distances.ravel())
        return np.stack([near.ravel(), rows + len(points)], axis=1)


@dataclass(frozen=True)
class AtLeast:
    """Every pair less than eps apart, and the k nearest of a point that has fewer. [GG] Appendix C.4."""

    k: int
    eps: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "eps", Ball(self.eps).eps)
        object.__setattr__(self, "k", Nearest(self.k).k)

    def edges(self, points: Points) -> Edges:
        both = np.concatenate([Ball(self.eps).edges(points), Nearest(self.k).edges(points)])
        return _undirected(both[:, 0], both[:, 1], len(points))

    def between(self, points: Points, new: Points) -> Edges:
        both = np.concatenate([Ball(self.eps).between(points, new), Nearest(self.k).between(points, new)])
        return _undirected(both[:, 0], both[:, 1], len(points) + len(new))


def as_card(link: Any) -> dict[str, Any]:
    """A rule as JSON, empty where there is none."""
    return {"rule": type(link).__name__} | asdict(link) if isinstance(link, (Ball, Nearest, AtLeast)) else {}


def from_card(card: dict[str, Any] | None) -> Link | None:
    """The rule that `as_card` wrote."""
    rules: dict[str, Any] = {rule.__name__: rule for rule in (Ball, Nearest, AtLeast)}
    return (
        rules[card["rule"]](**{name: value for name, value in card.items() if name != "rule"})
        if card
        else None
    )


def reach_of(link: Any, longest: float) -> float:
    """How far from its points a graph's rule takes the sample to reach: eps, else the longest edge seen."""
    return max(float(link.eps), longest) if isinstance(link, (Ball, AtLeast)) else longest


def _undirected(i: Edges, j: Edges, n: int) -> Edges:
    keys = np.unique(np.minimum(i, j) * n + np.maximum(i, j))
    return np.stack([keys // n, keys % n], axis=1)


def _refuse_duplicates(points: Points, least: float) -> None:
    if least > 0:
        return
    again = rows_that_repeat(points)
    if not len(again):  # they lie so near each other that only the square of their distance is 0
        return
    raise DuplicatePointsError(
        f"{len(again)} point(s) repeat an earlier one (the first is row {again[0]}), "
        "and an edge of length 0 is no edge; keep each point once: np.unique(points, axis=0)"
    )


def _refuse_bulk(points: Points) -> None:
    """Refuse many copies of few points by a look at some of them: a tree would be one heap, and a search in
    it takes n^2.
    """
    some = points[:: max(1, len(points) // _LOOKED_AT)]
    if len(points) > _FEW_ROWS and len(rows_that_repeat(some)):
        _refuse_duplicates(points, 0.0)


def _refuse_copies(pairs: Edges, distances: Values) -> None:
    if len(distances) and distances.min() == 0:
        row, vertex = pairs[int(np.argmin(distances))]
        raise DuplicatePointsError(
            f"new point {row} is vertex {vertex} of the graph; use that vertex and attach the others"
        )
