"""Memory that a piece of work adds to this process at its peak."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["added"]

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def added(work: Callable[[], Any]) -> tuple[float, Any]:
    """Megabytes (10^6) at the peak of `work` above the level before it, and its result; NaN where the system does not tell."""
    if not _STATUS.exists():
        return float("nan"), work()
    gc.collect()
    # Freed memory that the C library keeps would hide what the work takes.
    ctypes.CDLL(None).malloc_trim(0)
    _forget_peak()
    before = _field("VmRSS")
    result = work()
    return (_peak() - before) / 1e6, result


def _forget_peak() -> None:
    # Where it is not allowed an earlier peak may be counted: too much, never too little.
    with contextlib.suppress(OSError):
        _CLEAR.write_text("5")  # Linux: the peak begins anew at the present level


def _peak() -> float:
    peak = _field("VmHWM")
    return peak if peak else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _field(name: str) -> float:
    for line in _STATUS.read_text().splitlines():
        if line.startswith(name + ":"):
            return float(line.split()[1]) * 1024
    return 0.0
