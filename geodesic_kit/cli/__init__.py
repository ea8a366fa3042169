"""Entry point of the command `geodesic-kit`; its commands are in `commands`."""

from __future__ import annotations

import sys

from ..base.threads import children
from ..errors import GeodesicKitError, MissingPlugin

__all__ = ["main"]


def main() -> None:
    """Run the command; an error of the kit is one line on stderr and exit code 2."""
    try:
        try:
            import typer  # noqa: F401  # only to tell a missing extra from a fault of ours
        except ModuleNotFoundError as err:
            raise MissingPlugin(f"the command needs {err.name}: pip install 'geodesic-kit[notebooks]'", name=err.name) from err
        with children():  # NumPy reads it once, when it is imported, and kernels and workers inherit it
            from .commands import app

            app()
    except GeodesicKitError as err:
        print(f"geodesic-kit: {err}", file=sys.stderr)
        sys.exit(2)
