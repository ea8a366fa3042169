"""Results as a reader sees them: a printed table, JSON with every raw time, and README's block."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from geodesic_kit.base.files import make_folder, write_text

from .machine import sentence

__all__ = ["as_json", "as_text", "block", "replace_block", "save", "status", "summary"]

_BEGIN, _END = "<!-- benchmarks: written by `python -m benchmarks --write` -->", "<!-- end of benchmarks -->"
_HEAD = ("row", "work", "ours", "peer", "ratio", "bound", "met")


def status(line: dict[str, Any], quick: bool = False) -> str:
    """met, missed, not run, or nothing where there is no bound or, at small sizes, it does not apply."""
    for begin, word in (("not run", "not run"), ("wrong answer", "missed")):
        if line["note"].startswith(begin):
            return word
    return "" if quick else {True: "met", False: "missed", None: ""}[line["met"]]


def summary(results: dict[str, Any]) -> str:
    """How many bounds are met, and which are not."""
    if results["quick"]:
        return "Small sizes (--quick): the bounds are for the full ones."
    bounded = [line for line in results["lines"] if line["bound"]]
    off = dict.fromkeys(f"{line['bench']} ({status(line)})" for line in bounded if status(line) != "met")
    met = sum(status(line) == "met" for line in bounded)
    return f"{met} of {len(bounded)} bounds met" + (f"; not: {', '.join(off)}." if off else ".")


def as_text(results: dict[str, Any]) -> str:
    """The table with aligned columns, notes under their lines."""
    rows = [_HEAD, *(_cells(line, results["quick"]) for line in results["lines"])]
    widths = [max(len(row[k]) for row in rows) for k in range(len(_HEAD))]
    shown = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    notes = ["", *(line["note"] for line in results["lines"])]
    return "\n".join(
        text + (f"\n    {note}" if note else "") for text, note in zip(shown, notes, strict=True)
    )


def as_json(results: dict[str, Any]) -> str:
    """The results as JSON, a line of the table on a line of the file."""
    head = {name: value for name, value in results.items() if name != "lines"}
    lines = ",\n".join("  " + json.dumps(line, ensure_ascii=False) for line in results["lines"])
    return json.dumps(head, ensure_ascii=False, indent=1)[:-2] + f',\n "lines": [\n{lines}\n ]\n}}\n'


def block(results: dict[str, Any], everything: bool = False) -> str:
    """The table in Markdown, with the machine above it: the lines that have a bound, or `everything`, with
    notes.
    """
    about = f"Measured on: {sentence(results['machine'])}. {summary(results)}"
    lines = [line for line in results["lines"] if everything or line["bound"]]
    head = (*_HEAD, "how") if everything else _HEAD
    cells = ((*_cells(line, results["quick"]), line["note"])[: len(head)] for line in lines)
    rows: Iterable[tuple[str, ...]] = [head, ("---",) * len(head), *cells]
    table = "".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |\n"
        for row in rows
    )
    return f"{about}\n\n{table}"


def replace_block(text: str, results: dict[str, Any]) -> str:
    """`text` with what stands between the two marks replaced. Raises ValueError where a mark is absent."""
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(
            f"the marks of the benchmarks are absent; put the lines {_BEGIN!r} and {_END!r} "
            "where the table belongs"
        )
    return f"{before}{begin}\n\n{headline(results)}\n{end}{after}"


def headline(results: dict[str, Any]) -> str:
    """README's table: the work that has a bound and a peer that takes longer, and how many bounds are met."""
    machine = results["machine"]
    lines = [line for line in results["lines"] if line["bound"] and (line["ratio"] or 0) > 1]
    rows: list[tuple[str, ...]] = [("row", "work", "ours", "peer", "ratio"), ("---",) * 5]
    rows += [_cells(line, results["quick"])[:5] for line in lines]
    table = "".join("| " + " | ".join(row) + " |\n" for row in rows)
    return f"{machine['date']}, {machine['cpu']}, {machine['cores']} cores. {summary(results)}\n\n{table}"


def save(path: Path, text: str) -> None:
    """Write a text in one step, its folder too."""
    make_folder(path.parent)
    write_text(path, text)


def _cells(line: dict[str, Any], quick: bool) -> tuple[str, ...]:
    peer = f"{line['peer']}: {line['theirs']}" if line["theirs"] else line["peer"]
    ratio = "" if line["ratio"] is None else f"×{line['ratio']:.3g}"
    return (line["bench"], line["work"], line["ours"], peer, ratio, line["bound"], status(line, quick))
