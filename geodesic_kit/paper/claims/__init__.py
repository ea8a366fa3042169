"""Claims: what the paper says, what was measured here, and whether it holds.

gk.claims.check("C2.5", part="kappa=2", here=slope, below=-0.2)
gk.claims.table()
gk.claims.verify()
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...checks import as_text, number
from ...checks.arrays import plain
from ...errors import ClaimFailed, InvalidParameter, UnknownName
from .statements import STATEMENTS

if TYPE_CHECKING:
    from .table import Table

__all__ = ["MIME", "Claim", "check", "reset", "rounded", "table", "verify"]

# A kind of JSON of our own: front ends that do not know it show the sentence beside it, not a tree of fields.
MIME = "application/vnd.geodesic-kit.claim+json"
_NOT_FINITE = {"measured": math.nan, "low": -math.inf, "high": math.inf}  # what JSON's null stands for


@dataclass(frozen=True)
class Claim:
    """One row of the ledger: what a source states, the value measured here, its bound, and whether it holds.

    `low` and `high` are the bound, infinite on an open side; `expected` is the declared status; `part` tells apart rows
    of one id.
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
        """`holds` or `does not hold`."""
        return "holds" if self.holds else "does not hold"

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
        numbers = {name: getattr(self, name) if math.isfinite(getattr(self, name)) else None for name in _NOT_FINITE}
        texts = {name: getattr(self, name) for name in ("id", "part", "source", "statement", "expected", "why")}
        return texts | numbers | {"status": self.status, "bound": self.bound, "shown": self.shown}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Claim:
        """The row that `as_json` wrote. Raises KeyError, TypeError, ValueError and OverflowError for another."""
        numbers = {name: other if row[name] is None else float(row[name]) for name, other in _NOT_FINITE.items()}
        texts = {name: _unicode(row[name]) for name in ("id", "part", "source", "statement", "why")}
        if not isinstance(row["expected"], bool):
            raise TypeError("whether it is expected to hold is a truth value")
        if math.isinf(numbers["low"]) and math.isinf(numbers["high"]):
            raise ValueError("it has no bound")
        fields: dict[str, Any] = texts | numbers
        return cls(expected=row["expected"], **fields)

    def __str__(self) -> str:
        why = f" ({self.why})" if self.why else ""
        return f"{self.name} {self.status}: {self.statement}; measured {self.shown}, bound {self.bound}{why} {self.source}"

    def _ipython_display_(self) -> None:
        # `check` showed this row already; as the last value of the same cell it would appear twice.
        if _cell() != self._cell:
            print(self)


