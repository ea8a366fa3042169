"""What the numbers were taken on: processor, cores, memory, versions, date; no name of a machine or a
person.
"""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["describe", "sentence"]

_LIBRARIES = ("numpy", "scipy", "numba", "scikit-learn", "networkx", "igraph", "rustworkx", "fermat")


def describe() -> dict[str, Any]:
    """The machine and the libraries as JSON; `load` is the number of other busy cores when the run began."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "load": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in _LIBRARIES},
    }


def sentence(machine: dict[str, Any]) -> str:
    """The same for a reader."""
    libraries = ", ".join(f"{name} {found}" for name, found in machine["libraries"].items() if found)
    return (
        f"{machine['date']}, {machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']:g} GB, "
        f"{machine['system']}, Python {machine['python']}, {libraries}; load before the run "
        f"{machine['load']:g}"
    )


def _cpu() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
