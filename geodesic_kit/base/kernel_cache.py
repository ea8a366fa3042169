"""Where compiled kernels are kept for the next process: a folder named by the hash of every file that kernels
may come of.

A kernel is compiled with those of other files that it calls, and with the values of its globals, which its
file may have from any that it imports; so the files that hold kernels and all that these import share one
fate: any of them changed, all kernels are compiled anew, into a folder of its own. In it each compiled form
is one file, named by what it was compiled for, written in one step and ended by its own hash: processes that
start together cannot mix theirs, and a file that was cut is compiled again. numba reads these files with
pickle, so the folder is this user's alone. Importing it needs numba.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numba
from numba.core import caching

from ..errors import FallbackNotice, GeodesicKitError
from .files import cache_folder, write_bytes
from .warn import tell

__all__ = ["KernelCache", "folder"]

_PACKAGES = ("geodesic_kit", "geodesic_kit_plugins")  # whose kernels are kept together
_HOLDS = b"compiled import"  # what a file with kernels says
# at a module's head: what its globals come of
_IMPORT = re.compile(rb"^from (\.*)([\w.]*) import (\([^)]*\)|[^\n]*)", re.MULTILINE)
_DIGEST = 32  # bytes of SHA-256 at the end of a kept file
_FORMER = 3  # folders of other versions of the code that stay, the latest used


@cache
def folder() -> Path | None:
    """The folder of this code, under NUMBA_CACHE_DIR or else the user's cache; None, with a notice, where it
    cannot be had.
    """
    try:
        base = Path(os.environ.get("NUMBA_CACHE_DIR") or cache_folder()) / "geodesic-kit-kernels"
        found = base / _code(_sources(**{name: _place(name) for name in _PACKAGES}))
        found.mkdir(parents=True, exist_ok=True, mode=0o700)
        told = found.stat()
        if not os.access(found, os.W_OK) or (
            hasattr(os, "geteuid") and (told.st_uid != os.geteuid() or told.st_mode & 0o022)
        ):
            raise OSError(f"{found} is write-protected, or others may write there")
        os.utime(found)
    except (OSError, RuntimeError) as err:  # RuntimeError: nobody's home
        _tell(err)
        return None
    _prune(base, found)
    return found


def _place(package: str) -> Path:
    """The folder of a package, which is not imported for it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise OSError(f"the files of {package} lie in no folder")
    return Path(spec.submodule_search_locations[0])


def _tell(why: Exception) -> None:
    text = (
        f"compiled kernels are not kept on disk, so that each process compiles its own ({why}); "
        f"NUMBA_CACHE_DIR names another folder"
    )
    tell(text, FallbackNotice)


def _sources(**packages: Path) -> dict[str, bytes]:
    """The text of each module of the packages that holds kernels or is imported by such a one, also through
    others, by name.
    """
    every = {}
    for package, place in packages.items():
        for path in place.rglob("*.py"):
            every[
                ".".join([package, *path.relative_to(place).with_suffix("").parts]).removesuffix(".__init__")
            ] = path.read_bytes()
    left = [module for module, content in every.items() if _HOLDS in content or module.endswith(".compiled")]
    found: dict[str, bytes] = {}
    while left:
        module = left.pop()
        if module in every and module not in found:
            found[module] = every[module]
            left += _imported(module, every[module])
    return found


def _imported(module: str, content: bytes) -> Iterator[str]:
    """Names of modules that the heads of `module` may mean, some of which are names within a module."""
    for dots, name, listed in _IMPORT.findall(content):
        base = (
            ".".join(filter(None, [*module.split(".")[: -len(dots) or None], name.decode()]))
            if dots
            else name.decode()
        )
        yield base
        yield from (f"{base}.{word}" for word in re.findall(r"\w+", listed.decode()))


def _code(sources: dict[str, bytes]) -> str:
    """The hash of these modules, and of what else decides what comes of kernels."""
    digest = hashlib.sha256(numba.__version__.encode())
    for module, content in sorted(sources.items()):
        digest.update(module.encode() + hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


def _prune(base: Path, used: Path) -> None:
    with suppress(OSError):  # another process was faster
        former = sorted(
            (path for path in base.iterdir() if path != used),
            key=lambda path: path.stat().st_mtime,
            reverse=True,
        )
        for path in former[_FORMER:]:
            shutil.rmtree(path, ignore_errors=True)


class _Locator(caching._SourceFileBackedLocatorMixin, caching._CacheLocator):
    """Tells numba the folder."""

    def __init__(self, function: Callable[..., Any], file: str) -> None:
        self._py_file, self._lineno = file, function.__code__.co_firstlineno

    def get_cache_path(self) -> str:
        return str(folder())


class _Files(caching.IndexDataCacheFile):
    """One file a compiled form, named by its key: there is no index that two processes could overwrite for
    each other.
    """

    def save(self, key: Any, data: Any) -> None:
        self._save_data(self._file_of(key), data)

    def load(self, key: Any) -> Any:
        name = self._file_of(key)
        try:
            content = Path(self._data_path(name)).read_bytes()
        except OSError:
            return None
        whole = hashlib.sha256(content[:-_DIGEST]).digest() == content[-_DIGEST:]
        return self._load_data(name) if whole else None

    def flush(self) -> None:
        """Nothing to forget: names say what files are of."""

    def _file_of(self, key: Any) -> str:
        digest = hashlib.sha256(repr((key, self._source_stamp)).encode()).hexdigest()
        return f"{self._index_name.removesuffix('.nbi')}.{digest[:24]}.nbc"

    @contextmanager
    def _open_for_write(self, filepath: str) -> Iterator[BytesIO]:
        content = BytesIO()
        yield content
        write_bytes(filepath, content.getvalue() + hashlib.sha256(content.getvalue()).digest())


class _Impl(caching.CompileResultCacheImpl):
    _locator_classes = [_Locator]  # noqa: RUF012  # numba reads it


class KernelCache(caching.FunctionCache):
    """The compiled forms of one function in `folder()`. Raises RuntimeError for a function that no file
    holds.
    """

    _impl_class = _Impl
    _full = False  # of all functions: one notice is enough

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file = _Files(
            self._cache_path, self._impl.filename_base, self._impl.locator.get_source_stamp()
        )

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep one compiled form; where there is no room say so, and keep no more."""
        if KernelCache._full:
            return
        try:
            super().save_overload(sig, data)
        except (OSError, GeodesicKitError) as err:
            KernelCache._full = True
            _tell(err)
