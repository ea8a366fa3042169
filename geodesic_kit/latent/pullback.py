"""The metric that a decoder pulls back from the Euclidean space of the data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.extras import needing
from ..base.scales import check_scale
from ..base.vectors import as_pairs
from ..base.warn import tell
from ..checks import MOST_DIMENSIONS, MOST_NODES, as_edges, as_points, integer, listed, number, reals
from ..errors import FallbackNotice, InvalidParameter, shown
from ..types import Chords, Edges, Point, Points, Values
from .secants import secant_lengths, settled_lengths

if TYPE_CHECKING:
    from .torch_map import TorchMap

__all__ = ["PullbackMetric"]

_LOWERED = 1 - 1e-9  # rounding must not break the triangle inequality that a bound rests on
_HELD = 1 << 22  # numbers of Jacobians held at once: 32 MB
_SINGLE = 1e-12  # relative spacing of numbers above which images prove no bound


@dataclass(frozen=True, init=False, eq=False, repr=False)
class PullbackMetric:
    """G = J^T J of a decoder f: the length of a latent curve is that of its image. [C18], [C19], [S18]

    It is an immersion: `image` bounds lengths from below, and `jacobian` and `second` carry transport and
    curvature. It tells where the decoder is bijective, since then its metric is the Euclidean one of the
    data.

    Parameters
    ----------
    model : Any
        A DifferentiableDecoder, or a torch callable (..., z) -> (..., x); a module of another floating type
        is computed with in float64. Where it has `isometric`, such a callable to fewer coordinates whose
        images are as far apart, lengths are computed there.
    dim : int, optional
        Number of latent coordinates; by default the decoder's `latent_dim` or `dim`.
    pieces : int, optional
        Secants that each edge is measured by; by default as many as `rtol` asks for.
    rtol : float, default 1e-7
        Relative error of each length, above 0, at most 1.

    Raises
    ------
    InvalidParameter
    DataError
        Where the decoder returns other rows or numbers that are not finite.
    MissingPlugin
        Without torch.

    Examples
    --------
    >>> import torch
    >>> def sphere(z):
    ...     theta, phi = z[..., 0], z[..., 1]
    ...     return torch.stack([theta.sin() * phi.cos(), theta.sin() * phi.sin(), theta.cos()], dim=-1)
    >>> metric = gk.latent.PullbackMetric(sphere, dim=2)
    >>> metric.edge_lengths(np.array([[np.pi / 2, 0.0], [np.pi / 2, 1.0]]), [[0, 1]]).round(6)
    array([1.])
    """

    model: Any
    dim: int
    pieces: int | None
    rtol: float
    _map: TorchMap = field(repr=False)
    _isometric: TorchMap = field(repr=False)

    def __init__(
        self, model: Any, *, dim: int | None = None, pieces: int | None = None, rtol: float = 1e-7
    ) -> None:
        with needing("pullback metrics need", "torch"):
            from .torch_map import TorchMap, in_double
        decoder = in_double(getattr(model, "decoder", model), f"the decoder of {shown(model)}")
        settled = _latent_dim(model) if dim is None else integer(dim, "dim", least=1, most=MOST_DIMENSIONS)
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "dim", settled)
        object.__setattr__(
            self, "pieces", None if pieces is None else integer(pieces, "pieces", least=1, most=MOST_NODES)
        )
        object.__setattr__(self, "rtol", number(rtol, "rtol", above=0, most=1))
        object.__setattr__(self, "_map", TorchMap(decoder, settled))
        shorter = getattr(decoder, "isometric", None)
        object.__setattr__(self, "_isometric", self._map if shorter is None else TorchMap(shorter, settled))
        if self.width == settled:
            tell(
                f"{shown(model)} maps R^{settled} to itself: where it is one to one, its pullback metric is "
                "the Euclidean one of the data in other coordinates, whose geodesics are straight lines "
                "between data points",
                FallbackNotice,
            )

    def __repr__(self) -> str:
        rule = f"rtol={self.rtol:g}" if self.pieces is None else f"pieces={self.pieces}"
        name = self.model if isinstance(self.model, str) else type(self.model).__name__
        return f"PullbackMetric({name}: R^{self.dim} -> R^{self.width}, {rule})"

    def with_variance(self, codes: ArrayLike, x: ArrayLike) -> PullbackMetric:
        """The metric of mean and standard deviation, with walls round the codes (n, z) of the data x (n, d).
        Arvanitidis et al. 2018.

        The variance is 1 / sum_n w exp(-|z - c_n|^2 / 2 s^2) + a thousandth, one for all coordinates; s is
        half the median distance of a code to its fourth neighbour, and w makes the variance at the codes, in
        the median, the mean squared residual of x. Raises DataError.
        """
        from .variance import Deviation, MeanAndDeviation

        data = as_points(x, name="x", dim=self.width)
        deviation = Deviation(self._map, self._codes(codes, "the codes"), data)
        both = MeanAndDeviation(self.function, deviation, MeanAndDeviation(self.isometric, deviation))
        return PullbackMetric(both, dim=self.dim, pieces=self.pieces, rtol=self.rtol)

    @classmethod
    def ensemble(cls, models: Sequence[Any], **options: Any) -> PullbackMetric:
        """The expected metric of several models, the mean of their G; `options` as for one of them."""
        with needing("pullback metrics need", "torch"):
            from .variance import Ensemble

            members = [cls(model, **options) for model in listed(models)]
        if len({member.dim for member in members}) > 1:
            raise InvalidParameter(
                f"the models have {', '.join(str(member.dim) for member in members)} latent coordinates; an "
                "ensemble shares one latent space"
            )
        isometric = Ensemble([member.isometric for member in members])
        all_of_them = Ensemble([member.function for member in members], isometric)
        return cls(all_of_them, **{**options, "dim": members[0].dim})

    @property
    def width(self) -> int:
        """Number of coordinates D of an image."""
        return self._map.width

    @property
    def function(self) -> Callable[[Any], Any]:
        """The map in torch, (n, z) -> (n, D), in float64 where it is a module."""
        return self._map.function

    @property
    def isometric(self) -> Callable[[Any], Any]:
        """A map in torch, (n, z) -> (n, h), whose images are as far apart as those of `function`; that itself
        where none of fewer coordinates is known.
        """
        return self._isometric.function

    def image(self, z: ArrayLike) -> Points:
        """f(z) of each row, (n, z) -> (n, D). Raises DataError where a value is not finite."""
        return self._map.image(self._codes(z))

    def jacobian(self, z: ArrayLike) -> NDArray[np.float64]:
        """J of each row, (n, z) -> (n, D, z)."""
        return self._map.jacobian(self._codes(z))

    def second(self, z: ArrayLike, u: ArrayLike, v: ArrayLike) -> Points:
        """Second derivative of f along u and v at each row, (n, z) thrice -> (n, D)."""
        return self._map.second(*as_pairs(z, u, v, dim=self.dim))

    def speed(self, x: ArrayLike, v: ArrayLike) -> Values:
        """|Jv| of each row, (n, z), (n, z) -> (n,)."""
        return np.asarray(np.linalg.norm(self._isometric.along(*as_pairs(x, v, dim=self.dim)), axis=1))

    def log_volume(self, x: ArrayLike) -> Values:
        """log sqrt det G, the log of the magnification factor, (n,); -inf where a direction leaves the image
        unmoved.
        """
        z = self._codes(x)
        step = max(1, _HELD // (self._isometric.width * self.dim))
        return np.concatenate([self._log_volume(z[k : k + step]) for k in range(0, len(z), step)])

    def _log_volume(self, z: Points) -> Values:
        stretches = np.linalg.svd(self._isometric.jacobian(z), compute_uv=False)
        lost = stretches <= self._map.precision * max(self.width, self.dim) * stretches[:, :1]
        if stretches.shape[1] < self.dim:
            return np.full(len(z), -np.inf)
        return np.where(lost.any(axis=1), -np.inf, np.log(np.where(lost, 1.0, stretches)).sum(axis=1))

    def chords(self, x: ArrayLike, y: ArrayLike, order: int = 0) -> Chords:
        """|f(y) - f(x)|^2 of each row, (k,), its gradients and the Gauss-Newton matrix from order 1 on, the
        Hessian at 2.
        """
        x, y = as_pairs(x, y, dim=self.dim, name="the points beside them")
        order = integer(order, "order", least=0, most=2)
        step = max(1, _HELD // (self._isometric.width * (1 if order == 0 else 2 * self.dim)))
        parts = [
            self._chords(x[k : k + step], y[k : k + step], order) for k in range(0, max(len(x), 1), step)
        ]
        return Chords(
            *(None if column[0] is None else np.concatenate(column) for column in zip(*parts, strict=True))  # type: ignore[arg-type]
        )

    def _chords(self, x: Points, y: Points, order: int) -> Chords:
        # the nodes of a polygon are the ends of two pieces each, and are looked at once
        joined = np.append((y[:-1] == x[1:]).all(axis=1), np.zeros(min(len(x), 1), dtype=bool))
        nodes = np.concatenate([x, y[~joined]])
        first, second = np.arange(len(x)), np.arange(1, len(x) + 1)
        second[~joined] = len(x) + np.arange(np.count_nonzero(~joined))
        images = self._isometric.image(nodes)
        across = images[second] - images[first]
        squares = np.einsum("kD,kD->k", across, across)
        if order == 0:
            return Chords(squares)
        if order == 1:
            jacobians = self._isometric.jacobian(nodes)
        else:
            opening, closing = np.zeros((2, *images.shape))
            opening[first], closing[second] = -across, across
            jacobians, opened, closed = self._isometric.bent(nodes, opening, closing)
        start, end = jacobians[first], jacobians[second]
        slopes = (-2 * np.einsum("kD,kDz->kz", across, start), 2 * np.einsum("kD,kDz->kz", across, end))
        convex = 2 * np.stack([_products(start, start), -_products(start, end), _products(end, end)], axis=1)
        if order == 1:
            return Chords(squares, *slopes, convex)
        hessian = convex.copy()
        hessian[:, 0] += 2 * opened[first]
        hessian[:, 2] += 2 * closed[second]
        return Chords(squares, *slopes, convex, hessian)

    def edge_lengths(self, points: ArrayLike, edges: Edges) -> Values:
        """Length of the image of each straight latent edge, (m,), in the units of the data. [C19]"""
        z = self._codes(points)
        pairs = as_edges(edges, len(z))
        if self.pieces is None:
            return settled_lengths(self._isometric, z, pairs, self.rtol)
        return secant_lengths(self._isometric, z[pairs[:, 0]], z[pairs[:, 1]], self.pieces)

    def lower_bound(self) -> float:
        """0.0: a decoder proves no least stretch."""
        return 0.0

    def to_target(self, points: ArrayLike, target: Point) -> Values:
        """|f(u) - f(target)|, (n,), which no path undercuts; 0 where the decoder's own rounding could exceed
        it. [C19]
        """
        z = self._codes(points)
        if self._map.precision > _SINGLE:
            return np.zeros(len(z))
        end = reals(target, "the target", give="give a latent point (z,)")[None]
        at = self._isometric.image(self._codes(end, "the target"))
        return np.asarray(_LOWERED * np.linalg.norm(self._isometric.image(z) - at, axis=1))

    def _codes(self, z: ArrayLike, name: str = "the latent points") -> Points:
        points = as_points(z, name=name, dim=self.dim)
        check_scale(points, name)
        return points


def _products(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """a^T b of each row, (k, D, z), (k, D, z) -> (k, z, z)."""
    return a.transpose(0, 2, 1) @ b


def _latent_dim(model: Any) -> int:
    for name in ("latent_dim", "dim"):
        value = getattr(model, name, None)
        if value is not None:
            return integer(value, f"{name} of {shown(model)}", least=1, most=MOST_DIMENSIONS)
    raise InvalidParameter(f"{shown(model)} does not tell the number of its latent coordinates; give dim=")
