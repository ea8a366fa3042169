"""Faults of plugins, said to be theirs: which method of which class, and what it raised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import GeodesicKitError, PluginError

__all__ = ["calling", "is_own", "method_of"]

_OURS = ("geodesic_kit", "geodesic_kit_plugins")


def method_of(plugin: Any, method: str) -> str:
    """`Class.method`, which every plugin has, whatever its repr does."""
    return f"{type(plugin).__name__}.{method}"


def is_own(plugin: Any) -> bool:
    """Whether the kit brings this object or class, whose contract every change must pass; a subclass of one
    is another's.

    An adapter is the kit's own as far as what it stands for, its `inner`, is.
    """
    kind = plugin if isinstance(plugin, type) else type(plugin)
    if kind.__module__.partition(".")[0] not in _OURS:
        return False
    inner = getattr(plugin, "inner", None)
    return inner is None or is_own(inner)


@contextmanager
def calling(plugin: Any, method: str) -> Iterator[None]:
    """What the plugin raises within, and is no error of the kit's, becomes a PluginError that names the
    method.
    """
    try:
        yield
    except (GeodesicKitError, MemoryError):
        raise
    except Exception as err:
        raise PluginError(f"{method_of(plugin, method)} failed: {type(err).__name__}: {err}") from err
