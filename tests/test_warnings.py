"""Every kind of warning names the line of its caller, not one within the kit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import geodesic_kit as gk
from geodesic_kit.base.warn import tell
from geodesic_kit.errors import (
    ComponentsNotice,
    ContrastWarning,
    FallbackNotice,
    FetchError,
    QuadratureWarning,
    RefinementNotice,
)

MOG = gk.densities["mog"]([[-1.0, 0.0], [1.0, 0.0]], 0.05)
X = MOG.sample(60, seed=0)
GRAPH = gk.knn_graph(X, 6).bridged()
APART = np.where(np.equal.outer(np.arange(6) < 3, np.arange(6) < 3), 1.0 - np.eye(6), np.inf)


def flat() -> Any:
    return GRAPH.weigh(gk.GenerativeMetric(MOG, lam=1e9, p0=1.0))


def one_edge_rules() -> Any:
    x = np.arange(8.0)[:, None] + 100.0 * (np.arange(8) >= 4)[:, None]
    return gk.geodesic(gk.Graph(x, [[i, i + 1] for i in range(7)]).weigh(gk.EuclideanMetric()), 0, 7)


def missed() -> Any:
    rng = np.random.default_rng(0)
    noise = gk.as_density(lambda x: rng.normal(size=len(x)), dim=2, normalised=True)
    return gk.GenerativeMetric(noise, lam=0.1, p0=1.0).edge_lengths(X, [[0, 1]])


def differences() -> Any:
    bare = gk.as_density(MOG.log_prob, dim=2, normalised=True)
    path = gk.geodesic(GRAPH.weigh(gk.GenerativeMetric(MOG, lam=0.01, p0=0.1)), 0, 2)
    return gk.refine(path, metric=gk.GenerativeMetric(bare, lam=0.01, p0=0.1))


def far_from_the_sample() -> Any:
    """The density is uniform, the sample an arc: the geodesic cuts across."""
    flat = gk.as_density(lambda x: np.zeros(len(x)), dim=2, score=np.zeros_like)
    angle = np.linspace(0, np.pi, 40)
    arc = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    chain = gk.Graph(arc, [[i, i + 1] for i in range(39)]).weigh(
        gk.GenerativeMetric.of_logs(flat, -1.0, 0.0), rtol=1e-4
    )
    return gk.refine(gk.geodesic(chain, 0, 39))


def stand_in() -> Any:
    with patch("geodesic_kit.datasets.pictures._own_or_fetched", side_effect=FetchError("no network")):
        return gk.datasets.load("mnist", n=20)


def apart() -> Any:
    return gk.GenerativeGeodesics(density=MOG, n_neighbors=3).fit(np.concatenate([X, X + 50.0]))


def transformed() -> Any:
    return (
        make_pipeline(
            StandardScaler(with_mean=False, with_std=False), gk.GenerativeGeodesics(density=MOG, radius=2.0)
        )
        .fit(X)
        .transform([[9.0, 9.0]])
    )


@pytest.mark.parametrize(
    ("cause", "category"),
    [
        (flat, ContrastWarning),
        (one_edge_rules, ContrastWarning),
        (missed, QuadratureWarning),
        (differences, FallbackNotice),
        (far_from_the_sample, RefinementNotice),
        (lambda: gk.cluster(APART, 1), ComponentsNotice),
        (lambda: gk.embed(APART, method="mds"), ComponentsNotice),
        (apart, ComponentsNotice),
        (transformed, ComponentsNotice),
        (stand_in, FallbackNotice),
    ],
)
def test_a_warning_names_its_callers_line(cause: Callable[[], Any], category: type[Warning]) -> None:
    with pytest.warns(category) as told:
        cause()
    assert {warning.filename for warning in told if issubclass(warning.category, category)} == {__file__}


def test_a_warning_from_elsewhere_is_told_all_the_same() -> None:
    with pytest.warns(FallbackNotice, match="here"):
        tell("here", FallbackNotice)
