"""Fetch a data set once: its sources in order, every byte checked, kept as one file in the user's cache
folder.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from ..base.files import cache_folder, check_writable, make_folder, staged
from ..errors import FetchError, HashMismatch, TruncatedFileError
from .downloads import RECIPES
from .formats import Images, read_arrays

__all__ = ["RECIPES", "arrays", "cache_file", "fetch"]


def cache_file(name: str) -> Path:
    """Where the data set `name` of RECIPES is kept."""
    return cache_folder() / f"{name}.npz"


def arrays(name: str) -> Images:
    """The four checked arrays of `name` from the cache, fetched first where there is no cache file.

    Raises HashMismatch or TruncatedFileError where the file was changed (it is removed), FetchError where no
    source answers.
    """
    path = cache_file(name)
    if not path.exists():
        fetch(name)
    try:
        images = read_arrays(path)
        _verify(images, path.name, RECIPES[name].sha256)
    except (HashMismatch, TruncatedFileError) as err:
        try:
            path.unlink(missing_ok=True)
        except OSError:  # a cache that this user can only read
            raise type(err)(
                f"the cached {path} was changed or cut: {err}; remove it, and load again to fetch it again"
            ) from err
        raise type(err)(
            f"the cached {path} was changed or cut: {err}; it was removed, load again to fetch it again"
        ) from err
    return images


def fetch(name: str) -> Path:
    """Fetch, check and cache `name` from the first source that answers; progress goes to stderr.

    A source that answers with other content raises HashMismatch or TruncatedFileError and nothing is kept;
    FetchError names what each source said.
    """
    recipe, said, path = RECIPES[name], [], cache_file(name)
    make_folder(path.parent)
    check_writable(path)
    for client, source in recipe.sources.items():
        _say(f"fetching {recipe.title} with {client} …")
        start = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="geodesic-kit-", ignore_cleanup_errors=True) as folder:
                images = source(Path(folder))
            _verify(images, recipe.title, recipe.sha256)
        except (HashMismatch, TruncatedFileError) as err:
            raise type(err)(
                f"{client}: {err}; nothing was kept: try again later, or give your own file as path="
            ) from err
        except FetchError as err:
            _say(f"  {err}")
            said.append(f"{client}: {err}")
            continue
        with staged(path) as (file,):
            kept = {part: images[part] for part in recipe.sha256}  # what was checked
            np.savez_compressed(file, **kept)  # type: ignore[arg-type]  # as in cards
        _say(f"{recipe.title} checked and kept as {path} ({time.monotonic() - start:.0f} s)")
        return path
    raise FetchError(
        f"{recipe.title} could not be fetched ({'; '.join(said)}); give your own IDX or npz file as path=, "
        f"or its folder as {recipe.own}"
    )


def _verify(images: Images, name: str, hashes: dict[str, str]) -> None:
    for part, wanted in hashes.items():
        if part not in images:
            raise TruncatedFileError(f"{name} lacks {part}; it holds {', '.join(images) or 'nothing'}")
        found = hashlib.sha256(images[part].tobytes()).hexdigest()
        if found != wanted:
            raise HashMismatch(f"{name}: sha256 of {part} is {found[:12]}…, recorded is {wanted[:12]}…")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
