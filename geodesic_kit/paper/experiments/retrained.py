"""The same data in models that were trained anew from other seeds: which distances between them stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ttest_rel

from ...base import pretrained
from ...checks import integer
from ...latent.pullback import PullbackMetric
from ...registry import decoders
from ...types import Ints, Points, Values
from .two_geometries import geodesics_of

__all__ = ["KINDS", "Compared", "compared", "distances_in", "models", "variations"]

_NAME = "pendulum_"
KINDS = ("Euclidean", "Euclidean, one scale", "geodesic")


class Compared(NamedTuple):
    """Student's t of paired differences, the probability of one as low or lower where there is none, and the
    share of pairs whose first value is the lower one.
    """

    t: float
    p: float
    share: float


def models(n: int) -> list[Any]:
    """The first n of the pendulum's autoencoders that are shipped beside the model itself: the same network
    and as many pictures, other draws and other seeds. Raises InvalidParameter.
    """
    there = [name for name in pretrained.names("iwae") if name.startswith(_NAME)]
    count = integer(n, "n", least=2, most=len(there))
    return [decoders["iwae"].pretrained(name) for name in there[:count]]


def distances_in(
    of: Sequence[Any], x: Points, pairs: Ints, *, k: int, rtol: float
) -> dict[str, NDArray[np.float64]]:
    """Distances of pairs (m, 2) of the rows x (n, d) in each model, by kind, (models, m).

    Euclidean between the codes, and divided by their mean in the model, so that no scale is left to vary;
    geodesic under the pullback metric, as `geodesics_of` finds it.
    """
    straight, along = [], []
    for model in of:
        codes, metric = model.encode(x), PullbackMetric(model, rtol=rtol)
        straight.append(np.linalg.norm(codes[pairs[:, 0]] - codes[pairs[:, 1]], axis=1))
        (paths,) = geodesics_of({"pullback": metric}, codes, pairs, k=k, rtol=rtol).values()
        along.append([path.length for path in paths])
    euclidean = np.array(straight)
    found = (euclidean, euclidean / euclidean.mean(axis=1, keepdims=True), np.array(along))
    return dict(zip(KINDS, found, strict=True))


def variations(distances: NDArray[np.float64]) -> Values:
    """Coefficient of variation of each pair's distance over models (models, m): deviation over mean, (m,)."""
    return np.asarray(distances.std(axis=0, ddof=1) / distances.mean(axis=0))


def compared(first: Values, second: Values) -> Compared:
    """Whether the first of paired values (m,) are lower than the second: Student's paired test, one-sided."""
    test = ttest_rel(first, second, alternative="less")
    return Compared(float(test.statistic), float(test.pvalue), float(np.mean(first < second)))
