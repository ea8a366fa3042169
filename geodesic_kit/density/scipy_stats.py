"""SciPy's gaussian_kde and frozen continuous distributions as densities; discrete ones, families and `.pdf`
are refused by name.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from ..base.breaking import around
from ..errors import NotADensityError
from ..registry import densities
from ..types import Density, Ints, Points, Values
from .callables import from_callable

__all__ = ["from_scipy", "is_scipy"]

_THERE_ARE = (
    "there are gaussian_kde, frozen continuous distributions of one variable, multivariate_normal and "
    "multivariate_t"
)
# of the quantiles that a panel breaks at, so that no peak is passed over
_LEVELS = (0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999)


def is_scipy(obj: Any) -> bool:
    """True for an object of scipy.stats, frozen or not, and for a bound method of one."""
    return any(kind.__module__.startswith("scipy.stats") for kind in type(_owner(obj)).__mro__)


def from_scipy(obj: Any) -> Density:
    """The density of a frozen distribution or a gaussian_kde, or of its bound `logpdf`; rows are points.
    Raises NotADensityError.

    A gaussian_kde and a multivariate_normal are exactly the kit's `mog`, weights included.
    """
    owner, name = _owner(obj), _name(obj)
    if owner is not obj and obj.__name__ != "logpdf":
        raise NotADensityError(f"{name}.{obj.__name__} is not log p; pass the {name} itself")
    if isinstance(owner, stats.gaussian_kde):
        return _kernels(owner)
    kind = type(owner).__name__
    if hasattr(owner, "logpmf") and not _continuous(owner):
        raise NotADensityError(f"{name} is discrete, so it has no density on R^d; {_THERE_ARE}")
    if kind == "multivariate_normal_frozen":
        return _normal(owner)
    if kind == "multivariate_t_frozen":
        several = _Frozen(owner, int(owner.dim))
        return from_callable(several.log_prob, dim=several.dim, sample=several.sample)
    if not hasattr(owner, "support") or callable(owner):
        frozen = f"freeze it first: scipy.stats.{name}(...)" if callable(owner) else _THERE_ARE
        raise NotADensityError(f"{name} of scipy.stats is not a density on R^d; {frozen}")
    if shape := np.shape(owner.mean()):
        raise NotADensityError(
            f"{name} is a batch of {shape} distributions, not one; pass the log p that you mean, such as "
            f"as_density(lambda x: d.logpdf(x).sum(axis=1), dim={shape[-1]})"
        )
    one, places = _Frozen(owner, 1), _Places.of(owner)
    return from_callable(
        one.log_prob, dim=1, sample=one.sample, breaks=places.breaks if len(places.within) else None
    )


@dataclass(frozen=True, eq=False)
class _Frozen:
    """log p and samples of a frozen distribution, rows in and out."""

    distribution: Any
    dim: int

    def log_prob(self, x: Points) -> Values:
        with np.errstate(divide="ignore"):  # p = 0
            values = self.distribution.logpdf(x[:, 0] if self.dim == 1 else x)
        return np.reshape(values, len(x))  # of one point SciPy's is a scalar

    def sample(self, n: int, *, seed: int) -> Points:
        if hasattr(self.distribution, "rvs"):
            drawn = self.distribution.rvs(size=n, random_state=np.random.default_rng(seed))
        else:
            drawn = self.distribution.sample(n, rng=np.random.default_rng(seed))
        return np.reshape(drawn, (n, self.dim))


@dataclass(frozen=True, eq=False)
class _Places:
    """Where a distribution on the line is: the finite ends of its support, where log p may jump, and
    quantiles, where p is not small.
    """

    ends: Values
    within: Values

    @classmethod
    def of(cls, owner: Any) -> _Places:
        with np.errstate(all="ignore"):
            quantiles = np.asarray(
                (owner.ppf if hasattr(owner, "ppf") else owner.icdf)(np.array(_LEVELS)), dtype=np.float64
            )
        ends = np.array([float(end) for end in owner.support()])
        return cls(ends[np.isfinite(ends)], np.unique(quantiles[np.isfinite(quantiles)]))

    def breaks(self, start: Points, step: Points) -> tuple[Ints, Values]:
        edge = np.arange(len(start))[:, None]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            jumps, places = (self.ends - start) / step, (self.within - start) / step
        at, jumped = around(edge, jumps)
        inside = (places > 0) & (places < 1)
        return np.concatenate([at, np.broadcast_to(edge, places.shape)[inside]]), np.concatenate(
            [jumped, places[inside]]
        )


def _kernels(kde: Any) -> Density:
    dim, n = kde.dataset.shape
    plain = all(
        getattr(type(kde), method) is getattr(stats.gaussian_kde, method) for method in ("evaluate", "logpdf")
    )
    if not plain:
        return from_callable(lambda x: kde.logpdf(x.T), dim=dim)
    weights = np.asarray(kde.weights, dtype=np.float64)
    covariances: Any = (
        float(kde.covariance[0, 0]) if dim == 1 else np.broadcast_to(kde.covariance, (n, dim, dim))
    )
    return densities["mog"](means=kde.dataset.T, covariances=covariances, weights=weights / weights.sum())


def _normal(frozen: Any) -> Density:
    dim, covariance = int(frozen.dim), np.asarray(frozen.cov_object.covariance, dtype=np.float64)
    if frozen.cov_object.rank < dim:
        raise NotADensityError(
            f"multivariate_normal has a covariance of rank {frozen.cov_object.rank} in R^{dim}, so it has "
            "no density there"
        )
    return densities["mog"](
        means=np.reshape(frozen.mean, (1, dim)), covariances=covariance.reshape(1, dim, dim)
    )


def _continuous(owner: Any) -> bool:
    """Whether a distribution with both methods, as SciPy's new ones have, is continuous."""
    return any(kind.__name__ == "ContinuousDistribution" for kind in type(owner).__mro__)


def _owner(obj: Any) -> Any:
    return obj.__self__ if inspect.ismethod(obj) else obj


def _name(obj: Any) -> str:
    owner = _owner(obj)
    return str(
        getattr(getattr(owner, "dist", None), "name", "")
        or type(owner).__name__.removesuffix("_frozen").removesuffix("_gen")
    )
