"""Every public callable, by name, found by walking the package; and those that need no row, with the
reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from inspect import isclass, isfunction, ismethod
from types import ModuleType
from typing import Any

import geodesic_kit as gk
from geodesic_kit.errors import MissingPlugin
from geodesic_kit.registry import Registry

__all__ = ["EXEMPT", "exempt", "public"]

# A name, or the beginning of names with a star, and why it has no row.
EXEMPT = {
    "latent.PullbackMetric.ensemble": "several models, each of which latent.PullbackMetric has a row for",
    "testing.*": "the contracts are test classes, whose arguments are pytest's",
    "types.*": "protocols and names of types: nothing is computed",
    "errors.*": "errors and warnings: nothing is computed",
    "claims.Claim*": "the record that claims.check makes, whose arguments have rows",
    "claims.verify": "takes nothing, and raises by what was checked before: tests/test_claims.py",
    "datasets.is_file": "takes anything, and refuses nothing",
    "datasets.Dataset*": "the record that datasets.load makes",
    "runs.Outcome": "the record that runs.run makes",
    "runs.record_of": "reads a file that runs.run wrote: tests/test_running.py",
    "runs.terminated_as_interrupted": "takes nothing: a context of the command",
    "runs.work": "takes the plans that runs.run makes",
    "checks.most_weight": "a number of vertices that a graph has",
    "checks.listed": "takes anything, and refuses nothing",
    "runs.execute": "takes the plan that runs.run makes",
    "ShortestPaths": "the record that a solver makes",
    "*.log_c": "log p of any shape to log c, on the hot path: the kit calls it with what it has checked",
    "*.slope": "as log_c",
    "*.power_law": "takes nothing; a record for compiled densities",
    "*.settled": "a rule and a number of edges that the kit has checked and counted",
    "*.integrate": "what Graph.weigh and edge_lengths call with what they have checked",
    "*.on_edges": "what integrate and latent.ProductMetric call with what they have checked",
    "MoG.plane": "as MoG.panels: refine asks it for a plane of ends that are checked",
    "MoG.panels": "prepares checked edges for compiled kernels",
    "MoG.segment_breaks": "the quadrature's way into a density, on the hot path: called with what it has "
    "checked",
    "MoG.segment_log_prob": "as MoG.segment_breaks",
    "*.available": "takes nothing, and warns of each plugin that cannot be imported: tests/test_registry.py",
    "CTM": "made by fit, load and pretrained, which have rows",
    "IWAE": "made by fit, load and pretrained, which have rows",
    "RealNVP": "made by fit, load and pretrained, which have rows",
    "GenerativeGeodesics.get_feature_names_out": "scikit-learn's own",
    "GenerativeGeodesics.get_metadata_routing": "scikit-learn's own",
    "GenerativeGeodesics.get_params": "scikit-learn's own",
    "GenerativeGeodesics.set_params": "scikit-learn's own",
    "GenerativeGeodesics.set_output": "scikit-learn's own",
}


def exempt(name: str) -> bool:
    from fnmatch import fnmatchcase

    return any(fnmatchcase(name, pattern) for pattern in EXEMPT)


def public() -> list[str]:
    """Names of all public functions, classes, methods of these, and plugins of the kit."""
    found: set[str] = set()
    for name in gk.__all__:
        thing = getattr(gk, name)
        if isinstance(thing, ModuleType):
            for each in thing.__all__:
                found.update(_of(f"{name}.{each}", getattr(thing, each)))
        else:
            found.update(_of(name, thing))
    for registry in (gk.densities, gk.solvers, gk.decoders):
        for plugin in _plugins(registry):
            found.update(_of(plugin.__name__, plugin))
    return sorted(found)


def _of(name: str, thing: Any) -> Iterator[str]:
    if isinstance(thing, Registry):
        yield f"{name}.__getitem__"
        yield from _methods(name, type(thing))
    elif isclass(thing):
        yield name
        yield from _methods(name, thing)
    elif callable(thing):
        yield name


def _methods(name: str, owner: type) -> Iterator[str]:
    for each in dir(owner):
        if not each.startswith("_") and (isfunction(getattr(owner, each)) or ismethod(getattr(owner, each))):
            yield f"{name}.{each}"


def _plugins(registry: Registry) -> Iterator[Any]:
    """The kit's own plugins that can be imported here."""
    for name in registry.names():
        try:
            plugin = registry[name]
        except MissingPlugin:  # of the kit's own, one needs a GPU
            continue
        if plugin.__module__.startswith("geodesic_kit_plugins."):
            yield plugin
