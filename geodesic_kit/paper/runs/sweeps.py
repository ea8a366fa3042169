"""What a sweep ends with: a table, one row a run, and a figure of what was swept against each claim."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.extras import needing
from ...base.files import make_folder, write_bytes, write_text
from ...errors import GeodesicKitError
from ..claims.claim import Claim
from ..claims.statements import SECTIONS
from .catalog import QUICK, Plan, file_name
from .collect import Run, table_of

__all__ = ["Sweep", "keep_record", "sweeps_of"]

_MARK = "*"  # behind a value that is not as declared


@dataclass(frozen=True)
class Sweep:
    """One sweep of a results folder: its name, the values along each axis, and the runs that are there."""

    name: str
    id: str
    preset: str
    axes: dict[str, list[Any]]
    runs: tuple[str, ...]
    folder: Path

    @property
    def title(self) -> str:
        """The notebook's section and what was swept."""
        return f"{SECTIONS.get(self.id, self.id)}: {' × '.join(self.axes)}"

    def of(self, runs: Mapping[str, Run]) -> list[Run]:
        """Those of `runs`, by name, that are this sweep's, in its order; the others are still to come."""
        return [runs[name] for name in self.runs if name in runs]

    def write(self, runs: Sequence[Run]) -> None:
        """Write the table of its runs, and the figure where the table is another than it was drawn from.

        Raises MissingPlugin where pandas or plots are absent.
        """
        if not runs:
            return
        from .sweep_figure import draw

        text, before = table_of(runs).to_csv(index=False), ""
        with suppress(OSError, UnicodeDecodeError):
            before = self.table.read_text(encoding="utf-8")
        if text != before or not self.figure.exists():
            self.figure.unlink(missing_ok=True)
            write_text(self.table, text)
            if any(claims for _, claims in runs):
                write_bytes(self.figure, draw(self.axes, runs, self.title))

    @property
    def table(self) -> Path:
        """Where its table lies."""
        return self.folder / f"{self.name}.csv"

    @property
    def figure(self) -> Path:
        """Where its figure lies."""
        return self.folder / f"{self.name}.png"

    def shown(self, runs: Sequence[Run]) -> Any:
        """The table for the eye, a DataFrame of texts: the axes and the claims, each value rounded to its
        bound; `*` marks what is not as declared. Raises MissingPlugin.
        """
        with needing("tables of runs need", "tables"):
            from pandas import DataFrame

        rows = []
        for record, claims in runs:
            every = record.get("defaults", {}) | record["parameters"]
            row = {name: str(every.get(name)) for name in self.axes} | {"status": record["status"]}
            rows.append(row | {claim.name: _marked(claim) for claim in claims})
        return DataFrame(rows).fillna("")


def keep_record(results: Path, plans: Sequence[Plan], axes: Mapping[str, Sequence[Any]]) -> Sweep:
    """Note in `results` which runs a sweep is made of, so that its table and figure are made whenever it is
    complete.
    """
    first = plans[0]
    several = [name for name, entries in axes.items() if len(entries) > 1]
    fixed = {name: first.parameters[name] for name in axes if name not in several}
    preset = [first.preset] if first.preset != QUICK else []
    name = file_name(first.notebook.stem, *preset, "-".join(several) or "one", **fixed)
    along = {name: list(dict.fromkeys(map(_key, (plan.parameters[name] for plan in plans)))) for name in axes}
    content = {
        "id": first.id,
        "preset": first.preset,
        "axes": {name: [json.loads(one) for one in entries] for name, entries in along.items()},
        "runs": list(dict.fromkeys(plan.name for plan in plans)),
    }
    folder = make_folder(results / "sweeps")
    write_text(folder / f"{name}.json", json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return _sweep(folder / f"{name}.json")


def sweeps_of(results: Path) -> tuple[list[Sweep], list[str]]:
    """The sweeps noted in `results`, by name, and a line for each file there that is no such note."""
    found, unread = [], []
    for path in sorted((results / "sweeps").glob("*.json")):
        try:
            found.append(_sweep(path))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as err:
            if isinstance(err, GeodesicKitError):
                raise
            unread.append(f"{path} is no note of a sweep ({type(err).__name__}: {err}); remove it")
    return found, unread


def _sweep(path: Path) -> Sweep:
    content = json.loads(path.read_text(encoding="utf-8"))
    axes = {str(name): list(entries) for name, entries in content["axes"].items()}
    runs = tuple(content["runs"])
    if not all(isinstance(name, str) and "/" not in name for name in runs):
        raise ValueError("its runs are no names")
    return Sweep(path.stem, str(content["id"]), str(content["preset"]), axes, runs, path.parent)


def _key(entry: Any) -> str:
    return json.dumps(entry, sort_keys=True)


def _marked(claim: Claim) -> str:
    return claim.shown if claim.as_declared else f"{claim.shown}{_MARK}"
