"""The Typer application: its help in groups, `--version`, and what commands share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from .. import __version__
from ..errors import InvalidParameter
from .overview import EXAMPLES, GROUPS, PURPOSE

__all__ = ["app", "chosen", "pairs"]


class _Grouped(TyperGroup):
    """Commands in the overview's order, under its headings."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for commands in GROUPS.values() for name in commands]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()))

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Examples"):
            for line in EXAMPLES:
                formatter.write(f"  {line}\n")


app = typer.Typer(
    cls=_Grouped,
    help=f"{PURPOSE} `geodesic-kit COMMAND --help` tells more.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"geodesic-kit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="tell the version", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    pass


def chosen(ids: Sequence[str] | None, notebooks: Path | None) -> list[Path]:
    """The files of these notebooks, of all where none is named. Raises UnknownName."""
    from ..paper.runs import catalog

    return (
        [catalog.find(id, notebooks)[1] for id in ids] if ids else list(catalog.notebooks(notebooks).values())
    )


def pairs(parameters: Sequence[str] | None) -> dict[str, str]:
    """The texts behind `-p name=`, by name; what follows the first sign belongs to the value. Raises
    InvalidParameter.
    """
    found: dict[str, str] = {}
    for text in parameters or ():
        name, sign, value = text.partition("=")
        name = name.strip()
        if not sign or not name.isidentifier():
            raise InvalidParameter(f"-p {text[:60]}: write -p name=value")
        if name in found:  # neither of two may win in silence
            raise InvalidParameter(f"-p {name} is given twice")
        found[name] = value
    return found
