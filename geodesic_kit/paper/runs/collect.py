"""What runs measured, one row a run: its parameters and the value of every claim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...base.extras import needing
from ...base.files import as_path
from ...checks import listed
from ...errors import UnknownName
from ..claims.claim import Claim
from ..claims.table import claims_of
from .execution import record_of

__all__ = ["Run", "collect", "read_runs", "table_of"]

Run = tuple[dict[str, Any], list[Claim]]  # what `execute` noted, and the claims


def collect(results: str | Path = "results", *, names: Iterable[str] | None = None) -> Any:
    """A pandas DataFrame of the executed notebooks in `results`, or of those runs of them that are named.

    A row has the run's name, its notebook, preset, status and seconds, every parameter that one of the runs
    was given, and the measured value of each claim, in the claim's own units; what a run has not is NaN.
    Raises UnknownName where there is no such run, MissingPlugin without pandas.
    """
    return table_of(read_runs(as_path(results, "results"), names))


def read_runs(results: Path, names: Iterable[str] | None = None) -> list[Run]:
    """The runs in `results`, by name, less what is no run. Raises UnknownName where none is left."""
    folder = results / "executed"
    there = {}
    with suppress(OSError):  # no such folder, or a name that can be none
        there = {path.stem: path for path in sorted(folder.glob("[!.]*.ipynb"))}
    found = []
    for name in there if names is None else dict.fromkeys(str(name) for name in listed(names)):
        record = record_of(there[name]) if name in there else {}
        if record:
            found.append((record, claims_of(there[name])))
        elif names is not None:
            raise UnknownName(f"no run {name!r} in {folder}; there are {', '.join(there) or 'none'}")
    if not found:
        raise UnknownName(f"no run in {folder}: name a folder that `geodesic-kit run` wrote")
    return found


def table_of(runs: Sequence[Run]) -> Any:
    """The table that `collect` returns."""
    with needing("tables of runs need", "tables"):
        import pandas as pd

    given = dict.fromkeys(name for record, _ in runs for name in record["parameters"])
    rows = []
    for record, claims in runs:
        every = record.get("defaults", {}) | record["parameters"]
        row = {
            "run": record["name"],
            "notebook": record["id"],
            "preset": record["preset"],
            "status": record["status"],
            "seconds": record["seconds"],
        }
        row |= {name: every[name] for name in given if name in every}
        rows.append(row | {claim.name: claim.measured for claim in claims})
    return pd.DataFrame(rows)
