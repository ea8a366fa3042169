"""The ledger of the committed notebooks, as the repository shows it: notebooks/claims.json, claims.md and README's table."""

from __future__ import annotations

from pathlib import Path

from .catalog import notebooks
from .ledger import Table, claims_of, readme_table, replace_block, write_atomically, write_ledger

__all__ = ["table", "write"]


def table(folder: Path) -> Table:
    """Every claim in the outputs of the notebooks in `folder`, in the paper's order."""
    return Table(tuple(claim for path in notebooks(folder).values() for claim in claims_of(path)))


def write(folder: Path) -> list[Path]:
    """Write the claims of the notebooks in `folder` beside them and into the README above; returns the files written.

    Raises UnknownName where the README lacks the marks between which the table stands.
    """
    rows = [claim.as_json() | {"notebook": path.stem} for path in notebooks(folder).values() for claim in claims_of(path)]
    write_ledger(folder, rows)
    readme = folder.parent / "README.md"
    text = readme.read_text(encoding="utf-8")
    write_atomically(readme, replace_block(text, readme_table(notebooks(folder), folder.parent)))
    return [folder / "claims.json", folder / "claims.md", readme]
