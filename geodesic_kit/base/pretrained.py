"""The trained weights and data sets that are shipped: where each file lies, in a clone and in an installed
wheel.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from ..errors import UnknownName, shown

__all__ = ["filename", "names", "path"]

_PACKAGE = "geodesic_kit_plugins.weights"  # the folder data/ of the repository
_SAFE = ".safetensors"


def filename(plugin: str, name: str, suffix: str = _SAFE) -> str:
    """What the weights of that plugin, trained on the data set `name`, are called; the card adds `.json`."""
    return f"{plugin}-{name}{suffix}"


def names(plugin: str, suffix: str = _SAFE) -> list[str]:
    """The data sets for which weights of that plugin are shipped, sorted."""
    begin, end = filename(plugin, "\0", suffix).split("\0")
    files = (entry.name for entry in resources.files(_PACKAGE).iterdir())
    return sorted(
        file[len(begin) : -len(end)] for file in files if file.startswith(begin) and file.endswith(end)
    )


def path(plugin: str, name: str, suffix: str = _SAFE) -> Path:
    """The shipped weights file of that plugin for the data set `name`. Raises UnknownName, which names those
    there are.
    """
    if not isinstance(name, str) or name not in names(plugin, suffix):
        there = ", ".join(names(plugin, suffix)) or "none"
        raise UnknownName(
            f"no weights of {plugin!r} named {shown(name)} are shipped; there are {there}. "
            f"`geodesic-kit train {plugin} --data NAME` makes your own, gk.densities.load(path) reads them"
        )
    # A wheel is installed as files, never run from a zip: the path is a true one.
    return Path(str(resources.files(_PACKAGE) / filename(plugin, name, suffix)))
