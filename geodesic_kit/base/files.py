"""The one place where the kit writes to disk: a file is there whole, old or new, or not at all.

What is written goes to a new file in the same folder, is synced, and takes its place by one rename. The new
file's name is drawn and opened exclusively, so that two writers never share it and no link is followed at it;
it is locked while its writer lives, and what nobody holds locked is left over from one who was killed: the
next write to that path removes it.

A link at the destination is followed, as `open` does: the file it points to is replaced, the link stays. A
replaced file hands its mode on; a new one gets what the umask leaves.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom, BufferedReader
from pathlib import Path
from typing import Any

try:
    import fcntl
except ModuleNotFoundError:  # Windows, where a file that is open cannot be removed: there that is the lock
    fcntl = None  # type: ignore[assignment]

from ..errors import FileError, GeodesicKitError, InvalidParameter, NoSuchFile, shown

__all__ = [
    "as_path",
    "cache_folder",
    "check_writable",
    "make_folder",
    "reading",
    "staged",
    "write_bytes",
    "write_text",
]

_MARK = ".partial-"
_SUFFIX = 16  # characters of a suffix that the temporary name keeps: some writers tell a format by it


def as_path(path: Any, name: str = "path") -> Path:
    """`path` as a Path. Raises InvalidParameter where it is no text and no Path, or cannot name a file."""
    try:
        found = Path(path)
        if b"\0" in os.fsencode(found):
            raise InvalidParameter(f"{name}={str(path)!r} holds a NUL character: no file can be named so")
    except (TypeError, UnicodeError) as err:
        raise InvalidParameter(
            f"{name}={shown(path)} is no path ({err}); give a text or a pathlib.Path"
        ) from err
    return found


@contextmanager
def staged(*paths: str | Path, reverse: bool = False) -> Iterator[tuple[BufferedRandom, ...]]:
    """Open files, to write and to read, that replace `paths` when the block ends, in this order or the
    reverse; where it raises, none.

    A file's `.name` is where it lies until then, with the suffix of its path. All are synced before the first
    is renamed. Raises InvalidParameter where a path cannot be a file, and FileError where it cannot be
    written: no right, no room, too long a name.
    """
    files: list[BufferedRandom] = []
    places = [as_path(path) for path in paths]
    targets: list[Path] = []
    at = places[0]
    try:
        for place in places:
            at = place
            targets.append(_destination(at, str(at)))
            files.append(_begun(targets[-1]))
        at = places[0]
        yield tuple(files)
        for place, file in zip(places, files, strict=True):
            at = place
            file.flush()
            os.fsync(file.fileno())
        for place, file, target in list(zip(places, files, targets, strict=True))[:: -1 if reverse else 1]:
            at = place
            if fcntl is None:  # Windows renames no open file; elsewhere the lock must outlast the rename
                file.close()
            os.replace(file.name, target)
            _sync_folder(target.parent)
    except GeodesicKitError:
        raise
    except OSError as err:
        told = str(err.filename or at)
        raise _why_not_written(at if Path(told).name.startswith(_MARK) else Path(told), err) from err
    finally:
        for file in files:
            _drop(file)


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write a file in one step. Raises as `staged`."""
    with staged(path) as (file,):
        file.write(content)


def write_text(path: str | Path, text: str) -> None:
    """Write a text as UTF-8, in one step. Raises as `staged`."""
    write_bytes(path, text.encode("utf-8"))


def check_writable(path: str | Path, name: str = "") -> None:
    """Raise now what `staged` would raise after the work; the parameter that gave the path is told by its
    name.
    """
    path = as_path(path, name or "path")
    try:
        _drop(_begun(_destination(path, f"{name}={str(path)!r}" if name else str(path))))
    except OSError as err:
        if isinstance(err, GeodesicKitError):
            raise
        raise _why_not_written(path, err) from err


def make_folder(path: str | Path) -> Path:
    """The folder `path`, made with those above it where it is not there. Raises InvalidParameter and
    FileError.
    """
    path = as_path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as err:
        raise InvalidParameter(
            f"the folder {path} cannot be made: a file stands in its place or above it; name another"
        ) from err
    except OSError as err:
        raise _why_not_written(path, err) from err
    return path


