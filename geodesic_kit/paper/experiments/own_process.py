"""Work in an interpreter of its own, and the memory that each step of it takes at its peak."""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...base.threads import child_environment
from ...errors import InvalidParameter

__all__ = ["call", "peaks"]

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
# Arrays go back to the system as soon as they are freed (glibc); else what a step takes hides in what an
# earlier one left.
_RETURNED = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536", "MALLOC_ARENA_MAX": "1"}
_CHILD = "import sys; from geodesic_kit.paper.experiments.own_process import _answer; _answer(*sys.argv[1:])"


def call(
    target: str,
    *,
    folder: str | Path | None = None,
    environment: Mapping[str, str] = _RETURNED,
    timeout: float | None = None,
    **arguments: Any,
) -> Any:
    """What `target`, "module:function", returns for the arguments in a fresh interpreter; both travel as
    JSON.

    Modules are also looked for in `folder`. `environment` is added to this one's; by default freed memory
    goes back to the system, as `peaks` needs and as slows what is timed. Raises InvalidParameter with the
    last line that the interpreter said where it ends without an answer, and where it takes more than
    `timeout` seconds.
    """
    command = [sys.executable, "-c", _CHILD, target, json.dumps(arguments)]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**child_environment(), **environment},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InvalidParameter(f"{target} in a process of its own: it took more than {timeout:g} s") from None
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        said = done.stderr.strip().splitlines()
        raise InvalidParameter(
            f"{target} in a process of its own: "
            f"{said[-1] if said else f'it ended with code {done.returncode}'}"
        )
    return json.loads(lines[-1])


def peaks(steps: Iterable[tuple[str, Callable[[], Any]]]) -> dict[str, float]:
    """Bytes that are resident at the peak of each named step, above the level before the first; what a step
    keeps stays counted.

    Whatever allocates is counted: NumPy, compiled kernels, C++ trees. Where the system does not let a process
    forget a peak (it does on Linux), a step shows the highest peak so far.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    before = _level()
    found = {}
    for name, work in steps:
        with suppress(OSError):
            _CLEAR.write_text("5")  # the peak begins anew at the present level
        work()
        found[name] = max(_peak() - before, 0.0)
    return found


def _answer(target: str, arguments: str) -> None:
    module, _, function = target.partition(":")
    result = getattr(importlib.import_module(module), function)(**json.loads(arguments))
    # NumPy's numbers and arrays know it, as JSON does not
    print(json.dumps(result, default=lambda value: value.tolist()))


def _level() -> float:
    return _field("VmRSS") or _peak()


def _peak() -> float:
    return _field("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
        1.0 if sys.platform == "darwin" else 1024.0
    )


def _field(name: str) -> float:
    """Bytes in a line of the process's status, 0 where the system has none."""
    with suppress(OSError):
        for line in _STATUS.read_text().splitlines():
            if line.startswith(name + ":"):
                return float(line.split()[1]) * 1024
    return 0.0
