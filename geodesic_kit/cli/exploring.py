"""The command explore: the page with the controls, without JupyterLab."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from ..base.extras import needing
from .app import app

__all__: list[str] = []

_TITLE = "# Explorer\n\nTwo clicks in the picture choose the ends A and B."


@app.command()
def explore(
    data: Annotated[
        str, typer.Argument(help="a data set's name, or a file of yours: .npy, .npz, .csv, .parquet")
    ] = "two_moons",
    options: Annotated[list[str] | None, typer.Argument(help="behind --, options of voila")] = None,
    n: Annotated[int | None, typer.Option("-n", min=2, help="points, a random part of more")] = None,
    density: Annotated[
        str | None, typer.Option(help="a registered density, or the file of a saved one")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="of the draw and of the fit")] = 0,
) -> None:
    """Explore points in the browser, on this machine only and with a token; Ctrl-C ends it.

    \b
    Examples:
      geodesic-kit explore
      geodesic-kit explore points.csv --density mog
      geodesic-kit explore two_spirals -n 2000 -- --no-browser --port 8890
    """
    from .. import datasets
    from ..plots.explorer.given import given

    with needing("geodesic-kit explore needs", "explore"):
        import voila  # noqa: F401  # told here and not by another interpreter
    if datasets.is_file(data):
        data = str(Path(data).resolve())
    given(data, 100, seed)  # what cannot be read is told here, and not on the page
    with tempfile.TemporaryDirectory(prefix="geodesic-kit-") as folder:
        page = Path(folder) / "explorer.ipynb"
        _write(page, data, n=n, density=density, seed=seed)
        server = [sys.executable, "-m", "voila", str(page), "--Voila.ip=127.0.0.1", "--token"]
        raise typer.Exit(subprocess.call(server + list(options or ())))


def _write(path: Path, data: str, **options: Any) -> None:
    """The notebook that the page shows; it works in the folder that the command was called in."""
    import nbformat

    given = "".join(f", {name}={value!r}" for name, value in options.items() if value is not None)
    program = f"import os\n\nimport geodesic_kit as gk\n\nos.chdir({str(Path.cwd())!r})\n"
    cells = [
        nbformat.v4.new_markdown_cell(_TITLE),
        nbformat.v4.new_code_cell(f"{program}gk.widgets.explore({data!r}{given})"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
