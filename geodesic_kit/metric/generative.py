"""The metrics of a density: generative (the paper's), log-likelihood, Fermat, and Euclidean."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scipy.special import expit

from ..checks import as_edges, as_points, number
from ..density.answers import bound_exceeded, held_out_log_density, upper_bound
from ..density.as_density import as_density
from ..errors import InvalidParameter, NotNormalisedError
from ..types import Edges, HasUpperBound, Points, PowerLaw, Values
from .conformal import ConformalMetric, norms, with_slack
from .contrast import closest_half, nodes_on, probe_edges
from .scale import fair_power

__all__ = ["EuclideanMetric", "FermatMetric", "GenerativeMetric", "LogLikelihoodMetric"]

_LARGEST_LOG = 1e300  # -inf is the limit of Lemma 2.1.2, +inf is nothing


class GenerativeMetric(ConformalMetric):
    """c(x) = ((p0 + lam) / (p(x) + lam))^power, in the log domain. [GG] Eqn 3.

    Give `lam` and `p0` (densities, 1 / length^d) or `log_lam` and `log_p0` (`log_lam=-inf` is the limit of Lemma 2.1.2).
    The transcript of Eqn 3 shows no exponent and Lemma 2.1 fixes none: power = 1 is the squared tensor that the public
    implementation uses. Raises InvalidParameter, and NotNormalisedError where p is known up to a factor only.
    """

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
        self.density = as_density(density)
        if not self.density.normalised:
            raise NotNormalisedError(
                f"{self.density!r} is not normalised, so lam= and p0= have no scale; use GenerativeMetric.from_sample(density, x)"
            )
        self._set(_log_of(lam, log_lam, "lam"), _log_of(p0, log_p0, "p0"), power)

    def _set(self, log_lam: float, log_p0: float, power: float) -> None:
        self.log_lam, self.log_p0, self.power = log_lam, log_p0, number(power, "power", above=0, most=1e6)
        self._source = ""
        if not np.isfinite(log_p0):
            raise InvalidParameter(f"log_p0={log_p0}: give a finite number")

    def __repr__(self) -> str:
        power = "" if self.power == 1 and not self._source else f", power={self.power:.4g}"
        return f"GenerativeMetric({self.density!r}, log_lam={self.log_lam:.4g}, log_p0={self.log_p0:.4g}{power}){self._source}"

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
        """The metric whose thresholds were read off this density's own log p, which need not be normalised then."""
        self = cls.__new__(cls)
        self.density = as_density(density)
        self._set(_log_of(None, log_lam, "lam"), _log_of(None, log_p0, "p0"), power)
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
        """The scale-free default (ours): p0 and lam are quantiles of log p over x, (n, d), best held out.

        A kernel density is judged at its own points without their own kernels. `power="auto"` takes
        q = min(1, log(max_contrast) / log-contrast), with the contrast measured at quadrature nodes between points of x;
        where that is below 1, the largest q up to it under which no single edge rules a path.
        Raises InvalidParameter and DataError; an explicit power that cannot fit float64 is refused when edges are weighed.
        """
        self = cls.__new__(cls)
        self.density = as_density(density)
        x = as_points(x, name="x", dim=self.density.dim)
        p0_quantile = number(p0_quantile, "p0_quantile", least=0, most=1)
        lam_quantile = number(lam_quantile, "lam_quantile", least=0, most=1)
        max_contrast = number(max_contrast, "max_contrast", above=1)
        if isinstance(power, str) and power != "auto":
            raise InvalidParameter(f'power={power!r}: give a number or "auto"')
        log_p = held_out_log_density(self.density, x)
        log_lam, log_p0 = (float(np.quantile(log_p, q, method="lower")) for q in (lam_quantile, p0_quantile))
        if not np.isfinite(log_lam):
            raise InvalidParameter(f"p is 0 at the {lam_quantile:g} quantile of x, so lam would be 0; give a larger lam_quantile=")
        self._set(log_lam, log_p0, 1.0)
        self.power = self._auto_power(x, log_p, max_contrast) if isinstance(power, str) else number(power, "power", above=0, most=1e6)
        auto = f"power={self.power:.4g} chosen for max_contrast={max_contrast:g}, " if isinstance(power, str) else ""
        self._source = f"  # ours: {auto}p0 and lam at the quantiles {p0_quantile:g} and {lam_quantile:g} of log p"
        return self

    def _auto_power(self, x: Points, log_p: Values, max_contrast: float) -> float:
        """The exponent that keeps log c within log(max_contrast) at quadrature nodes between points of x.

        Where that is below 1, it is further lowered until no edge of the probe's neighbour graph exceeds half of its median
        path, though not below a contrast of 2: else one edge decides a path's length, as in 784 dimensions it does.
        """
        points, near, far = probe_edges(x)
        at_nodes = [nodes_on(self.density, points, edges) for edges in (near, far)]
        highest = max(float(log_p.max()), *(float(nodes.max(initial=-np.inf)) for nodes in at_nodes))
        # c is greatest where p is 0, and a denser graph than the probe may find a tenth more of log-contrast.
        widest = float(np.logaddexp(highest, self.log_lam) - self.log_lam)
        if isinstance(self.density, HasUpperBound):
            bound = upper_bound(self.density)
            if max(nodes.max(initial=-np.inf) for nodes in at_nodes) > with_slack(bound):
                raise bound_exceeded(self.density)
            proven = float(np.logaddexp(bound, self.log_lam) - self.log_lam)
            widest = min(1.1 * widest, proven)
        else:
            widest *= 1.1
        most = float(np.log(max_contrast)) / widest if widest > 0 else 1.0
        if most >= 1:
            return 1.0
        log_c = self.log_c(at_nodes[0])
        return fair_power(norms(points, near), near, log_c, most, log_c[closest_half(near)])

    def log_c(self, log_p: Values) -> Values:
        return self.power * (np.logaddexp(self.log_p0, self.log_lam) - np.logaddexp(log_p, self.log_lam))

    def slope(self, log_p: Values) -> Values:
        return -self.power * (expit(log_p - self.log_lam) if np.isfinite(self.log_lam) else np.ones_like(log_p))

    def power_law(self) -> PowerLaw | None:
        if type(self).log_c is not GenerativeMetric.log_c:  # a subclass with a factor of its own
            return None
        return PowerLaw(self.power * float(np.logaddexp(self.log_p0, self.log_lam)), self.power, self.log_lam)

    def _floor(self) -> float:
        return self.log_lam


