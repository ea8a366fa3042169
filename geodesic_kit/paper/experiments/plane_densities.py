"""What learned densities are worth where the true one is known: log p lost on held-out points, and mass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...checks import as_points, integer
from ...datasets import load
from ...density.answers import log_density
from ...errors import InvalidParameter
from ...types import Density, Points

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["log_p_lost", "mass", "trained"]


def trained(kind: Any, dataset: str, *, seed: int) -> Any:
    """A density plugin fitted to a data set by its recipe for it. Raises InvalidParameter without one."""
    recipes = getattr(kind, "recipes", {})
    if dataset not in recipes:
        known = ", ".join(recipes) or "none"
        raise InvalidParameter(f"{kind!r} has no recipe for {dataset!r}; there are {known}")
    recipe = recipes[dataset]
    return kind.fit(load(dataset, n=recipe.n, seed=seed, **recipe.data).x, seed=seed, **recipe.fit)


def log_p_lost(models: Mapping[str, Density], x: Points) -> DataFrame:
    """Mean log p of each model on the points x (n, d), what it loses against the first, and its error.

    In log(1 / length^d), the standard error that of the paired difference; one row a model.
    """
    import pandas as pd

    log_p = {name: log_density(model, as_points(x, name="x")) for name, model in models.items()}
    truth = next(iter(log_p.values()))
    rows = {}
    for name, values in log_p.items():
        lost = truth - values
        row = {"mean log p": values.mean(), "lost": lost.mean()}
        rows[name] = row | {"± (standard error)": lost.std() / np.sqrt(len(lost))}
    return pd.DataFrame(rows).T


def mass(density: Density, box: Any, nodes: int = 400) -> float:
    """Integral of p over a box of the plane, ((low, high), (low, high)), by a sum over `nodes` places a side.

    Where p is next to nothing at the sides of the box, that is the trapezoid rule. Raises InvalidParameter.
    """
    sides = as_points(box, name="box", dim=2)
    if len(sides) != 2 or (np.diff(sides) <= 0).any():
        raise InvalidParameter(f"box={box!r}: give ((low, high), (low, high)), one side a coordinate")
    axes = [np.linspace(low, high, integer(nodes, "nodes", least=2)) for low, high in sides]
    places = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    cell = np.prod([axis[1] - axis[0] for axis in axes])
    return float(np.exp(log_density(density, places)).sum() * cell)
