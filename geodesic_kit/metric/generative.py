"""The metrics of a density: generative (the paper's), log-likelihood, Fermat, and Euclidean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.special import expit

from ..checks import as_edges, as_points, number
from ..density.answers import held_out_log_density
from ..density.as_density import as_density
from ..errors import InvalidParameter, NotNormalisedError
from ..types import Density, Edges, Points, PowerLaw, Values
from .conformal import ConformalMetric
from .norms import norms
from .scale import MOST_POWER, thresholds

__all__ = ["EuclideanMetric", "FermatMetric", "GenerativeMetric", "LogLikelihoodMetric"]

_LARGEST_LOG = 1e300  # -inf is the limit of Lemma 2.1.2, +inf is nothing


@dataclass(frozen=True, init=False, eq=False, repr=False)
class GenerativeMetric(ConformalMetric):
    """c(x) = ((p0 + lam) / (p(x) + lam))^power, in the log domain; frozen. [GG] Eqn 3.

    The transcript of Eqn 3 shows no exponent and Lemma 2.1 fixes none: power = 1 is the squared tensor that
    the public implementation uses.

    Parameters
    ----------
    density : Any
        A density, or what `gk.as_density` reads as one.
    lam, p0 : float, optional
        Densities above 0, in 1 / length^d.
    log_lam, log_p0 : float, optional
        Their natural logs, each in place of the number itself; `log_lam=-inf` is the limit of Lemma 2.1.2.
    power : float, default 1.0
        Exponent, above 0.

    Raises
    ------
    InvalidParameter
    NotNormalisedError
        Where p is known up to a factor only.

    Examples
    --------
    >>> normal = gk.as_density(lambda x: -0.5 * (x**2).sum(axis=1), dim=2)
    >>> metric = gk.GenerativeMetric(normal, lam=0.1, p0=1.0)
    >>> np.exp(metric.log_factor(np.zeros((1, 2)))).round(6)  # (p0 + lam) / (p + lam), 1 where p = p0
    array([1.])
    """

    density: Density
    log_lam: float
    log_p0: float
    power: float

    def __init__(
        self,
        density: Any,
        lam: float | None = None,
        p0: float | None = None,
        *,
        log_lam: float | None = None,
        log_p0: float | None = None,
        power: float = 1.0,
    ) -> None:
        ready = as_density(density)
        if not ready.normalised:
            raise NotNormalisedError(
                f"{ready!r} is not normalised, so lam= and p0= have no scale; use "
                "GenerativeMetric.from_sample(density, x)"
            )
        self._fill(ready, _log_of(lam, log_lam, "lam"), _log_of(p0, log_p0, "p0"), power)

    def _fill(self, density: Density, log_lam: float, log_p0: float, power: float) -> None:
        if not np.isfinite(log_p0):
            raise InvalidParameter(f"log_p0={log_p0}: give a finite number")
        parts = dict(
            density=density,
            log_lam=log_lam,
            log_p0=log_p0,
            power=number(power, "power", above=0, most=MOST_POWER),
        )
        for name, value in parts.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        power = "" if self.power == 1 else f", power={self.power:.4g}"
        return (
            f"{type(self).__name__}({self.density!r}, log_lam={self.log_lam:.4g}, "
            f"log_p0={self.log_p0:.4g}{power})"
        )

    @property
    def lam(self) -> float:
        """lam, which may under- or overflow where log_lam does not."""
        return float(np.exp(self.log_lam))

    @property
    def p0(self) -> float:
        """p0, which may under- or overflow where log_p0 does not."""
        return float(np.exp(self.log_p0))

    @classmethod
    def of_logs(cls, density: Any, log_lam: float, log_p0: float, power: float = 1.0) -> Self:
        """The metric whose thresholds were read off this density's own log p, which need not be normalised
        then.
        """
        self = cls.__new__(cls)
        self._fill(as_density(density), _log_of(None, log_lam, "lam"), _log_of(None, log_p0, "p0"), power)
        return self

    @classmethod
    def from_sample(
        cls,
        density: Any,
        x: Points,
        p0_quantile: float = 0.5,
        lam_quantile: float = 0.02,
        power: float | str = "auto",
        max_contrast: float = 1e3,
    ) -> Self:
        """The default (ours), the same by every door: `scale.thresholds` of log p over x, (n, d), best held
        out.

        A kernel density is judged at its own points without their own kernels. Raises InvalidParameter and
        DataError; a power that cannot fit float64 is refused when edges are weighed.
        """
        ready = as_density(density)
        log_p = held_out_log_density(ready, as_points(x, name="x", dim=ready.dim))
        scale = thresholds(
            log_p, p0_quantile=p0_quantile, lam_quantile=lam_quantile, power=power, max_contrast=max_contrast
        )
        return cls.of_logs(ready, scale.log_lam, scale.log_p0, scale.power)

    def log_c(self, log_p: Values) -> Values:
        return self.power * (np.logaddexp(self.log_p0, self.log_lam) - np.logaddexp(log_p, self.log_lam))

    def slope(self, log_p: Values) -> Values:
        return -self.power * (
            expit(log_p - self.log_lam) if np.isfinite(self.log_lam) else np.ones_like(log_p)
        )

    def power_law(self) -> PowerLaw | None:
        if type(self) is not GenerativeMetric:  # a subclass may have a factor of its own
            return None
        return PowerLaw(self.power * float(np.logaddexp(self.log_p0, self.log_lam)), self.power, self.log_lam)

    def _floor(self) -> float:
        return self.log_lam


@dataclass(frozen=True, init=False, eq=False, repr=False)
class LogLikelihoodMetric(ConformalMetric):
    """The tensor 1 / (lam log p + p0), so c is its square root: the summary's form, which contradicts Lemma
    2.1.

    Kept to compare with. [GG] as summarised.

    Parameters
    ----------
    density : Any
        A density, or what `gk.as_density` reads as one.
    lam, p0 : float
        Numbers above 0.

    Raises
    ------
    InvalidParameter
        Where lam log p + p0 is not positive.
    NotNormalisedError
        Where p is known up to a factor only.

    Examples
    --------
    >>> normal = gk.as_density(lambda x: -0.5 * (x**2).sum(axis=1), dim=2, normalised=True)
    >>> gk.LogLikelihoodMetric(normal, lam=0.1, p0=1.0).log_factor(np.array([[2.0, 0.0]])).round(6)
    array([0.111572])
    """

    density: Density
    lam: float
    p0: float

    def __init__(self, density: Any, lam: float, p0: float) -> None:
        ready = as_density(density)
        if not ready.normalised:
            raise NotNormalisedError(
                f"{ready!r} is not normalised, so lam log p + p0 depends on an unknown constant"
            )
        object.__setattr__(self, "density", ready)
        object.__setattr__(self, "lam", number(lam, "lam", above=0, finite=True))
        object.__setattr__(self, "p0", number(p0, "p0", above=0, finite=True))

    def __repr__(self) -> str:
        return f"LogLikelihoodMetric({self.density!r}, lam={self.lam:.4g}, p0={self.p0:.4g})"

    def _tensor(self, log_p: Values) -> Values:
        tensor = self.lam * log_p + self.p0
        if tensor.size and not tensor.min() > 0:
            raise InvalidParameter(
                f"lam log p + p0 is {tensor.min():.4g} where log p is {np.min(log_p):.4g}, and a metric "
                "must be positive: give a larger p0= or a smaller lam=, or use GenerativeMetric"
            )
        return tensor

    def log_c(self, log_p: Values) -> Values:
        return -0.5 * np.log(self._tensor(log_p))

    def slope(self, log_p: Values) -> Values:
        return -0.5 * self.lam / self._tensor(log_p)


@dataclass(frozen=True, init=False, eq=False, repr=False)
class FermatMetric(ConformalMetric):
    """c(x) = p(x)^-beta, the density-weighted metric that sample Fermat distances estimate.

    For an unnormalised density all distances share one unknown factor.

    Parameters
    ----------
    density : Any
        A density, or what `gk.as_density` reads as one.
    beta : float
        Exponent, above 0.

    Raises
    ------
    InvalidParameter

    Examples
    --------
    >>> normal = gk.as_density(lambda x: -0.5 * (x**2).sum(axis=1), dim=2)
    >>> gk.FermatMetric(normal, beta=1.0).log_factor(np.array([[2.0, 0.0]]))  # -beta log p
    array([2.])
    """

    density: Density
    beta: float

    def __init__(self, density: Any, beta: float) -> None:
        object.__setattr__(self, "density", as_density(density))
        object.__setattr__(self, "beta", number(beta, "beta", above=0, finite=True))

    def __repr__(self) -> str:
        return f"FermatMetric({self.density!r}, beta={self.beta:.4g})"

    def power_law(self) -> PowerLaw | None:
        if type(self) is not FermatMetric:
            return None
        return PowerLaw(0.0, self.beta, -np.inf)

    def log_c(self, log_p: Values) -> Values:
        return -self.beta * log_p

    def slope(self, log_p: Values) -> Values:
        return np.full_like(log_p, -self.beta)


class EuclideanMetric:
    """c = 1: lengths are Euclidean, exactly.

    Examples
    --------
    >>> gk.EuclideanMetric().edge_lengths(np.array([[0.0, 0], [3, 4]]), [[0, 1]])
    array([5.])
    """

    def __repr__(self) -> str:
        return "EuclideanMetric()"

    def edge_lengths(self, points: Points, edges: Edges) -> Values:
        """Euclidean length of each edge, (m,)."""
        points = as_points(points)
        return norms(points, as_edges(edges, len(points)))

    def lower_bound(self) -> float:
        """1, exactly."""
        return 1.0

    def log_factor(self, x: Points) -> Values:
        """0 at each row, (n,)."""
        return np.zeros(len(as_points(x, name="x")))

    def log_factor_gradient(self, x: Points) -> Points:
        """0 at each row, (n, d)."""
        return np.zeros_like(as_points(x, name="x"))


def _log_of(value: float | None, log_value: float | None, name: str) -> float:
    if (value is None) == (log_value is None):
        raise InvalidParameter(f"give {name}= or log_{name}=, and not both")
    if value is None:
        return number(log_value, f"log_{name}", most=_LARGEST_LOG)
    return float(np.log(number(value, name, above=0, finite=True)))
