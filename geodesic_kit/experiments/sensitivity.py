"""What clusters, embeddings and paths owe to lam, p0, tau, k, n, the vertices and the density: one thing varied, the rest by default."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..applications.clustering import cluster, relative_tau
from ..applications.interpolation import skip
from ..checks import integer
from ..datasets import load
from ..defaults import default_graph, default_metric, fitted_density
from ..errors import DataError, MissingPlugin
from ..graphs import Graph, knn_graph
from ..metrics import GenerativeMetric
from ..paths import distances, geodesic
from ..registry import densities
from ..types import Density, Ints, Points, Samples

__all__ = ["Smoothness", "Subject", "agreement", "divergence", "lams", "over_vertices", "smoothness", "subject", "variants", "weighed"]

_RTOL = 1e-4  # of edge lengths: far below what moves a label
_FRAMES = 64
_HELD_OUT = 10_000  # added to a seed, for points that no fit has seen


@dataclass(frozen=True, eq=False)
class Subject:
    """n points x (n, d) of a data set with labels y (n,), the density they were drawn from, and the one fitted to them."""

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


def subject(name: str, n: int, seed: int, density: Any = "mog") -> Subject:
    """A data set drawn with a seed, and a density fitted to it. Raises as gk.datasets.load, and DataError without labels or truth."""
    data = load(name, n=n, seed=seed)
    if data.y is None or data.density is None:
        raise DataError(f"data set {name!r} has no labels or no known density; two_spirals, three_rings and unequal_gaussians have both")
    return Subject(name, seed, data.x, data.y, data.density, fitted_density(data.x, density, seed))


def lams(of: Subject, fractions: Sequence[float] = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)) -> dict[str, GenerativeMetric]:
    """Metrics of power 1 with p0 by the rule and lam a fraction of it, or the 2 % quantile of p; and the rule's own metric, "rule"."""
    rule, quantile = default_metric(of.density, of.x), GenerativeMetric.from_sample(of.density, of.x, power=1.0)
    found = {f"p0 / {1 / f:,.0f}": GenerativeMetric.of_logs(of.density, rule.log_p0 + float(np.log(f)), rule.log_p0) for f in fractions}
    return found | {"2 % quantile": quantile, "rule": rule}


def weighed(of: Subject, metric: GenerativeMetric | None = None, k: int | None = None) -> Graph:
    """The default graph over the points, or the k nearest neighbours' joined by bridges, weighed by the default metric or the given one."""
    metric = default_metric(of.density, of.x) if metric is None else metric
    graph = default_graph(of.x) if k is None else knn_graph(of.x, k=min(integer(k, "k", least=1), len(of.x) - 1)).bridged()
    return graph.weigh(metric, rtol=_RTOL)


def agreement(D: NDArray[np.float64], y: Ints, seed: int, tau: float | None = None) -> float:
    """NMI in [0, 1] of labels y (n,) and spectral clusters of distances D (n, n); tau in median squared distances, or local scales."""
    try:
        from sklearn.metrics import normalized_mutual_info_score
    except ModuleNotFoundError as err:
        raise MissingPlugin("NMI needs scikit-learn: pip install 'geodesic-kit[learn]'", name=err.name) from err
    labels = cluster(D, len(np.unique(y)), tau=None if tau is None else relative_tau(D, tau), seed=seed)
    return float(normalized_mutual_info_score(y, labels))


def over_vertices(of: Subject) -> dict[str, float]:
    """NMI where the vertices are the points, as many draws of the fitted density, or both; a draw's label is its nearest point's.

    Of both only the points are scored; the metric is that of the points in all three. Raises DataError where the density does not sample.
    """
    from scipy.spatial import cKDTree

    if not isinstance(of.density, Samples):
        raise DataError(f"{of.density!r} does not sample; give a density with sample(n, seed=), such as 'mog'")
    metric, drawn = default_metric(of.density, of.x), of.density.sample(len(of.x), seed=of.seed + _HELD_OUT)
    nearest = of.y[cKDTree(of.x).query(drawn)[1]]
    found = {}
    for name, x, y in (
        ("training data", of.x, of.y),
        ("draws", drawn, nearest),
        ("both", np.concatenate([of.x, drawn]), np.concatenate([of.y, nearest])),
    ):
        D = distances(default_graph(x).weigh(metric, rtol=_RTOL))
        found[name] = agreement(D[: len(of.x), : len(of.x)], y[: len(of.x)], of.seed)
    return found


