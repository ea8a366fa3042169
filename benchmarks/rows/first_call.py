"""What a user waits for once: compiling the engine, and loading it again in the next session."""

from __future__ import annotations

import tempfile
import time
from typing import Any

from .. import children, warm
from ..bounds import BOUNDS
from ..lines import Line, duration, measured

__all__ = ["run", "seconds"]

_FEW, _MANY = 400, 10_000


def run(quick: bool) -> list[Line]:
    """The chain on 400 points with an empty cache of compiled code, then in a second interpreter; and on as
    many as grids and their kernels take.
    """
    with tempfile.TemporaryDirectory() as cache:
        first, later = (_seconds(cache, _FEW) for _ in range(2))
    with tempfile.TemporaryDirectory() as cache:
        many = _seconds(cache, _MANY)
    work = f"whole chain and refine on {_FEW} points"
    return [
        measured(
            "first_call",
            f"{work}, nothing compiled yet: CPU",
            first,
            duration(first),
            BOUNDS["first_call"]["cpu"],
        ),
        measured("first_call", "the same in the next session: CPU", later, duration(later)),
        measured(
            "first_call", f"the same on {_MANY:,} points, nothing compiled yet: CPU", many, duration(many)
        ),
    ]


def _seconds(cache: str, n: int) -> Any:
    return children.call(f"{__name__}:seconds", environment={"NUMBA_CACHE_DIR": cache}, n=n)


def seconds(n: int) -> Any:
    """CPU seconds of the first call in this interpreter."""
    start = time.process_time()
    warm.chain(n)
    return time.process_time() - start
