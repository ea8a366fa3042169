"""What a notebook's parameters may be, said in its parameters cell: `# help; source; allowed: 2 or more
values from 50 to 1e5`.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import InvalidParameter, shown

__all__ = ["Range", "range_of"]

_COUNT = re.compile(r"(\d+)(?: or more| to (\d+))? values? ")
_ENDS = re.compile(r"(from|above) (.+?)(?: to (.+))?")
_DO: dict[type, Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_REDUCE: dict[str, Callable[[Any], Any]] = {"min": min, "max": max, "len": len}


@dataclass(frozen=True)
class Range:
    """The values that a parameter may have: `text` as the notebook says it, its ends, which may name other
    parameters, or its choices.

    For a list the ends hold for each entry; the entries are at least `least`, at most `most`, and differ from
    each other.
    """

    text: str
    ends: tuple[str, str] | None = None
    above: bool = False
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 1000
    of_data: bool = False  # a file of one's own will do

    def takes_file(self, entry: Any) -> bool:
        """Whether `entry` is a file of one's own in place of a data set's name."""
        from ... import datasets

        return self.of_data and datasets.is_file(entry)

    def check(self, name: str, entry: Any, parameters: Mapping[str, Any]) -> None:
        """Raises InvalidParameter, which begins with `name` and says what is allowed, where `entry` is
        outside.
        """
        if self.ends is None and not self.choices:
            return
        entries = entry if isinstance(entry, list) else [entry]
        if isinstance(entry, list) and not self.least <= len(entries) <= self.most:
            raise InvalidParameter(f"{name}={shown(entry)}: give {self.text}")
        if any(one in entries[:k] for k, one in enumerate(entries)):
            raise InvalidParameter(f"{name}={shown(entry)}: give values that differ")
        if self.choices and not all(one in self.choices or self.takes_file(one) for one in entries):
            raise InvalidParameter(f"{name}={shown(entry)}: give {self.text}")
        low, high = (_value(end, parameters) for end in self.ends or ("-inf", "inf"))
        if self.ends and not all(
            (low < one if self.above else low <= one) and one <= high for one in entries
        ):
            here = [
                f"{end} is {_value(end, parameters):g} here"
                for end in self.ends
                if re.search(r"[a-z]{2}", end.removesuffix("inf"))
            ]
            raise InvalidParameter("; ".join([f"{name}={shown(entry)}: give {self.text}", *here]))


def range_of(help_text: str) -> Range:
    """The range that a parameter's help says behind `allowed:`; where it says none, everything is. Raises
    InvalidParameter.
    """
    text = help_text.partition("allowed:")[2].strip()
    if text in ("", "any"):
        return Range(text)
    count = _COUNT.match(text)
    words = text[count.end() :] if count else text
    least = int(count[1]) if count else 0
    most = 1000 if count is None or "or more" in count[0] else int(count[2] or count[1])
    if words.startswith("of "):
        names = words.removeprefix("of ")
        installed = _installed().get(names)  # those of this machine, plugins of anybody's among them
        choices = tuple(installed()) if installed else tuple(word.strip() for word in names.split(","))
        told, of_data = f"one of {', '.join(choices)}" if installed else text, names == "gk.datasets"
        if of_data:
            told += ", or a file of yours: .npy, .npz, .csv, .parquet"
        return Range(told, choices=choices, least=least, most=most, of_data=of_data)
    ends = _ENDS.fullmatch(words)
    if ends is None:
        raise InvalidParameter(
            f"{help_text!r}: write 'allowed: from 1 to 5', '2 or more values above 0', "
            "'of mog, ctm' or the like"
        )
    return Range(text, (ends[2], ends[3] or "inf"), ends[1] == "above", least=least, most=most)


def _installed() -> dict[str, Callable[[], Iterable[str]]]:
    from ... import datasets
    from ...registry import densities

    return {"gk.datasets": datasets.names, "gk.densities": densities.names}


def _value(end: str, parameters: Mapping[str, Any]) -> float:
    """An end in numbers: sums, products and quotients of numbers, parameters, and a list's least, largest and
    length.
    """
    return (
        float("inf")
        if end == "inf"
        else float("-inf")
        if end == "-inf"
        else float(_computed(ast.parse(end, mode="eval").body, parameters))
    )


def _computed(node: ast.expr, parameters: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.Name) and node.id in parameters:
        return parameters[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _DO:
        return _DO[type(node.op)](_computed(node.left, parameters), _computed(node.right, parameters))
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _REDUCE
        and len(node.args) == 1
    ):
        return _REDUCE[node.func.id](_computed(node.args[0], parameters))
    raise InvalidParameter(f"{ast.unparse(node)!r} is no end of a range")
