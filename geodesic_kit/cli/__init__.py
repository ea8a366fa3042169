"""Entry point of the command `geodesic-kit`; its commands are in `commands`."""

from __future__ import annotations

import sys

from ..base.extras import needing
from ..base.iri import without_iri_grammar
from ..base.threads import children
from ..errors import GeodesicKitError

__all__ = ["main"]


def main() -> None:
    """Run the command; an error of the kit is one line on stderr and exit code 2."""
    without_iri_grammar()
    try:
        with needing("the command needs", "notebooks"):
            import typer  # noqa: F401  # only to tell a missing extra from a fault of ours
        with children():  # NumPy reads it once, when it is imported, and kernels and workers inherit it
            from .commands import app

            app()
    except GeodesicKitError as err:
        print(f"geodesic-kit: {err}", file=sys.stderr)
        sys.exit(2)
