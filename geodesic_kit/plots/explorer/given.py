"""What explorers are given, as one data set: a name, a file, a table, an array, or points with labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...base.copies import rows_that_repeat
from ...checks import MOST_POINTS, as_labels, as_points, integer
from ...datasets import Dataset, is_file, load
from ...datasets.own import TABLES, read_table
from ...errors import DataError, InvalidParameter, shown
from ...types import Density, Ints, Points
from ..canvas import as_image_shape

__all__ = ["MOST", "Given", "given"]

MOST = 10_000  # points of a graph that still follows a slider
_NAMED = 400  # rows of a data set that is named
_OWN = "your points"
_TOLD = 5  # names of columns in a note


@dataclass(frozen=True, eq=False)
class Given:
    """Distinct rows x (n, d) with their columns' names, labels (n,) or None, and notes on what was left out.

    `source` is a data set's name or a file's path where that gives these very rows again, `asked` points of
    it. `image_shape` is (h, w) where a row is a picture.
    """

    name: str
    x: Points
    y: Ints | None
    columns: tuple[str, ...]
    image_shape: tuple[int, int] | None = None
    truth: Density | None = None
    source: str | None = None
    asked: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def named(self) -> bool:
        """Whether a table has named the columns."""
        return self.columns != _numbered(len(self.columns))


def given(dataset: Any, n: int | None, seed: int, image_shape: Any = None) -> Given:
    """A data set's name or file, a Dataset, rows (k, d), a DataFrame, or a pair of either and labels (k,).

    Of a DataFrame the columns of numbers are taken, and the rows that miss none of them; rows that repeat
    another are merged; a random `n` of the rows stay, 10,000 at most. Raises UnknownName, DataError,
    InvalidParameter, and a file's errors.
    """
    if n is not None:
        n = integer(n, "n", least=2, most=MOST_POINTS)
    if isinstance(dataset, (str, Path)):
        found = _named(dataset, n, seed)
    elif isinstance(dataset, Dataset):
        found = _of_dataset(dataset)
    else:
        found = _rows(dataset)
    found = _thinned(_distinct(found), n, seed)
    return replace(found, image_shape=_shape(image_shape, found))


def _named(name: str | Path, n: int | None, seed: int) -> Given:
    own = is_file(name)
    if own and Path(name).suffix.lower() in TABLES:
        return _table_file(Path(name))
    most = None if own else min(_NAMED if n is None else n, MOST)
    found = _of_dataset(load(name, n=most, seed=seed))
    notes = (
        (f"{n:,} points are asked for, the explorer takes {MOST:,}",) if n is not None and n > MOST else ()
    )
    return replace(found, source=str(name), asked=most, notes=() if own else notes)


def _table_file(path: Path) -> Given:
    """A table as `datasets.load` reads it; where that is too strict, what of it is numbers."""
    try:
        return replace(_of_dataset(load(path)), source=str(path))
    except DataError:
        return replace(_rows(read_table(path)), name=path.stem)


def _of_dataset(data: Dataset) -> Given:
    names = data.columns or _numbered(data.x.shape[1])
    labels = None if data.y is None else np.asarray(data.y)
    return Given(data.name, data.x, labels, names, data.image_shape, data.density)


def _rows(rows: Any) -> Given:
    x, y = rows if _is_pair(rows) else (rows, None)
    notes: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None
    if callable(getattr(x, "select_dtypes", None)) and hasattr(x, "columns"):
        x, y, columns, notes = _table(x, y)
    points = as_points(x, name="the points").copy()
    labels = None if y is None else as_labels(y, len(points))[1]
    return Given(_OWN, points, labels, columns or _numbered(points.shape[1]), notes=notes)


def _is_pair(rows: Any) -> bool:
    """Whether these are points and labels: a tuple of a table and one value for each row."""
    if not isinstance(rows, tuple) or len(rows) != 2:
        return False
    try:
        sizes = [getattr(part, "shape", None) or np.shape(part) for part in rows]
    except ValueError:  # rows of several lengths
        return False
    return [len(size) for size in sizes] == [2, 1]


def _table(table: Any, y: Any) -> tuple[NDArray[Any], Any, tuple[str, ...], tuple[str, ...]]:
    """The numbers of a DataFrame, (k, d), the labels, the columns' names, and what was left out."""
    import pandas as pd

    kinds = table.dtypes
    taken = np.array([pd.api.types.is_any_real_numeric_dtype(kind) for kind in kinds], dtype=bool)
    names, others = (tuple(str(name) for name in table.columns[these]) for these in (taken, ~taken))
    if not names:
        raise DataError(
            f"none of the columns {', '.join(others)[:200] or '(there is none)'} holds numbers; the "
            "explorer's points need at least one that does"
        )
    notes = []
    if others:
        more = f" and {len(others) - _TOLD} more" if len(others) > _TOLD else ""
        notes.append(f"left out, as no numbers: {', '.join(others[:_TOLD])}{more}")
    x = table.loc[:, taken].to_numpy(dtype=float, na_value=np.nan)
    whole = ~np.isnan(x).any(axis=1)
    if not whole.all():
        notes.append(f"{(~whole).sum():,} of {len(x):,} rows are left out, which miss a number")
        x, y = x[whole], None if y is None else np.asarray(y)[whole]
    if not len(x):
        raise DataError(f"no row has a number in each of the columns {', '.join(names)[:200]}; impute them")
    return x, y, names, tuple(notes)


def _distinct(found: Given) -> Given:
    repeats = rows_that_repeat(found.x)
    if not len(repeats):
        return found
    rows, are = ("rows", "are") if len(repeats) > 1 else ("row", "is")
    told = f"{len(repeats):,} {rows} repeated another and {are}"
    first = np.delete(np.arange(len(found.x)), repeats)
    return replace(_at(found, first), notes=(*found.notes, f"{told} merged with it"), source=None)


def _thinned(found: Given, n: int | None, seed: int) -> Given:
    most = min(MOST if n is None else n, MOST)
    if most >= len(found.x):
        return found
    chosen = np.sort(np.random.default_rng(seed).choice(len(found.x), most, replace=False))
    note = f"a random {most:,} of {len(found.x):,} points, by seed {seed}"
    return replace(_at(found, chosen), notes=(*found.notes, note), source=None)


def _at(found: Given, rows: Ints) -> Given:
    return replace(found, x=found.x[rows], y=None if found.y is None else found.y[rows])


def _shape(asked: Any, found: Given) -> tuple[int, int] | None:
    """(h, w), as asked or as the data set says. Raises InvalidParameter."""
    if asked is None:
        return found.image_shape
    h, w = as_image_shape(asked)
    if h * w != found.x.shape[1]:
        raise InvalidParameter(
            f"image_shape={shown(asked)}: give (h, w) whose product is the number of columns, "
            f"{found.x.shape[1]}"
        )
    return h, w


def _numbered(d: int) -> tuple[str, ...]:
    return tuple(
        f"x{str(column).translate(str.maketrans('0123456789', '₀₁₂₃₄₅₆₇₈₉'))}" for column in range(1, d + 1)
    )
