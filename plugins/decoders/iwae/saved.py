"""An autoencoder as a file of arrays with its card, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from geodesic_kit.base.cards import load_arrays, not_saved, save_arrays
from geodesic_kit.checks import as_points, number, seeded
from geodesic_kit.types import Values

from ...learning.weights import as_arrays, bring_back
from .networks import Architecture, Autoencoder
from .objective import as_draws

__all__ = ["read", "write"]

_PREFIX = "model."
_OWN = ("n_importance", "importance_seed")


def write(of: Any, path: str | Path, facts: Mapping[str, Any]) -> Path:
    """Write `path` (safetensors or npz, by its suffix) and its card, to which `facts` are added."""
    own = {"plugin": "iwae", "n_importance": of.n_importance, "importance_seed": of.importance_seed}
    card = dict(of.facts) | dict(facts) | own | asdict(of.form)
    return save_arrays(
        path, as_arrays(of.module, _PREFIX) | {"shift": of.shift, "scale": np.array(of.scale)}, card
    )


def read(
    path: str | Path,
) -> tuple[Architecture, Autoencoder, Values, float, dict[str, Any], dict[str, int]]:
    """What `write` wrote: form, networks, shift, scale, facts, and the numbers of importance weights and
    their seed.

    Raises HashMismatch, TruncatedFileError, InvalidParameter and FileNotFoundError.
    """
    arrays, card = load_arrays(path, "iwae")
    try:
        kind = card.get("architecture", "perceptron")  # which all were when none was named
        form = Architecture.of(card["dim"], card["latent_dim"], card["hidden"], card["activation"], kind)
        module = form.build(0)
        bring_back(module, arrays, _PREFIX)
        if not all(bool(weights.isfinite().all()) for weights in module.state_dict().values()):
            raise ValueError("a weight is NaN or inf")
        shift = as_points(arrays["shift"][None], name="shift", dim=form.dim)[0]
        scale = number(arrays["scale"], "scale", above=0, finite=True)
        numbers = {
            "n_importance": as_draws(card["n_importance"]),
            "importance_seed": seeded(card["importance_seed"], "importance_seed"),
        }
    except (KeyError, TypeError, ValueError, RuntimeError) as err:
        raise not_saved("IWAE", path, err) from err
    own = {*asdict(form), "plugin", "sha256", *_OWN}
    return form, module, shift, scale, {name: card[name] for name in card if name not in own}, numbers
