"""A cell's time limit, which a busy machine alone does not meet: time spent in wait for a core is not
counted.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

__all__ = ["CellClock", "end_descendants"]

_TICK = 1.0  # seconds between looks


class CellClock:
    """Ends this process' kernels where a cell takes more than `limit` seconds; `reached` then says which.

    `begin` and `end` are hooks of nbclient: `on_cell_execute` and `on_cell_executed`. Seconds count but for
    those in which a thread of the kernel was ready and no core was free, as far as the system tells (Linux
    does); a cell that sleeps or stands still meets its limit like any other.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.reached = ""
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._others = {process.pid for process in _descendants()}  # what the caller had started before

    def begin(self, *, cell_index: int, **_: Any) -> None:
        """A cell begins."""
        self.end()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(cell_index, self._ended), daemon=True)
        self._thread.start()

    def end(self, **_: Any) -> None:
        """It has ended, or the notebook was given up."""
        self._ended.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _watch(self, number: int, ended: threading.Event) -> None:
        spent, then, before = 0.0, monotonic(), _waited(self._others)
        while not ended.wait(_TICK):
            now, after = monotonic(), _waited(self._others)
            starved = max((wait - before.get(thread, 0.0) for thread, wait in after.items()), default=0.0)
            spent += max(0.0, now - then - starved)
            then, before = now, after
            if spent > self.limit:
                self.reached = f"cell {number} takes more than {self.limit:g} s; --timeout gives it longer"
                end_descendants(self._others)
                return


def end_descendants(others: Collection[int] = ()) -> None:
    """End every process that this one started, and theirs, but for those whose ids are `others`."""
    from psutil import Error

    for process in _descendants(others):
        with suppress(Error):
            process.kill()


def _descendants(others: Collection[int] = ()) -> list[Any]:
    import psutil

    return [process for process in psutil.Process().children(recursive=True) if process.pid not in others]


def _waited(others: Collection[int]) -> dict[str, float]:
    """Seconds that each thread below this process has spent ready and without a core; empty where the system
    does not tell.
    """
    found = {}
    for process in _descendants(others):
        for path in Path(f"/proc/{process.pid}/task").glob("*/schedstat"):
            with suppress(OSError, ValueError, IndexError):  # a thread may end while it is read
                found[str(path)] = int(path.read_text().split()[1]) / 1e9
    return found
