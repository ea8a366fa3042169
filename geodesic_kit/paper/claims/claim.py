"""One row of the ledger as a value: what a source states, what was measured, its bound."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from ...checks import number

__all__ = ["MIME", "Claim", "rounded", "running_cell", "shell"]

# A kind of JSON of our own: front ends that do not know it show the sentence beside it, not a tree of fields.
MIME = "application/vnd.geodesic-kit.claim+json"
_NOT_FINITE = {"measured": math.nan, "low": -math.inf, "high": math.inf}  # what JSON's null stands for


@dataclass(frozen=True)
class Claim:
    """One row of the ledger: what a source states, the value measured here, its bound, and whether it holds.

    `low` and `high` are the bound, infinite on an open side; `expected` is the declared status; `part` tells
    apart rows of one id.
    """

    id: str
    part: str
    source: str
    statement: str
    measured: float
    low: float
    high: float
    expected: bool = True
    why: str = ""
    _cell: tuple[str | None, int] = field(default=(None, 0), repr=False, compare=False)

    @property
    def holds(self) -> bool:
        """Whether the measured value is finite and within its bound, ends included."""
        return math.isfinite(self.measured) and self.low <= self.measured <= self.high

    @property
    def status(self) -> str:
        """`holds` or `does not hold`, and `here` behind it where another status was declared."""
        found = "holds" if self.holds else "does not hold"
        return found if self.as_declared else f"{found} here"

    @property
    def as_declared(self) -> bool:
        """Whether it holds where it was declared to, and does not where that was declared."""
        return self.holds == self.expected

    @property
    def name(self) -> str:
        """The id, with its part where there is one."""
        return f"{self.id} ({self.part})" if self.part else self.id

    @property
    def bound(self) -> str:
        """The bound in words."""
        if math.isinf(self.low):
            return f"at most {self.high:g}"
        return f"at least {self.low:g}" if math.isinf(self.high) else f"{self.low:g} to {self.high:g}"

    @property
    def shown(self) -> str:
        """The measured value, rounded to a hundredth of its bound, so that machines agree on it."""
        ends = [end for end in (self.low, self.high) if math.isfinite(end)]
        return rounded(self.measured, (ends[1] - ends[0] if len(ends) == 2 else abs(ends[0])) / 100)

    def as_json(self) -> dict[str, Any]:
        """The row as JSON can hold it: null for an open bound, and for a value that is not finite."""
        numbers = {
            name: getattr(self, name) if math.isfinite(getattr(self, name)) else None for name in _NOT_FINITE
        }
        texts = {
            name: getattr(self, name) for name in ("id", "part", "source", "statement", "expected", "why")
        }
        return texts | numbers | {"status": self.status, "bound": self.bound, "shown": self.shown}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Claim:
        """The row that `as_json` wrote. Raises KeyError, TypeError, ValueError and OverflowError for
        another.
        """
        numbers = {
            name: other if row[name] is None else float(row[name]) for name, other in _NOT_FINITE.items()
        }
        texts = {name: _unicode(row[name]) for name in ("id", "part", "source", "statement", "why")}
        if not isinstance(row["expected"], bool):
            raise TypeError("whether it is expected to hold is a truth value")
        if math.isinf(numbers["low"]) and math.isinf(numbers["high"]):
            raise ValueError("it has no bound")
        fields: dict[str, Any] = texts | numbers
        return cls(expected=row["expected"], **fields)

    def __str__(self) -> str:
        why = f" ({self.why})" if self.why else ""
        return (
            f"{self.name} {self.status}: {self.statement}; measured {self.shown}, bound {self.bound}{why} "
            f"{self.source}"
        )

    def _ipython_display_(self) -> None:
        # `check` showed this row already; as the last value of the same cell it would appear twice.
        if running_cell() != self._cell:
            print(self)


def _unicode(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(f"a {type(text).__name__} where a text belongs")
    text.encode()  # half of a surrogate pair could not be written
    return text


def rounded(value: float, step: float) -> str:
    """`value` to the power of ten at or below `step`, and to no more than four digits; `< step` where nothing
    is left of it.
    """
    if not (isinstance(value, float) and math.isnan(value)):
        value = number(value, "value")
    step = number(step, "step")
    if not math.isfinite(value):
        return f"{value:g}"
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    # Without a scale (a bound of zero) two digits are shown.
    place = max(math.floor(math.log10(step)), size - 3) if 0 < step < math.inf else size - 1
    if abs(value) < 10.0**place / 2:
        return f"< 1e{place:+03d}" if value > 0 else f"> -1e{place:+03d}"
    if -6 < place <= 0 and size < 6:
        return f"{value:.{-place}f}"
    return f"{value:.{max(size - place, 0)}e}"


def shell() -> Any:
    """IPython's shell, None where there is none."""
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return None
    return get_ipython()


def running_cell() -> tuple[str | None, int]:
    """The notebook cell that runs now, as far as the front end tells, and its execution count."""
    ipython = shell()
    if ipython is None:
        return None, 0
    parent: dict[str, Any] = getattr(ipython, "get_parent", dict)() or {}
    return parent.get("metadata", {}).get("cellId"), ipython.execution_count
