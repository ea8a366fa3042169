"""A progress bar for work on many points, where someone is looking."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TypeVar

__all__ = ["progress"]

_MANY = 100_000  # points, from which on people ask whether it still runs
_PATIENCE = 2.0  # seconds before a bar appears

Part = TypeVar("Part")


def progress(parts: Iterable[Part], total: int, n: int, what: str) -> Iterable[Part]:
    """The parts, with a bar where there are 100,000 points (n) or more; without tqdm, and where no one sees it, without a bar.

    Where threads do the work, the parts are their results: a bar counts what is done, not what has begun.
    """
    if n < _MANY or not (sys.stderr.isatty() or "ipykernel" in sys.modules):
        return parts
    try:
        from tqdm.auto import tqdm
    except ModuleNotFoundError:
        return parts
    return tqdm(parts, total=total, desc=what, delay=_PATIENCE, leave=False)
