"""What a browser needs to weigh a graph anew: log p at the nodes of a quadrature, as few an edge as will
do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import legendre

from ...base.scales import step_lengths
from ...base.warn import tell
from ...density.along_edges import LogDensityOnEdges
from ...density.answers import log_density
from ...errors import InvalidParameter, QuadratureWarning
from ...graph.graph import Graph
from ...metric.generative import GenerativeMetric
from ...metric.rules import Adaptive
from ...types import Values

__all__ = ["Sliders", "gauss_lobatto", "tables"]

_LEVELS = (3, 5, 7, 11, 17, 33, 65)  # nodes an edge
_TOLERANCE = 2e-5  # relative, an edge; what is promised of a path is 1e-4
_DECADES, _STEP = 3, 0.05  # of lam and p0 to each side
_TENTH = math.log(10) * _STEP
_EXPONENT = 600.0  # of c: what float64 holds, with room for sums
_LIGHTER, _HEAVIER, _OCTAVE = 60, 20, 20  # steps of the power to each side, and steps that double it


@dataclass(frozen=True)
class Sliders:
    """Where the sliders begin, and how far they go: steps of equal ratios, 0 being the graph's own metric."""

    log_lam: float
    log_p0: float
    power: float
    heavier: int

    @classmethod
    def around(cls, metric: GenerativeMetric) -> Sliders:
        """Three decades of lam and p0 to each side, an eighth to twice the power, less where c would not fit
        float64.
        """
        span = abs(metric.log_p0 - metric.log_lam) + 2 * _DECADES * math.log(10)
        room = _OCTAVE * math.log2(max(_EXPONENT / (metric.power * span), 1.0))
        return cls(metric.log_lam, metric.log_p0, metric.power, min(_HEAVIER, int(room)))

    def metrics(self, metric: GenerativeMetric) -> list[GenerativeMetric]:
        """Those that are hardest to integrate: the greatest power under lam from end to end, and the
        graph's own.
        """
        most = self.power * 2 ** (self.heavier / _OCTAVE)
        reach = _DECADES * math.log(10)
        lams = self.log_lam + np.linspace(-reach, reach, 5)
        return [
            metric,
            *(GenerativeMetric.of_logs(metric.density, float(lam), self.log_p0, most) for lam in lams),
        ]

    def as_json(self) -> dict[str, Any]:
        decades = round(_DECADES / _STEP)
        return {
            "lam": {"start": self.log_lam, "least": -decades, "most": decades, "step": _TENTH},
            "p0": {"start": self.log_p0, "least": -decades, "most": decades, "step": _TENTH},
            "power": {
                "start": math.log(self.power),
                "least": -_LIGHTER,
                "most": self.heavier,
                "step": math.log(2) / _OCTAVE,
            },
        }


def tables(graph: Graph, metric: GenerativeMetric, sliders: Sliders) -> dict[str, Any]:
    """log p at the vertices, (n,), and, level by level, of the edges with as many nodes: their ends,
    Euclidean lengths, and log p at the nodes between the ends.

    An edge takes the lowest level whose mean of c agrees with the kit's own quadrature at each of
    `sliders.metrics`. Raises InvalidParameter where p is so far above lam that a browser's numbers do not
    hold their ratio; warns QuadratureWarning where the highest level does not agree.
    """
    at_vertices = log_density(metric.density, graph.points)
    if at_vertices.max() - sliders.log_lam > _EXPONENT:
        raise InvalidParameter(
            f"log p reaches {at_vertices.max():.4g} and log lam is {sliders.log_lam:.4g}: a page holds "
            f"ratios up to exp({_EXPONENT:.0f}); give a larger lam="
        )
    trial = sliders.metrics(metric)
    truth = [each.integrate(graph.points, graph.edges, Adaptive(_TOLERANCE / 2)).means for each in trial]
    lengths = step_lengths(*graph.points[graph.edges].swapaxes(0, 1))
    along = LogDensityOnEdges(metric.density, graph.points, graph.edges)
    kind = np.uint16 if graph.n <= np.iinfo(np.uint16).max else np.uint32
    edges, nodes, levels, order = np.arange(graph.m), [], [], []
    for n_nodes in _LEVELS:
        t, weights = gauss_lobatto(n_nodes)
        log_p = along(edges, np.broadcast_to(t, (len(edges), n_nodes)))
        wrong = np.max(
            [
                np.abs(np.exp(each.log_c(log_p)) @ weights / means[edges] - 1)
                for each, means in zip(trial, truth, strict=True)
            ],
            axis=0,
        )
        done = (wrong <= _TOLERANCE) | (n_nodes == _LEVELS[-1])
        if (missed := done & (wrong > _TOLERANCE)).any():
            tell(
                f"{missed.sum()} of {graph.m} edges of the page are off by up to {wrong.max():.1g}: log p "
                "jumps or is narrow there; give a graph of shorter edges",
                QuadratureWarning,
            )
        levels.append({"nodes": n_nodes, "edges": int(done.sum()), "weights": weights.tolist()})
        nodes.append(log_p[done, 1:-1].ravel())
        order.append(edges[done])
        edges = edges[~done]
        if not len(edges):
            break
    sorted_edges = np.concatenate(order)
    return {
        "levels": levels,
        "wide": kind is np.uint32,
        "edges": graph.edges[sorted_edges].astype(kind).ravel(),
        "lengths": lengths[sorted_edges].astype(np.float32),
        "vertexLogP": at_vertices.astype(np.float32),
        "nodeLogP": np.concatenate(nodes).astype(np.float32),
    }


def gauss_lobatto(n_nodes: int) -> tuple[Values, Values]:
    """Nodes and weights of the Gauss-Lobatto rule on [0, 1], both ends among its nodes, exact to degree
    2 n - 3.
    """
    top = legendre.Legendre.basis(n_nodes - 1)
    t = np.concatenate([[-1.0], np.sort(top.deriv().roots().real), [1.0]])
    weights = 1 / (n_nodes * (n_nodes - 1) * top(t) ** 2)
    return (1 + t) / 2, weights / weights.sum()
