"""Progress bars where someone is looking: for work on many points, for its stages, and for trainings."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Self, TypeVar

__all__ = ["Stages", "TrainingBar", "progress"]

_MANY = 100_000  # points, from which on people ask whether it still runs
_SEVERAL = 2000  # points, from which on a stage of work takes seconds
_PATIENCE = 2.0  # seconds before a bar appears
_LOG_EVERY = 60.0  # seconds between lines of the log

Part = TypeVar("Part")


def progress(parts: Iterable[Part], total: int, n: int, what: str) -> Iterable[Part]:
    """The parts, with a bar where there are 100,000 points (n) or more; without tqdm, and where no one sees
    it, without a bar.

    Where threads do the work, the parts are their results: a bar counts what is done, not what has begun.
    """
    if n < _MANY or not _watched():
        return parts
    try:
        from tqdm.auto import tqdm
    except ModuleNotFoundError:
        return parts
    return tqdm(parts, total=total, desc=what, delay=_PATIENCE, leave=False)


class Stages:
    """Stages of one piece of work on n points, each told as it begins: a bar from 2,000 points on, at once,
    so that a long stage is not silent.

    Used as a context: `with Stages(3, n) as begins: begins("fitting a density")`.
    """

    def __init__(self, total: int, n: int) -> None:
        self._bar: Any = None
        self._begun = False
        if n >= _SEVERAL and _watched():
            with suppress(ModuleNotFoundError):
                from tqdm.auto import tqdm

                self._bar = tqdm(total=total, leave=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if self._bar is not None:
            self._bar.update(int(error is None))  # a notebook keeps a bar that did not come to its end
            self._bar.close()

    def __call__(self, stage: str) -> None:
        """Say that the stage begins, and count the one before it as done."""
        if self._bar is not None:
            self._bar.set_description(stage, refresh=False)
            self._bar.update(int(self._begun))
            self._bar.refresh()
        self._begun = True


class TrainingBar:
    """Steps of a training, with what it measures: a bar where someone looks, else a line of the log each
    minute.

    Used as a context: `with TrainingBar(total, done, "realnvp") as bar: bar(step, loss=0.3)`.
    """

    def __init__(self, total: int, done: int, what: str) -> None:
        self._total, self._what, self._shown = total, what, done
        self._next = time.monotonic() + _LOG_EVERY
        self._bar: Any = None
        if _watched():
            with suppress(ModuleNotFoundError):
                from tqdm.auto import tqdm

                self._bar = tqdm(total=total, initial=done, desc=what, delay=_PATIENCE, leave=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def __call__(self, step: int, **numbers: float) -> None:
        """Show that `step` steps are done, and the numbers."""
        if self._bar is not None:
            self._bar.set_postfix({name: f"{value:.4g}" for name, value in numbers.items()}, refresh=False)
            self._bar.update(step - self._shown)
            self._shown = step
        elif time.monotonic() >= self._next:
            self._next = time.monotonic() + _LOG_EVERY
            told = ", ".join(f"{name} {value:.4g}" for name, value in numbers.items())
            logging.getLogger(__name__).info("%s: step %d of %d, %s", self._what, step, self._total, told)


def _watched() -> bool:
    return sys.stderr.isatty() or "ipykernel" in sys.modules
