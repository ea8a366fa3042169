"""Fewer threads of BLAS and OpenMP for a while: small work has one, since more would mostly wait for each
other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import RLock

__all__ = ["limited_to", "small_work"]

# coordinates: on fewer scikit-learn's threads gain nothing, and beside a busy process they take thirty times
# as long
_SMALL = 1 << 17
_first = RLock()  # held by the thread that has set BLAS's number


def small_work(coordinates: int) -> AbstractContextManager[None]:
    """One thread of BLAS and OpenMP within it, where the work is on no more than 131,072 coordinates."""
    return limited_to(1) if coordinates <= _SMALL else nullcontext()


@contextmanager
def limited_to(threads: int) -> Iterator[None]:
    """So many threads of BLAS and OpenMP within it; nothing where threadpoolctl is missing, which comes with
    scikit-learn.

    OpenMP's number is this thread's own. BLAS has one for the process, which two threads that come and go
    would leave wrong: whoever is within first sets it and sets it back, and another thread meanwhile runs on
    what it finds.
    """
    try:
        import sklearn  # noqa: F401  # what is loaded later would not be limited
        from threadpoolctl import threadpool_limits
    except ModuleNotFoundError:
        yield
        return
    with threadpool_limits(threads, user_api="openmp"):
        if not _first.acquire(blocking=False):
            yield
            return
        try:
            with threadpool_limits(threads, user_api="blas"):
                yield
        finally:
            _first.release()
