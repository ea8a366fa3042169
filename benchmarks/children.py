"""Work in a fresh interpreter: nothing of another row in memory, and a crash ends that row alone."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from geodesic_kit.paper.experiments import own_process

__all__ = ["ROOT", "call"]

ROOT = Path(__file__).resolve().parent.parent

# Memory that is handed back at once would slow what is timed.
call = partial(own_process.call, folder=ROOT, environment={}, timeout=600)
