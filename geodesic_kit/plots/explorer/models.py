"""The densities and the metrics that the explorer offers, by the names in its menus."""

from __future__ import annotations

from inspect import signature
from typing import Any

import numpy as np

from ...checks import chosen
from ...density.as_density import as_density
from ...errors import InvalidParameter
from ...metric.generative import EuclideanMetric, FermatMetric, GenerativeMetric, LogLikelihoodMetric
from ...registry import densities
from ...types import Density, Metric, Points
from .given import Given

__all__ = [
    "GIVEN",
    "METRICS",
    "TRUE",
    "density_named",
    "density_names",
    "fit_options",
    "metric_named",
    "usual",
]

GIVEN, TRUE = "the one given", "the true one"
# name -> the sliders that it heeds
METRICS = {
    "generative": ("lam", "p0", "power"),
    "Fermat": ("power",),
    "log-likelihood": ("lam", "p0"),
    "Euclidean": (),
}
_MINUTES = 0.5  # that a network may train while a reader waits
_FEW = 10  # coordinates in which a mixture chooses its own size


def density_names(data: Given, own: Any = None) -> list[str]:
    """What the menu of densities holds: what was given, the true one, every registered one."""
    return [
        *([GIVEN] if own is not None else []),
        *([TRUE] if data.truth is not None else []),
        *densities.names(),
    ]


def usual(data: Given, own: Any = None) -> str:
    """The density that is taken where none is chosen."""
    return GIVEN if own is not None else TRUE if data.truth is not None else "mog"


def density_named(name: str, data: Given, seed: int, own: Any = None) -> Density:
    """That density, fitted to the rows if need be, a network for half a minute at most. Raises
    InvalidParameter, UnknownPlugin, MissingPlugin.
    """
    x = data.x
    if name == GIVEN:
        density = as_density(own, dim=x.shape[1])
    elif name == TRUE:
        if data.truth is None:
            raise InvalidParameter(
                f"the density of {data.name} is not known; there are {', '.join(densities)}"
            )
        density = data.truth
    else:
        plugin = densities[name]
        if not callable(getattr(plugin, "fit", None)):
            raise InvalidParameter(f"the density {name!r} has no fit; make one and give it as density=")
        density = as_density(plugin.fit(x, seed=seed, **fit_options(name, x)), dim=x.shape[1])
    if not density.normalised:
        raise InvalidParameter(
            f"{density!r} is not normalised, so the sliders of lam and p0 have no scale; give a normalised "
            "density"
        )
    return density


def fit_options(name: str, x: Points) -> dict[str, Any]:
    """What the fit of that density to rows (n, d) is given: of a mixture in many dimensions its size, of a
    network the minutes that it may take.
    """
    if name == "mog":
        many = {"method": "kmeans", "n_components": max(1, min(40, len(x) // 10))}
        return {} if x.shape[1] <= _FEW else many
    return {"minutes": _MINUTES} if "minutes" in signature(densities[name].fit).parameters else {}


def metric_named(name: str, density: Density, *, log_lam: float, log_p0: float, power: float) -> Metric:
    """The metric of that name, "Fermat" with beta = power. Raises InvalidParameter."""
    chosen(name, "metric", METRICS)
    if name == "Euclidean":
        return EuclideanMetric()
    if name == "Fermat":
        return FermatMetric(density, beta=power)
    if name == "log-likelihood":
        return LogLikelihoodMetric(density, lam=float(np.exp(log_lam)), p0=float(np.exp(log_p0)))
    return GenerativeMetric(density, log_lam=log_lam, log_p0=log_p0, power=power)
