"""Image files of the user's own: IDX and npz, whole, cut and changed."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from packages import idx

import geodesic_kit as gk
from geodesic_kit.datasets import fetching
from geodesic_kit.datasets.formats import read_images
from geodesic_kit.errors import FetchError, InvalidParameter, NoSuchFile, TruncatedFileError

X = np.random.default_rng(0).integers(0, 256, (30, 4, 4), dtype=np.uint8)
Y = np.repeat(np.arange(10, dtype=np.uint8), 3)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("how", ["file", "folder", "environment"])
def test_own_idx_files_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool, how: str
) -> None:
    end = "ubyte.gz" if packed else "ubyte"
    for name, array in (("train-images-idx3", X), ("train-labels-idx1", Y)):
        (tmp_path / f"{name}-{end}").write_bytes(gzip.compress(idx(array)) if packed else idx(array))
    options: dict[str, Any] = {"path": tmp_path / f"train-images-idx3-{end}" if how == "file" else tmp_path}
    if how == "environment":
        monkeypatch.setenv("GEODESIC_KIT_DATA", str(tmp_path))
        options = {}
    data = gk.datasets.load("mnist", **options)
    assert data.x == pytest.approx(X.reshape(30, 16) / 255)
    assert data.source.startswith("your own")
    assert data.y is not None
    assert data.y.tolist() == Y.tolist()


@pytest.mark.parametrize("names", [("x_train", "y_train"), ("x", "y"), ("x", "labels")])
def test_an_own_npz_comes_first(tmp_path: Path, names: tuple[str, str]) -> None:
    arrays: dict[str, Any] = {names[0]: X.reshape(30, 16) / 255.0, names[1]: Y}
    np.savez(tmp_path / "own.npz", **arrays)
    data = gk.datasets.load("mnist", path=tmp_path / "own.npz")
    assert data.x == pytest.approx(X.reshape(30, 16) / 255)
    assert data.image_shape == (4, 4)
    assert (data.y is None) == (names[1] == "labels")


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("cut-idx3-ubyte", idx(X)[:-7], r"holds 473 bytes, its header says \(30, 4, 4\), so 480"),
        ("long-idx3-ubyte", idx(X) + b"x", "holds 481 bytes"),
        ("cut-idx3-ubyte.gz", gzip.compress(idx(X))[:-9], "is not a complete gzip file"),
        ("text.idx", b"hello", "has no header of an IDX file"),
        ("empty.idx", b"", "has no header .* it starts with nothing"),
        ("text.npz", b"hello", "is not a complete npz file"),
        ("labels-idx1-ubyte", idx(Y), r"holds images of shape \(30,\)"),
    ],
)
def test_an_own_file_that_does_not_fit_is_named(tmp_path: Path, name: str, content: bytes, text: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TruncatedFileError, match=f"{name} {text}"):
        gk.datasets.load("mnist", path=tmp_path / name)


def test_an_own_npz_that_does_not_fit_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "objects.npz", x=np.array([{}, 1], dtype=object))
    with pytest.raises(TruncatedFileError, match=r"objects\.npz is not a complete npz file of plain arrays"):
        gk.datasets.load("mnist", path=tmp_path / "objects.npz")
    np.savez(tmp_path / "cats.npz", cats=np.zeros(3))
    with pytest.raises(TruncatedFileError, match="holds cats; name the arrays x_train, y_train, or x, y"):
        gk.datasets.load("mnist", path=tmp_path / "cats.npz")


def test_an_own_file_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoSuchFile, match="no file"):
        read_images(tmp_path / "none.npz", "train")
    with pytest.raises(NoSuchFile, match="holds none of"):
        read_images(tmp_path, "train")
    with pytest.raises(InvalidParameter, match="path=3 is no path"):
        gk.datasets.load("mnist", path=3)
    with pytest.raises(InvalidParameter, match="path=no file"):
        gk.datasets.load("mnist", path=tmp_path / "none.npz")
    monkeypatch.setenv("GEODESIC_KIT_DATA", str(tmp_path))
    with pytest.raises(
        InvalidParameter,
        match=r"GEODESIC_KIT_DATA: the folder .* holds none of "
        r"train-images-idx3-ubyte",
    ):
        gk.datasets.load("mnist")


def put(folder: Path, images: np.ndarray) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "train-images-idx3-ubyte").write_bytes(idx(images))


@pytest.mark.parametrize("place", ["fashion_mnist", "FashionMNIST/raw"])
def test_each_set_has_its_folder_in_the_environments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    put(tmp_path, X)
    put(tmp_path / place, X[:7])
    monkeypatch.setenv("GEODESIC_KIT_DATA", str(tmp_path))
    assert len(gk.datasets.load("mnist").x) == 30
    data = gk.datasets.load("fashion_mnist")
    assert len(data.x) == 7
    assert data.source == f"your own {tmp_path / place}"
    assert len(gk.datasets.load("fashion_mnist", path=tmp_path / place).x) == 7


def test_files_of_mnist_never_pass_for_fashion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, X)
    monkeypatch.setenv("GEODESIC_KIT_DATA", str(tmp_path))
    monkeypatch.setenv("GEODESIC_KIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(
        fetching.RECIPES, "fashion_mnist", replace(fetching.RECIPES["fashion_mnist"], sources={})
    )
    with pytest.raises(FetchError, match="Fashion-MNIST could not be fetched"):
        gk.datasets.load("fashion_mnist", fallback=False)
    (tmp_path / "fashion_mnist").mkdir()
    with pytest.raises(
        InvalidParameter,
        match=r"GEODESIC_KIT_DATA: the folder .*fashion_mnist holds none "
        r"of .*fashion_mnist\.npz",
    ):
        gk.datasets.load("fashion_mnist")
