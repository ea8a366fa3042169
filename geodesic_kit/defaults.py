"""What is chosen from the data where a caller gives nothing but points: density, metric, graph. Notebook X2 justifies the rules."""

from __future__ import annotations

from typing import Any

import numpy as np

from .advisor import suggest_graph
from .checks import integer, number
from .density import as_density
from .errors import InvalidParameter
from .graphs import Graph, epsilon_graph, knn_graph
from .links import Nearest
from .metrics import GenerativeMetric
from .registry import densities
from .types import Density, Points

__all__ = ["default_graph", "default_metric", "fitted_density"]


def fitted_density(x: Points, density: Any, seed: int) -> Density:
    """The density of points x (n, d): a plugin's name or class is fitted to x with its own defaults, anything else is read as a density.

    Raises UnknownPlugin, InvalidParameter where the plugin learns nothing, and as `as_density`.
    """
    plugin = densities[density] if isinstance(density, str) else density
    if not isinstance(plugin, type):
        return as_density(plugin, dim=x.shape[1])
    if not hasattr(plugin, "fit"):
        raise InvalidParameter(f"density={density!r} has no fit, so it cannot be learned from the points; give a ready density instead")
    fitted: Density = plugin.fit(x, seed=seed)
    return fitted


def default_metric(
    density: Density, x: Points, lam: float | None = None, p0: float | None = None, power: float | str = "auto"
) -> GenerativeMetric:
    """The metric over a density: p0 the median and lam the 2 % quantile of p over x (n, d), each where none is given.

    `power="auto"` keeps the contrast of c below 1,000 and single edges from ruling paths, as GenerativeMetric.from_sample
    documents; it is 1 where both lam and p0 are given. Raises as GenerativeMetric.
    """
    if lam is not None and p0 is not None:
        return GenerativeMetric(density, lam, p0, power=1.0 if isinstance(power, str) and power == "auto" else float(power))
    chosen = GenerativeMetric.from_sample(density, x, power=power)
    if lam is None and p0 is None:
        return chosen
    log_lam = chosen.log_lam if lam is None else float(np.log(number(lam, "lam", above=0)))
    log_p0 = chosen.log_p0 if p0 is None else float(np.log(number(p0, "p0", above=0)))
    return GenerativeMetric(density, log_lam=log_lam, log_p0=log_p0, power=chosen.power)


def default_graph(x: Points, n_neighbors: int | None = None, radius: float | None = None) -> Graph:
    """The graph over x (n, d): what is asked for as it is; where nothing is, the advisor's k, and bridges where that falls apart.

    A bridge is weighed as every edge is, so distances across a gap are finite and cost what the gap costs; `.bridges` names
    them. Raises InvalidParameter where both are given, and as `knn_graph` and `epsilon_graph`.
    """
    if n_neighbors is not None and radius is not None:
        raise InvalidParameter(f"n_neighbors={n_neighbors} and radius={radius}: give one of them, or neither")
    if radius is not None:
        return epsilon_graph(x, eps=radius)
    if n_neighbors is not None:
        return knn_graph(x, k=min(integer(n_neighbors, "n_neighbors", least=1), max(len(x) - 1, 1)))
    if len(x) < 2:
        return Graph(x, np.empty((0, 2), dtype=np.int64), link=Nearest(1))
    return knn_graph(x, suggest_graph(x).k).bridged()
