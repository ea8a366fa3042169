"""Kinds of single things: numbers, counts, seeds, vertices, choices, switches, files, and objects with
abilities.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from .kind import Kind, fair, refused, same, served

__all__ = [
    "CHOICE",
    "COUNT",
    "FLOAT_TYPE",
    "INDEX",
    "NUMBER",
    "OBJECT",
    "OPTIONAL_NUMBER",
    "PATH",
    "SEED",
    "SWITCH",
]

# What is not one number, whatever it is for.
NO_NUMBER = [
    refused("None", lambda v: None),
    refused("NaN", lambda v: np.nan),
    refused("np.float32 NaN", lambda v: np.float32("nan")),
    refused("text", lambda v: "many"),
    refused("numeric text", lambda v: str(v)),
    refused("np.str_", lambda v: np.str_(v)),
    refused("bytes", lambda v: str(v).encode()),
    refused("True", lambda v: True),
    refused("np.True_", lambda v: np.True_),
    refused("complex", lambda v: v + 0j),
    refused("np.complex128", lambda v: np.complex128(v)),
    refused("10**400", lambda v: 10**400),
    refused("-10**400", lambda v: -(10**400)),
    refused("datetime", lambda v: datetime(2020, 1, 1)),
    refused("np.datetime64", lambda v: np.datetime64("2020-01-01")),
    refused("NaT", lambda v: np.datetime64("NaT")),
    refused("np.timedelta64", lambda v: np.timedelta64(3, "s")),
    refused("masked", lambda v: np.ma.masked),
    refused("pandas NA", lambda v: pd.NA),
    refused("pandas NaT", lambda v: pd.NaT),
    refused("list", lambda v: [v]),
    refused("tuple", lambda v: (v, v)),
    refused("two numbers", lambda v: np.array([v, v])),
    refused("no numbers", lambda v: np.array([])),
    refused("dict", lambda v: {"value": v}),
    refused("set", lambda v: {v}),
    refused("a class", lambda v: float),
    refused("a function", lambda v: len),
    refused("an object", lambda v: object()),
    refused("ellipsis", lambda v: ...),
    refused("torch meta", lambda v: torch.empty((), device="meta")),
    refused("torch complex", lambda v: torch.tensor(v + 0j)),
]

NUMBER: list[Kind] = [
    *NO_NUMBER,
    same("np.float64", lambda v: np.float64(v)),
    same("np.float32", lambda v: np.float32(v), lambda v: float(np.float32(v))),
    same("np.float16", lambda v: np.float16(v), lambda v: float(np.float16(v))),
    same("np.longdouble", lambda v: np.longdouble(v)),
    fair("array without axes", lambda v: np.array(v)),
    fair("array of one", lambda v: np.array([v])),
    fair("fraction", lambda v: Fraction(v)),
    fair("decimal", lambda v: Decimal(v)),
    fair("torch", lambda v: torch.tensor(v, dtype=torch.float64)),
    fair("torch with gradient", lambda v: torch.tensor(v, dtype=torch.float64, requires_grad=True)),
    same("int", lambda v: 1, lambda v: 1.0),
    same("np.int8", lambda v: np.int8(1), lambda v: 1.0),
    same("np.uint64", lambda v: np.uint64(1), lambda v: 1.0),
    served("zero", lambda v: 0),
    served("negative", lambda v: -v),
    served("inf", lambda v: np.inf),
    served("-inf", lambda v: -np.inf),
    served("largest", lambda v: 1.7e308),
    served("smallest", lambda v: 5e-324),
    served("10**10", lambda v: 10**10),
    served("np.int64 large", lambda v: np.int64(2**62)),
]
OPTIONAL_NUMBER = [kind for kind in NUMBER if kind.name != "None"]

COUNT: list[Kind] = [
    *NO_NUMBER,
    same("np.int64", lambda v: np.int64(v)),
    same("np.int32", lambda v: np.int32(v)),
    same("np.uint8", lambda v: np.uint8(v)),
    fair("whole float", lambda v: float(v)),
    fair("whole np.float32", lambda v: np.float32(v)),
    fair("array without axes", lambda v: np.array(v)),
    fair("array of one", lambda v: np.array([v])),
    fair("torch", lambda v: torch.tensor(v)),
    fair("fraction", lambda v: Fraction(v)),
    refused("broken", lambda v: 2.5),
    refused("inf", lambda v: np.inf),
    refused("negative", lambda v: -1),
    refused("far below", lambda v: -(2**70)),
    served("zero", lambda v: 0),
    served("one", lambda v: 1),
]
# So many of anything have no room.
MANY = [refused("10**12", lambda v: 10**12), refused("2**70", lambda v: 2**70)]

SEED: list[Kind] = [
    *[kind for kind in COUNT if kind.name != "10**400"],
    served("10**400", lambda v: 10**400),
    served("2**31", lambda v: 2**31),
    served("2**40", lambda v: 2**40),
    served("2**70", lambda v: 2**70),
    refused("RandomState", lambda v: np.random.RandomState(0)),
    refused("Generator", lambda v: np.random.default_rng(0)),
]

INDEX: list[Kind] = [
    *[kind for kind in COUNT if kind.name not in {"negative", "zero", "one"}],
    served("first", lambda v: 0),
    served("last", lambda v: -1),
    refused("10**12", lambda v: 10**12),
]

CHOICE: list[Kind] = [
    refused("unknown", lambda v: "nope"),
    refused("empty", lambda v: ""),
    refused("None", lambda v: None),
    refused("number", lambda v: 3),
    refused("NaN", lambda v: np.nan),
    refused("True", lambda v: True),
    refused("bytes", lambda v: v.encode()),
    refused("list", lambda v: [v]),
    refused("dict", lambda v: {v: v}),
    refused("array", lambda v: np.array([v, v])),
    refused("a class", lambda v: str),
    refused("an object", lambda v: object()),
    refused("line break", lambda v: f"{v}\n"),
    refused("zero byte", lambda v: f"{v}\0"),
    refused("very long", lambda v: v * 10_000),
    same("np.str_", lambda v: np.str_(v)),
]

SWITCH: list[Kind] = [
    fair("np.bool_", lambda v: np.bool_(v)),
    fair("0 or 1", lambda v: int(v)),
    served("None", lambda v: None),
    served("text", lambda v: "no"),
    served("NaN", lambda v: np.nan),
    served("array of two", lambda v: np.array([True, False])),
    served("pandas NA", lambda v: pd.NA),
]

FLOAT_TYPE: list[Kind] = [
    refused("unknown", lambda v: "nope"),
    refused("int64", lambda v: np.int64),
    refused("float16", lambda v: np.float16),
    refused("complex128", lambda v: np.complex128),
    refused("object", lambda v: object),
    refused("datetime64", lambda v: "datetime64[s]"),
    refused("fields", lambda v: [("a", float)]),
    refused("number", lambda v: 3),
    refused("array", lambda v: np.zeros(3)),
    refused("torch", lambda v: torch.float32),
    same("name", lambda v: np.dtype(v).name),
    same("dtype", lambda v: np.dtype(v)),
]

PATH: list[Kind] = [
    refused("None", lambda v: None),
    refused("number", lambda v: 3),
    refused("NaN", lambda v: np.nan),
    refused("empty", lambda v: ""),
    refused("folder", lambda v: Path(v).parent),
    refused("missing folder", lambda v: Path(v).parent / "none" / "there"),
    refused("zero byte", lambda v: f"{v}\0"),
    refused("very long name", lambda v: f"{v}{'a' * 300}"),
    refused("list", lambda v: [v]),
    refused("array", lambda v: np.zeros(3)),
    refused("a class", lambda v: Path),
    fair("bytes", lambda v: str(v).encode()),
    same("text", lambda v: str(v)),
]

# What has not the abilities that are asked for: a density, a metric, a graph, a path, a model.
OBJECT: list[Kind] = [
    refused("None", lambda v: None),
    refused("number", lambda v: 3),
    refused("NaN", lambda v: np.nan),
    refused("text", lambda v: "nope"),
    refused("bytes", lambda v: b"nope"),
    refused("array", lambda v: np.zeros((3, 2))),
    refused("table", lambda v: pd.DataFrame({"a": [1.0]})),
    refused("list", lambda v: [v, 3]),
    refused("dict", lambda v: {"a": v}),
    refused("its class", lambda v: type(v)),
    refused("an object", lambda v: object()),
    refused("generator", lambda v: (each for each in [v])),
    refused("module", lambda v: np),
    refused("torch", lambda v: torch.zeros(3)),
]
