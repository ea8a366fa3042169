"""Times of several pieces of work taken in turns, so that a busy machine slows all of them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = ["Failure", "Timings", "interleaved", "timed"]


@dataclass(frozen=True)
class Timings:
    """Seconds of every repeat, and what the last one returned; `share` is the part of the work that was
    done.
    """

    seconds: tuple[float, ...]
    result: Any = field(default=None, repr=False)
    share: float = 1.0

    @property
    def median(self) -> float:
        """Median seconds of the whole work, extrapolated where only a share of it was done."""
        return statistics.median(self.seconds) / self.share

    def of(self, share: float) -> Timings:
        """The same times, as those of a share of the work."""
        return replace(self, share=share)


@dataclass(frozen=True)
class Failure:
    """Why a piece of work has no time."""

    why: str


def interleaved(work: Mapping[str, Callable[[], Any]], repeats: int) -> dict[str, Timings | Failure]:
    """Each piece of work `repeats` times, in rounds that begin with another one each; what raises is left out
    from then on.
    """
    seconds: dict[str, list[float]] = {name: [] for name in work}
    results: dict[str, Any] = {}
    failures: dict[str, Failure] = {}
    names = list(work)
    for turn in range(repeats):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            if name in failures:
                continue
            try:
                start = time.perf_counter()
                results[name] = work[name]()
                seconds[name].append(time.perf_counter() - start)
            except Exception as err:  # noqa: BLE001  # a peer may be absent or fail in any way: its row says so, the others go on
                failures[name] = Failure(f"{type(err).__name__}: {err}")
    return {name: failures.get(name) or Timings(tuple(seconds[name]), results[name]) for name in names}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of one run, and what it returned."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result
