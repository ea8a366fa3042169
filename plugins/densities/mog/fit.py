"""Fitting a mixture: EM, its size chosen or given, k-means centres with one variance, or one kernel a
point.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from geodesic_kit.base.extras import needing
from geodesic_kit.base.limited import small_work
from geodesic_kit.base.scales import check_scale
from geodesic_kit.checks import as_flag, chosen, integer, number, seeded
from geodesic_kit.errors import InvalidParameter
from geodesic_kit.types import Points, Values

from .em import Mixture, Sample, no_extent
from .size import FEW, MANY_DIMENSIONS, LogDensity, choose_components, leave_one_out_variance, spacing_floor

__all__ = ["fit"]

_SKLEARN_TYPES = {
    "full": "full",
    "diag": "diag",
    "isotropic": "spherical",
    "spherical": "spherical",
    "tied": "tied",
}
_METHODS = ("auto", "em", "kmeans", "kde")
_MOST_KERNELS = 2_000
_MOST_FITTED = 20_000  # points that EM sees where it chooses for itself
_STARTS = 4  # of EM: one of them alone may lay a component across two arms of a curve
_FEW = 5_000  # points up to which they cost little
# Nats a point, by which EM ends: where sizes are only compared the looser one chooses the same, in two thirds
# of the time.
_TOL, _LOOSE = 1e-3, 1e-2

Parts = tuple[Points, NDArray[np.float64], Values]
Kernels = Callable[[Points, float], LogDensity]


def fit(
    x: Points,
    seed: int,
    n_components: int | None,
    covariance_type: str,
    method: str,
    variance: float | None,
    floored: bool,
    kernels: Kernels,
) -> Parts:
    """Means, covariances and weights of a mixture fitted to x (n, d); `kernels(x, variance)` is log p of a
    kernel a point.

    Raises InvalidParameter, and DataError as `check_scale`.
    """
    chosen(method, "method", _METHODS)
    floored = as_flag(floored, "floored")
    chosen(covariance_type, "covariance_type", _SKLEARN_TYPES)
    n_components = None if n_components is None else integer(n_components, "n_components", least=1)
    if variance is not None:
        variance = number(variance, "variance", above=0, finite=True)
        if method in ("auto", "em"):
            raise InvalidParameter('variance= is for method="kmeans" and "kde"; EM finds its own')
    if floored and method not in ("auto", "em"):
        raise InvalidParameter(
            f"floored={floored!r} is for EM; method={method!r} has one variance, which variance= fixes"
        )
    seed = seeded(seed)
    check_scale(x, "the points")
    if method == "kde":
        if n_components not in (None, len(x)):
            raise InvalidParameter(
                f'n_components={n_components}: method="kde" puts a kernel on each of the {len(x)} points'
            )
        return _kernels(x, scott_variance(x) if variance is None else variance)
    k = n_components
    if k is not None and k > len(x):
        raise InvalidParameter(
            f"n_components={k} for {len(x)} points; give at most {len(x)}, or method='kde'"
        )
    with small_work(x.size):
        return _learnt(x, seed, k, _SKLEARN_TYPES[covariance_type], method, variance, floored, kernels)


def _learnt(
    x: Points,
    seed: int,
    k: int | None,
    covariance_type: str,
    method: str,
    variance: float | None,
    floored: bool,
    kernels: Kernels,
) -> Parts:
    """What is learnt by scikit-learn. Raises MissingPlugin where it is missing."""
    with needing("fitting a mixture needs", "learn"):
        if method == "auto" and k is None and not floored and x.shape[1] > MANY_DIMENSIONS:
            return _many_dimensions(x, seed)
        if method == "kmeans":
            return _kmeans(x, seed, default_components(len(x)) if k is None else k, variance)
        if k is None or floored:
            return _floored(x, seed, k, covariance_type, kernels)
        return _em(x, seed, k, covariance_type)


def default_components(n: int) -> int:
    """Centres of k-means for n points where none are asked for: the square root of n over two, 1 to 64."""
    return int(np.clip(np.sqrt(n) / 2 + 0.5, 1, 64))


def _kernels(x: Points, variance: float | Values) -> Parts:
    return x, np.full((len(x), *np.shape(variance)), variance), np.full(len(x), 1 / len(x))


def _many_dimensions(x: Points, seed: int) -> Parts:
    """A kernel on each point, of the variance that makes left-out points likeliest; of many points, on that
    many k-means centres.
    """
    _refuse_one_point(x)
    if len(x) <= _MOST_KERNELS:
        return _kernels(x, leave_one_out_variance(x))
    return _kmeans(x, seed, _MOST_KERNELS // 2, None)


def scott_variance(x: Points) -> float:
    """Scott's rule for one kernel variance: the mean variance times n^(-2 / (d + 4)). Raises InvalidParameter
    where x is one point.
    """
    spread = float(x.var(axis=0).mean())
    if not spread > 0:
        raise InvalidParameter("all points coincide, so no kernel variance can be found; give variance=")
    return spread * len(x) ** (-2 / (x.shape[1] + 4))


def _em(x: Points, seed: int, k: int, covariance_type: str) -> Parts:
    _refuse_one_point(x)
    floor = 1e-6 * float(x.var(axis=0).mean())  # relative to the data, so that units do not matter
    found = _mixtures(x, seed, covariance_type, max(floor, 1e-300), _TOL)(k, _starts(x))
    return found.means, found.covariances, found.weights


def _floored(x: Points, seed: int, k: int | None, covariance_type: str, kernels: Kernels) -> Parts:
    """EM with k components, or as many as make held-out points likeliest, none narrower than the sample's
    spacing; of few points kernels.

    Coordinates are divided by their standard deviations before, so that units do not matter to where EM
    begins.
    """
    _refuse_one_point(x)
    spread = x.std(axis=0)
    spread = np.where(spread > 1e-9 * spread.max(), spread, spread.max())
    if covariance_type == "spherical":  # one variance for all coordinates stays one
        spread[:] = np.sqrt(np.square(spread).mean())
    z = x / spread
    floor = max(spacing_floor(z), 1e-6)

    if k is None:

        def sizes(rows: Points) -> Callable[[int], LogDensity]:
            mixture = _mixtures(rows, seed, covariance_type, floor, _LOOSE if len(z) >= FEW else _TOL)
            return lambda k: mixture(k, 1).log_density

        k = choose_components(z, seed, sizes, kernels)
        if k is None:
            return _kernels(x, leave_one_out_variance(z) * spread**2)
        if len(z) > _MOST_FITTED:
            z = z[np.random.default_rng(seed).choice(len(z), _MOST_FITTED, replace=False)]
    found = _mixtures(z, seed, covariance_type, floor, _TOL)(k, _starts(z))
    covariances = found.covariances
    if covariances.ndim == 1:
        covariances = covariances * spread[0] ** 2
    else:
        covariances = covariances * (np.outer(spread, spread) if covariances.ndim == 3 else spread**2)
    return found.means * spread, covariances, found.weights


def _mixtures(x: Points, seed: int, shape: str, floor: float, tol: float) -> Callable[[int, int], Mixture]:
    """For any k the likeliest mixture of k, of so many starts."""
    if x.shape[1] > MANY_DIMENSIONS:
        return lambda k, starts: _by_scikit_learn(x, seed, k, shape, floor, starts, tol)
    sample = Sample(x, seed)
    return lambda k, starts: sample.most_likely(k, shape, floor=floor, starts=starts, tol=tol)


def _by_scikit_learn(
    x: Points, seed: int, k: int, shape: str, floor: float, starts: int, tol: float
) -> Mixture:
    """The same of many dimensions, whose monomials are too many to hold."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(
        k, covariance_type=shape, random_state=seed, reg_covar=floor, max_iter=300, n_init=starts, tol=tol
    )
    with warnings.catch_warnings():
        # where EM stops early or points repeat, the mixture is a density all the same
        warnings.simplefilter("ignore", ConvergenceWarning)
        try:
            model.fit(x)
        except ValueError as err:
            raise no_extent(k) from err
    covariances = model.covariances_
    if shape == "tied":
        covariances = np.broadcast_to(covariances, (k, *covariances.shape))
    return Mixture(
        model.means_, np.array(covariances), model.weights_ / model.weights_.sum(), model.score_samples
    )


def _starts(x: Points) -> int:
    return _STARTS if len(x) <= _FEW else 1


def _refuse_one_point(x: Points) -> None:
    if not x.var(axis=0).max() > 0:
        raise InvalidParameter(
            f"all {len(x)} point(s) coincide, so EM has no covariance to fit; give more points, or "
            "method='kde' with variance="
        )


def _kmeans(x: Points, seed: int, k: int, variance: float | None) -> Parts:
    from sklearn.cluster import MiniBatchKMeans

    model = MiniBatchKMeans(k, random_state=seed, n_init=3, batch_size=2048).fit(x)
    labels = model.predict(x)
    counts = np.bincount(labels, minlength=k)
    held = counts > 0
    means = np.zeros((k, x.shape[1]))
    np.add.at(means, labels, x)
    means = means[held] / counts[held, None]
    place = np.cumsum(held) - 1
    if variance is None:
        variance = float(np.square(x - means[place[labels]]).mean())
        if not variance > 0:
            raise InvalidParameter(
                "every point is its own centre, so no variance can be found; give "
                "variance= or fewer n_components"
            )
    return means, np.full(len(means), variance), counts[held] / counts.sum()
