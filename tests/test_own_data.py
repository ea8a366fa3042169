"""Points of one's own: arrays and tables by `datasets.load`, and what is no such file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import geodesic_kit as gk
from geodesic_kit.errors import DataError, InvalidParameter, MissingPlugin, NoSuchFile, TruncatedFileError

X = np.random.default_rng(0).standard_normal((9, 2))
KINDS = ["setosa", "virginica", "setosa"] * 3


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, **columns: Any) -> str:
    """A table with those columns, and its name."""
    table = pd.DataFrame({"a": X[:, 0], "b": X[:, 1]} | columns)
    table.to_parquet(name) if name.endswith("parquet") else table.to_csv(name, index=False)
    return name


def test_arrays_and_tables_hold_points_and_labels(place: Path) -> None:
    np.save("mine.npy", X)
    np.savez("mine.npz", x=X, y=np.arange(9))
    for name in ("mine.npy", Path("mine.npz"), write("mine.csv"), write("mine.parquet", kind=KINDS)):
        found = gk.datasets.load(name)
        np.testing.assert_allclose(found.x, X, rtol=1e-15)
        assert (found.name, found.source) == ("mine", f"your file {name}")
    assert gk.datasets.load("mine.npy").y is None
    assert gk.datasets.load("mine.npz").y.tolist() == list(range(9))  # type: ignore[union-attr]
    assert gk.datasets.load("mine.parquet").y.tolist() == [0, 1, 0] * 3  # type: ignore[union-attr]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_column_y_holds_the_labels_and_texts_are_no_points(place: Path, suffix: str) -> None:
    found = gk.datasets.load(write(f"mine.{suffix}", y=[5, 7, 5] * 3, note=KINDS, other=KINDS))
    assert found.x.shape == (9, 2)
    assert found.y is not None
    assert found.y.tolist() == [5, 7, 5] * 3


def test_a_table_without_names_and_one_with_pandas_rows_are_read_whole(place: Path) -> None:
    np.savetxt("bare.csv", X, delimiter=",")
    assert gk.datasets.load("bare.csv").x.shape == (9, 2)
    pd.DataFrame(X, columns=["a", "b"]).to_csv("rows.csv")
    assert gk.datasets.load("rows.csv").x.shape == (9, 2)


def test_n_points_at_most_with_every_class_in_its_share(place: Path) -> None:
    name = write("mine.csv", kind=KINDS)
    found = gk.datasets.load(name, n=6, seed=1)
    assert found.y is not None
    assert np.bincount(found.y).tolist() == [4, 2]
    assert {*map(tuple, found.x)} < {*map(tuple, gk.datasets.load(name).x)}
    assert len(gk.datasets.load(name, n=400).x) == 9


def test_what_is_no_such_file_is_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("torn.parquet").write_bytes(b"PAR1")
    Path("empty.csv").write_text("")
    np.savez("odd.npz", x=X, y=np.arange(3))
    for name, error, text in (
        ("absent.csv", NoSuchFile, r"there is no file absent\.csv"),
        ("torn.parquet", TruncatedFileError, r"torn\.parquet cannot be read as a table"),
        ("empty.csv", TruncatedFileError, r"empty\.csv cannot be read as a table"),
        ("odd.npz", DataError, r"odd\.npz holds 9 points and labels of shape \(3,\); give one for each"),
        (write("two.csv", u=KINDS, v=KINDS), DataError, "2 columns that hold no numbers, u, v; name the one"),
        (write("gap.csv", c=[1.0, np.nan, 2.0] * 3), DataError, r"the points of gap\.csv hold NaN or inf"),
    ):
        with pytest.raises(error, match=text):
            gk.datasets.load(name)
    pd.DataFrame({"u": KINDS}).to_csv("texts.csv", index=False)
    with pytest.raises(DataError, match=r"texts\.csv has no column of numbers"):
        gk.datasets.load("texts.csv")
    with pytest.raises(InvalidParameter, match=r"'two\.csv' takes no option 'noise'; there are n, seed"):
        gk.datasets.load("two.csv", noise=1)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingPlugin, match=r"needs pyarrow: pip install 'geodesic-kit\[tables\]'"):
        gk.datasets.load("torn.parquet")
