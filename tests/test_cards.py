"""Saved arrays and their cards: both formats, damaged files, shipped weights."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from geodesic_kit import weights
from geodesic_kit.cards import card_path, load_arrays, read_card, save_arrays
from geodesic_kit.errors import HashMismatch, MissingPlugin, TruncatedFileError, UnknownName

ARRAYS = {"a": np.arange(6.0).reshape(2, 3), "b.weight": np.float32([1.5, -2.5]), "flags": np.array([True, False]), "step": np.array(7)}


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
    assert {file.name for file in path.parent.iterdir()} == {path.name, card_path(path).name}, "nothing partial is left"


def test_damaged_files_are_told_apart(path: Path) -> None:
    save_arrays(path, ARRAYS, {"plugin": "toy"})
    whole, card = path.read_bytes(), json.loads(card_path(path).read_text())
    changed = bytearray(whole)
    changed[-3] ^= 1
    for content in (whole[:-10], bytes(changed), b""):
        path.write_bytes(content)
        with pytest.raises(HashMismatch, match=r"is truncated or was changed: its sha256 is .* save or fetch it again"):
            load_arrays(path)
    save_arrays(path, ARRAYS, {"plugin": "toy"})
    card_path(path).write_text(json.dumps(card)[:-5])
    with pytest.raises(TruncatedFileError, match="is not JSON"):
        read_card(path)
    card_path(path).unlink()
    with pytest.raises(FileNotFoundError, match=rf"a saved density is two files, {path.name} and {path.name}\.json"):
        read_card(path)


def test_a_file_of_another_format_than_its_name_says_is_refused(path: Path, tmp_path: Path) -> None:
    other = tmp_path / ("other.npz" if path.suffix == ".safetensors" else "other.safetensors")
    save_arrays(other, ARRAYS, {"plugin": "toy"})
    path.write_bytes(other.read_bytes())
    card_path(path).write_text(card_path(other).read_text())
    with pytest.raises(TruncatedFileError, match=rf"is not a complete {path.suffix[1:]} file"):
        load_arrays(path)


def test_without_safetensors_the_error_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_arrays(tmp_path / "w.safetensors", ARRAYS, {"plugin": "toy"})
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    for call in (lambda: load_arrays(path), lambda: save_arrays(path, ARRAYS, {"plugin": "toy"})):
        with pytest.raises(MissingPlugin, match=r"w\.safetensors needs safetensors.*: pip install 'geodesic-kit\[flows\]'"):
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
            UnknownName, match=rf"no weights of 'realnvp' named .* are shipped; there are {there}\. `geodesic-kit train realnvp"
        ):
            weights.path("realnvp", name)
