"""What clusters and paths owe to lam, p0, tau, k, n and the vertices: one thing varied, the rest by
default."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array

from ...applications.defaults import default_graph, default_metric, fitted_density
from ...applications.interpolation import skip
from ...checks import integer
from ...datasets import load
from ...density.answers import held_out_log_density
from ...errors import ContrastWarning, DataError
from ...geodesics.between import geodesic
from ...graph.by_rule import knn_graph
from ...graph.graph import Graph
from ...metric.generative import GenerativeMetric
from ...paths.distances import distances
from ...types import Density, Ints, Points, Samples, Values
from .scoring import agreement, clusters

__all__ = [
    "Smoothness",
    "Subject",
    "by_contrast",
    "divergence",
    "lams",
    "log_ratio_of",
    "neighbours",
    "over_vertices",
    "scaled_by_p0",
    "smoothness",
    "subject",
    "weighed",
]

_RTOL = 1e-3  # of edge lengths: far below what moves a label
_FRAMES = 64
_LAM_QUANTILE = 0.02
_HELD_OUT = 900_001  # added to a seed, for points that no fit has seen


@dataclass(frozen=True, eq=False)
class Subject:
    """n points x (n, d) of a data set with labels y (n,), the density they were drawn from, and the one
    fitted to them."""

    name: str
    seed: int
    x: Points
    y: Ints
    truth: Density
    density: Density

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(np.unique(self.y))

    @cached_property
    def graph(self) -> Graph:
        """The default graph over x, without weights; it hangs on the points alone, so it is made once."""
        return default_graph(self.x)

    @cached_property
    def default_distances(self) -> NDArray[np.float64]:
        """Distances (n, n) under the default metric along the default graph."""
        return distances(weighed(self.graph, default_metric(self.density, self.x)))


def subject(name: str, n: int, seed: int, density: Any = "mog") -> Subject:
    """A data set drawn with a seed, and a density fitted to it. Raises as gk.datasets.load, and DataError
    without labels or truth."""
    data = load(name, n=n, seed=seed)
    if data.y is None or data.density is None:
        raise DataError(
            f"data set {name!r} has no labels or no known density; two_spirals, three_rings and "
            "unequal_gaussians have both"
        )
    return Subject(name, seed, data.x, data.y, data.density, fitted_density(data.x, density, seed))


def lams(
    of: Subject, fractions: Sequence[float] = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
) -> dict[float, GenerativeMetric]:
    """Metrics of power 1 by `fractions`: p0 by the rule, lam so many times p0."""
    log_p0 = default_metric(of.density, of.x).log_p0
    return {
        fraction: GenerativeMetric.of_logs(of.density, log_p0 + float(np.log(fraction)), log_p0)
        for fraction in fractions
    }


def by_contrast(of: Subject, contrasts: Sequence[float]) -> dict[float, GenerativeMetric]:
    """Metrics by the `contrasts` C between a gap and typical data: p0 the median of p over the points, lam
    its 2 % quantile or p0 / C, whichever is less, the power by the rule. C = 1 is the plain quantile. A
    point is judged without what was fitted to it alone."""
    own, power = held_out_log_density(of.density, of.x), default_metric(of.density, of.x).power
    low, log_p0 = (float(np.quantile(own, q, method="lower")) for q in (_LAM_QUANTILE, 0.5))
    return {
        C: GenerativeMetric.of_logs(of.density, min(low, log_p0 - float(np.log(C))), log_p0, power)
        for C in contrasts
    }


def scaled_by_p0(of: Subject, factors: Sequence[float]) -> tuple[float, int, int]:
    """How far distances under `factors` times p0 are from those under p0 times (factor p0 + lam) / (p0 +
    lam), relative, at most; and how many points change cluster with local scales and at a relative tau of
    1, whatever the clusters are called."""
    rule = default_metric(of.density, of.x)
    base, off, moved = of.default_distances, 0.0, [0, 0]
    for factor in factors:
        metric = GenerativeMetric.of_logs(
            of.density, rule.log_lam, rule.log_p0 + float(np.log(factor)), rule.power
        )
        D = distances(weighed(of.graph, metric))
        by = ((metric.p0 + metric.lam) / (rule.p0 + rule.lam)) ** rule.power
        off = max(off, float(np.abs(D[base > 0] / (by * base[base > 0]) - 1).max()))
        for which, tau in enumerate((None, 1.0)):
            before, after = (clusters(M, of.classes, of.seed, tau) for M in (base, D))
            moved[which] += len(of.x) - _shared(before, after)
    return off, moved[0], moved[1]


def _shared(a: Ints, b: Ints) -> int:
    """Points in the same cluster of two clusterings, those named alike that share most."""
    counts = coo_array((np.ones(len(a)), (a, b))).toarray()
    return int(counts[linear_sum_assignment(counts, maximize=True)].sum())


def neighbours(x: Points, k: int) -> Graph:
    """The graph of k nearest neighbours over points x (n, d), joined by bridges. Raises InvalidParameter."""
    return knn_graph(x, k=min(integer(k, "k", least=1), len(x) - 1)).bridged()


def weighed(graph: Graph, metric: GenerativeMetric) -> Graph:
    """A graph weighed by a metric, as exactly as labels ask for; by flat ones, too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ContrastWarning)  # the range that it warns of is what is measured
        return graph.weigh(metric, rtol=_RTOL)


