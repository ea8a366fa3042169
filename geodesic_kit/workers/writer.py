"""Rows that come in shard by shard, written where they belong; beside a file it is noted which are there, so
that they are not computed again.

The note is a file of lines, one a shard: its number, and the hash of its rows, by which a note that outlived
its rows is found out. Lines are appended, since a note of a million shards cannot be written anew for each; a
line that was cut is no line.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedWriter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FileError, InvalidParameter

__all__ = ["Writer", "as_target"]

_LINE = re.compile(rb"(\d+) ([0-9a-f]{32})\n")


def as_target(out: Any, shape: tuple[int, ...], kind: np.dtype[Any]) -> Any:
    """`out`, an array, memmap or zarr array of this shape and type that can be written to. Raises
    InvalidParameter.
    """
    if not isinstance(out, np.ndarray) and not _is_zarr(out):
        raise InvalidParameter(
            f"out={type(out).__name__}: give an array, a memmap or a zarr array of shape {shape} and type "
            f"{kind}"
        )
    if tuple(out.shape) != shape or out.dtype != kind:
        raise InvalidParameter(
            f"out has shape {tuple(out.shape)} and type {out.dtype}; {shape} and {kind} are needed (dtype= "
            f"says the type)"
        )
    if out.read_only if _is_zarr(out) else not out.flags.writeable:
        raise InvalidParameter("out is read-only: open it by mode='r+'")
    return out


class Writer:
    """What a request's shards are written to; `done` are those that an earlier call has left there."""

    def __init__(self, out: Any, note: BufferedWriter | None, done: set[int]) -> None:
        self.out, self.done, self._note = out, done, note

    @classmethod
    @contextmanager
    def of(cls, out: Any, request: str, shards: Mapping[int, slice]) -> Iterator[Writer]:
        """A writer of these rows of `out`, whose note is of this `request`, a hash. Raises FileError."""
        place = _note_of(out, request)
        if place is None:
            yield cls(out, None, set())
            return
        try:
            noted = _LINE.findall(place.read_bytes()) if place.exists() else []
            note = open(place, "ab")  # noqa: SIM115  # closed below
        except OSError as err:
            raise FileError(
                f"{place}, which notes the finished shards, cannot be written: {err.strerror or err}; name a "
                "file in another folder"
            ) from err
        found = {int(k): digest.decode() for k, digest in noted}
        done = {k for k, rows in shards.items() if k in found and _digest(out[rows]) == found[k]}
        with note:
            yield cls(out, note, done)

    def write(self, k: int, rows: slice, block: NDArray[Any]) -> None:
        """Put shard k where it belongs, on the disk before its note."""
        self.out[rows] = block
        if self._note is not None:
            if isinstance(self.out, np.memmap):
                self.out.flush()
            # after a newline, in case a line before was cut
            self._note.write(f"\n{k} {_digest(block)}\n".encode())
            self._note.flush()
            os.fsync(self._note.fileno())


def _digest(block: NDArray[Any]) -> str:
    return hashlib.blake2b(np.ascontiguousarray(block).data, digest_size=16).hexdigest()


def _is_zarr(out: Any) -> bool:
    return type(out).__module__.partition(".")[0] == "zarr" and hasattr(out, "store")


def _note_of(out: Any, request: str) -> Path | None:
    """The note's file, beside that of a memmap or the folder of a zarr array; None where nothing lasts."""
    if isinstance(out, np.memmap) and out.filename is not None:
        place = Path(out.filename)
    elif _is_zarr(out) and hasattr(out.store, "root"):
        place = Path(out.store.root)
        request = hashlib.sha256(f"{out.path} {request}".encode()).hexdigest()
    else:
        return None
    return place.with_name(f"{place.name}.{request[:16]}.shards")
