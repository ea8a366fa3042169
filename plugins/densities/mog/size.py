"""Which mixture suits a sample when nothing is asked for: chosen by the likelihood of points held out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from geodesic_kit.base.neighbours import nearest
from geodesic_kit.types import Ints, Points, Values

__all__ = [
    "FEW",
    "MANY_DIMENSIONS",
    "LogDensity",
    "choose_components",
    "leave_one_out_variance",
    "spacing_floor",
]

LogDensity = Callable[[Points], Values]  # (n, d) -> (n,)

# beyond, a covariance has more entries than the sample can tell; kernels on the points follow it better
MANY_DIMENSIONS = 16
_GRID = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
_FOLDS = 4
_MOST = 3_000  # points that the choice is made on
_LEAST_A_COMPONENT = 5
_PATIENCE = 4  # sizes without gain, after which larger ones are not tried
_ALWAYS = 24  # a closed curve is no likelier under four or six components than under one
_GAIN = 1e-3  # nats
# nats on the first fold, by which a size is out of the race; its other folds, the dearest of all, are not run
_BEHIND = 0.05
# nats, and one a dimension, below the median: no held-out point counts as less likely (of a Gaussian's, 1 in
# 10,000 is)
_FAR = 10.0
# points, below which a curve has too few for the components that it needs, and kernels join the race
FEW = 100
_PROBES = 2_000


def spacing_floor(z: Points) -> float:
    """The least variance a component may have along any direction: the squared spacing of the sample in the
    plane, (2 / d)^2 of it in R^d.

    The spacing is the median distance to the nearest neighbour. A component narrower than that tells single
    points apart, not the region they lie in; with this floor a mixture of too many components smooths instead
    of fitting noise. In many dimensions the spacing is mostly the noise itself, of which the floor is then a
    small part. On a line it is that of the plane.
    """
    different = np.unique(z, axis=0)
    if len(different) < 2:
        return 0.0
    rows = np.unique(np.linspace(0, len(different) - 1, min(len(different), _PROBES)).astype(int))
    # Each probe finds itself at distance 0 first: its neighbour is the second.
    spacing = float(np.median(nearest(different, 2, different[rows])[1][:, 1]))
    return spacing**2 * min(1.0, 2 / z.shape[1]) ** 2


def choose_components(
    x: Points,
    seed: int,
    sizes: Callable[[Points], Callable[[int], LogDensity]],
    kernels: Callable[[Points, float], LogDensity],
) -> int | None:
    """Number of components under which held-out points of x (n, d) are likeliest, by cross-validation over
    four folds.

    `sizes(x)(k)` gives log p of a mixture of k fitted to x, `kernels(x, variance)` of one kernel a point. On
    more than 3,000 points a subset decides; of fewer than 100 None where they are likelier still under
    kernels on the points. A few points far from all others, which are hundreds of nats less likely under
    narrow components than under one broad one, do not choose for the rest.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))[:_MOST]
    folds: list[Ints] = np.array_split(order, _FOLDS)
    best, chosen, waited = np.full(_FOLDS, -np.inf), 1, 0
    if len(order) < 2 * _FOLDS:
        return 1

    others = [x[np.setdiff1d(order, fold)] for fold in folds]
    mixtures = [sizes(rows) for rows in others]

    def held_out(learnt: list[Callable[[], LogDensity]]) -> Values:
        """Mean log p of each fold under what is learnt from the others."""
        values = np.full(_FOLDS, -np.inf)
        for i, fold in enumerate(folds):
            log_p = learnt[i]()(x[fold])
            values[i] = np.maximum(log_p, np.median(log_p) - _FAR - x.shape[1]).mean()
            if values[0] < best[0] - _BEHIND:
                break
        return values

    def likeliest(learn: Points) -> LogDensity:
        variance = leave_one_out_variance(learn)
        return kernels(learn, variance) if variance > 0 else lambda asked: np.full(len(asked), -np.inf)

    for k in _GRID:
        if k > 1 and k * _LEAST_A_COMPONENT > len(order) - len(folds[0]):
            break
        values = held_out([partial(mixture, k) for mixture in mixtures])
        if values.mean() > best.mean() + _GAIN:
            best, chosen, waited = values, k, 0
        elif (waited := waited + 1) >= _PATIENCE and k >= _ALWAYS:
            break
    if len(x) < FEW and held_out([partial(likeliest, rows) for rows in others]).mean() > best.mean() + _GAIN:
        return None
    return chosen


def leave_one_out_variance(x: Points) -> float:
    """The one kernel variance under which each point of x (n, d), left out, is likeliest; 0 where all points
    coincide.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    n, dim = x.shape
    scale = float(x.var(axis=0).mean())
    if not scale > 0:
        return 0.0
    squared = _squared_distances(x)
    np.fill_diagonal(squared, np.inf)

    def loss(log_variance: float) -> float:
        variance = np.exp(log_variance)
        values: Values = logsumexp(-0.5 * squared / variance, axis=1)
        return float(-values.mean() + 0.5 * dim * log_variance)

    low, high = np.log(scale) - 12.0, np.log(scale) + 1.0
    floor = float(squared.min(axis=1).mean()) / dim  # where points repeat, the likelihood has no maximum
    found = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 0.02})
    return max(float(np.exp(found.x)), 1e-3 * floor) if n > 2 else scale


def _squared_distances(x: Points) -> NDArray[np.float64]:
    from scipy.spatial.distance import pdist, squareform

    return squareform(pdist(x, "sqeuclidean"))
