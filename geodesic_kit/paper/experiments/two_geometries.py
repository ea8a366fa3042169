"""Three metrics on the codes of one decoder, that of their density, that of the images, and both at once, and
where their geodesics run.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ...geodesics.between import geodesic
from ...geodesics.curve import Geodesic, measured
from ...geodesics.refine import refine
from ...geodesics.shortcomings import NOT_CONVERGED
from ...graph.by_rule import knn_graph
from ...latent.product import ProductMetric
from ...latent.pullback import PullbackMetric
from ...metric.generative import GenerativeMetric
from ...types import Ints, Points, Riemannian, Values
from .latent_sets import LatentSet

__all__ = [
    "GEOMETRIES",
    "geodesics_of",
    "geometries",
    "image_speed",
    "reach_of",
    "relative_lengths",
    "unfinished",
]

Geometry = GenerativeMetric | PullbackMetric | ProductMetric
GEOMETRIES = ("density", "pullback", "product")
_REACH = 0.99  # quantile of the distances of a code to the nearest other
_LOOKS = 128  # along a path


def geometries(of: LatentSet, *, rtol: float) -> dict[str, Geometry]:
    """The three metrics by name, the density's with the default lam, p0 and power; `rtol` is that of the
    product's edges.

    The density is the mixture of all rows' codes, which is exact: a Gaussian a row.
    """
    density = GenerativeMetric.from_sample(of.model.aggregate_posterior(of.data.x), of.codes)
    product = ProductMetric(density, of.metric, rtol=rtol)
    return dict(zip(GEOMETRIES, (density, of.metric, product), strict=True))


def geodesics_of(
    metrics: Mapping[str, Geometry],
    codes: Points,
    pairs: Ints,
    *,
    k: int,
    rtol: float,
    rough: Collection[str] = (),
) -> dict[str, list[Geodesic]]:
    """The geodesic of each pair (m, 2) of codes under each metric: the path in the graph of k neighbours or
    the straight line, whichever is shorter, refined but for the metrics named in `rough`. `notes` say where
    a refined one falls short.
    """
    graph, found = knn_graph(codes, k=k).bridged(), {}
    for name, metric in metrics.items():
        weighed = graph.weigh(metric)
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            starts = [
                min(geodesic(weighed, int(i), int(j)), measured(codes[[i, j]], metric), key=_length)
                for i, j in pairs
            ]
            found[name] = starts if name in rough else refine(starts, rtol=rtol)
    return found


def _length(path: Geodesic) -> float:
    return path.length


def unfinished(paths: Sequence[Geodesic]) -> float:
    """Share of refined paths that did not converge."""
    return float(np.mean([NOT_CONVERGED in path.notes for path in paths]))


def relative_lengths(
    found: Mapping[str, Sequence[Geodesic]], metrics: Mapping[str, Geometry]
) -> dict[str, dict[str, Values]]:
    """By metric, then by that whose geodesics they are: lengths over those of the metric's own, (m,)."""
    lengths = {
        metric: {
            way: np.array(
                [path.length if way == metric else measured(path.points, by).length for path in paths]
            )
            for way, paths in found.items()
        }
        for metric, by in metrics.items()
    }
    return {metric: {way: of[way] / of[metric] for way in of} for metric, of in lengths.items()}


def reach_of(codes: Points) -> float:
    """The distance of a code to the nearest other that one in a hundred exceeds: a path that keeps within it
    of some code runs among the codes.
    """
    return float(np.quantile(cKDTree(codes).query(codes, 2)[0][:, 1], _REACH))


def image_speed(path: Geodesic, pullback: Riemannian) -> NDArray[np.float64]:
    """Middles of time, and how fast the decoded image changes there over its mean, (2, k), at a constant
    speed of the path's own metric.
    """
    places = path.at(np.linspace(0, 1, _LOOKS + 1))
    steps = np.sqrt(pullback.chords(places[:-1], places[1:]).squares)
    return np.stack([(np.arange(_LOOKS) + 0.5) / _LOOKS, steps / steps.mean()])
