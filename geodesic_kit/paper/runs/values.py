"""Values of parameters: what the command line and presets may hold, read without running anything and kept as
JSON can hold it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from ...errors import InvalidParameter, shown

__all__ = ["plain", "read"]

_LONGEST, _DEEPEST, _MOST = 100_000, 20, 10_000  # characters of a text, lists within lists, entries in all
_ALLOWED = "null, true or false, a number, a text, or lists and mappings of these"
_TAG, _KINDS = "tag:yaml.org,2002:", ("null", "bool", "int", "float", "str", "seq", "map")
# What a text without quotes stands for, the first that fits. YAML 1.1 itself reads 1e-3 as a text, for want
# of a point, and 1:30 to base 60.
_PLAIN = {
    "null": re.compile(r"(?:~|null|Null|NULL|None|)$"),  # None: as papermill's own -p reads it
    "bool": re.compile(r"(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$"),
    "int": re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][\d_]*)$"),
    "float": re.compile(
        r"[-+]?(?:(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?|\.(?:inf|Inf|INF))$|\.(?:nan|NaN|NAN)$"
    ),
}


def read(text: str, name: str = "the value") -> Any:
    """What a YAML text says, by a reader that knows no tag and no alias. Raises InvalidParameter, which names
    `name`.
    """
    import yaml

    if len(text) > _LONGEST:
        raise InvalidParameter(f"{name} is {len(text):,} characters long; {_LONGEST:,} are read")
    try:
        _check_events(yaml.parse(text, Loader=yaml.SafeLoader), name)
        entry = yaml.load(text, Loader=_loader())
    except InvalidParameter:
        raise
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, LookupError) as err:
        # A number of thousands of digits or of none, a truth value that is none, or a list for a key, is no
        # error of YAML's.
        reason = " ".join(str(getattr(err, "problem", None) or err).split())
        raise InvalidParameter(
            f"{name} {shown(text)} cannot be read as YAML ({reason}); quote it if it is a text"
        ) from err
    return plain(entry, name)


def plain(entry: Any, name: str) -> Any:
    """`entry` where it consists of what JSON can hold, NumPy's numbers as Python's. Raises InvalidParameter,
    which names `name`.
    """
    left = iter(range(_MOST))
    return _plain(entry, name, _DEEPEST, left)


def _plain(entry: Any, name: str, depth: int, left: Iterator[int]) -> Any:
    if next(left, None) is None:
        raise InvalidParameter(f"{name} has more than {_MOST:,} entries")
    if isinstance(entry, np.generic):
        entry = entry.item()
    if entry is None or isinstance(entry, bool):
        return entry
    if isinstance(entry, int):
        if abs(entry) > 2**63:
            raise InvalidParameter(
                f"{name} holds a whole number of {entry.bit_length()} bits; 64 are the most"
            )
        return int(entry)
    if isinstance(entry, float):
        if not math.isfinite(entry):
            raise InvalidParameter(f"{name} holds {entry}; give finite numbers")
        return float(entry)
    if isinstance(entry, str):
        return _text(entry, name)
    if not isinstance(entry, (list, dict)):
        raise InvalidParameter(f"{name} holds a {type(entry).__name__}; give {_ALLOWED}")
    if not depth:
        raise InvalidParameter(f"{name} is nested more than {_DEEPEST} deep")
    if isinstance(entry, list):
        return [_plain(item, name, depth - 1, left) for item in entry]
    for key in entry:
        if not isinstance(key, str):
            raise InvalidParameter(
                f"{name} has a key of type {type(key).__name__}; a mapping's keys are texts"
            )
    return {_text(key, name): _plain(item, name, depth - 1, left) for key, item in entry.items()}


def _text(entry: str, name: str) -> str:
    if len(entry) > _LONGEST:
        raise InvalidParameter(f"{name} holds a text of {len(entry):,} characters; {_LONGEST:,} are the most")
    try:
        entry.encode()
    except UnicodeEncodeError:
        raise InvalidParameter(f"{name} holds a text that is not Unicode: {shown(entry)}") from None
    return str(entry)


def _check_events(events: Iterator[Any], name: str) -> None:
    import yaml

    depth = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise InvalidParameter(
                f"{name} uses YAML's anchors and aliases (& and *); write it out, or quote it if it is a text"
            )
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!" and tag.removeprefix(_TAG) not in _KINDS:
            raise InvalidParameter(f"{name} has the YAML tag {shown(tag)}; give {_ALLOWED}")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise InvalidParameter(f"{name} is nested more than {_DEEPEST} deep")


@cache
def _loader() -> Any:
    """YAML without times, binary data, sets and merges, which stay texts; keys are always texts."""
    import yaml

    class Loader(yaml.SafeLoader):
        def flatten_mapping(self, node: Any) -> None:
            seen = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode):
                    key.tag = _TAG + "str"
                    if key.value in seen:  # neither of two may win in silence
                        raise yaml.constructor.ConstructorError(
                            problem=f"the key {shown(key.value)} is there twice"
                        )
                    seen.add(key.value)

    Loader.yaml_constructors = {
        _TAG + kind: yaml.SafeLoader.yaml_constructors[_TAG + kind] for kind in _KINDS
    }
    Loader.yaml_implicit_resolvers = {}
    for kind, pattern in _PLAIN.items():
        Loader.add_implicit_resolver(_TAG + kind, pattern, None)
    return Loader
