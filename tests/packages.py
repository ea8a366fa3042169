"""Packages of small pictures of our own making, in each form that the real ones have."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np

from geodesic_kit.datasets import formats

RNG = np.random.default_rng(0)
SMALL = {
    "x_train": RNG.integers(0, 256, (30, 4, 4), dtype=np.uint8),
    "y_train": np.repeat(np.arange(10, dtype=np.uint8), 3),
    "x_test": RNG.integers(0, 256, (10, 4, 4), dtype=np.uint8),
    "y_test": np.arange(10, dtype=np.uint8),
}
IDX = {
    "x_train": "train-images-idx3",
    "y_train": "train-labels-idx1",
    "x_test": "t10k-images-idx3",
    "y_test": "t10k-labels-idx1",
}


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def wheel(path: Path, content: bytes | None = None) -> Path:
    def part(split: str, rows: slice) -> tuple[np.ndarray, np.ndarray]:
        x = SMALL[f"x_{split}"][rows]
        return (x.reshape(len(x), -1) / 256).astype(np.float32), SMALL[f"y_{split}"][rows].astype(np.int64)

    parts = part("train", slice(25)), part("train", slice(25, None)), part("test", slice(None))
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(
            "mnist/data/mnist.pkl.gz",
            gzip.compress(pickle.dumps(parts, protocol=3) if content is None else content),
        )
    return path


def tarball(path: Path) -> Path:
    path.write_bytes(
        tar_of({f"package/data/{IDX[name]}-ubyte": idx(array) for name, array in SMALL.items()}, "gz")
    )
    return path


def tar_of(files: dict[str, bytes], packing: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=f"w:{packing}") as tar:  # type: ignore[call-overload]  # one of its literals
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def deb(path: Path, packing: str = "xz", name: str = "data.tar.xz") -> Path:
    folder = "./usr/share/datasets/fashion-mnist"
    data = tar_of(
        {f"{folder}/{IDX[part]}-ubyte.gz": gzip.compress(idx(array)) for part, array in SMALL.items()},
        packing,
    )
    return ar(path, {"debian-binary": b"2.0\n", "control.tar.xz": b"odd", name: data})


def ar(path: Path, members: dict[str, bytes]) -> Path:
    header = "{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n"
    parts = [
        header.format(name, 0, 0, 0, 100644, len(data)).encode() + data + b"\n" * (len(data) % 2)
        for name, data in members.items()
    ]
    path.write_bytes(b"!<arch>\n" + b"".join(parts))
    return path


def same(images: formats.Images) -> bool:
    return all(np.array_equal(images[name], SMALL[name]) and images[name].dtype == np.uint8 for name in SMALL)


READERS = {
    "whl": (wheel, formats.read_wheel),
    "tgz": (tarball, formats.read_npm_tarball),
    "deb": (deb, formats.read_deb),
}