def _unicode(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(f"a {type(text).__name__} where a text belongs")
    text.encode()  # half of a surrogate pair could not be written
    return text


def rounded(value: float, step: float) -> str:
    """`value` to the power of ten at or below `step`, and to no more than four digits; `< step` where nothing is left of it."""
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


_ledger: dict[tuple[str, str], Claim] = {}


def check(
    id: str,
    *,
    here: Any,
    below: float | None = None,
    above: float | None = None,
    within: tuple[float, float] | None = None,
    holds: bool = True,
    why: str = "",
    part: str = "",
    statement: str | None = None,
    source: str | None = None,
) -> Claim:
    """Record one claim: its measured value `here` against one bound, in the claim's own units.

    The bounds count as met at equality; a value that is NaN or infinite never holds; a truth value counts as 1 or 0.
    `holds=False` declares that the paper's statement was found not to hold, and `why` must say why. `part` tells apart
    several rows of one id. An id of the project's own needs `statement` and `source`.

    Raises UnknownName for an id without a statement, InvalidParameter for anything but one bound, and where the same id
    and part were checked before by another cell.
    """
    part = as_text(part, "part")
    known_source, known_statement = STATEMENTS.get(id, (None, None))
    source, statement = source or known_source, statement or known_statement
    if source is None or statement is None:
        raise UnknownName(f"no claim {id!r}; there are {', '.join(STATEMENTS)}; a claim of your own needs statement= and source=")
    low, high = _bound(id, below, above, within)
    if not holds and not why:
        raise InvalidParameter(f"{id}: holds=False needs why=, the reason why the claim does not hold here")
    claim = Claim(
        id=id,
        part=part,
        source=source,
        statement=statement,
        measured=_measured(id, here),
        low=low,
        high=high,
        expected=bool(holds),
        why=why,
        _cell=_cell(),
    )
    _keep(claim)
    _show(claim)
    return claim


def table() -> Table:
    """The claims checked so far; prints as text, HTML and Markdown, its numbers rounded to a hundredth of their bound."""
    from .table import Table

    return Table(tuple(_ledger.values()))


def verify() -> None:
    """Raise ClaimFailed where a claim's status is not the declared one, either way, or where none was checked."""
    if not _ledger:
        raise ClaimFailed("no claim was checked: call claims.check(id, here=..., below=|above=|within=...) first")
    wrong = [claim for claim in _ledger.values() if claim.holds != claim.expected]
    if wrong:
        lines = [f"{claim}; declared: {'holds' if claim.expected else 'does not hold'}" for claim in wrong]
        raise ClaimFailed(f"{len(wrong)} of {len(_ledger)} claims are not as declared:\n" + "\n".join(lines))


def reset() -> None:
    """Forget every claim of this session."""
    _ledger.clear()


def _bound(id: str, below: Any, above: Any, within: Any) -> tuple[float, float]:
    given = [name for name, value in (("below", below), ("above", above), ("within", within)) if value is not None]
    if len(given) != 1:
        raise InvalidParameter(f"{id}: give exactly one of below=, above=, within=(low, high); got {' and '.join(given) or 'none'}")
    if given == ["below"]:
        return -math.inf, number(below, "below", finite=True)
    if given == ["above"]:
        return number(above, "above", finite=True), math.inf
    try:
        low, high = within
    except (TypeError, ValueError):
        raise InvalidParameter(f"{id}: within={within!r}; give a pair (low, high)") from None
    low, high = number(low, "within[0]", finite=True), number(high, "within[1]", finite=True)
    if not low < high:
        raise InvalidParameter(f"{id}: within=({low:g}, {high:g}); the first number must be the smaller")
    return low, high


def _measured(id: str, here: Any) -> float:
    value = plain(here, f"{id}: here", give="give one real number or one truth value", error=InvalidParameter)
    if value.size != 1 or value.dtype.kind not in "biuf":
        raise InvalidParameter(f"{id}: here={here!r}; give one real number or one truth value")
    return float(value.reshape(()))


def _keep(claim: Claim) -> None:
    key = (claim.id, claim.part)
    held = _ledger.get(key)
    if held is not None:
        (cell, count), (held_cell, held_count) = claim._cell, held._cell
        # Only the same cell run again replaces its row: a second check in silence could hide a row that failed.
        if cell is None or cell != held_cell or count == held_count:
            name = f"{claim.id}, part {claim.part!r}," if claim.part else claim.id
            raise InvalidParameter(f"{name} was checked already; tell the rows apart with part=, or start anew with claims.reset()")
    _ledger[key] = claim


def _shell() -> Any:
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return None
    return get_ipython()


def _cell() -> tuple[str | None, int]:
    """The notebook cell that runs now, as far as the front end tells, and its execution count."""
    shell = _shell()
    if shell is None:
        return None, 0
    parent: dict[str, Any] = getattr(shell, "get_parent", dict)() or {}
    return parent.get("metadata", {}).get("cellId"), shell.execution_count


def _show(claim: Claim) -> None:
    if _shell() is None:
        return
    from IPython.display import display

    display({MIME: claim.as_json(), "text/plain": str(claim)}, raw=True, metadata={"geodesic_kit": "claim"})
