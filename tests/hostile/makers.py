"""How arrays of other kinds are made from a valid one."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy import sparse


def with_entry(value: Any, dtype: Any = None) -> Any:
    """Replaces the last entry of the array."""

    def make(valid: Any) -> Any:
        array = np.array(valid, dtype=dtype)
        array.flat[-1] = value
        return array

    return make


def as_masked(valid: Any) -> Any:
    array = np.ma.array(valid)
    array[-1] = np.ma.masked
    return array


class Exposed:
    """An object that NumPy reads through `__array__`."""

    def __init__(self, array: Any) -> None:
        self._array = np.asarray(array)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(self._array, dtype=dtype)


class Raises:
    """An object whose `__array__` raises."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise RuntimeError("not today")


class Mine(np.ndarray):
    """A subclass of ndarray."""


def mapped(valid: Any) -> Any:
    with tempfile.TemporaryFile() as file:
        array = np.memmap(file, dtype=np.asarray(valid).dtype, mode="w+", shape=np.shape(valid))
    array[...] = valid
    return array


def strided(valid: Any) -> Any:
    array = np.asarray(valid)
    wide = np.zeros((2 * len(array), *array.shape[1:]), dtype=array.dtype)
    wide[::2] = array
    return wide[::2]


def read_only(valid: Any) -> Any:
    array = np.array(valid)
    array.flags.writeable = False
    return array


def boxed(box: Any) -> Any:
    """The array with each entry in a Python object of that type."""

    def make(valid: Any) -> Any:
        array = np.array(valid, dtype=object)
        array.flat[:] = [box(entry) for entry in np.asarray(valid).ravel().tolist()]
        return array

    return make


def frame(valid: Any, dtype: Any = None) -> Any:
    array = np.asarray(valid)
    return pd.Series(array, dtype=dtype) if array.ndim == 1 else pd.DataFrame(array, dtype=dtype)


def with_na(valid: Any) -> Any:
    table = frame(valid, "Float64")
    table.iloc[-1] = pd.NA
    return table


def structured(valid: Any) -> Any:
    return np.zeros(len(valid), dtype=[("a", float), ("b", float)])


def sparse_of(valid: Any) -> Any:
    return sparse.csr_array(np.atleast_2d(np.asarray(valid, dtype=float)))


def tensor(valid: Any, dtype: Any = torch.float64) -> Any:
    return torch.tensor(np.array(valid), dtype=dtype)
