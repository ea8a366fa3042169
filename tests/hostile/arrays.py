"""Kinds of points, weights, distances, labels and places: each slot of an argument has its list."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from scipy import sparse

from .common import CONTAINERS, FORMS, NOT_FINITE
from .kind import Kind, fair, refused, same, served
from .makers import (
    boxed,
    frame,
    read_only,
    sparse_of,
    strided,
    with_entry,
)

__all__ = ["EDGES", "FRAMES", "LABELS", "MATRIX", "PLACES", "POINTS", "SOURCES", "TABLE", "VALUES", "WEIGHTS"]


POINTS: list[Kind] = [
    *CONTAINERS,
    *FORMS,
    *NOT_FINITE,
    refused("scalar", lambda v: 1.0),
    refused("one axis", lambda v: np.array(v)[:, 0]),
    refused("three axes", lambda v: np.array(v)[None]),
    refused("no columns", lambda v: np.empty((len(v), 0))),
    refused("ragged", lambda v: [[0.0, 1.0], [2.0]]),
    refused("one more column", lambda v: np.column_stack([v, v])[:, : np.shape(v)[1] + 1]),
    refused(
        "integers beyond 2^53",
        lambda v: np.full(np.shape(v), 2**53 + 1) + np.arange(np.size(v)).reshape(np.shape(v)),
    ),
    refused("sparse", sparse_of),
    fair("matrix", lambda v: np.asmatrix(v)),
    same("integers", lambda v: (np.array(v) * 4).round().astype(int), lambda v: (np.array(v) * 4).round()),
    same("int8", lambda v: np.round(v).astype(np.int8), np.round),
    fair("booleans", lambda v: np.array(v) > 0, lambda v: (np.array(v) > 0).astype(float)),
    served("no rows", lambda v: np.empty((0, np.shape(v)[1]))),
    served("one row", lambda v: np.array(v)[:1]),
    served("two rows", lambda v: np.array(v)[:2]),
    served("all equal", lambda v: np.repeat(np.array(v)[:1], len(v), axis=0)),
    served("equal rows", lambda v: np.concatenate([v[:-1], v[:1]])),
    served("a constant column", lambda v: np.array(v) * ([1.0] + [0.0] * (np.shape(v)[1] - 1))),
    served("huge", lambda v: np.array(v) * 1e155),
    served("at the end", lambda v: np.clip(np.array(v), -1, 1) * 1.7e308),
    served("tiny", lambda v: np.array(v) * 1e-160),
    served("subnormal", lambda v: np.array(v) * 1e-310),
    served("far from 0", lambda v: np.array(v) + 1e15),
    served("negative zero", lambda v: np.array(v) * -0.0),
    served("mixed scales", lambda v: np.array(v) * ([1e150] + [1e-150] * (np.shape(v)[1] - 1))),
]

VALUES: list[Kind] = [  # (n,) numbers of any finite size
    *CONTAINERS,
    *FORMS,
    *NOT_FINITE[:1],
    refused("two axes", lambda v: np.array(v)[:, None]),
    refused("too few", lambda v: np.array(v)[:-1]),
    refused("too many", lambda v: np.append(v, v[-1])),
    refused("none", lambda v: []),
    refused("ragged", lambda v: [[0.0, 1.0], [2.0]]),
    refused("scalar", lambda v: 1.0),
]

WEIGHTS: list[Kind] = [
    *VALUES,
    *NOT_FINITE[1:],
    refused("negative", lambda v: -np.array(v)),
    refused("zero", with_entry(0.0)),
    fair("sparse", lambda v: sparse.coo_array(np.array(v))),
    served("huge", lambda v: np.array(v) * 1e300),
    served("tiny", lambda v: np.array(v) * 1e-300),
    served("subnormal", lambda v: np.array(v) * 1e-310),
]

PLACES: list[Kind] = [  # shares of a length, in [0, 1]
    *[kind for kind in CONTAINERS if kind.name != "None"],
    *FORMS,
    *NOT_FINITE,
    refused("below 0", with_entry(-0.1)),
    refused("above 1", with_entry(1.5)),
    refused("two axes", lambda v: np.array(v)[:, None]),
    refused("ragged", lambda v: [[0.0, 1.0], [0.5]]),
    served("none", lambda v: []),
    same("one number", lambda v: float(v[0]), lambda v: np.array(v[:1])),
]

MATRIX: list[Kind] = [  # distances (n, n)
    *CONTAINERS,
    # float16 and such round what the kit computed, so that these compare with the rounded matrix
    same("float32", lambda v: np.float32(v), lambda v: np.float32(v).astype(float)),
    *[
        kind
        for kind in FORMS
        if kind.name
        in {"big-endian", "Fortran order", "strided", "read-only", "list", "subclass", "memory map"}
    ],
    *[
        kind
        for kind in FORMS
        if kind.name in {"unmasked masked array", "__array__", "pandas", "pandas Float64", "objects", "torch"}
    ],
    refused("NaN", with_entry(np.nan)),
    refused("-inf", with_entry(-np.inf)),
    refused("one axis", lambda v: np.array(v)[0]),
    refused("three axes", lambda v: np.array(v)[None]),
    refused("not square", lambda v: np.array(v)[:-1]),
    refused("not symmetric", lambda v: np.triu(v)),
    refused("negative", lambda v: -np.array(v)),
    refused("diagonal", lambda v: np.array(v) + np.eye(len(v))),
    refused("empty", lambda v: np.empty((0, 0))),
    refused("ragged", lambda v: [[0.0, 1.0], [2.0]]),
    fair("sparse", sparse_of),
    served("all inf", lambda v: np.where(np.eye(len(v)), 0.0, np.inf)),
    served("all 0", lambda v: np.zeros(np.shape(v))),
    served("one point", lambda v: np.zeros((1, 1))),
    served("two points", lambda v: np.array([[0.0, 1.0], [1.0, 0.0]])),
    served("huge", lambda v: np.array(v) * 1e300),
    served("tiny", lambda v: np.array(v) * 1e-300),
    served("subnormal", lambda v: np.array(v) * 1e-310),
    served("booleans", lambda v: ~np.eye(len(v), dtype=bool)),
]

EDGES: list[Kind] = [
    *CONTAINERS,
    same("int32", lambda v: np.asarray(v, dtype=np.int32)),
    same("uint8", lambda v: np.asarray(v, dtype=np.uint8)),
    same("big-endian", lambda v: np.asarray(v, dtype=">i8")),
    same("Fortran order", lambda v: np.asfortranarray(v)),
    same("strided", strided),
    same("read-only", read_only),
    same("list", lambda v: np.asarray(v).tolist()),
    same("pandas", frame),
    same("torch", lambda v: torch.tensor(np.array(v))),
    fair("objects", boxed(int)),
    fair("whole floats", lambda v: np.asarray(v, dtype=float)),
    refused("broken floats", lambda v: np.asarray(v) + 0.5),
    refused("NaN", lambda v: np.full(np.shape(v), np.nan)),
    refused("negative", with_entry(-1)),
    refused("beyond n", with_entry(10**9)),
    refused("beyond int64", lambda v: [[0, 2**70]]),
    refused("uint64 beyond int64", lambda v: np.full(np.shape(v), 2**64 - 1, dtype=np.uint64)),
    refused("booleans", lambda v: np.ones(np.shape(v), dtype=bool)),
    refused("three columns", lambda v: np.column_stack([v, v])[:, :3]),
    refused("one axis", lambda v: np.array(v)[0]),
    refused("ragged", lambda v: [[0, 1], [2]]),
    refused("sparse", sparse_of),
]

SOURCES: list[Kind] = [
    *[kind for kind in CONTAINERS if kind.name != "None"],
    *[
        kind
        for kind in EDGES
        if kind.name in {"int32", "uint8", "big-endian", "strided", "read-only", "list", "pandas", "torch"}
    ],
    *[
        kind
        for kind in EDGES
        if kind.name
        in {"objects", "whole floats", "broken floats", "NaN", "negative", "beyond n", "booleans"}
    ],
    *[kind for kind in EDGES if kind.name in {"uint64 beyond int64", "sparse"}],
    fair("range", lambda v: range(3), lambda v: np.arange(3)),
    refused("two axes", lambda v: np.array(v)[:, None]),
    refused("beyond int64", lambda v: [0, 2**70]),
    refused("ragged", lambda v: [[0, 1], [2]]),
    served("none", lambda v: []),
    served("repeated", lambda v: [0, 0]),
]

FRAMES: list[Kind] = [  # pictures (rows, k, h, w)
    *[kind for kind in [*CONTAINERS, *FORMS, *NOT_FINITE] if not kind.name.startswith("pandas")],
    refused("two axes", lambda v: np.array(v)[0, 0]),
    refused("five axes", lambda v: np.array(v)[None]),
    refused("empty", lambda v: np.array(v)[:0]),
    refused("ragged", lambda v: [[[[0.0, 1.0], [2.0]]]]),
]

TABLE: list[Kind] = [  # (r, c) of numbers, NaN where there is none
    *CONTAINERS,
    *FORMS,
    *[kind for kind in NOT_FINITE if "NaN" not in kind.name],
    refused("one axis", lambda v: np.array(v)[0]),
    refused("three axes", lambda v: np.array(v)[None]),
    refused("ragged", lambda v: [[0.0, 1.0], [2.0]]),
    refused("empty", lambda v: np.empty((0, 0))),
    served("NaN", with_entry(np.nan)),
    served("all NaN", lambda v: np.full(np.shape(v), np.nan)),
    served("huge", lambda v: np.array(v) * 1e300),
]

LABELS: list[Kind] = [  # (n,) names of classes: numbers or text, of one kind
    *[
        kind
        for kind in CONTAINERS
        if kind.name in {"a class", "a function", "an object", "ellipsis", "dict", "set", "generator"}
    ],
    *[
        kind
        for kind in CONTAINERS
        if kind.name in {"slice", "__array__ raises", "text", "bytes", "masked", "object with None"}
    ],
    *[kind for kind in CONTAINERS if kind.name in {"torch meta", "torch sparse"}],
    refused("mixed", lambda v: np.array([*np.asarray(v).tolist()[:-1], "a"], dtype=object)),
    refused("too few", lambda v: np.array(v)[:-1]),
    refused("two axes", lambda v: np.array(v)[:, None]),
    refused("ragged", lambda v: [[0, 1], [2]]),
    refused("NaN", lambda v: np.where(np.asarray(v) == 0, np.nan, 1.0)),
    same("list", lambda v: np.asarray(v).tolist()),
    same("int8", lambda v: np.asarray(v, dtype=np.int8)),
    same("pandas", frame),
    same("torch", lambda v: torch.tensor(np.array(v))),
    served("texts", lambda v: np.where(np.asarray(v) == 0, "a", "b")),
    served("categories", lambda v: pd.Categorical(np.where(np.asarray(v) == 0, "a", "b"))),
    served("booleans", lambda v: np.asarray(v) > 0),
    served("one class", lambda v: np.zeros(len(v), dtype=int)),
    served("floats", lambda v: np.asarray(v, dtype=float)),
]
