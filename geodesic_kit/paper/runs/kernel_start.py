"""Kernels that die while they begin: ports are chosen before they are taken, and another process may take
them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["with_a_kernel"]

_STARTS = 3
_DIED = "died before replying"  # jupyter_client's words, before any cell has run

T = TypeVar("T")


def with_a_kernel(run: Callable[[], T]) -> T:
    """What `run` returns, which starts a kernel; tried again where that died before it answered."""
    for _ in range(_STARTS - 1):
        try:
            return run()
        except RuntimeError as err:
            if _DIED not in str(err):
                raise
    return run()
