"""What the kit writes is there whole or not at all, whatever happens in between; what cannot be written is
said in one line.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.base import cards, files
from geodesic_kit.base.cards import card_path, load_arrays, save_arrays
from geodesic_kit.base.files import check_writable, make_folder, reading, staged, write_bytes, write_text
from geodesic_kit.errors import FileError, GeodesicKitError, HashMismatch, InvalidParameter, NoSuchFile

OLD, NEW = {"a": np.zeros(50)}, {"a": np.ones(50)}


def toy(state: str) -> dict[str, Any]:
    return {"plugin": "toy", "state": state}


@pytest.fixture(params=["npz", "safetensors"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where something is saved already, in either format."""
    return save_arrays(tmp_path / f"it.{request.param}", OLD, toy("old"))


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def state(path: Path) -> str:
    """Which state is saved at `path`, after arrays and card were found to agree."""
    arrays, card = load_arrays(path)
    assert arrays["a"][0] == {"old": 0, "new": 1}[card["state"]]
    return card["state"]


def failing(number: int, code: int) -> Callable[..., Any]:
    """A function that raises the system's error `code` at its call `number`, counted from 1, and does nothing
    before.
    """
    calls = []

    def called(*_: Any, **__: Any) -> None:
        calls.append(1)
        if len(calls) >= number:
            raise OSError(code, os.strerror(code))

    return called


def test_savers_killed_and_in_a_race_leave_one_whole_file() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(Path(__file__).with_name("killed_savers.py")), "20", "10"],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(
        r"20 kills while saving: always one whole file; .*\n10 pairs of savers: \d+ reads, "
        r"always one whole file",
        done.stdout,
    )


@pytest.mark.parametrize(("renames", "found"), [(0, "old"), (1, "new"), (2, "new")])
def test_a_saver_that_stops_between_its_renames_leaves_one_state(
    path: Path, monkeypatch: pytest.MonkeyPatch, renames: int, found: str
) -> None:
    replace, done = os.replace, []

    def stopped(*places: Any) -> None:
        if len(done) == renames:
            raise KeyboardInterrupt
        done.append(replace(*places))

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", stopped)
        try:
            save_arrays(path, NEW, toy("new"))
        except KeyboardInterrupt:
            assert renames < 2
    assert state(path) == found
    assert cards.read_card(path)["sha256"] == cards.sha256(path)
    assert names(path.parent) == [path.name, card_path(path).name]


def test_a_first_save_that_stops_leaves_nothing_that_loads_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, replace, done = tmp_path / "it.npz", os.replace, []

    def stopped(*places: Any) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(replace(*places))

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", stopped)
        with pytest.raises(KeyboardInterrupt):
            save_arrays(path, NEW, toy("new"))
    with pytest.raises(NoSuchFile, match=r"there is no file .*it\.npz: a saved density is two files"):
        load_arrays(path)
    save_arrays(path, NEW, toy("new"))
    assert state(path) == "new"


def test_the_card_of_another_save_does_not_hide_a_changed_file(path: Path) -> None:
    before = card_path(path).read_bytes()
    save_arrays(path, NEW, toy("new"))
    card_path(path).write_bytes(before)
    assert state(path) == "new"
    whole = path.read_bytes()
    changed = [whole[:k] for k in (0, 7, 40, len(whole) - 1)]
    changed += [whole[:k] + bytes([whole[k] ^ 5]) + whole[k + 1 :] for k in range(0, len(whole), 3)]
    told = 0
    for content in changed:
        path.write_bytes(content)
        try:
            assert state(path) == "new"  # a byte of the format that says nothing, such as a date
        except HashMismatch:
            told += 1
    assert told > 0.6 * len(changed)


def test_a_file_without_a_card_inside_is_read_by_the_one_beside(tmp_path: Path) -> None:
    path = tmp_path / "older.npz"
    np.savez_compressed(path, **OLD)
    card_path(path).write_text(json.dumps(toy("old") | {"sha256": cards.sha256(path)}))
    assert state(path) == "old"
    card_path(path).write_text(json.dumps(toy("old") | {"sha256": "0" * 64}))
    with pytest.raises(HashMismatch, match="is truncated or was changed"):
        load_arrays(path)


def test_a_card_edited_by_hand_counts_while_it_is_of_the_file(path: Path) -> None:
    card = json.loads(card_path(path).read_text())
    card_path(path).write_text(json.dumps(card | {"licence": "CC0"}))
    assert load_arrays(path)[1]["licence"] == "CC0"


def test_a_link_at_the_destination_is_followed_and_none_at_a_temporary_name(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "it.txt.partial").symlink_to(tmp_path / "mine.txt")
    (tmp_path / "link.txt").symlink_to(tmp_path / "far" / "target.txt")
    write_text(tmp_path / "it.txt", "new")
    write_text(tmp_path / "link.txt", "new")
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "far" / "target.txt").read_text() == "new"


def test_a_new_file_gets_what_the_umask_leaves_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    plain, kept = tmp_path / "plain", tmp_path / "kept"
    before = os.umask(0o027)
    try:
        write_text(plain, "")
        write_text(kept, "")
        kept.chmod(0o606)
        write_text(kept, "again")
    finally:
        os.umask(before)
    assert (stat.S_IMODE(plain.stat().st_mode), stat.S_IMODE(kept.stat().st_mode)) == (0o640, 0o606)


