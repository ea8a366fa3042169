"""A trajectory model as a file of arrays with its card, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from geodesic_kit.base.cards import load_arrays, not_saved, save_arrays
from geodesic_kit.checks import as_points, integer
from geodesic_kit.types import Values

from ...learning.weights import as_arrays, bring_back
from .architecture import Architecture
from .trajectory import Trajectory

__all__ = ["read", "write"]

_PREFIX = "model."


def write(of: Any, path: str | Path, facts: Mapping[str, Any]) -> Path:
    """Write `path` (safetensors or npz, by its suffix) and its card, to which `facts` are added."""
    own = {"plugin": "ctm", "ode_steps": of.steps, "probes": of.probes, "probes_seed": of.seed}
    card = dict(of.facts) | dict(facts) | own | asdict(of.form)
    return save_arrays(path, as_arrays(of.model, _PREFIX) | {"shift": of.shift, "scale": of.scale}, card)


def read(path: str | Path) -> tuple[Architecture, Trajectory, Values, Values, dict[str, Any], dict[str, int]]:
    """What `write` wrote: form, network, shift, scale, facts, and the numbers of steps, probes and the seed.

    Raises HashMismatch, TruncatedFileError, InvalidParameter and FileNotFoundError.
    """
    arrays, card = load_arrays(path, "ctm")
    try:
        form = Architecture.of(**{name: card[name] for name in Architecture.__dataclass_fields__})
        model = form.build(0)
        bring_back(model, arrays, _PREFIX)
        shift, scale = as_points([arrays["shift"], arrays["scale"]], name="shift and scale", dim=form.dim)
        numbers = {"steps": card["ode_steps"], "probes": card["probes"], "seed": card["probes_seed"]}
        numbers = {name: integer(numbers[name], name, least=int(name != "seed")) for name in numbers}
    except (KeyError, TypeError, ValueError, RuntimeError) as err:
        raise not_saved("CTM", path, err) from err
    own = {*asdict(form), "plugin", "sha256", "ode_steps", "probes", "probes_seed"}
    return form, model, shift, scale, {name: card[name] for name in card if name not in own}, numbers
