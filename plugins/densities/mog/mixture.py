"""Mixture of Gaussians: given, fitted by EM, on k-means centres, or one kernel a point (a KDE)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from geodesic_kit.base.cards import load_arrays, save_arrays
from geodesic_kit.base.scales import check_scale
from geodesic_kit.base.threads import compiled
from geodesic_kit.checks import as_count, as_points, reals, seeded
from geodesic_kit.errors import InvalidParameter, TruncatedFileError
from geodesic_kit.types import Density, Edges, Ints, Panels, Point, Points, PowerLaw, Values

from .covariances import Covariances
from .plane import plane_of_means
from .segments import segment_breaks, segment_log_prob, segments_as_given

__all__ = ["MoG"]

# numbers held at once: a MB stays near the processor while one array is worked over and over
_BLOCK = 1 << 17
_WORTH_COMPILING = 1 << 20  # log terms along edges, which take NumPy a twentieth of a second


class MoG:
    """A mixture of K Gaussians on R^d, in the order of its components; frozen.

    means (K, d); covariances a variance, (K,) variances, (K, d) diagonals or (K, d, d) matrices; weights
    (K,), equal where not given. Raises DataError and InvalidParameter. [GG] §3.3 and Appendix C.4 use it on
    MNIST.
    """

    normalised = True

    def __init__(self, means: ArrayLike, covariances: ArrayLike, weights: ArrayLike | None = None) -> None:
        self.means = as_points(means, name="means").copy()
        k, self.dim = self.means.shape
        self._forms = Covariances.of(covariances, k, self.dim)
        self.covariances = self._forms.covariances
        self.weights = _as_weights(weights, k)
        with np.errstate(divide="ignore"):  # a weight of zero is a component that is never drawn
            self._log_peaks = np.log(self.weights) - 0.5 * (
                self.dim * np.log(2 * np.pi) + self._forms.log_det
            )
        for array in (self.means, self.weights, self._log_peaks):
            array.flags.writeable = False

    def __repr__(self) -> str:
        return f"MoG(K={len(self.means)}, dim={self.dim}, covariances={self._forms.kind})"

    @classmethod
    def fit(
        cls,
        x: ArrayLike,
        *,
        seed: int = 0,
        n_components: int | None = None,
        covariance_type: str = "full",
        method: str = "auto",
        variance: float | None = None,
        floored: bool = False,
    ) -> Self:
        """Fit to x (n, d): `method` "em" (scikit-learn), "kmeans" (centres, one variance) or "kde" (a kernel
        a point).

        Without `n_components` EM takes as many as make held-out points likeliest, none narrower than the
        sample's spacing, and of fewer than 100 points a kernel a point where they are likelier so. "auto" is
        that up to 16 dimensions, beyond it kernels on the points with the leave-one-out likeliest variance
        (above 2,000 points on 1,000 k-means centres). With `n_components` "auto" is "em", whose components
        may be narrower than that unless they are to be `floored`. `variance` fixes the one variance of
        "kmeans" and "kde"; where it is not given it is the maximum-likelihood one ("kmeans") or Scott's rule
        ("kde"). Raises InvalidParameter, DataError, and MissingPlugin without scikit-learn.
        """
        from .fit import fit

        def kernels(x: Points, variance: float) -> Callable[[Points], Values]:
            return MoG(x, variance).log_prob

        return cls(
            *fit(
                as_points(x, name="x"),
                seed,
                n_components,
                covariance_type,
                method,
                variance,
                floored,
                kernels,
            )
        )

    @staticmethod
    def leave_one_out_variance(x: ArrayLike) -> float:
        """The one kernel variance under which each point of x (n, d), left out, is likeliest; 0 where all
        points coincide.
        """
        from .size import leave_one_out_variance

        points = as_points(x, name="x")
        check_scale(points, "the points")
        return leave_one_out_variance(points)

    def log_prob(self, x: Points) -> Values:
        """Natural log of the density at each row, (n, d) -> (n,). Raises DataError on NaN, inf and other
        widths.
        """
        x = as_points(x, name="x", dim=self.dim, empty=True)
        return np.concatenate([np.empty(0), *(self._shares(x[part])[0] for part in self._blocks(x))])

    def score(self, x: Points) -> Points:
        """Gradient of log p at each row, (n, d) -> (n, d)."""
        return self.log_prob_and_score(x)[1]

    def log_prob_and_score(self, x: Points) -> tuple[Values, Points]:
        """log p, (n,), and its gradient, (n, d), at each row: one exponential serves both."""
        x = as_points(x, name="x", dim=self.dim, empty=True)
        log_p, score = np.empty(len(x)), np.empty(x.shape)
        for part in self._blocks(x):
            log_p[part], shares = self._shares(x[part])
            score[part] = self._forms.pull(
                x[part], self.means, shares / np.maximum(shares.sum(axis=1, keepdims=True), 1.0)
            )
        return log_p, score

    def sample(self, n: int, *, seed: int) -> Points:
        """Draw n independent points, (n, d)."""
        rng = np.random.default_rng(seeded(seed))
        which = rng.choice(len(self.means), size=as_count(n, self.dim), p=self.weights)
        return self.means[which] + self._forms.colour(rng.standard_normal((len(which), self.dim)), which)

    def segment_log_prob(self, points: Points, edges: Edges, t: Values) -> NDArray[np.float64]:
        """log p at x_i + t (x_j - x_i), (m, T); t is (T,) or one row an edge, (m, T)."""
        points, edges, t = segments_as_given(points, edges, t, self.dim)
        if len(edges) * t.shape[-1] * len(self.means) > _WORTH_COMPILING and compiled():
            from .kernels_log_p import log_p_along
            from .panels import fits

            if fits(self._forms, self.means, points):
                found = log_p_along(self._forms, self.means, self._log_peaks, points, edges, t)
                if found is not None:
                    return found
        with np.errstate(over="ignore", invalid="ignore"):
            values = segment_log_prob(self._forms, self.means, self._log_peaks, points, edges, t)
        rows, columns = np.nonzero(np.isnan(values))
        if len(rows):  # so long an edge that the parabola's terms overflow: at the points themselves
            at = np.broadcast_to(t, values.shape)[rows, columns, None]
            values[rows, columns] = self.log_prob(
                points[edges[rows, 0]] * (1 - at) + points[edges[rows, 1]] * at
            )
        return values

    def segment_breaks(self, points: Points, edges: Edges, floor: float) -> tuple[Ints, Values]:
        """Edge numbers and places in (0, 1) of each narrow component's closest approach, where it can
        matter.
        """
        return segment_breaks(self._forms, self.means, self._log_peaks, points, edges, floor)

    def panels(self, points: Points, law: PowerLaw) -> Callable[[Edges], Panels] | None:
        """What prepares edges for the compiled kernels, or None without numba, where forms overflow, and in a
        subclass with a log p of its own.
        """
        own = type(self).log_prob is MoG.log_prob and type(self).segment_log_prob is MoG.segment_log_prob
        if not own or not compiled():
            return None
        from .panels import Prepared, fits

        if not fits(self._forms, self.means, points):
            return None
        return Prepared(self._forms, self.means, self._log_peaks, points, law)

    def plane(self, points: Points) -> tuple[Point, Points, Density] | None:
        """The plane of the means and the points, where components are round and it has at most half the
        dimensions.
        """
        if type(self) is not MoG or self._forms.kind != "isotropic":
            return None
        points = as_points(points, name="points", dim=self.dim)
        return plane_of_means(self.means, self.covariances, self.weights, points, MoG)

    def log_prob_upper_bound(self) -> float:
        """log of the sum of the components' peaks: p exceeds it nowhere, since no component exceeds its own
        peak.
        """
        return float(logsumexp(self._log_peaks))

    def leave_one_out(self, x: Points) -> Values:
        """log p at each row, leaving out the components centred exactly there and sharing their weight out,
        (n,).
        """
        x = as_points(x, name="x", dim=self.dim, empty=True)
        place = {row.tobytes(): k for k, row in reversed(list(enumerate(self.means + 0.0)))}
        same_mean: dict[int, list[int]] = {}
        for k, row in enumerate(self.means + 0.0):
            same_mean.setdefault(place[row.tobytes()], []).append(k)
        values = self.log_prob(x)
        for i, row in enumerate(x + 0.0):  # + 0.0 makes -0.0 and 0.0 one key
            own = same_mean.get(place.get(row.tobytes(), -1), [])
            if own and len(own) < len(self.means):
                terms = self._log_terms(row[None])[0]
                terms[own] = -np.inf
                values[i] = logsumexp(terms) - np.log1p(-self.weights[own].sum())
        return values

    def save(self, path: str | Path) -> Path:
        """Write `path` (npz) and its card `path`.json; `gk.densities.load(path)` brings the density back."""
        arrays = {"means": self.means, "covariances": self.covariances, "weights": self.weights}
        return save_arrays(path, arrays, {"plugin": "mog", "dim": self.dim, "n_components": len(self.means)})

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The density saved at `path`. Raises HashMismatch, TruncatedFileError and FileNotFoundError."""
        arrays, _ = load_arrays(path)
        if missing := {"means", "covariances", "weights"} - set(arrays):
            raise TruncatedFileError(
                f"{path} holds no {', '.join(sorted(missing))}: it is not a saved MoG; save it again"
            )
        return cls(arrays["means"], arrays["covariances"], arrays["weights"])

    def _log_terms(self, x: Points) -> NDArray[np.float64]:
        return self._log_peaks - 0.5 * self._forms.squared(x, self.means)

    def _shares(self, x: Points) -> tuple[Values, NDArray[np.float64]]:
        """log p, (n,), and each component's part of p in units of the largest, (n, K), by one exponential."""
        with np.errstate(over="ignore", invalid="ignore"):
            shares = self._log_terms(x)
        top = shares.max(axis=1, keepdims=True)
        if np.isnan(top).any():  # inf - inf, or 0 times inf: so far away that a square overflows
            shares[np.isnan(shares)] = -np.inf
            top = shares.max(axis=1, keepdims=True)
        top[top == -np.inf] = 0.0  # so far away that every square overflows
        shares -= top
        np.exp(shares, out=shares)
        with np.errstate(divide="ignore"):
            return (top + np.log(shares.sum(axis=1, keepdims=True)))[:, 0], shares

    def _blocks(self, x: Points) -> list[slice]:
        rows = max(1, _BLOCK // max(len(self.means), self.dim))
        return [slice(start, start + rows) for start in range(0, len(x), rows)]


def _as_weights(weights: Any, k: int) -> Values:
    if weights is None:
        return np.full(k, 1.0 / k)
    array = reals(weights, "weights", give=f"give {k} numbers that sum to 1", error=InvalidParameter).copy()
    if array.shape != (k,):
        raise InvalidParameter(f"weights have shape {array.shape}; {k} means need {k} weights")
    if not np.isfinite(array).all() or (array < 0).any() or not array.sum() > 0:
        raise InvalidParameter("weights must be finite, not negative, and not all zero")
    if abs(array.sum() - 1) > 1e-6:
        raise InvalidParameter(f"weights sum to {array.sum():.6g}, not 1; divide them by their sum")
    # Weights that sum to 1 within rounding stay as they are, so that a saved mixture comes back bit by bit.
    return array if abs(array.sum() - 1) <= 1e-14 * k else array / array.sum()
