"""What a user waits for once: compiling the engine, and loading it again in the next session."""

from __future__ import annotations

import tempfile
import time
from typing import Any

from .. import children, warm
from ..bounds import BOUNDS
from ..lines import Line, duration, measured

__all__ = ["run", "seconds"]


def run(quick: bool) -> list[Line]:
    """The chain on 400 points with an empty cache of compiled code, then in a second interpreter."""
    with tempfile.TemporaryDirectory() as cache:
        first, later = (
            children.call(f"{__name__}:seconds", environment={"NUMBA_CACHE_DIR": cache}) for _ in range(2)
        )
    work = "whole chain and refine on 400 points"
    return [
        measured(
            "first_call",
            f"{work}, nothing compiled yet: CPU",
            first,
            duration(first),
            BOUNDS["first_call"]["cpu"],
        ),
        measured("first_call", "the same in the next session: CPU", later, duration(later)),
    ]


def seconds() -> Any:
    """CPU seconds of the first call in this interpreter."""
    start = time.process_time()
    warm.up()
    return time.process_time() - start
