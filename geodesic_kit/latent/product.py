"""A conformal metric of the codes times the metric that a decoder pulls back: both geometries at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.scales import check_scale
from ..base.vectors import as_pairs
from ..checks import as_edges, as_points, integer, number
from ..density.answers import lent_edges
from ..errors import InvalidParameter, shown
from ..metric.conformal import ConformalMetric
from ..metric.contrast import power_of_c
from ..metric.midpoint import Blocks, log_factor_hessian
from ..metric.quadrature import adaptive, lobatto, warn_if_missed
from ..metric.rules import Adaptive
from ..types import Chords, Edges, Ints, Point, Points, Values
from .pullback import PullbackMetric

__all__ = ["ProductMetric"]

_BLOCK = 1 << 13  # edges integrated at once


@dataclass(frozen=True, init=False, eq=False, repr=False)
class ProductMetric:
    """G(z) = c(z)^2 J^T J: a length is that of the image, weighed by the factor of a conformal metric.

    `conformal` is a metric of a density on the codes, such as `GenerativeMetric.from_sample(
    model.aggregate_posterior(x), codes)`, `pullback` a `PullbackMetric` of as many coordinates. It is
    Riemannian, but no map pulls it back, so that it is no immersion. Edges are measured to a relative `rtol`.
    Raises InvalidParameter.
    """

    conformal: ConformalMetric
    pullback: PullbackMetric
    rtol: float

    def __init__(self, conformal: Any, pullback: Any, *, rtol: float = 1e-7) -> None:
        if not isinstance(conformal, ConformalMetric):
            raise InvalidParameter(
                f"{shown(conformal)} is no conformal metric; give one of a density on the codes, such as "
                "gk.GenerativeMetric.from_sample(model.aggregate_posterior(x), codes)"
            )
        if not isinstance(pullback, PullbackMetric):
            raise InvalidParameter(
                f"{shown(pullback)} is no pullback metric; give gk.latent.PullbackMetric(model)"
            )
        if conformal.dim != pullback.dim:
            raise InvalidParameter(
                f"{conformal!r} lives in R^{conformal.dim}, the codes of {pullback!r} in R^{pullback.dim}"
            )
        object.__setattr__(self, "conformal", conformal)
        object.__setattr__(self, "pullback", pullback)
        object.__setattr__(self, "rtol", number(rtol, "rtol", above=0, most=0.1))

    def __repr__(self) -> str:
        return f"ProductMetric({self.conformal!r}, {self.pullback!r})"

    @property
    def dim(self) -> int:
        """Number of latent coordinates."""
        return self.pullback.dim

    def speed(self, x: ArrayLike, v: ArrayLike) -> Values:
        """c|Jv| of each row, (n, z), (n, z) -> (n,). Raises ContrastError where c does not fit float64."""
        x, v = as_pairs(x, v, dim=self.dim)
        return np.asarray(power_of_c(self.conformal.log_factor(x), 1, self) * self.pullback.speed(x, v))

    def log_volume(self, x: ArrayLike) -> Values:
        """log sqrt det G, z log c + log sqrt det J^T J, (n,)."""
        z = self._codes(x)
        return np.asarray(self.dim * self.conformal.log_factor(z) + self.pullback.log_volume(z))

    def chords(self, x: ArrayLike, y: ArrayLike, order: int = 0) -> Chords:
        """c(m)^2 |f(y) - f(x)|^2 of each row, (k,), m the middle; its gradients and the Gauss-Newton matrix
        from order 1 on, the Hessian at 2. Raises ContrastError where c^2 does not fit float64.
        """
        x, y = as_pairs(x, y, dim=self.dim, name="the points beside them")
        order = integer(order, "order", least=0, most=2)
        image, middle = self.pullback.chords(x, y, order), (x + y) / 2
        if image.start is None or image.end is None or image.convex is None:
            return Chords(power_of_c(self.conformal.log_factor(middle), 2, self) * image.squares)
        log_c, slope = self.conformal.log_factor_and_gradient(middle)
        weight = power_of_c(log_c, 2, self)
        # log c has its slope at the middle, which moves half as fast as either end
        bend = image.squares[:, None] * slope
        turns = [_outer(gradient, slope) for gradient in (image.start, image.end)]
        both = [turn + turn.transpose(0, 2, 1) for turn in turns]
        across = turns[0] + turns[1].transpose(0, 2, 1)
        mixed = np.stack([both[0], across, both[1]], axis=1)
        square = (image.squares[:, None, None] * _outer(slope, slope))[:, None]
        scale = weight[:, None, None, None]
        found = Chords(
            weight * image.squares,
            weight[:, None] * (image.start + bend),
            weight[:, None] * (image.end + bend),
            scale * (image.convex + (mixed + square) / 2),
        )
        if image.hessian is None:
            return found
        # walls of the factor's valley are kept in the convex matrix as well, troughs and ridges are not
        values, vectors = np.linalg.eigh(log_factor_hessian(self.conformal, middle))
        half = 0.5 * image.squares[:, None, None]
        bent, walls = (
            half * ((vectors * kept[:, None, :]) @ vectors.transpose(0, 2, 1))
            for kept in (values, np.maximum(values, 0.0))
        )
        return found._replace(
            convex=scale * (image.convex + (mixed + square) / 2 + walls[:, None]),
            hessian=scale * (image.hessian + mixed + square + bent[:, None]),
        )

    def edge_lengths(self, points: ArrayLike, edges: Edges) -> Values:
        """Length of each straight latent edge, (m,), in the units of the data times c, by the quadrature of
        conformal metrics. Raises ContrastError; warns QuadratureWarning where it misses `rtol`.
        """
        z = self._codes(points)
        pairs = as_edges(edges, len(z))
        lengths = np.empty(len(pairs))
        for start in range(0, len(pairs), _BLOCK):
            rows = slice(start, start + _BLOCK)
            lengths[rows] = self._integrated(z, pairs[rows])
        return lengths

    def _integrated(self, z: Points, edges: Edges) -> Values:
        begin, step = z[edges[:, 0]], z[edges[:, 1]] - z[edges[:, 0]]
        lent = lent_edges(z, edges, self.conformal.density)
        log_c, breaks, noise = self.conformal.on_edges(*lent, self.rtol)

        def log_speed(rows: Ints, t: NDArray[np.float64]) -> NDArray[np.float64]:
            x = begin[rows, None] + t[..., None] * step[rows, None]
            v = np.broadcast_to(step[rows, None], x.shape)
            speed = self.pullback.speed(x.reshape(-1, self.dim), v.reshape(-1, self.dim)).reshape(t.shape)
            with np.errstate(divide="ignore"):  # where a direction leaves the image unmoved
                return np.asarray(log_c(rows, t) + np.log(speed))

        rule = self.conformal.settled(Adaptive(self.rtol), len(edges))
        assert isinstance(rule, Adaptive)
        assert rule.panels is not None
        with np.errstate(invalid="ignore"):  # 0 / 0: the error of an edge of no length
            found = adaptive(lobatto(log_speed), len(edges), breaks, self.rtol, rule.panels, noise)
        warn_if_missed(found, self.rtol)
        return found.means

    def lower_bound(self) -> float:
        """0.0: a decoder proves no least stretch."""
        return 0.0

    def to_target(self, points: ArrayLike, target: Point) -> Values:
        """The least c that the density proves times |f(u) - f(target)|, (n,), which no path undercuts."""
        return np.asarray(
            (1 - self.rtol) * self.conformal.lower_bound() * self.pullback.to_target(points, target)
        )

    def _codes(self, z: ArrayLike) -> Points:
        points = as_points(z, name="the latent points", dim=self.dim)
        check_scale(points, "the latent points")
        return points


def _outer(a: Points, b: Points) -> Blocks:
    """a b^T of each row, (k, d), (k, d) -> (k, d, d)."""
    return np.asarray(a[:, :, None] * b[:, None, :])
