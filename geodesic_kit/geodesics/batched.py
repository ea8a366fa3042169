"""Many computations that ask a metric at points, run side by side so that one call answers all of them.

A computation is a generator: it yields what it asks and is sent the answer. So each stays plain sequential
code, none sees another's numbers, and there are no threads that could hang or reorder anything.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, NamedTuple, NoReturn, TypeVar

import numpy as np

from ..errors import ContrastError, DataError, GeodesicKitError, InvalidParameter, NotADensityError
from ..types import Chords, Points, Values

__all__ = ["OUTSIDE", "Answer", "Asking", "Factor", "Least", "Pieces", "Speed", "raise_named", "together"]

_CALL = 1 << 21  # coordinates that one call of the density may hold: 16 MB of float64

# what a metric raises beyond its domain, or where c does not fit float64
OUTSIDE = (ContrastError, DataError, InvalidParameter, NotADensityError)

T = TypeVar("T")


class Factor(NamedTuple):
    """Asks for log c at points (n, d), with its gradient or without."""

    x: Points
    gradient: bool

    @property
    def kind(self) -> tuple[str, int]:
        """What may be asked in one call."""
        return "factor", int(self.gradient)

    def answered(self, metric: Any) -> Answer:
        """The metric's answer."""
        if self.gradient:
            return Answer(*metric.log_factor_and_gradient(self.x))
        return Answer(metric.log_factor(self.x), np.empty((len(self.x), 0)))


class Speed(NamedTuple):
    """Asks for the lengths of tangent vectors v at points x, (n, d) both."""

    x: Points
    v: Points

    @property
    def kind(self) -> tuple[str, int]:
        """What may be asked in one call."""
        return "speed", 0

    def answered(self, metric: Any) -> tuple[Values]:
        """The metric's answer, (n,)."""
        return (metric.speed(self.x, self.v),)


class Pieces(NamedTuple):
    """Asks for the squared lengths of short pieces from x to y, (n, d) both, and for derivatives up to
    `order`.
    """

    x: Points
    y: Points
    order: int

    @property
    def kind(self) -> tuple[str, int]:
        """What may be asked in one call."""
        return "pieces", self.order

    def answered(self, metric: Any) -> Chords:
        """The metric's answer."""
        return metric.chords(self.x, self.y, self.order)


class Answer(NamedTuple):
    """log c, (n,), and its gradient, (n, d), empty where it was not asked for."""

    log_c: Values
    gradient: Points


class Least(NamedTuple):
    """A polygon (k, d) of least energy, whether it came to rest, and whether it is certain to be a local
    minimum, None where that is not known.
    """

    curve: Points
    rests: bool
    certified: bool | None = None


Ask = Factor | Speed | Pieces
Asking = Generator[Ask, Any, T]


def together(jobs: Iterator[Asking[T]], metric: Any, at_once: int, names: list[int] | None = None) -> list[T]:
    """The results of the jobs, in their order, at most `at_once` of them under way; an error says whose it is
    by `names`.
    """
    results: dict[int, T] = {}
    waiting = enumerate(jobs)
    running: dict[int, Asking[T]] = {}
    asked: dict[int, Ask] = {}

    def resume(k: int, reply: Any) -> None:
        try:
            if reply is None:
                asked[k] = next(running[k])
            else:
                asked[k] = running[k].throw(reply) if isinstance(reply, Exception) else running[k].send(reply)
        except StopIteration as stop:
            results[k] = stop.value
            del running[k]
        except Exception as err:  # noqa: BLE001  raised again with the name of the path
            raise_named(err, names[k] if names else None)

    while True:
        while len(running) < at_once and (found := next(waiting, None)) is not None:
            running[found[0]] = found[1]
            resume(found[0], None)
        if not asked:
            return [results[k] for k in sorted(results)]
        round_, asked = asked, {}
        for kind in sorted({ask.kind for ask in round_.values()}):
            keys = [k for k in round_ if round_[k].kind == kind]
            for k, reply in zip(keys, _answers([round_[k] for k in keys], metric), strict=True):
                resume(k, reply)


def raise_named(err: Exception, k: int | None) -> NoReturn:
    """Raise the error with the number of the path that it comes from, where there is more than one."""
    if k is not None and isinstance(err, GeodesicKitError):
        raise type(err)(f"path {k}: {err}") from err
    if k is not None:
        err.add_note(f"path {k}")
    raise err


def _answers(asks: list[Ask], metric: Any) -> list[Any]:
    """An answer to each, or the metric's error at its points: halves are asked again until the one is found
    that fails.
    """
    if len(asks) == 1 or sum(ask.x.size for ask in asks) <= _CALL:
        try:
            return list(_evaluated(asks, metric))
        except Exception as err:  # noqa: BLE001  whatever it is, it is raised in the computation that asked
            if len(asks) == 1:
                return [err]
    half = len(asks) // 2
    return _answers(asks[:half], metric) + _answers(asks[half:], metric)


def _evaluated(asks: list[Any], metric: Any) -> Iterator[Any]:
    """An answer to each of some asks of one kind, by calls of the metric with few enough points."""
    first = asks[0]
    given = [
        np.concatenate([ask[k] for ask in asks]) if isinstance(first[k], np.ndarray) else first[k]
        for k in range(len(first))
    ]
    step = max(1, _CALL // first.x.shape[1])
    parts: list[Any] = [
        type(first)(
            *(value[start : start + step] if isinstance(value, np.ndarray) else value for value in given)
        ).answered(metric)
        for start in range(0, max(len(given[0]), 1), step)
    ]
    columns = [
        None if column[0] is None else column[0] if len(column) == 1 else np.concatenate(column)
        for column in zip(*parts, strict=True)
    ]
    end = 0
    for ask in asks:
        start, end = end, end + len(ask.x)
        own = (None if column is None else column[start:end] for column in columns)
        yield next(own) if isinstance(ask, Speed) else type(parts[0])(*own)
