"""What is chosen from the data where a caller gives nothing but points: density, metric, graph. Notebook X2
justifies the rules.
"""

from __future__ import annotations

from inspect import getattr_static
from typing import Any

import numpy as np

from ..checks import integer
from ..density.answers import held_out_log_density, lent
from ..density.as_density import as_density
from ..errors import InvalidParameter
from ..graph.by_rule import epsilon_graph, knn_graph
from ..graph.edge_rules import Nearest
from ..graph.graph import Graph
from ..graph.suggest import suggest_graph
from ..metric.generative import GenerativeMetric
from ..metric.scale import thresholds
from ..registry import densities
from ..types import Density, Points

__all__ = ["default_graph", "default_metric", "fitted_density"]

_FEW_DIMENSIONS = 3
_LEAST_K = 5
# On more than some 1,500 points all pairs cost more than all else; with the advisor's k for 10,000, which is
# 83, they cost twice as much and are .15 % shorter in the mean.
_MOST_K = 42


def fitted_density(x: Points, density: Any, seed: int, **options: Any) -> Density:
    """The density of points x (n, d): a plugin's name or class is fitted to x, with `options` of its fit;
    else it is read as a density.

    Raises UnknownPlugin, InvalidParameter where the plugin learns nothing or is the class of an estimator,
    and as `as_density`.
    """
    plugin = densities[density] if isinstance(density, str) else density
    if not isinstance(plugin, type):
        return as_density(plugin, dim=x.shape[1])
    if not hasattr(plugin, "fit"):
        raise InvalidParameter(
            f"density={density!r} has no fit, so it cannot be learned from the points; "
            "give a ready density instead"
        )
    if not isinstance(getattr_static(plugin, "fit"), (classmethod, staticmethod)):
        raise InvalidParameter(
            f"density={density!r} is a class whose fit needs an instance; give one, such "
            f"as {plugin.__name__}()"
        )
    fitted: Density = plugin.fit(lent(x, plugin), seed=seed, **options)
    return fitted


def default_metric(
    density: Density,
    x: Points,
    lam: float | None = None,
    p0: float | None = None,
    power: float | str = "auto",
) -> GenerativeMetric:
    """The metric over a density whose scale is `thresholds` of log p over x, (n, d); `lam`, `p0` and `power`
    where they are given.

    Points are judged without the kernels on them. Where both lam and p0 are given the power is 1. Raises as
    GenerativeMetric and NotNormalisedError.
    """
    if lam is not None and p0 is not None:
        given: Any = 1.0 if isinstance(power, str) and power == "auto" else power
        return GenerativeMetric(density, lam, p0, power=given)
    if (lam is not None or p0 is not None) and not density.normalised:
        # raises, and says why
        return GenerativeMetric(density, 1.0 if lam is None else lam, 1.0 if p0 is None else p0)
    scale = thresholds(held_out_log_density(density, x), lam=lam, p0=p0, power=power)
    return GenerativeMetric.of_logs(density, scale.log_lam, scale.log_p0, scale.power)


def default_graph(x: Points, n_neighbors: int | None = None, radius: float | None = None) -> Graph:
    """The graph over x (n, d): what is asked for as it is; where nothing is, k nearest neighbours and bridges
    where that falls apart.

    k is the advisor's, at most 42, up to 3 dimensions, where directions are what a graph errs by, else log2
    n, at least 5.
    A bridge is weighed as every edge is, so distances across a gap are finite and cost what the gap costs;
    `.bridges` names them. Raises InvalidParameter where both are given, and as `knn_graph` and
    `epsilon_graph`.
    """
    if n_neighbors is not None and radius is not None:
        raise InvalidParameter(f"n_neighbors={n_neighbors} and radius={radius}: give one of them, or neither")
    if radius is not None:
        return epsilon_graph(x, eps=radius)
    if n_neighbors is not None:
        return knn_graph(x, k=min(integer(n_neighbors, "n_neighbors", least=1), max(len(x) - 1, 1)))
    if len(x) < 2:
        return Graph(x, np.empty((0, 2), dtype=np.int64), link=Nearest(1))
    k = (
        min(suggest_graph(x).k, _MOST_K)
        if x.shape[1] <= _FEW_DIMENSIONS
        else max(_LEAST_K, round(np.log2(len(x))))
    )
    return knn_graph(x, min(k, len(x) - 1)).bridged()
