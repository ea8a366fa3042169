"""Files of one's own as values of parameters that name a data set: found, read and told apart by content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ... import datasets
from ...errors import GeodesicKitError, InvalidParameter

__all__ = ["located", "own_files"]


def located(name: str, entry: Any) -> Any:
    """`entry`, or each of a list, with a file's whole path in place of its name: notebooks run in a folder of
    their own.

    Raises InvalidParameter, which begins with `name`, where a file cannot be read as points.
    """
    if isinstance(entry, list):
        return [located(name, one) for one in entry]
    if not datasets.is_file(entry):
        return entry
    path = Path(entry).expanduser().resolve()
    try:
        stat = path.stat()
        _read(path, stat.st_mtime_ns, stat.st_size)
    except FileNotFoundError:
        raise InvalidParameter(f"{name}={entry!r}: there is no file {path}") from None
    except (GeodesicKitError, OSError) as err:
        raise InvalidParameter(f"{name}={entry!r}: {err}") from err
    return str(path)


@lru_cache(maxsize=16)  # a sweep gives one file to each of its runs
def _read(path: Path, time: int, size: int) -> None:
    datasets.load(path)


def own_files(parameters: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of each file of one's own that `located` found, by its path."""
    entries = [
        one for entry in parameters.values() for one in (entry if isinstance(entry, list) else [entry])
    ]
    paths = [Path(one) for one in entries if datasets.is_file(one)]
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if path.is_absolute() and path.is_file()
    }
