"""Commands for work of one's own: lab, train."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..base.extras import needing
from .app import app, pairs
from .options import Folder

__all__: list[str] = []


@app.command()
def lab(
    options: Annotated[list[str] | None, typer.Argument(help="behind --, options of jupyter lab")] = None,
    notebooks: Folder = None,
) -> None:
    """Open the notebooks in JupyterLab, on this machine only and with a token.

    \b
    Examples:
      geodesic-kit lab
      geodesic-kit lab -- --no-browser --port 8890
    """
    from ..paper.runs import catalog

    with needing("this needs", "notebooks"):
        import jupyterlab  # noqa: F401  # told here and not by another interpreter
    folder = catalog.folder_of_notebooks(notebooks)
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    command = [sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1", f"--notebook-dir={folder}", *root]
    os.execv(sys.executable, command + list(options or ()))  # so that Ctrl-C is JupyterLab's own


@app.command()
def train(
    plugin: Annotated[
        str, typer.Argument(help="A density or decoder with recipes, such as realnvp, ctm or iwae")
    ],
    data: Annotated[
        str, typer.Option(help="a data set's name, or a file of yours: .npy, .npz, .csv, .parquet")
    ],
    seed: Annotated[int, typer.Option(help="of the points drawn and of the training")] = 0,
    n: Annotated[
        int | None, typer.Option("-n", min=1, help="points, in place of the recipe's number")
    ] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("-p", "--parameter", help="option=value of fit, YAML; may be repeated")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="the weights file; by default data/PLUGIN-NAME.safetensors in a clone")
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="what a broken-off training goes on from; beside the weights by default"),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(help="stop after so many, with weights that can be used; the same command goes on"),
    ] = None,
) -> None:
    """Train a density or a decoder and write its weights with their card; goes on where it was stopped.

    \b
    Examples:
      geodesic-kit train realnvp --data two_moons
      geodesic-kit train realnvp --data points.npy -p steps=500 --minutes 5
    """
    import logging

    from ..paper.runs import values
    from .training import job

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    options = {name: values.read(text, f"-p {name}") for name, text in pairs(parameter).items()}
    work = job(plugin, data, seed=seed, n=n, options=options, out=out, checkpoint=checkpoint, minutes=minutes)
    print(f"{plugin} on {len(work.x)} points of {data}: {work.why}")
    print(f"kept while it trains in {work.checkpoint}", flush=True)
    try:
        done = work.run()
    except KeyboardInterrupt:
        kept = (
            f"{work.checkpoint} is kept, the same command goes on from there"
            if work.checkpoint.exists()
            else "nothing was kept yet"
        )
        print(f"stopped; {kept}", file=sys.stderr)
        raise typer.Exit(130) from None
    print(f"wrote {done.path}: {done.model!r}")
    if not done.finished:
        print(f"not finished; the same command goes on from {work.checkpoint}")