def test_left_over_files_go_with_the_next_save_and_those_of_the_living_stay(tmp_path: Path) -> None:
    path = tmp_path / "it.txt"
    with staged(path) as (mine,):
        left = Path(f"{mine.name[:-8]}dead.txt")
        left.write_text("left over")
        write_text(path, "other")
        assert not left.exists()
        mine.write(b"mine")
    assert names(tmp_path) == ["it.txt"]
    assert path.read_text() == "mine"


def test_a_block_that_raises_leaves_what_was_there(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "old")

    def broken_off() -> None:
        with staged(tmp_path / "a", tmp_path / "b") as (first, _):
            first.write(b"half")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        broken_off()
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "old"


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """Files of this process can grow to `size` bytes, as if the disk were full then."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_that_does_not_fit_leaves_what_was_there(path: Path) -> None:
    large = {"a": np.random.default_rng(0).random(100_000)}
    with (
        small_files(50_000),
        pytest.raises(
            FileError,
            match=r"it\.\w+ cannot be written: it would be "
            r"larger .*; make room, or",
        ),
    ):
        save_arrays(path, large, toy("new"))
    assert state(path) == "old"
    assert names(path.parent) == [path.name, card_path(path).name]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (
            errno.ENOSPC,
            "the disk is full; what was there before is as it was; make room, or name a file on another disk",
        ),
        (errno.EDQUOT, "your share of the disk is used up; what was there before"),
        (errno.EROFS, "its disk can only be read; name a file on another"),
        (errno.EACCES, "is not yours to use; name another, or change its rights"),
        (errno.EIO, "Input/output error; name a file elsewhere"),
    ],
)
@pytest.mark.parametrize("call", [1, 2])
def test_what_the_disk_refuses_is_one_line_and_leaves_what_was_there(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: int, text: str, call: int
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", failing(call, code))
        with pytest.raises(FileError, match=re.escape(text)) as told:
            save_arrays(path, NEW, toy("new"))
    assert told.value.errno == code
    assert str(told.value).startswith(f"{card_path(path) if call == 2 else path} cannot be written: ")
    assert "\n" not in str(told.value)
    assert state(path) == "old"
    assert names(path.parent) == [path.name, card_path(path).name]


def doors(x: np.ndarray) -> dict[str, Callable[[Any], Any]]:
    """The kit's public ways to write a file."""
    graph = gk.epsilon_graph(x, 0.5)
    mixture = gk.densities["mog"](means=x[:2], covariances=np.ones(2), weights=np.ones(2) / 2)
    return {
        "graph": graph.save,
        "mog": mixture.save,
        "text": lambda path: write_text(path, ""),
        "check": check_writable,
    }


@pytest.mark.parametrize("door", ["graph", "mog", "text", "check"])
def test_what_is_no_place_for_a_file_is_told(tmp_path: Path, door: str) -> None:
    write = doors(np.random.default_rng(0).random((20, 2)))[door]
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    cases: list[tuple[Any, type[Exception], str]] = [
        (tmp_path, InvalidParameter, "is a folder: name a file in it"),
        (tmp_path / "no" / "it.npz", InvalidParameter, r"there is no folder .*no; make it first"),
        (tmp_path / "file" / "it.npz", InvalidParameter, r"there is no folder .*file; make it first"),
        (tmp_path / "pipe", InvalidParameter, "is a device or a pipe, which cannot be replaced by a file"),
        (os.devnull, InvalidParameter, "is a device or a pipe"),
        (tmp_path / "circle", FileError, "its links lead round in a circle"),
        (tmp_path / ("x" * 300), FileError, "its name is too long; shorten it"),
        ("a\0b", InvalidParameter, "holds a NUL character"),
        ("\ud800", InvalidParameter, "is no path"),
        (None, InvalidParameter, "path=None is no path"),
        (5, InvalidParameter, "path=5 is no path"),
        ("", InvalidParameter, "is a folder: name a file in it"),
    ]
    before = names(tmp_path)
    for path, kind, text in cases:
        with pytest.raises(kind, match=text) as told:
            write(path)
        assert isinstance(told.value, GeodesicKitError)
        assert "\n" not in str(told.value)
    assert names(tmp_path) == before
    write(tmp_path / ("x" * 246 + ".txt"))  # as long as a name and its card's can be


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    for path, kind, text in (
        (tmp_path / "no.npz", NoSuchFile, r"there is no file .*no\.npz"),
        (tmp_path, NoSuchFile, "there is no file .*, but a folder"),
        (tmp_path / ("x" * 300), FileError, "its name is too long"),
    ):
        with pytest.raises(kind, match=text), reading(path):
            pass
    for load in (gk.Graph.load, gk.densities.load, gk.densities["mog"].load):
        for path in (tmp_path, tmp_path / "no.npz", "a\0b", None, "x" * 300):
            with pytest.raises((NoSuchFile, InvalidParameter, FileError)):
                load(path)


def test_a_disk_that_can_only_be_read_is_told_by_the_path_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(name: Any, *_: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(name))

    monkeypatch.setattr(files, "open", refused, raising=False)
    for write in (lambda path: write_text(path, ""), check_writable):
        with pytest.raises(
            FileError,
            match=r"new\.txt cannot be written: its disk can only be read; name a "
            r"file on another",
        ):
            write(tmp_path / "new.txt")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert make_folder(tmp_path / "a" / "b").is_dir()
    write_bytes(tmp_path / "file", b"")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(
            InvalidParameter,
            match=r"the folder .* cannot be made: a file stands in its "
            r"place or above it",
        ):
            make_folder(path)
    monkeypatch.setattr(Path, "mkdir", failing(1, errno.EROFS))
    with pytest.raises(FileError, match="cannot be written: its disk can only be read"):
        make_folder(tmp_path / "c")
