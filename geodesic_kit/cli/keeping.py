"""Commands that write what is committed: refresh, archive."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import app, chosen
from .options import Folder

__all__: list[str] = []


@app.command()
def refresh(
    ids: Annotated[list[str] | None, typer.Argument(help="notebooks, all by default")] = None,
    notebooks: Folder = None,
    timeout: Annotated[int, typer.Option(help="seconds a cell may take")] = 600,
) -> None:
    """Run notebooks where they lie and keep their outputs, as they are committed.

    \b
    Examples:
      geodesic-kit refresh 2.2
    """
    from ..paper.runs.refresh import refresh as run_in_place

    for path in chosen(ids, notebooks):
        run_in_place(path, timeout=timeout)
        print(f"refreshed {path.name}")


@app.command()
def archive() -> None:
    """Write codecheck.yml, .zenodo.json, codemeta.json, binder/ and the hashed requirements of this clone.

    \b
    Examples:
      geodesic-kit archive
    """
    from ..paper.archive import write

    for path in write(Path.cwd()):
        print(f"wrote {path}")
