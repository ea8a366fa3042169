"""Rows of graphs, curves, metrics and the estimator, and of their methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import geodesic_kit as gk

from . import things
from .row import Arg, Row, arg, row
from .rows_latent import riemannian
from .shared import DENSITY, EDGES, IN_PLANE, NEW, X, method

__all__ = ["CLASSES"]

GRAPH = [
    row(
        "Graph",
        lambda: gk.Graph,
        points=X,
        edges=EDGES,
        weights=arg("weights", lambda: np.arange(1, things.graph().m + 1) / 4, says="weight", none=True),
    ),
    row(
        "Graph.from_matrix",
        lambda: gk.Graph.from_matrix,
        points=X,
        # What is masked, or there on one side alone, is read as from_matrix says.
        matrix=arg(
            "matrix",
            lambda: things.graph().matrix.toarray(),
            says="entry",
            allowed=("masked", "not symmetric"),
        ),
    ),
    row(
        "Graph.load",
        lambda: gk.Graph.load,
        path=arg("path", lambda: things.saved("graph"), says="file folder name"),
    ),
    row(
        "Graph.save",
        method(things.graph, "save"),
        path=arg("path", lambda: things.folder() / "g.npz", says="file folder name"),
    ),
    row(
        "Graph.weigh",
        method(things.bare, "weigh"),
        metric=arg("object", things.metric),
        rule=arg("choice", "adaptive"),
        rtol=arg("optional number", 1e-3),
        panels=arg("count", 4, none=True),
    ),
    row(
        "Graph.weigh (trapezoid)",
        method(things.bare, "weigh"),
        fixed=lambda: {"metric": things.metric(), "rule": "trapezoid"},
        pieces=arg("count", 4, none=True),
    ),
    row("Graph.attach", method(things.graph, "attach"), points=NEW),
    row(
        "Graph.along",
        method(things.graph, "along"),
        vertices=arg("sources", lambda: np.array(things.path().indices), says="edge"),
    ),
    *[
        row(f"Graph.{name}", method(things.graph, name))
        for name in ("bridged", "components", "require_weights", "to_networkx")
    ],
    row("Suggestion.build", method(things.suggestion, "build"), points=X),
]

CURVES = [
    row(
        "Geodesic",
        lambda: gk.Geodesic,
        points=arg("points", things.points, but=("one more column",)),
        pieces=arg("weights", lambda: np.arange(1, things.N) / 4, but=("zero",)),
    ),
    row(
        "Geodesic.at",
        method(things.path, "at"),
        t=arg("places", lambda: np.array([0.0, 0.25, 1.0])),
        by=arg("choice", "metric"),
    ),
    row(
        "ShortestPaths.walk",
        method(things.rows, "walk"),
        row=arg("index", 0),
        source=arg("index", things.PAIR[0], says="predecessor predecessors"),
        target=arg("index", 7),
    ),
]


def conformal(name: str, make: Callable[[], Any], x: Arg) -> list[Row]:
    """Rows of what every metric has."""
    return [
        row(f"{name}.edge_lengths", method(make, "edge_lengths"), points=x, edges=EDGES),
        row(f"{name}.log_factor", method(make, "log_factor"), x=x, inf=True),
        row(f"{name}.log_factor_gradient", method(make, "log_factor_gradient"), x=x, inf=True),
        row(f"{name}.lower_bound", method(make, "lower_bound")),
    ]


def with_gradient(name: str, make: Callable[[], Any]) -> list[Row]:
    together = row(
        f"{name}.log_factor_and_gradient", method(make, "log_factor_and_gradient"), x=IN_PLANE, inf=True
    )
    return [*conformal(name, make, IN_PLANE), *riemannian(name, make), together]


def log_likelihood() -> Any:
    return gk.LogLikelihoodMetric(things.density(), lam=0.125, p0=4.0)


def fermat() -> Any:
    return gk.FermatMetric(things.density(), beta=0.5)


METRICS = [
    row("EuclideanMetric", lambda: gk.EuclideanMetric),
    row("FermatMetric", lambda: gk.FermatMetric, density=DENSITY, beta=arg("number", 0.5)),
    row(
        "LogLikelihoodMetric",
        lambda: gk.LogLikelihoodMetric,
        density=DENSITY,
        lam=arg("number", 0.5),
        p0=arg("number", 0.5),
    ),
    row(
        "GenerativeMetric",
        lambda: gk.GenerativeMetric,
        density=DENSITY,
        lam=arg("number", 0.5, says="lam"),
        p0=arg("number", 0.5, says="p0 log_p0"),
        power=arg("number", 0.5),
    ),
    row(
        "GenerativeMetric.of_logs",
        lambda: gk.GenerativeMetric.of_logs,
        density=DENSITY,
        log_lam=arg("number", -0.5),
        log_p0=arg("number", 0.5),
        power=arg("number", 0.5),
        inf=True,
    ),
    row(
        "GenerativeMetric.from_sample",
        lambda: gk.GenerativeMetric.from_sample,
        density=DENSITY,
        x=IN_PLANE,
        p0_quantile=arg("number", 0.5),
        lam_quantile=arg("number", 0.25),
        power=arg("number", 0.5),
        max_contrast=arg("number", 8.0),
    ),
    *conformal("EuclideanMetric", lambda: gk.EuclideanMetric(), X),
    *with_gradient("GenerativeMetric", things.metric),
    *with_gradient("FermatMetric", fermat),
    *with_gradient("LogLikelihoodMetric", log_likelihood),
]


ESTIMATOR = [
    row(
        "GenerativeGeodesics",
        lambda: fitted,
        inf=True,
        X=arg("points", things.points, but=("one more column", "ellipsis"), says="points"),
        density=arg("object", things.density, but=("its class",)),
        n_neighbors=arg("size", 5, none=True, allowed=("10**400",)),
        lam=arg("optional number", 0.5),
        p0=arg("optional number", 0.5),
        power=arg("number", 0.5),
        solver=arg("choice", "scipy"),
        random_state=arg("seed", 0, none=True, allowed=("RandomState", "True")),
        n_jobs=arg("size", 1, none=True, allowed=("True", "negative", "far below", "10**400", "-10**400")),
        rule=arg("choice", "adaptive"),
        rtol=arg("optional number", 1e-3),
        dtype=arg("type", lambda: np.float64),
    ),
    row("GenerativeGeodesics (radius)", lambda: fitted, inf=True, radius=arg("optional number", 2.0)),
    row("GenerativeGeodesics.fit", lambda: gk.GenerativeGeodesics(things.density(), random_state=0).fit, X=X),
    row(
        "GenerativeGeodesics.fit_transform",
        lambda: gk.GenerativeGeodesics(things.density(), random_state=0).fit_transform,
        X=X,
    ),
    row("GenerativeGeodesics.transform", method(things.estimator, "transform"), X=IN_PLANE),
    row("GenerativeGeodesics.path", method(things.estimator, "path"), i=arg("index", 0), j=arg("index", 7)),
]


def fitted(X: Any = ..., **options: Any) -> Any:
    options = {"density": things.density(), "random_state": 0} | options
    return gk.GenerativeGeodesics(**options).fit_transform(things.points() if X is ... else X)


CLASSES: list[Row] = [*GRAPH, *CURVES, *METRICS, *ESTIMATOR]
