"""Entry point of the command `geodesic-kit`; its commands are in `commands`."""

from __future__ import annotations

import sys

from ..base.extras import needing
from ..base.iri import without_iri_grammar
from ..base.threads import children
from ..errors import GeodesicKitError

__all__ = ["main"]


def main() -> None:
    """Run the command; an error of the kit is one line on stderr and exit code 2, Ctrl-C one line and 130."""
    without_iri_grammar()
    try:
        if not _told_without_typer(sys.argv[1:]):
            with children():  # NumPy reads it once, when it is imported, and kernels and workers inherit it
                from .commands import app

                app()
    except GeodesicKitError as err:
        print(f"geodesic-kit: {err}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)


def _told_without_typer(arguments: list[str]) -> bool:
    """Whether typer is absent and help or the version was all that was asked for, which is told then. Raises
    MissingPlugin for any command.
    """
    try:
        with needing("the command needs", "notebooks"):
            import typer  # noqa: F401  # only to tell a missing extra from a fault of ours
    except GeodesicKitError:
        if arguments[:1] == ["--version"]:
            from .. import __version__

            print(f"geodesic-kit {__version__}")
        elif arguments[:1] in ([], ["--help"]):
            from .overview import text

            print(text())
        else:
            raise
        return True
    return False
