"""Cards: the JSON beside a saved array file that names its plugin, its content and its hash."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import HashMismatch, InvalidParameter, MissingPlugin, TruncatedFileError

__all__ = ["card_path", "load_arrays", "not_saved", "read_card", "save_arrays", "sha256"]


_SAFE = ".safetensors"


def sha256(path: str | Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def card_path(path: str | Path) -> Path:
    """Where the card of the array file `path` lies: beside it, with `.json` added."""
    return Path(f"{path}.json")


def save_arrays(path: str | Path, arrays: dict[str, NDArray[Any]], card: dict[str, Any]) -> Path:
    """Write arrays to `path` and their card beside it, each in one step.

    A path that ends in .safetensors gets that format, any other npz; the suffix is kept as given. Raises MissingPlugin where
    safetensors is asked for and not installed, and InvalidParameter, before anything is written, where `path` cannot be a file or
    the card is not what JSON knows.
    """
    path = Path(path)
    if path.is_dir():
        raise InvalidParameter(f"{path} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise InvalidParameter(f"{path} cannot be written: there is no folder {path.parent}; make it first")
    try:
        json.dumps(card)
    except (TypeError, ValueError) as err:
        raise InvalidParameter(
            f"the card of {path.name} cannot be written as JSON ({err}); give texts, int, float, lists and dicts"
        ) from err
    partial = path.with_name(path.name + ".partial")
    if path.suffix == _SAFE:
        # Its writer takes the memory as it lies, so a transposed or strided array must be laid out first; its own way to a file
        # leaves one that nobody else may read.
        partial.write_bytes(_safetensors(path).numpy.save({name: np.asarray(array, order="C") for name, array in arrays.items()}))
    else:
        with open(partial, "wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # numpy types the keyword allow_pickle only
    os.replace(partial, path)
    text = json.dumps(card | {"sha256": sha256(path)}, indent=1)
    card_partial = card_path(partial)
    card_partial.write_text(text + "\n")
    os.replace(card_partial, card_path(path))
    return path


def read_card(path: str | Path) -> dict[str, Any]:
    """The card of `path`. Raises FileNotFoundError where either file is absent, HashMismatch where the file changed."""
    path = Path(path)
    for needed in (path, card_path(path)):
        if not needed.is_file():
            raise FileNotFoundError(f"no file {needed}: a saved density is two files, {path.name} and {card_path(path).name}")
    try:
        card = json.loads(card_path(path).read_text())
    except ValueError as err:
        raise TruncatedFileError(f"the card {card_path(path)} is not JSON ({err}); save the density again") from err
    if not isinstance(card, dict) or not all(isinstance(card.get(name), str) for name in ("plugin", "sha256")):
        raise TruncatedFileError(f"the card {card_path(path)} does not name its plugin and sha256; save the density again")
    if sha256(path) != card["sha256"]:
        raise HashMismatch(
            f"{path} is truncated or was changed: its sha256 is {sha256(path)[:12]}…, its card says {card['sha256'][:12]}…; "
            "save or fetch it again"
        )
    return card


def load_arrays(path: str | Path, plugin: str | None = None) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Arrays and card of `path`, after the hash was checked.

    Raises TruncatedFileError where it is not of the format its name says, and InvalidParameter where it is not of `plugin`.
    """
    card = read_card(path)
    path = Path(path)
    if plugin is not None and card["plugin"] != plugin:
        raise InvalidParameter(
            f"{path} was saved by {card['plugin']!r}, not by {plugin!r}; gk.densities.load(path) brings any density back"
        )
    if path.suffix == _SAFE:
        safetensors = _safetensors(path)
        try:
            return safetensors.numpy.load_file(path), card
        except safetensors.SafetensorError as err:
            raise TruncatedFileError(f"{path} is not a complete safetensors file ({err}); save it again") from err
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}, card
    except (ValueError, TypeError, OSError, zipfile.BadZipFile) as err:  # a lone array is no context: TypeError
        raise TruncatedFileError(f"{path} is not a complete npz file ({err}); save it again") from err


def not_saved(what: str, path: str | Path, err: Exception) -> TruncatedFileError:
    """The error where a file and its card do not make a `what`, with the first line of why: torch lists every weight that does not fit."""
    return TruncatedFileError(f"{path} and its card are not a saved {what} ({str(err).partition(chr(10))[0]}); save or fetch both again")


def _safetensors(path: Path) -> Any:
    try:
        import safetensors.numpy
    except ModuleNotFoundError as err:
        raise MissingPlugin(f"{path.name} needs {err.name}: pip install 'geodesic-kit[flows]'", name=err.name) from err
    return safetensors