def over_vertices(of: Subject) -> dict[str, float]:
    """NMI where the vertices are the points, as many draws of the fitted density, or both; a draw's label is
    its nearest point's.

    Of both only the points are scored; the metric is that of the points in all three. Raises DataError where
    the density does not sample.
    """
    from scipy.spatial import cKDTree

    if not isinstance(of.density, Samples):
        raise DataError(
            f"{of.density!r} does not sample; give a density with sample(n, seed=), such as 'mog'"
        )
    metric, drawn = default_metric(of.density, of.x), of.density.sample(len(of.x), seed=of.seed + _HELD_OUT)
    nearest = of.y[cKDTree(of.x).query(drawn)[1]]
    found = {"training data": agreement(of.default_distances, of.y, of.seed)}
    for name, x, y in (
        ("draws", drawn, nearest),
        ("both", np.concatenate([of.x, drawn]), np.concatenate([of.y, nearest])),
    ):
        D = distances(weighed(default_graph(x), metric))
        found[name] = agreement(D[: len(of.x), : len(of.x)], y[: len(of.x)], of.seed)
    return found


def divergence(of: Subject, density: Density, n: int = 5000) -> float:
    """Kullback-Leibler divergence of a density from the true one, in nats, over n draws that no fit has
    seen. At least 0, up to noise."""
    return float(np.mean(log_ratio_of(of, n)(density)))


def log_ratio_of(of: Subject, n: int) -> Callable[[Density], Values]:
    """log p - log q at n fresh draws, (n,), for any density q: the truth's share is found once."""
    fresh = load(of.name, n=n, seed=of.seed + _HELD_OUT).x
    log_p = of.truth.log_prob(fresh)
    return lambda density: log_p - density.log_prob(fresh)


@dataclass(frozen=True)
class Smoothness:
    """Medians over pairs: `skip`, the largest of 63 steps at equal metric length over the median one;
    `turning`, in radians."""

    skip: float
    turning: float


def smoothness(graph: Graph, y: Ints, n_pairs: int, seed: int) -> Smoothness:
    """How smooth graph paths between random pairs of one class are. 1 and 0 are those of a straight line
    through even density."""
    rng = np.random.default_rng(seed)
    skips: list[float] = []
    turnings: list[float] = []
    while len(skips) < n_pairs:
        i, j = (int(v) for v in rng.integers(0, graph.n, 2))
        if i == j or y[i] != y[j]:
            continue
        with warnings.catch_warnings():
            # an edge across a gap may rule a path: that is a skip
            warnings.simplefilter("ignore", ContrastWarning)
            path = geodesic(graph, i, j)
        skips.append(skip(path.at(np.linspace(0, 1, _FRAMES))))
        turnings.append(_turning(path.points))
    return Smoothness(float(np.median(skips)), float(np.median(turnings)))


def _turning(points: Points) -> float:
    steps = np.diff(points, axis=0)
    unit = steps / np.linalg.norm(steps, axis=1, keepdims=True)
    return float(np.arccos(np.clip(np.sum(unit[1:] * unit[:-1], axis=1), -1, 1)).sum())
