"""What the committed data sets are made from: Debian packages by name, version and sha256."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..archives import deb_files
from ..clients import apt_package, pinned

__all__ = ["Package"]


@dataclass(frozen=True)
class Package:
    """One version of a Debian package."""

    name: str
    version: str
    sha256: str

    def files(self, names: Sequence[str], own: str | Path | None = None) -> dict[str, bytes]:
        """Its files of those names, from your `own` copy of the package, or as `apt-get download` brings it.

        Raises FetchError, HashMismatch where it is another file, and TruncatedFileError.
        """
        with tempfile.TemporaryDirectory(prefix="geodesic-kit-") as folder:
            path = Path(own) if own else apt_package(Path(folder), f"{self.name}={self.version}")
            return deb_files(pinned(path, self.sha256), names)

    def told(self) -> dict[str, str]:
        """The package as a card names it."""
        return asdict(self)
