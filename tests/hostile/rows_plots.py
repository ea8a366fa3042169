"""Rows of figures, widgets, claims and runs."""

from __future__ import annotations

from typing import Any

import numpy as np

import geodesic_kit as gk

from . import things
from .row import arg, row

__all__ = ["PLOTS"]

X = arg("points", things.points, but=("one more column",))
LABELS = arg("labels", things.labels, says="labels class classes label", none=True)


def frames() -> Any:
    return np.arange(24).reshape(2, 3, 2, 2) / 32


def table() -> Any:
    return {"n": np.array([10.0, 20.0, 40.0]), "error": np.array([0.5, 0.25, 0.125])}


PLOTS = [
    row(
        "plots.density",
        lambda: gk.plots.density,
        fixed=lambda: {"box": ((-2.0, 2.0), (-2.0, 2.0))},
        obj=arg("object", things.density, says="density metric"),
        resolution=arg("count", 8),
        floor=arg("number", 12.0),
    ),
    row(
        "plots.density (box)",
        lambda: gk.plots.density,
        fixed=lambda: {"obj": things.density(), "resolution": 8},
        box=arg("points", things.points, none=True, says="points", but=("one more column",)),
    ),
    row(
        "plots.points", lambda: gk.plots.points, x=arg("points", things.points, says="points"), labels=LABELS
    ),
    row(
        "plots.embedding",
        lambda: gk.plots.embedding,
        z=arg("points", things.points, says="points"),
        labels=LABELS,
    ),
    row("plots.graph", lambda: gk.plots.graph, graph=arg("object", things.graph)),
    row(
        "plots.geodesics",
        lambda: gk.plots.geodesics,
        graph=arg("object", things.graph, none=True, but=("array", "text"), says="points"),
        paths=arg("object", lambda: [things.path()], says="path points"),
        labels=LABELS,
        density=arg("object", things.density, none=True),
    ),
    row(
        "plots.lines",
        lambda: gk.plots.lines,
        fixed=lambda: {"xlabel": "t", "ylabel": "c"},
        x=arg("values", lambda: np.arange(3.0), says="x line"),
        named=arg("object", lambda: {"a": [1.0, 2.0, 3.0]}, says="line numbers"),
        log=arg("choice", "y", but=("empty",)),
        legend=arg("switch", False),
    ),
    row(
        "plots.convergence",
        lambda: gk.plots.convergence,
        table=arg("object", table),
        x=arg("choice", "n", says="table"),
        y=arg("choice", "error", says="table"),
        fit=arg("switch", True),
    ),
    row(
        "plots.affinity",
        lambda: gk.plots.affinity,
        A=arg(
            "matrix",
            lambda: gk.affinity(things.distances()),
            says="affinity affinities",
            allowed=("not symmetric", "negative", "diagonal"),
        ),
        labels=LABELS,
    ),
    row(
        "plots.heat_map",
        lambda: gk.plots.heat_map,
        fixed=lambda: {"rows": ["a", "b"], "columns": ["c", "d"]},
        values=arg("table", lambda: np.array([[0.0, 1.0], [2.0, 3.0]])),
        digits=arg("count", 2),
        marked=arg("object", lambda: [(0, 1)]),
        limits=arg("object", lambda: (0.0, 4.0), none=True),
    ),
    row(
        "plots.strip",
        lambda: gk.plots.strip,
        frames=arg("frames", frames),
        titles=arg("object", lambda: ["a", "b"], none=True, but=("list",)),
    ),
    row(
        "plots.live_page",
        lambda: gk.plots.live_page,
        graph=arg("object", things.graph),
        path=arg("path", lambda: things.folder() / "live.html", says="file folder name"),
        i=arg("index", 0, none=True, brief=True),
        j=arg("index", 7, none=True, brief=True),
    ),
    row(
        "widgets.explore",
        lambda: gk.widgets.explore,
        dataset=arg("choice", "two_moons", says="data points"),
        density=arg("object", things.density, none=True),
        n=arg("count", 30, none=True, brief=True),
        lam=arg("optional number", 0.5, brief=True),
        p0=arg("optional number", 0.5, brief=True),
        power=arg("optional number", 0.5, brief=True),
        k=arg("count", 5, none=True, brief=True),
        i=arg("index", 0, none=True, brief=True),
        j=arg("index", 7, none=True, brief=True),
        seed=arg("seed", 0, brief=True),
        metric=arg("choice", "Fermat", none=True, brief=True),
        rule=arg("choice", "adaptive", none=True, brief=True),
        solver=arg("choice", "scipy", none=True, brief=True),
        projection=arg("choice", "columns", none=True, brief=True),
        image_shape=arg("object", lambda: (1, 2), none=True, but=("list",)),
        columns=arg("object", lambda: (0, 1), none=True, but=("list",)),
    ),
    row(
        "widgets.explore_decoder",
        lambda: gk.widgets.explore_decoder,
        model=arg("object", things.autoencoder, says="encode decoder"),
        dataset=arg("choice", "two_moons", says="data points"),
        n=arg("count", 20, none=True, brief=True),
        k=arg("count", 5, brief=True),
        i=arg("index", 0, none=True, brief=True),
        j=arg("index", 7, none=True, brief=True),
        seed=arg("seed", 0, brief=True),
    ),
    row(
        "widgets.strips",
        lambda: gk.widgets.strips,
        ways=arg("object", lambda: {"line": np.arange(24).reshape(2, 2, 6) / 32}, says="frames way"),
        names=arg("object", lambda: ["a", "b"], but=("list",), says="names"),
        image_shape=arg("object", lambda: (2, 3)),
        columns=arg("count", 3),
    ),
    row(
        "claims.check",
        lambda: check,
        inf=True,
        # What is not finite never holds, a truth value counts as 1 or 0.
        here=arg("number", 0.25, but=("NaN", "np.float32 NaN"), allowed=("True", "np.True_", "list")),
        below=arg("number", 0.5, says="give exactly one"),
        part=arg("choice", "a", but=("unknown", "empty", "line break", "zero byte", "very long")),
    ),
    row(
        "claims.rounded",
        lambda: gk.claims.rounded,
        value=arg("number", 0.25, allowed=("NaN", "np.float32 NaN")),
        step=arg("number", 0.5),
    ),
    row("claims.table", lambda: gk.claims.table),
    row("claims.reset", lambda: gk.claims.reset),
    row(
        "runs.run",
        lambda: gk.runs.run,
        runs=False,
        which=arg("choice", "2.2", says="notebook"),
        preset=arg("choice", "quick", says="preset"),
        parameters=arg("object", lambda: {"seed": 0}, none=True, says="parameter"),
        timeout=arg("count", 60, none=True),
    ),
    row(
        "runs.sweep",
        lambda: gk.runs.sweep,
        runs=False,
        which=arg("choice", "2.2", says="notebook"),
        axes=arg("object", lambda: {"seed": [0]}, says="parameter"),
        preset=arg("choice", "quick", says="preset"),
        jobs=arg("count", 1),
    ),
    row(
        "runs.collect",
        lambda: gk.runs.collect,
        runs=False,
        results=arg("path", lambda: things.folder(), says="run folder file"),
    ),
    row(
        "runs.reproduce",
        lambda: gk.runs.reproduce,
        runs=False,
        preset=arg("choice", "quick", says="preset"),
        jobs=arg("count", 1, none=True),
        timeout=arg("count", 60, none=True),
    ),
    row(
        "runs.second_seed",
        lambda: gk.runs.second_seed,
        runs=False,
        seed=arg("seed", 1),
        count=arg("size", 1, but=("10**400",)),
        jobs=arg("count", 1),
    ),
]


def check(**kwargs: Any) -> Any:
    gk.claims.reset()
    return gk.claims.check("C2.5", **kwargs)