def divergence(of: Subject, density: Density, n: int = 20_000) -> float:
    """Kullback-Leibler divergence of a density from the true one, in nats, over n draws that no fit has seen. At least 0, up to noise."""
    fresh = load(of.name, n=n, seed=of.seed + _HELD_OUT).x
    return float(np.mean(of.truth.log_prob(fresh) - density.log_prob(fresh)))


@dataclass(frozen=True)
class Smoothness:
    """Medians over pairs: `skip`, the largest of 63 steps at equal metric length over the median one; `turning`, in radians."""

    skip: float
    turning: float


def smoothness(graph: Graph, y: Ints, n_pairs: int, seed: int) -> Smoothness:
    """How smooth graph paths between random pairs of one class are. 1 and 0 are those of a straight line through even density."""
    rng, skips, turnings = np.random.default_rng(seed), [], []
    while len(skips) < n_pairs:
        i, j = (int(v) for v in rng.integers(0, graph.n, 2))
        if i == j or y[i] != y[j]:
            continue
        path = geodesic(graph, i, j)
        skips.append(skip(path.at(np.linspace(0, 1, _FRAMES))))
        turnings.append(_turning(path.points))
    return Smoothness(float(np.median(skips)), float(np.median(turnings)))


def _turning(points: Points) -> float:
    steps = np.diff(points, axis=0)
    unit = steps / np.linalg.norm(steps, axis=1, keepdims=True)
    return float(np.arccos(np.clip(np.sum(unit[1:] * unit[:-1], axis=1), -1, 1)).sum())


def variants(of: Subject, sizes: Sequence[int], names: Sequence[str] = ()) -> Iterator[tuple[str, str, Density]]:
    """Densities of the points as (family, name, density): the default's, smoothed, kernels, mixtures of given sizes, shuffled ones.

    `names` are further densities by name, each fitted with its own defaults. EM of a given size runs once with a floor of the
    variances at the sample's spacing, as the default has it, and once without. Raises UnknownPlugin.
    """
    mog = densities["mog"]
    base, scott = mog.fit(of.x, seed=of.seed), mog.fit(of.x, seed=of.seed, method="kde")
    yield "default", "mog", base
    for name in names:
        yield "by name", name, fitted_density(of.x, name, of.seed)
    for factor in (4, 16):
        yield "over-smoothed", f"mog, variances × {factor}", mog(base.means, base.covariances * factor, base.weights)
    yield "kernels", "kde, Scott", scott
    for width in (4, 16):
        name = f"kde, Scott's width / {width}"
        yield "under-smoothed", name, mog(scott.means, scott.covariances / width**2, scott.weights)
    rng = np.random.default_rng(of.seed)
    yield "shuffled", "mog, columns shuffled", mog.fit(np.stack([rng.permutation(column) for column in of.x.T], axis=1), seed=of.seed)
    yield "shuffled", "mog, means' columns shuffled", mog(np.stack([rng.permutation(c) for c in base.means.T], axis=1), base.covariances)
    for size in sizes:
        yield "EM, plain", f"EM, K = {size}", mog.fit(of.x, seed=of.seed, n_components=size)
        yield "EM, floored", f"EM with the floor, K = {size}", floored(of, size)


def floored(of: Subject, size: int) -> Density:
    """EM of that many components, none narrower than the sample's spacing: the default's fit, its size given. Raises MissingPlugin."""
    try:
        from sklearn.mixture import GaussianMixture
    except ModuleNotFoundError as err:
        raise MissingPlugin("EM needs scikit-learn: pip install 'geodesic-kit[learn]'", name=err.name) from err
    from geodesic_kit_plugins.densities.mog_choice import spacing_floor

    spread = of.x.std(axis=0)
    model = GaussianMixture(size, random_state=of.seed, reg_covar=spacing_floor(of.x / spread), max_iter=300).fit(of.x / spread)
    found: Density = densities["mog"](model.means_ * spread, model.covariances_ * np.outer(spread, spread), model.weights_)
    return found
