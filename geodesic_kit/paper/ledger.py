"""The ledger of the committed notebooks, as the repository shows it: notebooks/claims.json, claims.md and
README's table.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..base.files import write_text
from ..errors import UnknownName
from .claims.statements import SECTIONS, TOPICS
from .claims.table import Table, claims_of, replace_block, write_ledger
from .runs.catalog import notebooks, usual_seconds

__all__ = ["readme_table", "rows", "table", "write"]


def table(folder: Path) -> Table:
    """Every claim in the outputs of the notebooks in `folder`, in the paper's order."""
    return Table(tuple(claim for path in notebooks(folder).values() for claim in claims_of(path)))


def rows(folder: Path) -> list[dict[str, Any]]:
    """The same as JSON, each row with its notebook's name."""
    return [
        claim.as_json() | {"notebook": path.stem}
        for path in notebooks(folder).values()
        for claim in claims_of(path)
    ]


def readme_table(folder: Path) -> str:
    """README's table, one row a notebook of `folder` that has claims: what it looks at, how many of its rows
    hold, whose rows do not, and its seconds.
    """
    lines = ["| notebook | on | rows that hold | others are of | CPU |", "| --- | --- | --- | --- | --- |"]
    for id, path in notebooks(folder).items():
        claims = claims_of(path)
        if not claims:
            continue
        holding = f"{sum(claim.holds for claim in claims)} of {len(claims)}"
        failing = ", ".join(dict.fromkeys(claim.id for claim in claims if not claim.holds))
        link = f"[{SECTIONS.get(id, id)}]({folder.name}/{quote(path.name)})"
        seconds = usual_seconds(path)
        usual = f"{seconds:.0f} s" if math.isfinite(seconds) else ""
        lines.append(f"| {link} | {TOPICS.get(id, '')} | {holding} | {failing} | {usual} |")
    return "\n".join(lines) + "\n"


def write(folder: Path) -> list[Path]:
    """Write the claims of the notebooks in `folder` beside them and into the README above.

    Returns the files written. Raises UnknownName, and writes nothing, where there is no README above, or it
    lacks the marks around the table.
    """
    readme = folder.parent / "README.md"
    if not readme.exists():
        raise UnknownName(f"no README.md in {folder.parent}; --write is for a clone of the repository")
    text = replace_block(readme.read_text(encoding="utf-8"), readme_table(folder))
    write_ledger(folder, rows(folder))
    write_text(readme, text)
    return [folder / "claims.json", folder / "claims.md", readme]
