"""Committed outputs against fresh ones: nbval over the notebooks, in processes of about equal length."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from ..errors import RunFailed
from ..parallel import child_environment
from .catalog import usual_seconds

__all__ = ["compare", "shares"]


def compare(notebooks: Sequence[Path], *, jobs: int) -> None:
    """Run every notebook and compare what it shows, warnings included, with what it has; the report of each process is printed whole.

    Raises RunFailed where one differs. No limit on a cell that a busy machine could meet: one that stands still is ended by whoever waits.
    """
    with ExitStack() as stack:
        started = []
        for share in shares(notebooks, jobs):
            # nbval knows nothing of pytest-xdist, and two pytests may not share a cache. -W keeps warnings of plugins from being errors.
            options = ["-p", "no:xdist", "-p", "no:cacheprovider", "-W", "default", "--nbval", "--nbval-current-env"]
            limits = ["--nbval-cell-timeout", "3600", "--nbval-sanitize-with", str(share[0].parent / "nbval.cfg")]
            said = stack.enter_context(tempfile.TemporaryFile())
            command = [sys.executable, "-m", "pytest", *options, *limits, *map(str, share)]
            process = stack.enter_context(subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=child_environment(1)))
            stack.callback(process.terminate)
            started.append((process, said))
        for process, said in started:
            process.wait()
            said.seek(0)
            print(said.read().decode(errors="replace"), flush=True)
    if any(process.returncode for process, _ in started):
        raise RunFailed(
            "notebooks show other outputs than they were committed with, see above; `geodesic-kit refresh ID` keeps the new ones"
        )


def shares(notebooks: Sequence[Path], jobs: int) -> list[list[Path]]:
    """The notebooks in at most `jobs` shares of about equal seconds: each, the longest first, goes to the share that is shortest."""
    found: list[list[Path]] = [[] for _ in range(min(jobs, len(notebooks)))]
    lengths = [0.0] * len(found)
    for path in sorted(notebooks, key=usual_seconds, reverse=True):
        shortest = lengths.index(min(lengths))
        found[shortest].append(path)
        lengths[shortest] += min(usual_seconds(path), 1e9)
    return found
