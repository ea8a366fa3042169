"""Committed outputs against fresh ones: nbval over the notebooks, in processes of about equal length."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from ...base.threads import child_environment
from ...errors import RunFailed
from .catalog import usual_seconds
from .clock import end_descendants

__all__ = ["compare", "shares"]

# seconds a cell: more than a busy machine takes, less than the time that services of CI give to a job
_LIMIT = "1200"
# nbval reads notebooks by nbformat, which begins three seconds sooner without a grammar that nothing asks for
_PYTEST = (
    "from geodesic_kit.base.iri import without_iri_grammar; without_iri_grammar(); "
    "import pytest; raise SystemExit(pytest.main())"
)


def compare(notebooks: Sequence[Path], *, jobs: int) -> None:
    """Run every notebook and compare what it shows, warnings included, with what it has; the report of each
    process is printed whole.

    Raises RunFailed where one differs. Interrupted, it prints what was said so far and leaves no process
    behind.
    """
    import psutil

    others = {process.pid for process in psutil.Process().children(recursive=True)}
    with ExitStack() as stack:
        started = []
        for share in shares(notebooks, jobs):
            # nbval knows nothing of pytest-xdist, and two pytests may not share a cache. -W keeps warnings of
            # plugins from being errors.
            options = [
                "-p",
                "no:xdist",
                "-p",
                "no:cacheprovider",
                "-W",
                "default",
                "--nbval",
                "--nbval-current-env",
            ]
            limits = [
                "--nbval-cell-timeout",
                _LIMIT,
                "--nbval-sanitize-with",
                str(share[0].parent / "nbval.cfg"),
            ]
            said = stack.enter_context(tempfile.TemporaryFile())
            command = [sys.executable, "-u", "-c", _PYTEST, *options, *limits, *map(str, share)]
            process = stack.enter_context(
                subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=child_environment(1))
            )
            stack.callback(end_descendants, others)
            started.append((process, said))
        left = [said for _, said in started]
        try:
            for process, _ in started:
                process.wait()
                _print(left.pop(0))
        finally:
            for said in left:
                _print(said)
    if any(process.returncode for process, _ in started):
        raise RunFailed(
            "notebooks show other outputs than they were committed with, see above; `geodesic-kit refresh "
            "ID` keeps the new ones"
        )


def _print(said: IO[bytes]) -> None:
    said.seek(0)
    print(said.read().decode(errors="replace"), flush=True)


def shares(notebooks: Sequence[Path], jobs: int) -> list[list[Path]]:
    """The notebooks in at most `jobs` shares of about equal seconds: each, the longest first, goes to the
    share that is shortest.
    """
    found: list[list[Path]] = [[] for _ in range(min(jobs, len(notebooks)))]
    lengths = [0.0] * len(found)
    for path in sorted(notebooks, key=usual_seconds, reverse=True):
        shortest = lengths.index(min(lengths))
        found[shortest].append(path)
        lengths[shortest] += min(usual_seconds(path), 1e9)
    return found
