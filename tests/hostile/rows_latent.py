"""Rows of pullback metrics, of the calculus along them, and of what every Riemannian metric has."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

import geodesic_kit as gk

from . import things
from .row import Arg, Row, arg, row
from .shared import EDGES, IN_PLANE, method

__all__ = ["LATENT", "riemannian"]

MODEL = arg("object", lambda: decoder(), says="decoder torch callable", but=("its class", "generator"))
METRIC = arg("object", lambda: pullback(), says="immersion pullback metric")
AT = arg("points", lambda: things.points()[:3], but=("one axis",), says="points vectors tangent coordinates")
TOWARDS = arg(
    "points", lambda: things.points()[3:6], but=("one axis",), says="points vectors tangent coordinates"
)


def place(*coordinates: float) -> Arg:
    """One latent point, (2,)."""
    return arg("values", lambda: np.array(coordinates), says="coordinates (n, a, b, c target scalar NaN")


def decoder() -> Any:
    """A torch map of the plane, exact in float64."""
    return _decoder


def _decoder(z: Any) -> Any:
    import torch

    return torch.cat([z, z.square(), z[:, :1] * z[:, 1:]], 1)


@cache
def pullback() -> Any:
    return gk.latent.PullbackMetric(decoder(), dim=2)


@cache
def product() -> Any:
    return gk.latent.ProductMetric(things.metric(), pullback())


@cache
def curve() -> Any:
    """A path under the pullback metric."""
    return gk.geodesic(gk.knn_graph(things.points(), 5).bridged().weigh(pullback()), *things.PAIR)


def riemannian(name: str, make: Callable[[], Any]) -> list[Row]:
    """Rows of what `refine` asks of a metric of the plane."""
    return [
        row(f"{name}.speed", method(make, "speed"), x=AT, v=TOWARDS, inf=True),
        row(f"{name}.log_volume", method(make, "log_volume"), x=AT, inf=True),
        row(f"{name}.chords", method(make, "chords"), x=AT, y=TOWARDS, order=arg("size", 1), inf=True),
    ]


LATENT = [
    row(
        "latent.PullbackMetric",
        lambda: gk.latent.PullbackMetric,
        model=MODEL,
        dim=arg("size", 2),
        pieces=arg("count", 8, none=True),
        rtol=arg("number", 2.0**-20),
    ),
    *riemannian("latent.PullbackMetric", pullback),
    row("latent.PullbackMetric.image", method(pullback, "image"), z=AT),
    row("latent.PullbackMetric.jacobian", method(pullback, "jacobian"), z=AT),
    row("latent.PullbackMetric.second", method(pullback, "second"), z=AT, u=TOWARDS, v=TOWARDS),
    row("latent.PullbackMetric.edge_lengths", method(pullback, "edge_lengths"), points=IN_PLANE, edges=EDGES),
    row(
        "latent.PullbackMetric.to_target",
        method(pullback, "to_target"),
        points=IN_PLANE,
        target=place(0.5, 0.25),
    ),
    row("latent.PullbackMetric.lower_bound", method(pullback, "lower_bound")),
    row(
        "latent.PullbackMetric.with_variance",
        method(pullback, "with_variance"),
        codes=arg("points", things.points, says="codes"),
        fixed=lambda: {"x": pullback().image(things.points()) + 0.25},
    ),
    row(
        "latent.ProductMetric",
        lambda: gk.latent.ProductMetric,
        fixed=lambda: {"pullback": pullback()},
        conformal=arg("object", things.metric, says="conformal metric"),
        rtol=arg("number", 2.0**-20),
    ),
    *riemannian("latent.ProductMetric", product),
    row("latent.ProductMetric.edge_lengths", method(product, "edge_lengths"), points=IN_PLANE, edges=EDGES),
    row(
        "latent.ProductMetric.to_target",
        method(product, "to_target"),
        points=IN_PLANE,
        target=place(0.5, 0.25),
    ),
    row("latent.ProductMetric.lower_bound", method(product, "lower_bound")),
    row(
        "latent.magnification_factor",
        lambda: gk.latent.magnification_factor,
        model=arg("object", pullback, says="decoder torch callable latent"),
        z=AT,
    ),
    row(
        "latent.neural_geodesic",
        lambda: gk.latent.neural_geodesic,
        fixed=lambda: {"fallback": False},
        metric=METRIC,
        a=AT,
        b=TOWARDS,
        n=arg("count", 4, brief=True),
        objective=arg("choice", "energy", brief=True),
        steps=arg("count", 2, brief=True),
        seed=arg("seed", 0, brief=True),
    ),
    row(
        "latent.shoot",
        lambda: gk.latent.shoot,
        metric=METRIC,
        z=AT,
        v=TOWARDS,
        method=arg("choice", "projection"),
        fixed=lambda: {"steps": 4},
    ),
    row(
        "latent.parallel_translation",
        lambda: gk.latent.parallel_translation,
        metric=METRIC,
        path=arg("points", lambda: things.points()[:6], says="path points"),
        v=AT,
        method=arg("choice", "polar"),
        steps=arg("count", 4, none=True),
    ),
    row(
        "latent.analogy",
        lambda: gk.latent.analogy,
        metric=METRIC,
        a=place(0.0, 0.25),
        b=place(0.5, 0.25),
        c=place(0.0, 0.75),
    ),
    row("exp", lambda: gk.exp, metric=METRIC, x=AT, v=TOWARDS),
    row("transport", lambda: gk.transport, path=arg("object", curve, says="path Geodesic"), v=AT),
    row(
        "sectional_curvature",
        lambda: gk.sectional_curvature,
        metric=METRIC,
        x=AT,
        fixed=lambda: {"u": np.array([1.0, 0.0]), "w": np.array([0.0, 1.0])},
    ),
]
