"""What several commands take: arguments and options, each with its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "RESULTS",
    "WHICH",
    "Axes",
    "Folder",
    "Force",
    "Given",
    "Jobs",
    "Preset",
    "Results",
    "Scheduler",
    "Strict",
    "Timeout",
    "Which",
]


WHICH = "A notebook's id or the beginning of its name, such as 2.2"

Which = Annotated[str, typer.Argument(help=WHICH)]

Given = Annotated[
    list[str] | None, typer.Option("-p", "--parameter", help="name=value, YAML; may be repeated")
]

Axes = Annotated[
    list[str],
    typer.Option(
        "-p",
        "--parameter",
        help="name=value,value,... or name=0:5; may be repeated: all combinations",
    ),
]

Preset = Annotated[str, typer.Option(help="quick (the notebooks' defaults) or a file in notebooks/presets")]

Folder = Annotated[Path | None, typer.Option("--notebooks", help="folder of the notebooks")]

Results = Annotated[Path, typer.Option(help="folder for what comes out")]

Jobs = Annotated[int, typer.Option(min=1, help="notebooks run at a time")]

Timeout = Annotated[
    int | None,
    typer.Option(
        min=1, help="seconds a cell may take, less those in wait for a core; 600 under quick, else 6 hours"
    ),
]

Force = Annotated[bool, typer.Option("--force", help="run again what is finished")]

Strict = Annotated[
    bool, typer.Option("--strict", help="claims that are not as declared fail a run under any parameters")
]

Scheduler = Annotated[
    str | None,
    typer.Option(help="a Dask scheduler, tcp://HOST:PORT, whose workers run them, in place of --jobs"),
]

RESULTS = Path("results")
