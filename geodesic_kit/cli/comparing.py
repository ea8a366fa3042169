"""The command that holds results against others: compare."""

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
