"""A row is tried: each kind for each argument, in turn, the others valid."""

from __future__ import annotations

import warnings
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from .judge import COMPILING, fingerprint, outcome, verdict
from .kind import FAIR, SAME, itself
from .row import Row

__all__ = ["tried"]


def tried(row: Row) -> tuple[list[str], int, int]:
    """What is wrong, and how many inputs were refused and how many served."""
    wrong, refused, served = [], 0, 0
    valid = outcome(row.call(), _arguments(row), COMPILING) if row.runs else None
    if valid is not None and valid.error is not None:
        return [f"the valid call fails: {valid.error!r}"], 0, 0
    for name, kind in row.trials:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what makes the input, such as np.matrix
            given = kind.make(row.args[name].make())
        plain = valid if kind.must in (SAME, FAIR) else None
        if plain is not None and kind.plain is not itself:
            plain = outcome(row.call(), _arguments(row) | {name: kind.plain(row.args[name].make())})
        kwargs = _arguments(row) | {name: given}
        before, state = fingerprint(kwargs), np.random.get_state()  # noqa: NPY002 - it is to stay as it is
        found = outcome(row.call(), kwargs)
        said = verdict(row, name, kind, found, plain)
        if not said and fingerprint(kwargs) != before:
            said = "changed its input"
        if not said and not _alike(state, np.random.get_state()):  # noqa: NPY002
            said = "moved NumPy's global random state"
        if said:
            wrong.append(f"{row.name}({name}= {kind.name}): {said}")
        plt.close("all")
        refused, served = refused + (found.error is not None), served + (found.error is None)
    return wrong, refused, served


def _arguments(row: Row) -> dict[str, Any]:
    return {**{name: arg.make() for name, arg in row.args.items()}, **row.fixed()}


def _alike(one: Any, other: Any) -> bool:
    return bool(one[0] == other[0] and np.array_equal(one[1], other[1]) and one[2:] == other[2:])
