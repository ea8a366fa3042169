"""Grids of notebook X2, a row for each setting that was tried: contrast and tau, neighbours, lam against
smoothness and separability."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...applications.defaults import default_metric
from ...applications.embedding import embed
from ...applications.separability import linear_separability
from ...paths.distances import distances
from .scoring import agreement, few_label_accuracy
from .sensitivity import Subject, by_contrast, lams, neighbours, smoothness, weighed

__all__ = ["Clustered", "by_neighbours", "clustered", "separabilities", "smoothness_by_lam"]


@dataclass(frozen=True)
class Clustered:
    """One subject under the metric of a contrast: NMI at a relative tau, NaN by default, where one label a
    class is tried, too.

    `one_label` is the accuracy of the nearest labelled point along the distances, mean over 20 draws of
    labels.
    """

    set: str
    seed: int
    contrast: float
    tau: float
    nmi: float
    one_label: float = math.nan


def clustered(of: Subject, contrasts: Sequence[float], taus: Sequence[float] = ()) -> Iterator[Clustered]:
    """Rows for each contrast: every tau, in units of the squared median distance, then the default's local
    scales."""
    for contrast, metric in by_contrast(of, contrasts).items():
        D = distances(weighed(of.graph, metric))
        for tau in taus:
            yield Clustered(of.name, of.seed, contrast, tau, agreement(D, of.y, of.seed, tau))
        one_label = few_label_accuracy(D, of.y, labelled=1, seed=of.seed)
        yield Clustered(of.name, of.seed, contrast, math.nan, agreement(D, of.y, of.seed), one_label)


def by_neighbours(of: Subject, ks: Sequence[int]) -> Iterator[tuple[str, float]]:
    """(Name, NMI) for each number of neighbours, by the rule's, and by the rule's under the true density."""
    learned = default_metric(of.density, of.x)
    for k in ks:
        D = distances(weighed(neighbours(of.x, k), learned))
        yield f"k = {k}", agreement(D, of.y, of.seed)
    yield "the rule", agreement(of.default_distances, of.y, of.seed)
    D = distances(weighed(of.graph, default_metric(of.truth, of.x)))
    yield "the rule, true p", agreement(D, of.y, of.seed)


def smoothness_by_lam(
    of: Subject,
    fractions: Sequence[float],
    n_pairs: int,
) -> Iterator[tuple[str, float, float, float]]:
    """(Set, lam / p0, skip, turning) for each fraction lam / p0, as `sensitivity.smoothness` measures
    them."""
    for fraction, metric in lams(of, fractions).items():
        path = smoothness(weighed(of.graph, metric), of.y, n_pairs, of.seed)
        yield of.name, fraction, path.skip, path.turning


def separabilities(
    of: Subject,
    fractions: Sequence[float],
    ks: Sequence[int],
    iterations: int,
) -> Iterator[tuple[str, float, int, float]]:
    """(Method, lam / p0, k, linear separability) of classical scaling and t-SNE for each fraction lam / p0
    and number of neighbours."""
    graphs = {k: neighbours(of.x, k) for k in ks}
    for fraction, metric in lams(of, fractions).items():
        for k, graph in graphs.items():
            D = distances(weighed(graph, metric))
            scaled, tsne = embed(D, method="mds"), embed(D, seed=of.seed, iterations=iterations)
            for method, z in (("classical scaling", scaled), ("t-SNE", tsne)):
                yield method, fraction, k, linear_separability(z, of.y, seed=of.seed)
