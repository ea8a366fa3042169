"""Commands that hold results against others: compare, and refresh, which makes what is committed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import InvalidParameter
from .app import app, chosen
from .options import Folder

__all__: list[str] = []


@app.command()
def compare(
    what: Annotated[
        list[str] | None, typer.Argument(help="two folders of results, or notebooks, all of them by default")
    ] = None,
    notebooks: Folder = None,
    jobs: Annotated[int, typer.Option(min=1, help="processes that share notebooks")] = 2,
) -> None:
    """Compare two folders of results, or notebooks with their committed outputs.

    Of folders each row that differs is named: a claim's status, or its value as it is shown, which is to a
    hundredth of the bound. Notebooks are run, and what they show, warnings included, is compared. The exit
    code is 1 where something differs.

    \b
    Examples:
      geodesic-kit compare results elsewhere/results
      geodesic-kit compare 2.2
    """
    folders = [Path(one) for one in what or () if (Path(one) / "executed").is_dir()]
    if folders:
        if len(folders) != 2 or len(what or ()) != 2:
            raise InvalidParameter(f"{' '.join(what or ())}: give two folders of results, or notebooks only")
        from ..paper.runs.differences import differences

        found = differences(*folders)
        print(found)
        raise typer.Exit(int(not found.same))
    from ..paper.runs import terminated_as_interrupted
    from ..paper.runs.compare import compare as run_and_compare

    with terminated_as_interrupted():  # so that no process outlives this one
        run_and_compare(chosen(what, notebooks), jobs=jobs)


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
