"""Whether kernels are compiled, and work shared out over threads so that the result does not depend on their number."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeVar

from .errors import FallbackNotice, InvalidParameter

__all__ = ["compiled", "n_threads", "shared_out", "using_threads"]

Part = TypeVar("Part")
Result = TypeVar("Result")

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
        warnings.warn(f"numba cannot be imported ({err}), so NumPy and SciPy do the work, more slowly", FallbackNotice, stacklevel=2)
        return False
    return True


def n_threads() -> int:
    """Threads that kernels use: the cores that this process may run on, or fewer where `using_threads` or else OMP_NUM_THREADS says so."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if (within := _asked.get()) is not None:
        return max(1, min(cores, within))
    asked = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    if asked and not asked.isdigit():
        raise InvalidParameter(f"OMP_NUM_THREADS={asked!r} in the environment: give a whole number")
    return max(1, min(cores, int(asked))) if asked else max(1, cores)


@contextmanager
def using_threads(n: int) -> Iterator[None]:
    """Within it kernels called from this thread use n threads, at most as many as there are cores, whatever OMP_NUM_THREADS says."""
    before = _asked.set(n)
    try:
        yield
    finally:
        _asked.reset(before)


def shared_out(work: Callable[[Part], Result], parts: Iterable[Part], threads: int) -> Iterator[Result]:
    """Results of `work` in the order of the parts; an exception of any part is raised. The work must release the GIL."""
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
