"""What a result was made with: the versions, the code and the machine."""

from __future__ import annotations

import hashlib
import os
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

__all__ = ["code_hash", "hardware", "versions"]

_SHOWN = (
    "geodesic-kit",
    "numpy",
    "scipy",
    "scikit-learn",
    "networkx",
    "torch",
    "matplotlib",
    "seaborn",
    "numba",
    "papermill",
)


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on, where they are installed."""
    found = {"python": platform.python_version()}
    for name in _SHOWN:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@cache
def code_hash() -> str:
    """SHA-256 over the kit's and its plugins' source, so that a result of other code is not taken for one of
    this.
    """
    digest = hashlib.sha256()
    for package in ("geodesic_kit", "geodesic_kit_plugins"):
        spec = find_spec(package)
        for place in (spec.submodule_search_locations or []) if spec else []:
            for path in sorted(Path(place).rglob("*.py")):
                digest.update(f"{package}/{path.relative_to(place).as_posix()}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def hardware() -> dict[str, str | int | float]:
    """Processor, cores and memory (GiB) of this machine."""
    found: dict[str, str | int | float] = {
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": os.cpu_count() or 0,
    }
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    if names:
        found["processor"] = names[0]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found["memory_gib"] = round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1)
    return found
