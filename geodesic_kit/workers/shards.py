"""Shards of one piece of work, carried out by a cluster's workers: what they share is sent once, a shard
whose worker dies is done by another.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from ..base.threads import using_threads
from ..errors import ClusterError, InvalidParameter
from .connection import difference, made_with
from .parcel import Parcel

__all__ = ["carried_out"]

_AHEAD = 2  # shards a thread under way, so that none waits and no results heap up on the workers
_LOOK = 2.0  # seconds between two looks at whether anyone still works
_ALONE = 60.0  # seconds without any worker
_LOSSES = 5  # times that what is shared may be lost with all who held it

Part = TypeVar("Part")


def carried_out(
    client: Any, function: Callable[[Any, Part], Any], shared: Any, parts: Mapping[int, Part]
) -> Iterator[tuple[int, Any]]:
    """What `function(shared, part)` returns for each part, with its key, as they come in; left early, the
    rest is cancelled.

    The function is one that workers can import. Each call has one thread. An error of a part is raised.
    Raises ClusterError where scheduler or workers are lost for good, or a part takes its workers with it.
    """
    yield from _Work(client, function, shared, parts).results()


class _Work:
    """The shards under way."""

    def __init__(self, client: Any, function: Any, shared: Any, parts: Mapping[int, Any]) -> None:
        self._client, self._function, self._parts = client, function, parts
        try:
            self._parcel = Parcel.of(shared)
        except (pickle.PicklingError, TypeError, AttributeError) as err:
            raise InvalidParameter(
                f"this cannot be sent to workers ({err}): a density, metric or solver that holds open files, "
                "locks or generators cannot travel; make it without them"
            ) from err
        self._waiting = list(reversed(parts))
        self._running: dict[Any, int] = {}  # futures and the keys of their parts
        self._ended: SimpleQueue[Any] = SimpleQueue()
        self._losses, self._alone = 0, 0.0

    def results(self) -> Iterator[tuple[int, Any]]:
        if not self._waiting:
            return
        self._scatter()
        try:
            while self._waiting or self._running:
                self._submit()
                try:
                    future = self._ended.get(timeout=_LOOK)
                except Empty:
                    self._look()
                    continue
                self._alone = 0.0
                key = self._running.pop(future, None)
                if key is None:
                    continue  # of before a loss
                if future.status in ("cancelled", "lost"):
                    self._begin_again(key)
                    continue
                yield key, self._result(future, key)
        finally:
            if self._client.status == "running":
                self._client.cancel(list(self._running), force=True)

    def _scatter(self) -> None:
        """Send what all parts share to every worker; one who comes later has it from another."""
        held = self._client.scatter([self._parcel], broadcast=True, hash=False)
        self._held, self._told = held[0], made_with()
        self._most = _AHEAD * max(1, sum(self._client.nthreads().values()))

    def _submit(self) -> None:
        while self._waiting and len(self._running) < self._most:
            key = self._waiting.pop()
            future = self._client.submit(
                _task, self._function, self._held, self._parts[key], self._told, pure=False
            )
            self._running[future] = key
            future.add_done_callback(self._ended.put)

    def _result(self, future: Any, key: int) -> Any:
        from distributed import KilledWorker

        try:
            return future.result()
        except KilledWorker as err:
            raise ClusterError(
                f"{err.allowed_failures + 1} workers died over shard {key}, most likely for want of memory: "
                "start workers with more (--memory-limit), or fewer threads each; finished shards are kept"
            ) from err
        except ImportError as err:
            raise ClusterError(
                f"a worker cannot import what it was sent ({err}): install it there, or define it in the "
                "notebook itself"
            ) from err

    def _begin_again(self, key: int) -> None:
        """All who held what is shared are gone: send it again, and do what was under way again."""
        self._losses += 1
        if self._client.status != "running" or self._losses > _LOSSES:
            raise ClusterError(
                f"the cluster was lost with {len(self._waiting) + len(self._running) + 1} of "
                f"{len(self._parts)} shards left; finished shards are kept: start it again and repeat the "
                "call"
            )
        self._waiting += [*self._running.values(), key]
        self._running = {}
        self._client.wait_for_workers(1, timeout=_ALONE)
        self._scatter()

    def _look(self) -> None:
        """Raises ClusterError where no one works any more."""
        threads = sum(self._client.nthreads().values()) if self._client.status == "running" else 0
        self._most = _AHEAD * threads or self._most
        self._alone = 0.0 if threads else self._alone + _LOOK
        if self._alone >= _ALONE:
            raise ClusterError(
                f"no worker is left, and {len(self._waiting) + len(self._running)} of {len(self._parts)} "
                "shards are; finished shards are kept: start workers and repeat the call"
            )


def _task(function: Callable[[Any, Part], Any], parcel: Parcel, part: Part, expected: dict[str, str]) -> Any:
    """One part, on a worker, which may have come after the others were looked at."""
    if expected != made_with() and (told := difference(expected)):
        raise ClusterError(
            f"a worker that came later differs: the caller has {told}, the worker; end that worker"
        )
    with using_threads(1):
        return function(parcel.opened(), part)
