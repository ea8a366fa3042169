"""The valid values that the kinds are made from, each built once: small, exact in float16, and the same every
time.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import geodesic_kit as gk

N = 24  # points
PAIR = (0, 7)


@cache
def points() -> Any:
    """(24, 2) on a grid of 1/64, all distinct, none of them on a lattice that makes ties."""
    x = np.round(np.random.default_rng(5).normal(size=(N, 2)) * 64) / 64
    assert len(np.unique(x, axis=0)) == N
    return x


@cache
def density() -> Any:
    return gk.densities["mog"](means=[[-1.0, 0.0], [1.0, 0.5]], covariances=[0.5, 0.75], weights=[0.5, 0.5])


@cache
def metric() -> Any:
    return gk.GenerativeMetric(density(), lam=0.0625, p0=0.25)


@cache
def bare() -> Any:
    """A connected graph without weights."""
    return gk.knn_graph(points(), 5).bridged()


@cache
def graph() -> Any:
    return bare().weigh(metric())


@cache
def distances() -> Any:
    return gk.distances(graph())


@cache
def labels() -> Any:
    return (points()[:, 0] > 0).astype(int)


@cache
def path() -> Any:
    return gk.geodesic(graph(), *PAIR)


@cache
def rows() -> Any:
    """Shortest paths from two sources, with predecessors."""
    return gk.solvers["scipy"]().solve(graph(), np.array(PAIR), predecessors=True)


@cache
def flow() -> Any:
    return gk.densities["realnvp"].fit(points(), seed=0, steps=2, transforms=1, hidden=(4,))


@cache
def trajectory() -> Any:
    return (
        gk.densities["ctm"]
        .fit(points(), seed=0, steps=2, width=8, depth=1, batch=8)
        .with_ode(steps=2, probes=1)
    )


@cache
def autoencoder() -> Any:
    return (
        gk.decoders["iwae"]
        .fit(points(), seed=0, steps=2, trials=1, trial_steps=1, hidden=(4,))
        .with_importance(n_importance=8)
    )


@cache
def estimator() -> Any:
    return gk.GenerativeGeodesics(density=density(), random_state=0).fit(points())


@cache
def suggestion() -> Any:
    return gk.suggest_graph(points())


@cache
def folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="hostile-"))


@cache
def saved(what: str) -> Path:
    """The file in which that thing was saved."""
    return Path(
        {"graph": graph, "mog": density, "realnvp": flow, "ctm": trajectory, "iwae": autoencoder}[
            what
        ]().save(folder() / f"{what}.saved")
    )
