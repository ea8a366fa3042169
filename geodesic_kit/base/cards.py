"""Cards: the JSON beside a saved array file that names its plugin, its content and its hash.

Two files cannot be replaced by one rename, so the data file holds a copy of its card, with a hash of both:
renaming the data file is what commits a save. The card beside is for people and programs to read, and is what
counts while its hash is that of the data file; where it is of another save, because a saver was killed
between two renames or another one came between, the card inside counts.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from io import BufferedRandom, BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import HashMismatch, InvalidParameter, NoSuchFile, TruncatedFileError
from .extras import needing
from .files import as_path, reading, staged

__all__ = ["card_path", "load_arrays", "not_saved", "read_card", "save_arrays", "sha256"]

File = BufferedReader | BufferedRandom

_SAFE = ".safetensors"
_INSIDE = "card.json"  # the copy's name: a member of an npz file, metadata of a safetensors file
# What NumPy and its zip reader raise over bytes that are not what they should be; a lone array is no context:
# TypeError.
_BROKEN = (
    ValueError,
    TypeError,
    OSError,
    EOFError,
    KeyError,
    RuntimeError,
    MemoryError,
    zlib.error,
    zipfile.BadZipFile,
)


def sha256(path: str | Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def card_path(path: str | Path) -> Path:
    """Where the card of the array file `path` lies: beside it, with `.json` added."""
    return Path(f"{path}.json")


def save_arrays(path: str | Path, arrays: dict[str, NDArray[Any]], card: dict[str, Any]) -> Path:
    """Write arrays to `path` and their card beside it, as one: whoever reads sees all of the old or all of
    the new.

    A path that ends in .safetensors gets that format, any other npz; the suffix is kept as given. Raises
    MissingPlugin where safetensors is asked for and not installed, InvalidParameter, before anything is
    written, where `path` cannot be a file or the card is not what JSON knows or an array holds objects, and
    FileError where it cannot be written.
    """
    path = as_path(path)
    for name, array in arrays.items():
        if np.asarray(array).dtype.hasobject:
            raise InvalidParameter(
                f"{name} holds Python objects, which {path.name} cannot: give numbers, "
                f"such as {name}.astype(float)"
            )
    try:
        inside = json.dumps({"card": card, "sha256": _content(arrays, json.dumps(card))})
    except (TypeError, ValueError) as err:
        raise InvalidParameter(
            f"the card of {path.name} cannot be written as JSON ({err}); give texts, int, float, lists and "
            "dicts"
        ) from err
    beside = card_path(path)
    # Where there is no card yet it takes its place first, so that a data file is never without one.
    with staged(path, beside, reverse=not os.path.isfile(beside)) as (data, about):
        if path.suffix == _SAFE:
            # Its writer takes the memory as it lies, so a transposed or strided array must be laid out first.
            ordered = {name: np.asarray(array, order="C") for name, array in arrays.items()}
            data.write(_safetensors(path).numpy.save(ordered, metadata={_INSIDE: inside}))
        else:
            np.savez_compressed(data, **arrays)  # type: ignore[arg-type]  # numpy types the keyword allow_pickle only
            with zipfile.ZipFile(data, "a") as archive:
                archive.writestr(zipfile.ZipInfo(_INSIDE), inside)
        about.write(json.dumps(card | {"sha256": _digest(data)}, indent=1).encode() + b"\n")
    return path


def read_card(path: str | Path) -> dict[str, Any]:
    """The card of `path`. Raises NoSuchFile where either file is absent, HashMismatch where the file changed,
    TruncatedFileError.
    """
    with _opened(path) as (_, card):
        return card


def load_arrays(
    path: str | Path, plugin: str | None = None
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Arrays and card of `path`, after the hash was checked.

    Raises as read_card, TruncatedFileError too where it is not of the format its name says, and
    InvalidParameter where it is not of `plugin`.
    """
    with _opened(path) as (file, card):
        if plugin is not None and card["plugin"] != plugin:
            raise InvalidParameter(
                f"{path} was saved by {card['plugin']!r}, not by {plugin!r}; gk.densities.load(path) brings "
                "any density back"
            )
        return _arrays(Path(path), file)[0], card


