"""Saved arrays and their cards: both formats, damaged files, shipped weights."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from geodesic_kit.base import pretrained as weights
from geodesic_kit.base.cards import card_path, load_arrays, read_card, save_arrays, sha256
from geodesic_kit.errors import HashMismatch, InvalidParameter, MissingPlugin, TruncatedFileError, UnknownName

ARRAYS = {
    "a": np.arange(6.0).reshape(2, 3),
    "b.weight": np.float32([1.5, -2.5]),
    "flags": np.array([True, False]),
    "step": np.array(7),
}


@pytest.fixture(params=["npz", "safetensors"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where arrays are saved, in either format."""
    return tmp_path / f"density.{request.param}"


def test_arrays_come_back_to_the_bit_with_their_card(path: Path) -> None:
    arrays = ARRAYS | {"turned": ARRAYS["a"].T, "every_other": np.arange(10)[::2]}
    assert save_arrays(path, arrays, {"plugin": "toy", "steps": 3}) == path
    found, card = load_arrays(path)
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert np.array_equal(found[name], array)
    assert (card["plugin"], card["steps"]) == ("toy", 3)
    assert {file.name for file in path.parent.iterdir()} == {path.name, card_path(path).name}, (
        "nothing partial is left"
    )


def test_damaged_files_are_told_apart(path: Path) -> None:
    save_arrays(path, ARRAYS, {"plugin": "toy"})
    whole, card = path.read_bytes(), json.loads(card_path(path).read_text())
    changed = bytearray(whole)
    changed[-3] ^= 1
    for content in (whole[:-10], bytes(changed), b""):
        path.write_bytes(content)
        with pytest.raises(
            HashMismatch,
            match=r"is truncated or was changed: its sha256 is .* save or "
            r"fetch it again",
        ):
            load_arrays(path)
    save_arrays(path, ARRAYS, {"plugin": "toy"})
    card_path(path).write_text(json.dumps(card)[:-5])
    with pytest.raises(TruncatedFileError, match="is not JSON"):
        read_card(path)
    card_path(path).unlink()
    with pytest.raises(
        FileNotFoundError,
        match=rf"a saved density is two files, {path.name} and "
        rf"{path.name}\.json",
    ):
        read_card(path)


def test_what_cannot_be_saved_leaves_the_old_file_as_it_was(path: Path) -> None:
    save_arrays(path, ARRAYS, {"plugin": "toy"})
    with pytest.raises(
        InvalidParameter,
        match=r"the card of density.* cannot be written as JSON \(Object "
        r"of type int64",
    ):
        save_arrays(path, {"a": np.zeros(3)}, {"plugin": "toy", "n": np.int64(3)})
    with pytest.raises(InvalidParameter, match=r"there is no folder .*missing; make it first"):
        save_arrays(path.parent / "missing" / path.name, ARRAYS, {"plugin": "toy"})
    with pytest.raises(InvalidParameter, match="is a folder: name a file in it"):
        save_arrays(path.parent, ARRAYS, {"plugin": "toy"})
    with pytest.raises(
        InvalidParameter,
        match=r"^b holds Python objects, which density.* cannot: give "
        r"numbers",
    ):
        save_arrays(path, {"a": np.zeros(3), "b": np.array([1, None])}, {"plugin": "toy"})
    assert np.array_equal(load_arrays(path)[0]["a"], ARRAYS["a"])
    assert len(list(path.parent.iterdir())) == 2


def test_a_card_that_is_of_something_else_is_told(path: Path) -> None:
    save_arrays(path, ARRAYS, {"plugin": "toy"})
    with pytest.raises(
        InvalidParameter,
        match=r"was saved by 'toy', not by 'mog'; "
        r"gk\.densities\.load\(path\)",
    ):
        load_arrays(path, "mog")
    whole = json.loads(card_path(path).read_text())
    for name, value in (("plugin", ["toy"]), ("sha256", 5)):
        card_path(path).write_text(json.dumps(whole | {name: value}))
        with pytest.raises(TruncatedFileError, match="does not name its plugin and sha256"):
            read_card(path)
    card_path(path).unlink()
    card_path(path).mkdir()
    with pytest.raises(FileNotFoundError, match=r"no file .*\.json"):
        read_card(path)


def test_a_lone_array_is_no_npz_file(tmp_path: Path) -> None:
    path = save_arrays(tmp_path / "one.npz", ARRAYS, {"plugin": "toy"})
    with open(path, "wb") as file:
        np.save(file, np.ones(3))
    card_path(path).write_text(json.dumps({"plugin": "toy", "sha256": sha256(path)}))
    with pytest.raises(TruncatedFileError, match="is not a complete npz file"):
        load_arrays(path)


def test_a_file_of_another_format_than_its_name_says_is_refused(path: Path, tmp_path: Path) -> None:
    other = tmp_path / ("other.npz" if path.suffix == ".safetensors" else "other.safetensors")
    save_arrays(other, ARRAYS, {"plugin": "toy"})
    path.write_bytes(other.read_bytes())
    card_path(path).write_text(card_path(other).read_text())
    with pytest.raises(TruncatedFileError, match=rf"is not a complete {path.suffix[1:]} file"):
        load_arrays(path)


def test_without_safetensors_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save_arrays(tmp_path / "w.safetensors", ARRAYS, {"plugin": "toy"})
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    for call in (lambda: load_arrays(path), lambda: save_arrays(path, ARRAYS, {"plugin": "toy"})):
        with pytest.raises(
            MissingPlugin,
            match=r"w\.safetensors needs safetensors.*: pip install "
            r"'geodesic-kit\[flows\]'",
        ):
            call()


def test_shipped_weights_are_found_by_name_and_match_their_cards() -> None:
    for plugin in ("realnvp", "ctm"):
        for name in weights.names(plugin):
            path = weights.path(plugin, name)
            card = read_card(path)
            assert (path.name, card["plugin"]) == (f"{plugin}-{name}.safetensors", plugin)
            assert name.startswith(card["data"]["name"])  # what follows tells apart two of one data set
            assert path.stat().st_size <= 8 << 20


def test_unknown_weights_are_answered_by_those_there_are() -> None:
    there = ", ".join(weights.names("realnvp")) or "none"
    for name in ("three_moons", "", "../x", "two_moons.safetensors"):
        with pytest.raises(
            UnknownName,
            match=rf"no weights of 'realnvp' named .* are shipped; there are {there}\. "
            r"`geodesic-kit train realnvp",
        ):
            weights.path("realnvp", name)
