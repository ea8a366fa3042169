"""Edge lengths under a density that only answers log p at points, against a trapezoid in one batched call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import geodesic_kit as gk
from geodesic_kit.errors import GeodesicKitError

from .. import warm
from ..bounds import BOUNDS
from ..lines import Disagreement, Line, against, not_run
from ..reference import sample
from ..timing import Failure, interleaved

__all__ = ["run"]

_PIECES = 64
_RTOL = 1e-3  # at which one panel an edge to begin with errs less than the trapezoid in the mean
_SHARE = 0.1  # of the edges, on which the peer is timed
_PEER = f"trapezoid, {_PIECES} pieces, one batched call"


def run(quick: bool) -> list[Line]:
    """n = 10,000, k = 10, the shipped RealNVP of two moons."""
    try:
        flow = gk.densities["realnvp"].pretrained()
    except GeodesicKitError as err:
        return [not_run("black_box", str(err))]
    warm.up()
    x = gk.datasets.load("two_moons", n=500 if quick else 10_000, seed=0).x
    metric, graph = gk.GenerativeMetric.from_sample(flow, x), gk.knn_graph(x, 10)
    some = sample(300, graph.m)
    exact = gk.Graph(x, graph.edges[some]).weigh(metric, rtol=1e-9).weights
    few = graph.edges[: round(_SHARE * graph.m)]

    def trapezoid(edges: Any) -> Any:
        """Each vertex is evaluated once."""
        at = np.linspace(0, 1, _PIECES + 1)[1:-1, None]
        first, last = x[edges[:, 0]], x[edges[:, 1]]
        inner = (first[:, None] * (1 - at) + last[:, None] * at).reshape(-1, x.shape[1])
        vertices, ends = np.unique(edges, return_inverse=True)
        c = np.exp(metric.log_c(flow.log_prob(np.concatenate([x[vertices], inner]))))
        means = (
            c[len(vertices) :].reshape(len(edges), -1).sum(axis=1)
            + c[: len(vertices)][ends.reshape(-1, 2)].mean(axis=1)
        ) / _PIECES
        return means * np.linalg.norm(last - first, axis=1)

    ours: dict[str, Callable[[], Any]] = {
        "one panel": lambda: graph.weigh(metric, rtol=_RTOL, panels=1).weights,
        "by default": lambda: graph.weigh(metric, rtol=_RTOL).weights,
    }
    errors = {name: _off(weighed()[some], exact) for name, weighed in ours.items()}
    peers = _off(trapezoid(graph.edges[some]), exact)
    if not errors["one panel"][0] <= peers[0]:
        own = errors["one panel"][0]
        raise Disagreement(f"the kit errs by {own:.2g} in the mean, the peer by {peers[0]:.2g}")
    times = interleaved(ours | {_PEER: lambda: trapezoid(few)}, 3)
    took = times[_PEER]
    peer = took if isinstance(took, Failure) else took.of(len(few) / graph.m)
    lines = []
    for name in ours:
        note = (
            f"{graph.m:,} edges, rtol = {_RTOL:g}; relative error of {len(some)}, mean and worst: ours "
            f"{errors[name][0]:.1g}, {errors[name][1]:.1g}, peer {peers[0]:.1g}, {peers[1]:.1g}"
        )
        bound = BOUNDS["black_box"]["ratio"] if name == "one panel" else None
        done = f"RealNVP of two moons, n = {len(x):,}, k = 10, {name}"
        lines.append(against("black_box", done, times[name], _PEER, peer, bound, note))
    return lines


def _off(found: Any, exact: Any) -> tuple[float, float]:
    error = np.abs(found - exact) / exact
    return float(error.mean()), float(error.max())