@contextmanager
def reading(path: str | Path) -> Iterator[BufferedReader]:
    """The file `path`, open to read. Raises NoSuchFile, and FileError where it cannot be read: a folder, no
    right.
    """
    path = as_path(path)
    try:
        file = open(path, "rb")  # noqa: SIM115  # errors of the block are not errors of opening
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as err:
        raise NoSuchFile(
            f"there is no file {path}{', but a folder' if isinstance(err, IsADirectoryError) else ''}"
        ) from err
    except OSError as err:
        raise FileError(f"{path} cannot be read: {_reason(err)}") from err
    with file:
        yield file


def _destination(path: Path, told: str) -> Path:
    """What `path` stands for once links are followed, where that is a file or can become one."""
    target = Path(os.path.realpath(path))
    try:
        mode = target.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        folder = target.parent if path.is_symlink() else path.parent
        if not folder.is_dir():
            raise InvalidParameter(
                f"{told} cannot be written: there is no folder {folder}; make it first"
            ) from None
        return target
    if stat.S_ISDIR(mode):
        raise InvalidParameter(f"{told} is a folder: name a file in it")
    if not stat.S_ISREG(mode):
        raise InvalidParameter(
            f"{told} is a device or a pipe, which cannot be replaced by a file: name a file"
        )
    if not os.access(target, os.W_OK):
        raise FileError(f"{told} is write-protected; name another file, or change its rights")
    return target


def _begun(target: Path) -> BufferedRandom:
    """A new file beside `target`, locked, with the mode of what it will replace."""
    mark = f"{_MARK}{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]}-"
    _tidy(target.parent, mark)
    while True:
        file = open(target.with_name(f"{mark}{secrets.token_hex(8)}{target.suffix[:_SUFFIX]}"), "x+b")  # noqa: SIM115
        if _is_ours(file):
            break
        _drop(file)
    with suppress(OSError):  # nothing to hand on, or a file system without modes
        os.chmod(file.name, stat.S_IMODE(target.stat().st_mode) & 0o777)
    return file


def _is_ours(file: BufferedRandom) -> bool:
    """Lock a new file; whether one who tidies did not take it for left over in the moment before."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: those who tidy cannot lock it either, and leave it
        return True
    return os.fstat(file.fileno()).st_nlink > 0


def _tidy(folder: Path, mark: str) -> None:
    """Remove what writers who were killed left of one path."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(mark) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):  # its writer lives, or another was faster
                    if fcntl is None:
                        os.unlink(entry.path)
                        continue
                    with open(entry.path, "r+b") as left:
                        fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        os.unlink(entry.path)


def _drop(file: BufferedRandom) -> None:
    """Close a staged file and remove it, where it did not take its place."""
    with suppress(OSError):  # what is still in its buffer may not fit on the disk
        file.close()
    with suppress(OSError):
        os.unlink(file.name)


def _sync_folder(folder: Path) -> None:
    """Let the rename itself outlast a loss of power, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _why_not_written(path: Path, err: OSError) -> GeodesicKitError:
    if not path.parent.is_dir():
        return InvalidParameter(f"{path} cannot be written: there is no folder {path.parent}; make it first")
    told = FileError(f"{path} cannot be written: {_reason(err)}")
    told.errno = err.errno
    return told


def _reason(err: OSError) -> str:
    """Why, and what to do."""
    full = "what was there before is as it was; make room, or name a file on another disk"
    return {
        errno.ENOSPC: f"the disk is full; {full}",
        errno.EDQUOT: f"your share of the disk is used up; {full}",
        errno.EFBIG: f"it would be larger than a file may be here (ulimit -f); {full}",
        errno.EACCES: "its folder or file is not yours to use; name another, or change its rights",
        errno.EPERM: "its folder or file is not yours to use; name another, or change its rights",
        errno.EROFS: "its disk can only be read; name a file on another",
        errno.ENAMETOOLONG: "its name is too long; shorten it",
        errno.EISDIR: "it is a folder; name a file in it",
        errno.ELOOP: "its links lead round in a circle; name a file",
    }.get(err.errno or 0, f"{err.strerror or err}; name a file elsewhere")


def cache_folder() -> Path:
    """Where fetched files and compiled kernels are kept: the environment's GEODESIC_KIT_CACHE, else this
    user's cache folder.
    """
    own = os.environ.get("GEODESIC_KIT_CACHE")
    if own:
        return Path(own).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "geodesic-kit"
