"""Registries of plugins: entry points read lazily, a decorator for notebooks, errors that tell what to
install.
"""

from __future__ import annotations

import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, TypeVar

from .base.warn import tell
from .errors import (
    BrokenPlugin,
    InvalidParameter,
    MissingPlugin,
    NameClash,
    PluginWarning,
    UnknownPlugin,
    shown,
)

__all__ = ["LearnedRegistry", "Registry", "decoders", "densities", "solvers"]

T = TypeVar("T", bound=Callable[..., Any])


class Registry:
    """Plugins of one kind by name, from the entry-point group `geodesic_kit.<kind>` and from `register`.

    Nothing is imported before its name is asked for. `registry[name]` raises UnknownPlugin for a name nobody
    offers, MissingPlugin where a dependency is absent, BrokenPlugin where the module raises or ends the
    interpreter, and NameClash where two packages offer the name. The kit's own names stay the kit's: a
    package that offers one of them too is named in a PluginWarning.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.group = f"geodesic_kit.{kind}"
        self._registered: dict[str, Any] = {}
        self._loaded: dict[str, Any] = {}
        self._found: dict[str, list[EntryPoint]] | None = None

    def __repr__(self) -> str:
        return f"<{self.kind}: {', '.join(self.names()) or 'none installed'}>"

    def __contains__(self, name: object) -> bool:
        # what cannot be looked up, such as a list, is no name
        return isinstance(name, str) and (name in self._registered or name in self._entry_points())

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def names(self) -> list[str]:
        """Names that can be asked for, sorted, whether or not their dependencies are installed."""
        return sorted({*self._registered, *self._entry_points()})

    def register(self, name: str) -> Callable[[T], T]:
        """Decorator that offers a class or callable under `name` for this session.

        Raises NameClash where another provider holds the name; running the same definition again replaces it.
        """

        if not isinstance(name, str) or not name.strip():
            raise InvalidParameter(f"register({shown(name)}): a plugin's name is a text such as 'mine'")

        def add(plugin: T) -> T:
            if not callable(plugin):
                raise InvalidParameter(
                    f"{shown(plugin)} cannot be registered as {name!r}: a plugin is a class or a function"
                )
            held = self._registered.get(name)
            if held is not None and _origin(held) != _origin(plugin):
                raise NameClash(
                    f"{self.kind} {name!r} is already registered by {_origin(held)}; choose another "
                    f"name for {_origin(plugin)}"
                )
            if held is None and name in self._entry_points():
                owners = ", ".join(_owner(point) for point in self._entry_points()[name])
                raise NameClash(
                    f"{self.kind} {name!r} is already offered by {owners}; choose another name for "
                    f"{_origin(plugin)}"
                )
            self._registered[name] = plugin
            return plugin

        return add

    def unregister(self, name: str) -> None:
        """Take back what `register` added; raises UnknownPlugin where nothing was."""
        if not isinstance(name, str) or self._registered.pop(name, None) is None:
            raise UnknownPlugin(f"no {self.kind} named {shown(name)} was registered in this session")

    def __getitem__(self, name: str) -> Any:
        if not isinstance(name, str):  # nor may it be what cannot be looked up, such as a list
            raise self._unknown(name)
        if name in self._registered:
            return self._registered[name]
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def available(self) -> dict[str, Any]:
        """Every plugin that can be imported here, by name; the others are named in a PluginWarning each."""
        found = {}
        for name in self.names():
            try:
                found[name] = self[name]
            except (MissingPlugin, BrokenPlugin, NameClash) as err:
                tell(str(err), PluginWarning)
        return found

    def providers(self) -> dict[str, str]:
        """Who offers each name: a distribution or, for `register`, the place of definition."""
        found = {name: ", ".join(_owner(p) for p in points) for name, points in self._entry_points().items()}
        return dict(sorted((found | {name: _origin(p) for name, p in self._registered.items()}).items()))

    def _entry_points(self) -> dict[str, list[EntryPoint]]:
        if self._found is None:
            found: dict[str, list[EntryPoint]] = defaultdict(list)
            for point in entry_points(group=self.group):
                # One distribution can be on sys.path twice; two that point at one object still clash.
                if _owner(point) not in map(_owner, found[point.name]):
                    found[point.name].append(point)
            self._found = dict(found)
        return self._found

    @property
    def _one(self) -> str:
        return self.kind.replace("ies", "y").rstrip("s")

    def _unknown(self, name: Any) -> UnknownPlugin:
        return UnknownPlugin(
            f"no {self._one} named {shown(name)}; there are {', '.join(self.names()) or 'none installed'}"
        )

    def _load(self, name: str) -> Any:
        points = self._entry_points().get(name)
        if not points:
            raise self._unknown(name)
        own = [point for point in points if _is_kits(point)]
        owners = " and ".join(_owner(point) for point in points if point not in own[:1])
        if len(points) > 1 and len(own) != 1:
            raise NameClash(
                f"{self.kind} {name!r} is offered by {owners}; uninstall one of them, or ask its "
                f"author for another name"
            )
        if len(points) > 1:
            message = (
                f"{self.kind} {name!r} is the kit's own; what {owners} offers under that name is left out: "
                f"ask for another name"
            )
            tell(message, PluginWarning)
        return self._import(name, own[0] if own else points[0])

    def _import(self, name: str, point: EntryPoint) -> Any:
        try:
            plugin = point.load()
        except ModuleNotFoundError as err:
            if _is_own_module(err.name, point.module):
                raise BrokenPlugin(
                    f"{self.kind} {name!r} of {_owner(point)} names the module {err.name!r}, which "
                    f"does not exist"
                ) from err
            raise MissingPlugin(
                f"{name!r} needs {err.name}: {_install_hint(point, err.name)}", name=err.name
            ) from err
        except KeyboardInterrupt:
            raise
        except BaseException as err:  # SystemExit too: a plugin may not end whoever asks for it
            reason = " ".join(traceback.format_exception_only(err)[-1].split())
            raise BrokenPlugin(
                f"{self.kind} {name!r} of {_owner(point)} cannot be imported: {reason}"
            ) from err
        if not callable(plugin):
            raise BrokenPlugin(
                f"{self.kind} {name!r} of {_owner(point)} is of type {type(plugin).__name__}; a plugin is a "
                "class or a function"
            )
        return plugin


class LearnedRegistry(Registry):
    """The registry of what is learned and saved, densities and decoders: it can also bring one back."""

    def load(self, path: str | Path) -> Any:
        """The density or decoder saved at `path`; its card names the plugin. Raises UnknownPlugin,
        TruncatedFileError and HashMismatch.
        """
        from .base.cards import read_card

        name = read_card(path)["plugin"]
        if name == "graph":
            raise UnknownPlugin(f"{path} is a saved graph, not a {self._one}: gk.Graph.load brings it back")
        return self[name].load(path)


def _owner(point: EntryPoint) -> str:
    return f"{point.dist.name if point.dist else 'an unknown package'} ({point.value})"


def _is_kits(point: EntryPoint) -> bool:
    return (
        point.dist is not None
        and point.dist.name == "geodesic-kit"
        and point.value.startswith("geodesic_kit_plugins.")
    )


def _origin(plugin: Any) -> str:
    return (
        f"{getattr(plugin, '__module__', '?')}.{getattr(plugin, '__qualname__', type(plugin).__qualname__)}"
    )


def _is_own_module(missing: str | None, module: str) -> bool:
    return missing is not None and (module == missing or module.startswith(missing + "."))


def _install_hint(point: EntryPoint, missing: str | None) -> str:
    if point.dist and point.extras:
        return f"pip install '{point.dist.name}[{','.join(point.extras)}]'"
    return f"pip install {missing}"


densities = LearnedRegistry("densities")
solvers = Registry("solvers")
decoders = LearnedRegistry("decoders")
