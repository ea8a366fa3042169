"""The types that a notebook's parameters declare: values held against them before a run begins."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from ...errors import InvalidParameter, shown

__all__ = ["kind_of", "literal", "typed"]

_UNFIT = object()
_OPTIONAL = re.compile(r"(?:\w+\.)?Optional\[(.+)\]")


def literal(text: str) -> Any:
    """The value of a default, or None where the notebook computes it."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None


def kind_of(known: Mapping[str, str]) -> tuple[str, bool]:
    """The type that a parameter declares, without what stands in its brackets, and whether None is one of its
    values: `Optional[int]`, or a default of None.
    """
    name = known["inferred_type_name"]
    optional = _OPTIONAL.fullmatch(name)
    kind = (optional[1] if optional else name).partition("[")[0]
    return kind, bool(optional) or known["default"] == "None"


def typed(id: str, name: str, entry: Any, known: Mapping[str, str]) -> Any:
    """`entry` as the type that is declared; a list's entries as the kind that the default's are, where that
    is one. Raises InvalidParameter.
    """
    kind, optional = kind_of(known)
    if entry is None and optional:
        return None
    default = literal(known["default"])
    fitting = _fitting(entry, kind)
    if kind == "list" and isinstance(entry, list) and isinstance(default, list):
        kinds = {type(one).__name__ for one in default}
        inner = "float" if kinds == {"int", "float"} else kinds.pop() if len(kinds) == 1 else ""
        fitting = [_fitting(one, inner) for one in entry]
        if _UNFIT in fitting:
            odd = entry[fitting.index(_UNFIT)]
            raise InvalidParameter(
                f"notebook {id}: {name} holds {shown(odd)} of type {type(odd).__name__}; {inner} is declared"
            )
        # Numbers stay as they were written: they are shown, and name rows.
        fitting = entry if inner == "float" else fitting
    if fitting is _UNFIT:
        wanted = f"{kind} or None is declared" if optional else f"{kind} is declared"
        if isinstance(entry, str) and re.fullmatch(r"[-+.\w]+([:,][-+.\w]*)+", entry):
            wanted += ", and several values are for `geodesic-kit sweep`"
        raise InvalidParameter(
            f"notebook {id}: {name}={shown(entry)} is of type {type(entry).__name__}; {wanted}"
        )
    return fitting


def _fitting(entry: Any, kind: str) -> Any:
    """`entry` as this type, a whole number also where it is written as 1e4; `_UNFIT` where it is of
    another.
    """
    number = isinstance(entry, (int, float)) and not isinstance(entry, bool)
    if kind == "int":
        return int(entry) if number and float(entry).is_integer() else _UNFIT
    if kind == "float":
        return float(entry) if number else _UNFIT
    kinds: dict[str, type] = {"bool": bool, "str": str, "list": list, "dict": dict}
    return entry if isinstance(entry, kinds.get(kind, object)) else _UNFIT