class LogLikelihoodMetric(ConformalMetric):
    """The tensor 1 / (lam log p + p0), so c is its square root: the summary's form, which contradicts Lemma 2.1.

    Kept to compare with. Raises InvalidParameter where lam log p + p0 is not positive, NotNormalisedError where p is
    known up to a factor only. [GG] as summarised.
    """

    def __init__(self, density: Any, lam: float, p0: float) -> None:
        self.density = as_density(density)
        if not self.density.normalised:
            raise NotNormalisedError(f"{self.density!r} is not normalised, so lam log p + p0 depends on an unknown constant")
        self.lam, self.p0 = number(lam, "lam", above=0, finite=True), number(p0, "p0", above=0, finite=True)

    def __repr__(self) -> str:
        return f"LogLikelihoodMetric({self.density!r}, lam={self.lam:.4g}, p0={self.p0:.4g})"

    def _tensor(self, log_p: Values) -> Values:
        tensor = self.lam * log_p + self.p0
        if tensor.size and not tensor.min() > 0:
            raise InvalidParameter(
                f"lam log p + p0 is {tensor.min():.4g} where log p is {np.min(log_p):.4g}, and a metric must be positive: "
                "give a larger p0= or a smaller lam=, or use GenerativeMetric"
            )
        return tensor

    def log_c(self, log_p: Values) -> Values:
        return -0.5 * np.log(self._tensor(log_p))

    def slope(self, log_p: Values) -> Values:
        return -0.5 * self.lam / self._tensor(log_p)


class FermatMetric(ConformalMetric):
    """c(x) = p(x)^-beta, the density-weighted metric that sample Fermat distances estimate; beta > 0.

    For an unnormalised density all distances share one unknown factor. Raises InvalidParameter.
    """

    def __init__(self, density: Any, beta: float) -> None:
        self.density = as_density(density)
        self.beta = number(beta, "beta", above=0, finite=True)

    def __repr__(self) -> str:
        return f"FermatMetric({self.density!r}, beta={self.beta:.4g})"

    def power_law(self) -> PowerLaw | None:
        if type(self).log_c is not FermatMetric.log_c:
            return None
        return PowerLaw(0.0, self.beta, -np.inf)

    def log_c(self, log_p: Values) -> Values:
        return -self.beta * log_p

    def slope(self, log_p: Values) -> Values:
        return np.full_like(log_p, -self.beta)


class EuclideanMetric:
    """c = 1: lengths are Euclidean, exactly."""

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
