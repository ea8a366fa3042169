"""A line of the table: one piece of work, the kit's number, the peer's, their ratio and the bound."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .bounds import BOUNDS, AtMost, Bound
from .timing import Failure, Timings

__all__ = ["Disagreement", "Line", "against", "duration", "measured", "not_run", "wrong"]


class Disagreement(AssertionError):
    """The kit and a peer gave different answers, so their times are worth nothing."""


@dataclass(frozen=True)
class Line:
    """What is shown and saved; `met` is None where there is no bound or it was not tried."""

    bench: str
    work: str
    ours: str = ""
    peer: str = ""
    theirs: str = ""
    ratio: float | None = None
    bound: str = ""
    met: bool | None = None
    note: str = ""
    raw: dict[str, Any] = field(default_factory=dict)


def against(
    bench: str,
    work: str,
    ours: Timings | Failure,
    peer: str,
    theirs: Timings | Failure,
    bound: Bound | None = None,
    note: str = "",
) -> Line:
    """The kit's time against a peer's: the ratio says how many times the peer takes, or for an upper bound
    how many the kit does.
    """
    shown = "" if bound is None else str(bound)
    for name, times in (("", ours), (f"{peer}: ", theirs)):
        if isinstance(times, Failure):
            have = duration(ours.median) if isinstance(ours, Timings) else ""
            return Line(bench, work, have, peer, bound=shown, note=f"not run: {name}{times.why}")
    assert isinstance(ours, Timings)
    assert isinstance(theirs, Timings)
    ratio = ours.median / theirs.median if isinstance(bound, AtMost) else theirs.median / ours.median
    notes = [note] if note else []
    notes += [
        f"{who} timed on {times.share:.2g} of the work"
        for who, times in (("ours", ours), (peer, theirs))
        if times.share < 1
    ]
    return Line(
        bench,
        work,
        duration(ours.median),
        peer,
        duration(theirs.median),
        ratio,
        shown,
        None if bound is None else bound.met(ratio),
        "; ".join(notes),
        {
            "ours_s": ours.seconds,
            "peer_s": theirs.seconds,
            "ours_share": ours.share,
            "peer_share": theirs.share,
        },
    )


def measured(
    bench: str, work: str, value: float, shown: str, bound: Bound | None = None, note: str = "", **raw: Any
) -> Line:
    """A number of the kit's own, against a bound or none."""
    met = None if bound is None else bound.met(value)
    return Line(
        bench,
        work,
        shown,
        bound="" if bound is None else str(bound),
        met=met,
        note=note,
        raw=raw | {"value": value},
    )


def not_run(bench: str, why: str, work: str = "") -> Line:
    """A row that has no number, and why."""
    return Line(bench, work, bound=_all_bounds(bench), note=f"not run: {why}")


def wrong(bench: str, why: str, work: str = "") -> Line:
    """A row whose answers disagree: missed, however fast."""
    return Line(bench, work, bound=_all_bounds(bench), met=False, note=f"wrong answer: {why}")


def _all_bounds(bench: str) -> str:
    return "; ".join(str(bound) for bound in BOUNDS.get(bench, {}).values())


def duration(seconds: float) -> str:
    """Seconds with three digits in a unit that suits them."""
    size, unit = next((pair for pair in ((1.0, "s"), (1e-3, "ms")) if seconds >= pair[0]), (1e-6, "µs"))
    number = seconds / size
    return f"{number:,.0f} {unit}" if number >= 1000 else f"{number:.3g} {unit}"
