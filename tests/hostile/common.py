"""Kinds that any array may be of: what nothing is read from, the same numbers in other clothes, and what is
not finite.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import torch

from .kind import fair, refused, same
from .makers import (
    Exposed,
    Mine,
    Raises,
    as_masked,
    boxed,
    frame,
    mapped,
    read_only,
    strided,
    structured,
    tensor,
    with_entry,
    with_na,
)

__all__ = ["CONTAINERS", "FORMS", "NOT_FINITE"]

# What no array of numbers can be read from, whatever it is for.
CONTAINERS = [
    refused("None", lambda v: None),
    refused("text", lambda v: "points"),
    refused("bytes", lambda v: b"\x00\x01"),
    refused("a class", lambda v: np.ndarray),
    refused("a function", lambda v: len),
    refused("an object", lambda v: object()),
    refused("ellipsis", lambda v: ...),
    refused("dict", lambda v: {"x": 1.0}),
    refused("set", lambda v: {1.0, 2.0}),
    refused("generator", lambda v: (row for row in v)),
    refused("slice", lambda v: slice(3)),
    refused("__array__ raises", lambda v: Raises()),
    refused("structured", structured),
    refused("complex", lambda v: np.asarray(v) + 1j),
    refused(
        "complex list",
        lambda v: (
            [1j * entry for entry in np.asarray(v).tolist()] if np.ndim(v) == 1 else [[1j, 2.0]] * len(v)
        ),
    ),
    refused("texts", lambda v: np.full(np.shape(v), "a")),
    refused("numeric texts", lambda v: np.asarray(v).astype(str)),
    refused("list of texts", lambda v: np.asarray(v).astype(str).tolist()),
    refused("byte strings", lambda v: np.asarray(v).astype("S8")),
    refused("datetimes", lambda v: np.full(np.shape(v), np.datetime64("2020-01-01"))),
    refused("NaT", lambda v: np.full(np.shape(v), np.datetime64("NaT"))),
    refused("timedeltas", lambda v: np.full(np.shape(v), np.timedelta64(3, "s"))),
    refused("masked", as_masked),
    refused("list of masked rows", lambda v: list(as_masked(v))),
    refused("object with None", with_entry(None, object)),
    refused("object with text", with_entry("a", object)),
    refused("object with a list", with_entry(None, object)),
    refused("object with 10**400", with_entry(10**400, object)),
    refused("object with a datetime", with_entry(np.datetime64("2020-01-01"), object)),
    refused("object with a complex", with_entry(1j, object)),
    refused("pandas NA", with_na),
    refused("pandas texts", lambda v: frame(np.asarray(v).astype(str))),
    refused("pandas datetimes", lambda v: frame(np.full(np.shape(v), np.datetime64("2020-01-01", "ns")))),
    refused("pandas categories", lambda v: pd.Categorical(["a", "b"])),
    refused("torch meta", lambda v: torch.empty(np.shape(v), device="meta")),
    refused("torch conj", lambda v: torch.tensor(np.asarray(v) + 1j).conj()),
    refused("torch sparse", lambda v: tensor(v).to_sparse()),
]

# The same numbers in other clothes.
FORMS = [
    same("float32", lambda v: np.asarray(v, dtype=np.float32)),
    same("float16", lambda v: np.asarray(v, dtype=np.float16)),
    same("long double", lambda v: np.asarray(v, dtype=np.longdouble)),
    same("big-endian", lambda v: np.asarray(v, dtype=">f8")),
    same("Fortran order", lambda v: np.asfortranarray(v)),
    same("strided", strided),
    same("read-only", read_only),
    same("reversed view", lambda v: np.array(v)[::-1].copy()[::-1]),
    same("list", lambda v: np.asarray(v).tolist()),
    same("tuple", lambda v: tuple(np.asarray(v).tolist())),
    same("list of rows", lambda v: list(np.array(v))),
    same("subclass", lambda v: np.array(v).view(Mine)),
    same("memory map", mapped),
    same("unmasked masked array", lambda v: np.ma.array(np.array(v))),
    same("__array__", lambda v: Exposed(v)),
    same("pandas", frame),
    same("pandas Float64", lambda v: frame(v, "Float64")),
    same("objects", boxed(float)),
    fair("fractions", boxed(Fraction)),
    fair("decimals", boxed(Decimal)),
    fair("array module's", lambda v: memoryview(np.array(v))),
    same("torch", tensor),
    same("torch float32", lambda v: tensor(v, torch.float32)),
    fair("torch with gradient", lambda v: tensor(v).requires_grad_()),
    fair(
        "torch bfloat16",
        lambda v: tensor(v, torch.bfloat16),
        lambda v: tensor(v, torch.bfloat16).double().numpy(),
    ),
]


# Numbers that no finite array holds.
NOT_FINITE = [
    refused("NaN", with_entry(np.nan)),
    refused("inf", with_entry(np.inf)),
    refused("-inf", with_entry(-np.inf)),
    refused("all NaN", lambda v: np.full(np.shape(v), np.nan)),
    refused(
        "long double beyond float64", lambda v: np.asarray(v, dtype=np.longdouble) + np.longdouble("1e400")
    ),
]
