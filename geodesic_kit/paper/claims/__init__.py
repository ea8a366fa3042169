"""Claims: what the paper says, what was measured here, and whether it holds.

gk.claims.check("C2.5", part="kappa=2", here=slope, below=-0.2)
gk.claims.table()
gk.claims.verify()
"""

from __future__ import annotations

import math
import os
from typing import Any

from ...checks import as_text, number
from ...checks.arrays import plain
from ...errors import ClaimFailed, InvalidParameter, UnknownName
from .claim import MIME, Claim, rounded, running_cell, shell
from .statements import STATEMENTS
from .table import Table

__all__ = ["LENIENT", "MIME", "Claim", "check", "reset", "rounded", "table", "verify"]

# Set in the kernels of runs whose parameters are not the committed ones.
LENIENT = "GEODESIC_KIT_LENIENT_CLAIMS"

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
    """Record one claim: its measured value against one bound, in the claim's own units.

    Parameters
    ----------
    id : str
        Of a statement, such as "C2.5", or of the project's own.
    here : float or bool
        The value measured. A truth value counts as 1 or 0; what is NaN or infinite never holds.
    below : float, optional
        The greatest value that it holds at.
    above : float, optional
        The least value that it holds at.
    within : (float, float), optional
        The least and the greatest, in place of either.
    holds : bool, default True
        False declares that the paper's statement was found not to hold.
    why : str, default ""
        The reason, which `holds=False` needs.
    part : str, default ""
        Tells apart several rows of one id.
    statement : str, optional
        What is claimed, for an id of the project's own.
    source : str, optional
        Where it is, for an id of the project's own.

    Returns
    -------
    Claim
        One row of the ledger, with `.holds`.

    Raises
    ------
    UnknownName
        For an id without a statement.
    InvalidParameter
        For anything but one bound, and where the same id and part were checked before by another cell.

    Examples
    --------
    >>> gk.claims.check("C2.5", here=0.98, below=1.0).holds
    True
    """
    part = as_text(part, "part")
    known_source, known_statement = STATEMENTS.get(id, (None, None))
    source, statement = source or known_source, statement or known_statement
    if source is None or statement is None:
        raise UnknownName(
            f"no claim {id!r}; there are {', '.join(STATEMENTS)}; a claim of your own needs "
            "statement= and source="
        )
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
        _cell=running_cell(),
    )
    _keep(claim)
    _show(claim)
    return claim


def table() -> Table:
    """The claims checked so far; prints as text, HTML and Markdown, its numbers rounded to a hundredth of
    their bound.
    """
    return Table(tuple(_ledger.values()))


def verify() -> None:
    """Raise ClaimFailed where a claim's status is not the declared one, either way, or where none was
    checked.

    Bounds are set for the committed parameters: a run under others says what is not as declared and goes on.
    """
    if not _ledger:
        raise ClaimFailed(
            "no claim was checked: call claims.check(id, here=..., below=|above=|within=...) first"
        )
    wrong = [claim for claim in _ledger.values() if not claim.as_declared]
    if not wrong:
        return
    lines = [f"{claim}; declared: {'holds' if claim.expected else 'does not hold'}" for claim in wrong]
    told = f"{len(wrong)} of {len(_ledger)} claims are not as declared"
    if os.environ.get(LENIENT):
        print(f"{told} under these parameters:", *lines, sep="\n")
    else:
        raise ClaimFailed(f"{told}:\n" + "\n".join(lines))


def reset() -> None:
    """Forget every claim of this session."""
    _ledger.clear()


def _bound(id: str, below: Any, above: Any, within: Any) -> tuple[float, float]:
    given = [
        name for name, value in (("below", below), ("above", above), ("within", within)) if value is not None
    ]
    if len(given) != 1:
        raise InvalidParameter(
            f"{id}: give exactly one of below=, above=, within=(low, high); got "
            f"{' and '.join(given) or 'none'}"
        )
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
        # Only the same cell run again replaces its row: a second check in silence could hide a row that
        # failed.
        if cell is None or cell != held_cell or count == held_count:
            name = f"{claim.id}, part {claim.part!r}," if claim.part else claim.id
            raise InvalidParameter(
                f"{name} was checked already; tell the rows apart with part=, or start "
                "anew with claims.reset()"
            )
    _ledger[key] = claim


def _show(claim: Claim) -> None:
    """Put the row into the cell's outputs, where the ledger finds it; the reader finds it in the table,
    once.
    """
    if shell() is None:
        return
    from IPython.display import display

    display({MIME: claim.as_json(), "text/plain": ""}, raw=True, metadata={"geodesic_kit": "claim"})