@contextmanager
def _opened(path: str | Path) -> Iterator[tuple[File, dict[str, Any]]]:
    """The data file, open, and its card: the one beside it or, where that is of another save, its own."""
    path = as_path(path)
    beside = card_path(path)
    with ExitStack() as closed:
        try:
            # The card is read first: what is then found as data is of the same save or of a later one, which
            # has its card inside.
            with reading(beside) as about:
                text = about.read()
            file = closed.enter_context(reading(path))
        except NoSuchFile as err:
            missing = beside if os.path.isfile(path) else path
            raise NoSuchFile(
                f"there is no file {missing}: a saved density is two files, {path.name} and {beside.name}"
            ) from err
        card = _checked(beside, text)
        found = _digest(file)
        if found != card["sha256"]:
            own = _own_card(path, file)
            if own is None:
                raise HashMismatch(
                    f"{path} is truncated or was changed: its sha256 is {found[:12]}…, its card says "
                    f"{card['sha256'][:12]}…; save or fetch it again"
                )
            card = own | {"sha256": found}
        yield file, card


def _checked(beside: Path, text: bytes) -> dict[str, Any]:
    try:
        card = json.loads(text)
    except ValueError as err:
        raise TruncatedFileError(f"the card {beside} is not JSON ({err}); save the density again") from err
    if not isinstance(card, dict) or not all(
        isinstance(card.get(name), str) for name in ("plugin", "sha256")
    ):
        raise TruncatedFileError(
            f"the card {beside} does not name its plugin and sha256; save the density again"
        )
    return card


def _own_card(path: Path, file: File) -> dict[str, Any] | None:
    """The card inside a data file, where it has one and the arrays are those that it was written for."""
    try:
        arrays, inside = _arrays(path, file)
        found = json.loads(inside or "null")
    except ValueError:  # TruncatedFileError is one
        return None
    if not (
        isinstance(found, dict)
        and isinstance(card := found.get("card"), dict)
        and isinstance(card.get("plugin"), str)
    ):
        return None
    return card if found.get("sha256") == _content(arrays, json.dumps(card)) else None


def _arrays(path: Path, file: File) -> tuple[dict[str, NDArray[Any]], str | None]:
    """The arrays in an open data file and the text of the card inside it, if any. Raises
    TruncatedFileError.
    """
    file.seek(0)
    if path.suffix == _SAFE:
        safetensors, content = _safetensors(path), file.read()
        try:
            arrays = safetensors.numpy.load(content)
            header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        except (safetensors.SafetensorError, *_BROKEN) as err:
            raise TruncatedFileError(
                f"{path} is not a complete safetensors file ({err}); save it again"
            ) from err
        return arrays, header.get("__metadata__", {}).get(_INSIDE)
    try:
        with np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files if name != _INSIDE}
            return arrays, archive[_INSIDE].decode() if _INSIDE in archive.files else None
    except _BROKEN as err:
        raise TruncatedFileError(f"{path} is not a complete npz file ({err}); save it again") from err


def _content(arrays: Mapping[str, NDArray[Any]], card: str) -> str:
    """SHA-256 of a card and of the arrays' names, types, shapes and values, whatever the format they are kept
    in.
    """
    digest = hashlib.sha256(card.encode())
    for name in sorted(arrays):
        array = np.asarray(arrays[name])
        digest.update(repr((name, array.dtype.str, array.shape)).encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def _digest(file: File) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def not_saved(what: str, path: str | Path, err: Exception) -> TruncatedFileError:
    """The error where a file and its card do not make a `what`, with the first line of why: torch lists every
    weight that does not fit.
    """
    return TruncatedFileError(
        f"{path} and its card are not a saved {what} "
        f"({str(err).partition(chr(10))[0]}); save or fetch both again"
    )


def _safetensors(path: Path) -> Any:
    with needing(f"{path.name} needs", "flows"):
        import safetensors.numpy
    return safetensors
