"""`import geodesic_kit` against `import scipy.sparse`, in fresh interpreters."""

from __future__ import annotations

import subprocess
import sys

from ..bounds import BOUNDS
from ..children import ROOT
from ..lines import Line, against
from ..timing import Timings

__all__ = ["run"]

_PROGRAM = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


def run(quick: bool) -> list[Line]:
    """The import statement alone, without the interpreter's own start: the stricter ratio."""
    names = ("geodesic_kit", "scipy.sparse")
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(4 if quick else 12):
        for name in names:
            done = subprocess.run(
                [sys.executable, "-c", _PROGRAM.format(name)],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
            )
            if turn > 2:  # the first fill the disk's cache
                seconds[name].append(float(done.stdout))
    ours, theirs = (Timings(tuple(seconds[name])) for name in names)
    note = "the ratio is ours over the peer's"
    return [
        against(
            "import",
            "import geodesic_kit",
            ours,
            "import scipy.sparse",
            theirs,
            BOUNDS["import"]["ratio"],
            note,
        )
    ]
