"""The matrix: every public callable with a valid call, and what kind of thing each argument is."""

from __future__ import annotations

from typing import Any

import numpy as np

import geodesic_kit as gk

from . import things
from .row import Row, arg, row
from .rows_classes import CLASSES
from .rows_landmarks import LANDMARKS
from .rows_latent import LATENT
from .rows_plots import PLOTS
from .rows_plugins import PLUGINS

__all__ = ["ROWS"]

X = arg("points", things.points, but=("one more column",), says="point")
D = arg("matrix", things.distances, says="distances distance n_clusters")
GRAPH = arg("object", things.graph, says="graph")

GRAPHS = [
    row("epsilon_graph", lambda: gk.epsilon_graph, points=X, eps=arg("number", 1.0)),
    row("knn_graph", lambda: gk.knn_graph, points=X, k=arg("count", 4)),
    row(
        "adaptive_graph",
        lambda: gk.adaptive_graph,
        points=X,
        k=arg("count", 4),
        eps=arg("optional number", 0.5),
    ),
    row("suggest_graph", lambda: gk.suggest_graph, points=X),
    row("diagnose", lambda: gk.diagnose, graph=GRAPH, seed=arg("seed", 0)),
]

PATHS = [
    row(
        "distances",
        lambda: gk.distances,
        inf=True,
        graph=GRAPH,
        sources=arg("sources", lambda: np.array([3, 0, 7]), none=True),
        solver=arg("choice", "scipy"),
        limit=arg("number", 2.0),
        dtype=arg("type", lambda: np.float64),
    ),
    row(
        "geodesic",
        lambda: gk.geodesic,
        graph=GRAPH,
        i=arg("index", 0),
        j=arg("index", 7),
        solver=arg("choice", "astar"),
        refine=arg("switch", False),
    ),
    row(
        "refine",
        lambda: gk.refine,
        geodesic=arg("object", things.path, says="path Geodesic", but=("generator",)),
        metric=arg("object", things.metric, none=True),
        n_points=arg("count", 9, none=True),
        rtol=arg("number", 1e-3),
    ),
]

APPLICATIONS = [
    row(
        "affinity",
        lambda: gk.affinity,
        D=D,
        tau=arg("optional number", 0.5),
        kernel=arg("choice", "gaussian"),
    ),
    row("affinity (local)", lambda: gk.affinity, D=D, neighbour=arg("size", 3, none=True)),
    row(
        "cluster",
        lambda: gk.cluster,
        D=D,
        n_clusters=arg("count", 2),
        method=arg("choice", "spectral"),
        tau=arg("optional number", 0.5),
        seed=arg("seed", 0),
        kernel=arg("choice", "gaussian"),
    ),
    row(
        "cluster (ising)",
        lambda: gk.cluster,
        fixed=lambda: {"method": "ising"},
        D=D,
        n_clusters=arg("count", 2),
        seed=arg("seed", 0),
    ),
    row(
        "embed",
        lambda: gk.embed,
        D=D,
        method=arg("choice", "mds", says="named"),
        seed=arg("seed", 0),
        dim=arg("count", 2),
    ),
    row(
        "embed (t-SNE)",
        lambda: gk.embed,
        fixed=lambda: {"method": "tsne", "D": things.distances()},
        backend=arg("choice", "auto", says="named"),
        perplexity=arg("optional number", 5.0),
        iterations=arg("size", 250),
    ),
    row(
        "latent_interpolation",
        lambda: gk.latent_interpolation,
        model=arg("object", things.flow, says="latent"),
        a=arg("points", lambda: things.points()[:3], but=("one axis",), says="points"),
        b=arg("points", lambda: things.points()[3:6], but=("one axis",), says="points"),
        n=arg("count", 4),
        kind=arg("choice", "linear"),
    ),
    row(
        "linear_separability",
        lambda: gk.linear_separability,
        z=arg("points", things.points, says="embedding", but=("one more column",)),
        y=arg("labels", things.labels, says="labels class classes label"),
        folds=arg("count", 3),
        seed=arg("seed", 0),
    ),
    row(
        "as_density",
        lambda: gk.as_density,
        obj=arg("object", lambda: _log_p, says="density log_prob", but=("its class",)),
        dim=arg("size", 2, none=True),
        kind=arg("choice", "log_prob"),
        score=arg("object", lambda: _score, none=True, but=("its class",)),
        normalised=arg("switch", True),
    ),
]

