"""Points of your own from a file: NumPy's .npy and .npz, or a table, .csv and .parquet."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.extras import needing
from ..base.files import as_path, reading
from ..checks import as_points
from ..errors import DataError, FileError, TruncatedFileError
from ..types import Ints
from .dataset import Dataset
from .subsets import subset

__all__ = ["SUFFIXES", "TABLES", "load_file", "read_table"]

_ARRAYS, TABLES = (".npy", ".npz"), (".csv", ".parquet")
SUFFIXES = _ARRAYS + TABLES


def load_file(path: str | Path, n: int | None = None, seed: int = 0) -> Dataset:
    """The points of a file, all of them, or a random subset of n in which every class has its share.

    `.npy` holds (n, d); `.npz` holds x, or one array, and y where there are labels. Of a table the columns of
    numbers are the points; the labels are the column y, else the only column that holds something else. What
    pandas wrote as a row's number is left out. Raises NoSuchFile, FileError, TruncatedFileError, DataError,
    and MissingPlugin where pandas or pyarrow is absent.
    """
    place = as_path(path)
    columns: tuple[str, ...] = ()
    if place.suffix.lower() in _ARRAYS:
        x, y = _arrays(place)
    else:
        x, y, columns = _table(place)
    points = as_points(x, name=f"the points of {place.name}")
    labels = None if y is None else _labels(y, place, len(points))
    if n is not None and n < len(points):
        rows = subset(np.zeros(len(points)) if labels is None else labels, n, seed, place.name)
        points, labels = points[rows], None if labels is None else labels[rows]
    return Dataset(place.stem, points, labels, f"your file {place.name}", columns=columns)


def _arrays(path: Path) -> tuple[NDArray[Any], NDArray[Any] | None]:
    try:
        with reading(path) as file:  # NumPy leaves a file open that it cannot read
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return loaded, None
            if "x" not in loaded.files and len(loaded.files) != 1:
                raise DataError(
                    f"{path} holds {', '.join(loaded.files) or 'nothing'}: name the points x, (n, d)"
                )
            x = loaded["x" if "x" in loaded.files else loaded.files[0]]
            return x, loaded["y"] if {"x", "y"} <= set(loaded.files) else None
    except FileError:
        raise
    except (OSError, EOFError, zipfile.BadZipFile) as err:
        raise TruncatedFileError(f"{path} is not a complete file of arrays ({err})") from err
    except ValueError as err:
        if isinstance(err, DataError):
            raise
        raise TruncatedFileError(
            f"{path} cannot be read as plain arrays ({err}); save numbers with numpy.save or numpy.savez"
        ) from err


def read_table(path: Path) -> Any:
    """The DataFrame of a .csv or .parquet file, its columns numbered where it does not name them. Raises
    NoSuchFile, TruncatedFileError, MissingPlugin.
    """
    columnar = path.suffix.lower() == ".parquet"
    with needing(f"reading {path.name} needs", "tables"):
        import pandas as pd

        if columnar:
            import pyarrow  # noqa: F401  # pandas' own error names two packages, of which this is enough
    with reading(path) as file:
        try:
            table = pd.read_parquet(file) if columnar else pd.read_csv(file)
            if not columnar and all(_is_number(name) for name in table.columns):
                file.seek(0)
                table = pd.read_csv(file, header=None)  # its first row was taken for names
        except (ValueError, OSError) as err:  # pandas' and pyarrow's own errors derive from these
            reason = " ".join(str(err).split())[:200]
            raise TruncatedFileError(f"{path} cannot be read as a table ({reason})") from err
    return table.loc[:, [not str(name).startswith("Unnamed: ") for name in table.columns]]


def _table(path: Path) -> tuple[NDArray[Any], NDArray[Any] | None, tuple[str, ...]]:
    """Points, labels and the points' columns, where they have names."""
    table = read_table(path)
    import pandas as pd

    others = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    if "y" not in table.columns and len(others) > 1:
        raise DataError(
            f"{path} has {len(others)} columns that hold no numbers, {', '.join(map(str, others))[:200]}; "
            "name the one of the labels y, or leave them out"
        )
    label = "y" if "y" in table.columns else others[0] if others else None
    points = table[[name for name in table.columns if name != label and name not in others]]
    columns = tuple(name for name in points.columns if isinstance(name, str))
    if not points.shape[1]:
        raise DataError(f"{path} has no column of numbers")
    x = points.to_numpy(dtype=float, na_value=np.nan)
    return x, None if label is None else table[label].to_numpy(), columns


def _is_number(name: Any) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True


def _labels(y: NDArray[Any], path: Path, n: int) -> Ints:
    """Labels as whole numbers: as they are, or each one's place among them in order."""
    if y.shape != (n,):
        raise DataError(f"{path} holds {n} points and labels of shape {y.shape}; give one for each")
    if y.dtype.kind in "iu":
        return y.astype(np.int64)
    return np.unique(y.astype(str), return_inverse=True)[1].astype(np.int64)
