"""Whether kernels are compiled, and work shared out over threads so that the result does not depend on their
number.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeVar

from ..errors import FallbackNotice, InvalidParameter
from .warn import tell

__all__ = [
    "PASSIVE",
    "child_environment",
    "children",
    "compiled",
    "cores",
    "n_threads",
    "shared_out",
    "using_threads",
]

Part = TypeVar("Part")
Result = TypeVar("Result")

# OpenMP's threads wait for each other in a loop, and beside a busy process the one waited for stands still
# meanwhile: a fit of 150 points took 30 times as long. Asleep they give way; OpenBLAS's own threads cannot,
# so it has one.
PASSIVE = {
    "OMP_WAIT_POLICY": "passive",
    "GOMP_SPINCOUNT": "0",
    "KMP_BLOCKTIME": "0",
    "OPENBLAS_NUM_THREADS": "1",
}

_asked: ContextVar[int | None] = ContextVar("geodesic_kit_threads", default=None)


@cache
def compiled() -> bool:
    """Whether numba is there to compile kernels; GEODESIC_KIT_COMPILED=0 keeps to NumPy.

    Warns FallbackNotice where numba is installed and cannot be imported.
    """
    if os.environ.get("GEODESIC_KIT_COMPILED", "1") == "0":
        return False
    try:
        import numba  # noqa: F401
    except ModuleNotFoundError:
        return False
    except ImportError as err:
        tell(f"numba cannot be imported ({err}), so NumPy and SciPy do the work, more slowly", FallbackNotice)
        return False
    return True


def n_threads() -> int:
    """Threads that kernels use: the cores that this process may run on, or fewer where `using_threads` or
    else OMP_NUM_THREADS says so.
    """
    if (within := _asked.get()) is not None:
        return max(1, min(cores(), within))
    asked = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    if asked and not asked.isdigit():
        raise InvalidParameter(f"OMP_NUM_THREADS={asked!r} in the environment: give a whole number")
    return max(1, min(cores(), int(asked))) if asked else cores()


def cores() -> int:
    """Cores that this process may run on."""
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def child_environment(threads: int | None = None) -> dict[str, str]:
    """The environment of a process to be started: threads that wait asleep, `threads` of them where given;
    what is set here stays.
    """
    counted = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
    return PASSIVE | counted | os.environ


@contextmanager
def children(threads: int | None = None, **more: str) -> Iterator[None]:
    """Within it every process that is started has `child_environment(threads)` and `more`; for starters that
    take no environment.
    """
    wanted = {
        name: value
        for name, value in (child_environment(threads) | more).items()
        if os.environ.get(name) != value
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, held in before.items():
            if held is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = held


@contextmanager
def using_threads(n: int) -> Iterator[None]:
    """Within it kernels called from this thread use n threads, at most as many as there are cores, whatever
    OMP_NUM_THREADS says.
    """
    before = _asked.set(n)
    try:
        yield
    finally:
        _asked.reset(before)


def shared_out(work: Callable[[Part], Result], parts: Iterable[Part], threads: int) -> Iterator[Result]:
    """Results of `work` in the order of the parts; an exception of any part is raised. The work must release
    the GIL.
    """
    parts = list(parts)
    if threads == 1 or len(parts) < 2:
        yield from map(work, parts)
        return
    with ThreadPoolExecutor(min(threads, len(parts))) as pool:
        futures: list[Any] = [pool.submit(work, part) for part in parts]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:  # after an error or an interrupt nothing more is begun
                future.cancel()