# A cast that keeps NaN and inf and any shape: what holds no numbers at all is refused.
NUMBERS = arg(
    "values",
    lambda: things.points()[:, 0],
    but=("NaN", "pandas NA", "two axes", "too few", "too many", "none", "scalar"),
)
ANY_TEXT = ("unknown", "empty", "line break", "zero byte", "very long")


def edges() -> Any:
    return {"edges": things.graph().edges, "n": things.N}


def weights() -> Any:
    return np.arange(1, things.graph().m + 1) / 4


CHECKS = [
    row(
        "checks.as_points",
        lambda: gk.checks.as_points,
        x=arg("points", things.points, says="points", but=("one more column",)),
    ),
    row(
        "checks.as_edges",
        lambda: gk.checks.as_edges,
        fixed=lambda: {"n": things.N},
        edges=arg("edges", lambda: things.graph().edges),
    ),
    row(
        "checks.as_sources",
        lambda: gk.checks.as_sources,
        fixed=lambda: {"n": things.N},
        sources=arg("sources", lambda: np.array([3, 0])),
    ),
    row("checks.as_float_type", lambda: gk.checks.as_float_type, dtype=arg("type", lambda: np.float64)),
    row(
        "checks.index",
        lambda: gk.checks.index,
        fixed=lambda: {"n": 9, "name": "value"},
        value=arg("index", 3),
    ),
    row(
        "checks.integer",
        lambda: gk.checks.integer,
        fixed=lambda: {"name": "value"},
        value=arg("size", 3, allowed=("10**400",)),
    ),
    row(
        "checks.number",
        lambda: gk.checks.number,
        inf=True,
        fixed=lambda: {"name": "value"},
        value=arg("number", 0.5),
    ),
    row(
        "checks.reals",
        lambda: gk.checks.reals,
        fixed=lambda: {"name": "given", "give": "give numbers"},
        given=NUMBERS,
    ),
    row(
        "checks.as_weights",
        lambda: gk.checks.as_weights,
        fixed=edges,
        given=arg("weights", weights, says="weights weight"),
    ),
    row(
        "checks.as_labels",
        lambda: gk.checks.as_labels,
        fixed=lambda: {"n": things.N},
        labels=arg("labels", things.labels, says="class", but=("int8",)),
    ),
    row("checks.as_shares", lambda: gk.checks.as_shares, t=arg("places", lambda: np.array([0.0, 0.25, 1.0]))),
    row("checks.as_count", lambda: gk.checks.as_count, fixed=lambda: {"dim": 2}, n=arg("count", 3)),
    row("checks.seeded", lambda: gk.checks.seeded, seed=arg("seed", 0)),
    row("checks.as_metric", lambda: gk.checks.as_metric, metric=arg("object", things.metric)),
    row(
        "checks.as_flag",
        lambda: gk.checks.as_flag,
        fixed=lambda: {"name": "value"},
        value=arg("switch", True),
    ),
    row(
        "checks.as_text",
        lambda: gk.checks.as_text,
        fixed=lambda: {"name": "value"},
        value=arg("choice", "a", but=ANY_TEXT),
    ),
    row(
        "checks.chosen",
        lambda: gk.checks.chosen,
        fixed=lambda: {"name": "value", "choices": ["a", "b"]},
        value=arg("choice", "a"),
    ),
]

DATASETS = [
    row(
        "datasets.load",
        lambda: gk.datasets.load,
        name=arg("choice", "two_moons", says="named"),
        n=arg("count", 20, none=True),
        seed=arg("seed", 0),
        noise=arg("number", 0.25),
    ),
    row("datasets.fetch", lambda: gk.datasets.fetch, name=arg("choice", "two_moons", says="named")),
    row("datasets.names", lambda: gk.datasets.names),
    row("datasets.describe", lambda: gk.datasets.describe),
]


def _log_p(x: Any) -> Any:
    return -0.5 * (np.asarray(x) ** 2).sum(axis=1) - np.log(2 * np.pi)


def _score(x: Any) -> Any:
    return -np.asarray(x)


ROWS: list[Row] = [
    *GRAPHS,
    *PATHS,
    *APPLICATIONS,
    *CHECKS,
    *DATASETS,
    *CLASSES,
    *PLUGINS,
    *PLOTS,
    *LATENT,
    *LANDMARKS,
]
