"""Debian packages read as archives, none of them installed: an ar file, in it a tar of what they hold."""

from __future__ import annotations

import io
import lzma
import sys
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..base.files import reading
from ..errors import FetchError, TruncatedFileError

__all__ = ["deb_files", "deb_tar"]


def deb_tar(path: Path) -> tuple[bytes, str]:
    """The packed tar of a Debian package, and how errors are to call it.

    Raises TruncatedFileError, and FetchError where this Python cannot unpack that tar.
    """
    with reading(path) as file:
        raw = file.read()
    members = dict(_ar_members(raw, path.name))
    name = next((name for name in members if name.startswith("data.tar")), None)
    if name is None:
        raise TruncatedFileError(
            f"{path.name} holds {', '.join(members) or 'nothing'}, no data.tar; fetch it again"
        )
    if name.endswith(".zst") and sys.version_info < (3, 14):
        raise FetchError(f"{path.name} holds {name}, which only Python 3.14 and newer unpack")
    return members[name], f"{path.name}: {name}"


def deb_files(path: Path, names: Sequence[str]) -> dict[str, bytes]:
    """The files of those names, such as "usr/share/doc/x", in a Debian package. Raises TruncatedFileError and
    FetchError.
    """
    raw, called = deb_tar(path)
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
            for member in tar:
                name = member.name.removeprefix("./")
                if name in names and (file := tar.extractfile(member)):
                    found[name] = file.read()
    except (EOFError, OSError, ValueError, lzma.LZMAError, zlib.error, tarfile.TarError) as err:
        raise TruncatedFileError(f"{called} cannot be unpacked ({err}); fetch it again") from err
    if missing := [name for name in names if name not in found]:
        raise TruncatedFileError(f"{called} lacks {', '.join(missing)}; fetch it again")
    return found


def _ar_members(raw: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """Names and contents of an ar archive: after 8 bytes, each member has a header of 60 and begins at an
    even place.
    """
    if raw[:8] != b"!<arch>\n":
        raise TruncatedFileError(f"{name} is no Debian package; it starts with {raw[:8].hex() or 'nothing'}")
    start = 8
    while start < len(raw):
        header = raw[start : start + 60]
        size = header[48:58].strip()
        if header[58:] != b"`\n" or not size.isdigit() or start + 60 + int(size) > len(raw):
            raise TruncatedFileError(
                f"{name} is cut or broken at byte {start} of {len(raw)}; copy or fetch it again"
            )
        yield header[:16].decode("latin1").rstrip().rstrip("/"), raw[start + 60 : start + 60 + int(size)]
        start += 60 + int(size) + int(size) % 2
