"""Many computations that ask for log c at points, run side by side so that one call of the density answers
all of them.

A computation is a generator: it yields what it asks and is sent the answer. So each stays plain sequential
code, none sees another's numbers, and there are no threads that could hang or reorder anything.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, NamedTuple, NoReturn, TypeVar

import numpy as np

from ..errors import GeodesicKitError
from ..types import Points, Values

__all__ = ["Answer", "Ask", "Asking", "raise_named", "together"]

_CALL = 1 << 21  # coordinates that one call of the density may hold: 16 MB of float64

T = TypeVar("T")


class Ask(NamedTuple):
    """log c at points (n, d), with its gradient or without."""

    x: Points
    gradient: bool


class Answer(NamedTuple):
    """log c, (n,), and its gradient, (n, d), empty where it was not asked for."""

    log_c: Values
    gradient: Points


Asking = Generator[Ask, Answer, T]


def together(jobs: Iterator[Asking[T]], metric: Any, at_once: int, names: list[int] | None = None) -> list[T]:
    """The results of the jobs, in their order, at most `at_once` of them under way; an error says whose it is
    by `names`.
    """
    results: dict[int, T] = {}
    waiting = enumerate(jobs)
    running: dict[int, Asking[T]] = {}
    asked: dict[int, Ask] = {}

    def resume(k: int, reply: Answer | Exception | None) -> None:
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
        for gradient in (False, True):
            keys = [k for k in round_ if round_[k].gradient == gradient]
            for k, reply in zip(keys, _answers([round_[k] for k in keys], metric), strict=True):
                resume(k, reply)


def raise_named(err: Exception, k: int | None) -> NoReturn:
    """Raise the error with the number of the path that it comes from, where there is more than one."""
    if k is not None and isinstance(err, GeodesicKitError):
        raise type(err)(f"path {k}: {err}") from err
    if k is not None:
        err.add_note(f"path {k}")
    raise err


def _answers(asks: list[Ask], metric: Any) -> list[Answer | Exception]:
    """An answer to each, or the density's error at its points: halves are asked again until the one is found
    that fails.
    """
    if not asks:
        return []
    if len(asks) == 1 or sum(ask.x.size for ask in asks) <= _CALL:
        try:
            return list(_evaluated(asks, metric))
        except Exception as err:  # noqa: BLE001  whatever it is, it is raised in the computation that asked
            if len(asks) == 1:
                return [err]
    half = len(asks) // 2
    return _answers(asks[:half], metric) + _answers(asks[half:], metric)


def _evaluated(asks: list[Ask], metric: Any) -> Iterator[Answer]:
    x = asks[0].x if len(asks) == 1 else np.concatenate([ask.x for ask in asks])
    log_c, gradient = np.empty(len(x)), np.empty(x.shape if asks[0].gradient else (len(x), 0))
    step = max(1, _CALL // x.shape[1])
    for start in range(0, len(x), step):
        part = slice(start, start + step)
        if asks[0].gradient:
            log_c[part], gradient[part] = metric.log_factor_and_gradient(x[part])
        else:
            log_c[part] = metric.log_factor(x[part])
    end = 0
    for ask in asks:
        start, end = end, end + len(ask.x)
        yield Answer(log_c[start:end], gradient[start:end])
