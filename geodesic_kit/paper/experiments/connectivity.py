"""When ε-graphs over uniform points in a box become connected: as seen, and as lone points let expect."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...checks import as_points, integer, number
from ...graph.by_rule import epsilon_graph
from .convergence import shrink

__all__ = ["connectivity", "connectivity_radius", "expected_lone_points", "least_share_connected"]


def connectivity(
    ends: ArrayLike, box: ArrayLike, *, n: int, shares: Sequence[float], trials: int, seed: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether the whole ε-graph is connected, and whether its two ends are joined, each (trials, shares).

    The samples are those of `experiment`; the radii are shares of `connectivity_radius`.
    """
    low, high = np.asarray(box, dtype=float).T
    radii = np.asarray(shares, dtype=float) * connectivity_radius(n, float(np.prod(high - low)))
    whole, joined = np.zeros((2, trials, len(radii)), dtype=bool)
    for k in range(trials):
        points = np.concatenate(
            [as_points(ends, name="ends"), np.random.default_rng([seed, n, k]).uniform(low, high, (n, 2))]
        )
        graph = epsilon_graph(points, float(radii.max()))
        for r, radius in enumerate(radii):
            labels = shrink(graph, float(radius)).components()
            whole[k, r], joined[k, r] = not labels.any(), labels[0] == labels[1]
    return whole, joined


def connectivity_radius(n: int, area: float) -> float:
    """sqrt(A log n / (pi n)): below it a uniform sample of n points on an area A has lone points, above it
    none in the limit.
    """
    n = integer(n, "n", least=2)
    return float(np.sqrt(number(area, "area", above=0, finite=True) * np.log(n) / (np.pi * n)))


def expected_lone_points(n: int, eps: float, box: ArrayLike) -> float:
    """How many of n uniform points in a box are expected to have no other within eps, sides and corners
    included.

    n times the mean over the box of (1 - |disk in box| / A)^(n - 1); a large ε-graph is connected with
    probability near exp of minus this. Raises InvalidParameter where the disk is wider than half the box.
    """
    n, eps = integer(n, "n", least=2), number(eps, "eps", above=0, finite=True)
    low, high = np.asarray(box, dtype=float).T
    width = high - low
    number(eps, "eps", most=float(width.min()) / 2)
    cells, strips = 200, (np.arange(200) + 0.5) / 200
    # Distance to the nearer side in each direction: finely up to eps, beyond which a point sees its whole
    # disk that way.
    reach = np.append(eps * (np.arange(cells) + 0.5) / cells, eps)
    first, second = (np.append(np.full(cells, eps / cells), side / 2 - eps) for side in width)
    start = -np.minimum(reach, eps)[:, None]
    across = start + (eps - start) * strips  # (cells + 1, strips)
    half = np.sqrt(np.maximum(eps**2 - across**2, 0.0))
    seen = (np.minimum(half[:, None, :], reach[None, :, None]) + half[:, None, :]).mean(axis=2) * (
        eps - start
    )
    return float(
        n * 4 * (np.outer(first, second) * (1 - seen / width.prod()) ** (n - 1)).sum() / width.prod()
    )


def least_share_connected(
    sizes: Sequence[int], share: float, box: ArrayLike, *, trials: int, level: float
) -> float:
    """Share of wholly connected graphs, out of `trials` of each size, that fewer graphs reach with a
    probability of `level`.

    The radius is `share` times `connectivity_radius`; a graph is connected with probability
    exp(-`expected_lone_points`).
    """
    from scipy.stats import binom

    low, high = np.asarray(box, dtype=float).T
    radii = [share * connectivity_radius(n, float(np.prod(high - low))) for n in sizes]
    chances = [np.exp(-expected_lone_points(n, eps, box)) for n, eps in zip(sizes, radii, strict=True)]
    graphs = trials * len(sizes)
    return float(binom.ppf(level, graphs, np.mean(chances)) / graphs)
