"""Axes of a sweep as the command line writes them: lists, and ranges that end before their end, as Python's
do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import InvalidParameter, shown
from . import values
from .catalog import find, parameters_of
from .declared import kind_of

__all__ = ["axes_of"]

_RANGE = re.compile(r"([-+]?\d{1,18}):([-+]?\d{1,18})(?::([-+]?\d{1,18}))?")
_MOST = 10_000  # values of a range


def axes_of(which: str, texts: Mapping[str, str], folder: str | Path | None = None) -> dict[str, list[Any]]:
    """The values of each parameter of a sweep of the notebook `which`, from texts such as "0.01,0.1" and
    "0:5", which is 0 to 4; a parameter of texts has no ranges.

    Raises UnknownName and InvalidParameter.
    """
    known = parameters_of(find(which, folder)[1])
    found = {}
    for name, text in texts.items():
        entries = values.read(f"[{text}]", f"-p {name}")
        if name in known and kind_of(known[name])[0] != "str":
            entries = [value for entry in entries for value in _spread(name, entry)]
        found[name] = entries
    return found


def _spread(name: str, entry: Any) -> list[Any]:
    ends = _RANGE.fullmatch(entry) if isinstance(entry, str) else None
    if ends is None:
        return [entry]
    if ends[3] is not None and not int(ends[3]):
        raise InvalidParameter(f"-p {name}={entry}: the step of a range is not 0")
    found = range(int(ends[1]), int(ends[2]), int(ends[3] or 1))
    if not 0 < len(found) <= _MOST:
        raise InvalidParameter(
            f"-p {name}={shown(entry)}: a range of {len(found):,} values; 0:5 is 0, 1, 2, 3, 4, and "
            f"{_MOST:,} values are the most"
        )
    return list(found)
