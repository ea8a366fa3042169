"""Two folders of results against each other, row by row."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.files import as_path
from .collect import Run, read_runs

__all__ = ["Differences", "differences"]


@dataclass(frozen=True)
class Differences:
    """What differs between two folders of results, a line each; prints as text. `rows` counts the claims that
    both have.
    """

    first: Path
    second: Path
    rows: int
    lines: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.lines

    def __str__(self) -> str:
        told = [*self.notes, *self.lines]
        found = f"{len(self.lines)} differ" if self.lines else "none differs"
        return "\n".join([*told, f"{self.first} and {self.second} share {self.rows} rows; {found}"])


def differences(first: str | Path, second: str | Path) -> Differences:
    """What differs in the folders of results `first` and `second`: status, or value to a hundredth of its
    bound; claims and runs that only one has.

    Runs are paired by notebook and parameters; of a notebook that each has one other run of, those two.
    Raises UnknownName where a folder has no run.
    """
    places = as_path(first, "first"), as_path(second, "second")
    runs = tuple({_key(run[0]): run for run in read_runs(place)} for place in places)
    pairs, alone = _paired(*runs)
    lines, notes, rows = [], [], 0
    for one, other in pairs:
        if _key(one[0]) != _key(other[0]):
            notes.append(f"{one[0]['id']}: {_moved(one[0], other[0])}")
        shared, told = _rows(one, other)
        rows += shared
        lines += told
    lines += [
        f"only in {place}: {', '.join(names)}" for place, names in zip(places, alone, strict=True) if names
    ]
    return Differences(*places, rows, tuple(lines), tuple(_made_with(pairs) + notes))


def _key(record: Mapping[str, Any]) -> str:
    return json.dumps([record["id"], _every(record)], sort_keys=True)


def _every(record: Mapping[str, Any]) -> dict[str, Any]:
    return {**record.get("defaults", {}), **record["parameters"]}


Pairs = list[tuple[Run, Run]]


def _paired(a: dict[str, Run], b: dict[str, Run]) -> tuple[Pairs, tuple[list[str], list[str]]]:
    pairs = [(a[name], b[name]) for name in a if name in b]
    left = {name: run for name, run in a.items() if name not in b}
    right = {name: run for name, run in b.items() if name not in a}
    of = [Counter(run[0]["id"] for run in side.values()) for side in (left, right)]
    single = {id for id in of[0] if of[0][id] == of[1][id] == 1}
    by_id = {run[0]["id"]: run for run in right.values()}
    pairs += [(run, by_id[run[0]["id"]]) for run in left.values() if run[0]["id"] in single]
    alone = [
        [run[0]["name"] for run in side.values() if run[0]["id"] not in single] for side in (left, right)
    ]
    return pairs, (alone[0], alone[1])


def _rows(one: Run, other: Run) -> tuple[int, list[str]]:
    (record, claims), (_, others) = one, other
    name, here = record["name"], {claim.name: claim for claim in others}
    lines = []
    if record["status"] != other[0]["status"]:
        lines.append(f"{name}: {record['status']} and {other[0]['status']}")
    for claim in claims:
        match = here.pop(claim.name, None)
        if match is None:
            lines.append(f"{name}: {claim.name} is only in the first")
        elif (claim.shown, claim.status) != (match.shown, match.status):
            lines.append(
                f"{name}: {claim.name} {claim.shown} {claim.status}, and {match.shown} {match.status}; "
                f"bound {claim.bound}"
            )
    lines += [f"{name}: {gone} is only in the second" for gone in here]
    return len(claims) - sum("only in the first" in line for line in lines), lines


def _moved(one: dict[str, Any], other: dict[str, Any]) -> str:
    every = [_every(record) for record in (one, other)]
    moved = [
        f"{name} = {every[0].get(name)} and {every[1].get(name)}"
        for name in dict.fromkeys([*every[0], *every[1]])
        if every[0].get(name) != every[1].get(name)
    ]
    return ", ".join(moved)


def _made_with(pairs: Pairs) -> list[str]:
    """A line where the code or a version is another."""
    notes: dict[str, None] = {}
    for (one, _), (other, _) in pairs:
        mine, theirs = ({"code": record["code"]} | record["versions"] for record in (one, other))
        for name in mine:
            if mine[name] != theirs.get(name):
                notes[f"made with {name} {mine[name]} and {theirs.get(name, 'none')}"] = None
    return list(notes)
