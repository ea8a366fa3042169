"""The command `geodesic-kit` as a process of its own, by this very interpreter."""

from __future__ import annotations

import sys

__all__ = ["HEARING", "KIT"]

_PROGRAM = "from geodesic_kit.cli import main; main()"
# in the background a shell has what it starts ignore Ctrl-C, and that is passed on
_HEARD = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"

KIT = [sys.executable, "-c", _PROGRAM]
HEARING = [sys.executable, "-c", f"{_HEARD}\n{_PROGRAM}"]  # Ctrl-C, whatever starts the tests
