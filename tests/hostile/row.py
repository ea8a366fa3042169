"""A row of the matrix: a public callable, a valid call of it, and what kind of argument each one is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .arrays import EDGES, FRAMES, LABELS, MATRIX, PLACES, POINTS, SOURCES, TABLE, VALUES, WEIGHTS
from .kind import REFUSED, SERVED, Kind
from .scalars import (
    CHOICE,
    COUNT,
    FLOAT_TYPE,
    INDEX,
    MANY,
    NUMBER,
    OBJECT,
    OPTIONAL_NUMBER,
    PATH,
    SEED,
    SWITCH,
)

__all__ = ["Arg", "Row", "arg", "row"]

_SLOTS: Mapping[str, list[Kind]] = {
    "points": POINTS,
    "values": VALUES,
    "weights": WEIGHTS,
    "matrix": MATRIX,
    "labels": LABELS,
    "places": PLACES,
    "frames": FRAMES,
    "table": TABLE,
    "edges": EDGES,
    "sources": SOURCES,
    "number": NUMBER,
    "optional number": OPTIONAL_NUMBER,
    "count": [*COUNT, *MANY],
    "size": COUNT,  # a count that may be as large as it likes
    "seed": SEED,
    "index": INDEX,
    "choice": CHOICE,
    "switch": SWITCH,
    "type": FLOAT_TYPE,
    "path": PATH,
    "object": OBJECT,
}


@dataclass(frozen=True)
class Arg:
    """An argument: how a valid value is made, the kinds that are tried, and words of which a refusal says
    one.
    """

    make: Callable[[], Any]
    kinds: tuple[Kind, ...]
    says: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """`call(**args)` is valid; `fixed` goes along. `inf` says that a result may hold infinity, `runs` that a
    valid call is made.
    """

    name: str
    call: Callable[[], Callable[..., Any]]
    args: Mapping[str, Arg]
    fixed: Callable[[], Mapping[str, Any]]
    inf: bool
    runs: bool

    @property
    def trials(self) -> list[tuple[str, Kind]]:
        """Every kind of every argument; where a valid call is too dear, those that must be refused."""
        return [
            (name, kind)
            for name, arg in self.args.items()
            for kind in arg.kinds
            if self.runs or kind.must == REFUSED
        ]


def arg(
    slot: str,
    make: Any,
    *,
    says: str = "",
    none: bool = False,
    but: tuple[str, ...] = (),
    brief: bool = False,
    allowed: tuple[str, ...] = (),
) -> Arg:
    """An argument of that slot. `none` says that None stands for a default, `but` leaves kinds out that are
    valid or meaningless here, and kinds that are `allowed` may be served as well as refused.
    """
    kinds = [kind for kind in _SLOTS[slot] if kind.name not in but and not (none and kind.name == "None")]
    names = {kind.name for kind in _SLOTS[slot]}
    assert names.issuperset({*but, *allowed}), "a kind of that name does not exist"
    if brief:  # a call takes half a second: what must be refused before, and one in other clothes
        kinds = [
            kind
            for kind in kinds
            if kind.must == REFUSED or kind.name in ("np.float32", "np.int64", "float32")
        ]
    kinds = [replace(kind, must=SERVED) if kind.name in allowed else kind for kind in kinds]
    return Arg(make if callable(make) else lambda: make, tuple(kinds), tuple(says.split()))


def row(
    name: str,
    call: Callable[[], Callable[..., Any]],
    /,
    *,
    fixed: Callable[[], Mapping[str, Any]] = dict,
    inf: bool = False,
    runs: bool = True,
    **args: Arg,
) -> Row:
    return Row(name, call, args, fixed, inf, runs)
