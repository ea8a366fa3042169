"""The classifier of pictures: scikit-learn's forward pass, saved and damaged files, the shipped one."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.base.cards import save_arrays
from geodesic_kit.errors import (
    DataError,
    HashMismatch,
    InvalidParameter,
    MissingPlugin,
    TruncatedFileError,
    UnknownName,
)
from geodesic_kit.paper.experiments import make_reader as making
from geodesic_kit.paper.experiments.digit_classifier import Reader, _moved


@pytest.fixture(scope="module")
def digits() -> gk.datasets.Dataset:
    return gk.datasets.load("digits", n=900)


def test_the_reader_reads_digits_and_equals_scikit_learn(digits: gk.datasets.Dataset) -> None:
    from sklearn.neural_network import MLPClassifier

    assert digits.y is not None
    reader = Reader.fit(digits.x[:700], digits.y[:700], seed=0, epochs=30)
    assert repr(reader) == "Reader(64 → 128 → 64 → 10)"
    assert reader.accuracy(digits.x[700:], digits.y[700:]) > 0.9
    probabilities = reader.probabilities(digits.x)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert reader.features(digits.x).shape == (900, 64)
    like = MLPClassifier((128, 64))  # its own forward pass, given our weights
    like.coefs_, like.intercepts_, like.classes_ = list(reader.weights), list(reader.biases), reader.classes
    like.n_layers_, like.n_outputs_, like.out_activation_, like.n_features_in_ = 4, 10, "softmax", 64
    from sklearn.preprocessing import LabelBinarizer

    like._label_binarizer = LabelBinarizer().fit(reader.classes)
    np.testing.assert_allclose(probabilities, like.predict_proba(digits.x), atol=1e-12)


def test_two_classes_have_two_probabilities(digits: gk.datasets.Dataset) -> None:
    assert digits.y is not None
    two = digits.y < 2
    reader = Reader.fit(digits.x[two], digits.y[two], seed=0, hidden=(16,), epochs=40)
    assert reader.probabilities(digits.x[two]).shape == (two.sum(), 2)
    assert reader.accuracy(digits.x[two], digits.y[two]) > 0.95


def test_moved_pictures_are_copies_within_reach() -> None:
    dot = np.zeros((400, 5, 5), dtype=np.float32)
    dot[:, 2, 2] = 1
    moved = _moved(dot.reshape(400, 25), 2, np.random.default_rng(0)).reshape(400, 5, 5)
    assert (moved.sum(axis=(1, 2)) == 1).all()
    assert set(zip(*np.nonzero(moved.sum(axis=0)), strict=True)) == {
        (i, j) for i in range(5) for j in range(5)
    }
    corner = np.zeros((200, 9), dtype=np.float32)
    corner[:, 0] = 1
    assert set(_moved(corner, 1, np.random.default_rng(0)).sum(axis=1)) == {0, 1}, (
        "what leaves one side comes in at no other"
    )


def test_moved_pictures_teach_and_the_seed_decides(digits: gk.datasets.Dataset) -> None:
    assert digits.y is not None
    taught, moved = (
        (digits.x[:700], digits.y[:700]),
        _moved(digits.x[700:].astype(np.float32), 1, np.random.default_rng(0)),
    )
    first, again = (Reader.fit(*taught, seed=1, epochs=40, hidden=(64,), shifts=1) for _ in range(2))
    np.testing.assert_array_equal(first.probabilities(digits.x), again.probabilities(digits.x))
    still = Reader.fit(*taught, seed=1, epochs=40, hidden=(64,))
    assert first.accuracy(moved, digits.y[700:]) > still.accuracy(moved, digits.y[700:]) + 0.1
    assert first.facts["shifts"] == 1


def test_a_saved_reader_reads_the_same(digits: gk.datasets.Dataset, tmp_path: Path) -> None:
    assert digits.y is not None
    reader = Reader.fit(digits.x, digits.y, seed=0, hidden=(16, 8), epochs=2)
    reader.save(tmp_path / "r.npz", note="small")
    back = Reader.load(tmp_path / "r.npz")
    np.testing.assert_allclose(back.probabilities(digits.x), reader.probabilities(digits.x), atol=1e-5)
    assert repr(back) == "Reader(64 → 16 → 8 → 10)"
    assert back.facts == dict(reader.facts) | {"note": "small"}
    again = back.save(tmp_path / "again.npz")
    np.testing.assert_array_equal(Reader.load(again).probabilities(digits.x), back.probabilities(digits.x))
    content = (tmp_path / "r.npz").read_bytes()
    (tmp_path / "r.npz").write_bytes(content[:-9])
    with pytest.raises(HashMismatch, match=r"r\.npz is truncated or was changed"):
        Reader.load(tmp_path / "r.npz")
    other = save_arrays(
        tmp_path / "other.npz", {"a": np.ones(3), "b": np.ones(2), "c": np.ones(2)}, {"plugin": "toy"}
    )
    with pytest.raises(TruncatedFileError, match="is not a saved Reader: it holds no array 'w0'"):
        Reader.load(other)


def test_the_script_trains_tests_and_writes_the_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digits: gk.datasets.Dataset
) -> None:
    asked: list[tuple[int, str]] = []

    def load(name: str, n: int, seed: int, split: str = "train") -> gk.datasets.Dataset:
        asked.append((n, split))
        return replace(digits, name=called)

    monkeypatch.setattr(making, "load", load)
    called = "mnist"
    made = making.make_reader(tmp_path, n=900, epochs=3, hidden=(8,), shifts=0)
    assert asked == [(900, "train"), (10_000, "test")]
    back = Reader.load(tmp_path / "reader-mnist.npz")
    assert digits.y is not None
    assert back.facts["test"]["accuracy"] == made.accuracy(digits.x, digits.y)
    assert back.facts["data"] == {"name": "mnist", "n": 900, "split": "train"}
    called = "digits"
    with pytest.raises(DataError, match="asked for 'mnist', got 'digits' in its place: fetch it first"):
        making.make_reader(tmp_path)


def test_the_shipped_reader_is_what_its_card_says() -> None:
    reader = Reader.pretrained("mnist")
    assert repr(reader) == "Reader(784 → 256 → 128 → 10)"
    assert reader.facts["test"]["accuracy"] >= 0.98
    assert reader.classes.tolist() == list(range(10))
    probabilities = reader.probabilities(np.zeros((2, 784)))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    with pytest.raises(
        UnknownName, match=r"no classifier of 'letters' is shipped; there are mnist\. Reader\.fit"
    ):
        Reader.pretrained("letters")


def test_bad_input_is_named(digits: gk.datasets.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="of two classes or more"):
        Reader.fit(digits.x, np.zeros(900), seed=0)
    with pytest.raises(DataError, match="labels of shape"):
        Reader.fit(digits.x, np.zeros(3), seed=0)
    with pytest.raises(InvalidParameter, match="shifts=1: 63 pixels make no square picture"):
        Reader.fit(digits.x[:, 1:], np.arange(900) % 2, seed=0, shifts=1)
    monkeypatch.setitem(sys.modules, "sklearn.neural_network", None)
    with pytest.raises(
        MissingPlugin,
        match=r"a classifier needs sklearn\.neural_network: pip install 'geodesic-kit\[learn\]'",
    ):
        Reader.fit(digits.x, np.zeros(900), seed=0)
