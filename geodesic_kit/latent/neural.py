"""[C18]'s geodesic between two latent points: a small network t -> z with its ends tied, trained on energy or
length.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike

from ..base.vectors import as_rows
from ..base.warn import tell
from ..checks import as_flag, chosen, integer, seeded
from ..errors import DataError, InvalidParameter, RefinementNotice
from ..geodesics.curve import Geodesic
from ..geodesics.lengths import pieces_of
from ..types import Points
from .descent import Adam
from .pullback import PullbackMetric

__all__ = ["FELL_BACK", "neural_geodesic"]

FELL_BACK = "no shorter than the straight line, which is given instead"

_HIDDEN = 150  # units of each of two tanh layers
_RATE = 1e-2
_BEZIERS = 8  # random cubic curves that training may begin from, beside the straight line
_SPREAD = 0.3  # of their control points, in units of the ends' distance
_FITTED = 60  # steps that fit the network to the best of them
_HELD = 1 << 24  # numbers of decoded points that are trained on at once
_MOST_AT_ONCE = 64


def neural_geodesic(
    metric: PullbackMetric,
    a: ArrayLike,
    b: ArrayLike,
    *,
    n: int = 500,
    objective: str = "energy",
    fallback: bool = True,
    steps: int = 200,
    seed: int = 0,
) -> Geodesic | list[Geodesic]:
    """The curve of least energy, or length, between latent points that a network finds. [C18]

    gamma(t) = (1 - t) a + t b + g(t) - (1 - t) g(0) - t g(1), g two tanh layers of 150 units; it begins as
    the random cubic curve whose length and largest speed sum up least, or as the straight line. `gk.refine`
    finds the same curves faster and closer.

    Parameters
    ----------
    metric : PullbackMetric
        Its decoder is trained through.
    a, b : array (z,) or (k, z)
        Two latent points, or pairs, trained together, each as if it were alone.
    n : int, default 500
        Even t that the curve is seen at, from 3 to 100,000.
    objective : {"energy", "length"}, default "energy"
        What is made least.
    fallback : bool, default True
        Whether a curve that is not shorter than the straight line is replaced by it, as its `notes` say.
    steps : int, default 200
        Of training, from 1.
    seed : int, default 0
        Of the first curves and weights.

    Returns
    -------
    Geodesic or list of Geodesic

    Raises
    ------
    DataError, InvalidParameter

    Warns
    -----
    RefinementNotice
        How many curves were replaced.

    Examples
    --------
    >>> import torch
    >>> def sphere(z):
    ...     theta, phi = z[..., 0], z[..., 1]
    ...     return torch.stack([theta.sin() * phi.cos(), theta.sin() * phi.sin(), theta.cos()], dim=-1)
    >>> metric = gk.latent.PullbackMetric(sphere, dim=2)
    >>> path = gk.latent.neural_geodesic(metric, [1.0, 0.0], [1.0, 1.0], n=50)
    >>> bool(path.length < metric.edge_lengths(np.array([[1.0, 0.0], [1.0, 1.0]]), [[0, 1]])[0])
    True
    """
    if not isinstance(metric, PullbackMetric):
        raise InvalidParameter(
            f"neural_geodesic trains through a decoder: metric= is a latent.PullbackMetric, not {metric!r}"
        )
    chosen(objective, "objective", ("energy", "length"))
    fallback, seed = as_flag(fallback, "fallback"), seeded(seed)
    n = integer(n, "n", least=3, most=100_000)
    steps = integer(steps, "steps", least=1, most=1_000_000)
    starts, one_start = as_rows(a, name="a", dim=metric.dim)
    ends, one_end = as_rows(b, name="b", dim=metric.dim)
    if len(starts) != len(ends):
        raise DataError(f"{len(starts)} starts and {len(ends)} ends; give one end a start")
    at_once = int(np.clip(_HELD // (n * metric.width), 1, _MOST_AT_ONCE))
    decoder = _in_single(metric.isometric)
    curves: list[Points] = []
    for k in range(0, len(starts), at_once):
        part = slice(k, k + at_once)
        curves += _trained(decoder, starts[part], ends[part], n, objective, steps, seed)
    straight = [_line(x, y, n) for x, y in zip(starts, ends, strict=True)]
    pieces = pieces_of(curves + straight, metric)
    found = []
    for curve, line, own, direct in zip(
        curves, straight, pieces[: len(curves)], pieces[len(curves) :], strict=True
    ):
        worse = fallback and not own.sum() < direct.sum()
        found.append(
            Geodesic(line, direct, metric=metric, notes=(FELL_BACK,))
            if worse
            else Geodesic(curve, own, metric=metric)
        )
    if fallen := sum(bool(path.notes) for path in found):
        tell(
            f"{fallen} of {len(found)} curves are {FELL_BACK}; gk.refine may find a shorter one",
            RefinementNotice,
        )
    return found[0] if one_start and one_end else found


def _line(a: Points, b: Points, n: int) -> Points:
    t = np.linspace(0, 1, n)[:, None]
    return np.asarray((1 - t) * a + t * b)


def _in_single(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A module in float32, which is twice as fast; any other callable as it is."""
    return copy.deepcopy(function).float() if isinstance(function, torch.nn.Module) else function


def _trained(
    decoder: Callable[[Any], Any], a: Points, b: Points, n: int, objective: str, steps: int, seed: int
) -> list[Points]:
    """Curves (n, z) from each a to its b, (k, z)."""
    single = isinstance(decoder, torch.nn.Module)
    curve = _Curves(a, b, n, torch.float32 if single else torch.float64, seed)
    start = _best_bezier(decoder, curve, seed)
    scale = (curve.b - curve.a).square().sum(-1).clamp_min(1e-12)

    def to_fit() -> torch.Tensor:
        return ((curve() - start).square().sum(-1).mean(-1) / scale).sum()

    with torch.no_grad():
        size = _energies(decoder, start, "energy").clamp_min(1e-12)

    def to_least() -> torch.Tensor:
        found = _energies(decoder, curve(), objective)
        return (found / (size if objective == "energy" else size.sqrt())).sum()

    with torch.enable_grad():
        _descend(curve.parameters, to_fit, _FITTED)
        _descend(curve.parameters, to_least, steps)
    with torch.no_grad():
        points = curve().to(torch.float64).numpy()
    points[:, 0], points[:, -1] = a, b  # to the bit
    return list(points)


def _descend(parameters: list[torch.Tensor], loss: Callable[[], torch.Tensor], steps: int) -> None:
    """Adam with a rate that falls as half a cosine."""
    optimizer = Adam(parameters)
    for k in range(steps):
        optimizer.step(loss(), _RATE * (1 + math.cos(math.pi * k / steps)) / 2)


def _energies(decoder: Callable[[Any], Any], curves: torch.Tensor, objective: str) -> torch.Tensor:
    """Energy (n / 2) sum |secant|^2 or length of each curve's image, (k,), curves (k, n, z)."""
    k, n, z = curves.shape
    images = decoder(curves.reshape(k * n, z)).reshape(k, n, -1)
    squares = images.diff(dim=1).square().sum(-1)
    if objective == "energy":
        return squares.sum(-1) * ((n - 1) / 2)
    return (squares + torch.finfo(squares.dtype).tiny).sqrt().sum(-1)


def _best_bezier(decoder: Callable[[Any], Any], curve: _Curves, seed: int) -> torch.Tensor:
    """Of random cubic curves and the straight line, the one of least length and largest speed, (k, n, z)."""
    generator = torch.Generator().manual_seed(seed)
    k, z = curve.a.shape
    t = curve.t[None]
    straight = (1 - t) * curve.a[:, None] + t * curve.b[:, None]
    distance = (curve.b - curve.a).norm(dim=-1)[:, None, None]
    best, least = straight, torch.full((k,), torch.inf, dtype=curve.a.dtype)
    with torch.no_grad():
        for which in range(_BEZIERS + 1):
            off = torch.randn(2, z, generator=generator, dtype=torch.float64).to(curve.a.dtype)
            off = off * (0.0 if which == 0 else _SPREAD) * distance
            tried = straight + 3 * t * (1 - t) * ((1 - t) * off[:, :1] + t * off[:, 1:])
            images = decoder(tried.reshape(-1, z)).reshape(k, len(curve.t), -1)
            speeds = images.diff(dim=1).norm(dim=-1) * (len(curve.t) - 1)
            cost = speeds.mean(-1) + speeds.amax(-1)
            best = torch.where((cost < least)[:, None, None], tried, best)
            least = torch.minimum(cost, least)
    return best


class _Curves:
    """Networks t -> z, one a pair, all from the same first weights, so that none depends on the others."""

    def __init__(self, a: Points, b: Points, n: int, dtype: torch.dtype, seed: int) -> None:
        self.a, self.b = torch.tensor(a, dtype=dtype), torch.tensor(b, dtype=dtype)
        self.t = torch.linspace(0, 1, n, dtype=dtype)[:, None]
        k, z = self.a.shape
        # near ends need a network as fine as they are near; far ones train best by the latent unit
        self.reach = (self.b - self.a).norm(dim=-1).clamp_max(1.0)[:, None, None]
        generator = torch.Generator().manual_seed(seed)
        self.parameters = []
        for rows, columns in ((1, _HIDDEN), (_HIDDEN, _HIDDEN), (_HIDDEN, z)):
            for shape in ((rows, columns), (1, columns)):
                first = torch.rand(shape, generator=generator, dtype=torch.float64) * 2 - 1
                first = (first / rows**0.5).to(dtype)
                self.parameters.append(first.expand(k, *shape).clone().requires_grad_(True))

    def __call__(self) -> torch.Tensor:
        """Points of each curve, (k, n, z)."""
        w1, b1, w2, b2, w3, b3 = self.parameters
        hidden = torch.tanh(torch.baddbmm(b1, self.t.expand(len(self.a), *self.t.shape), w1))
        g = self.reach * torch.baddbmm(b3, torch.tanh(torch.baddbmm(b2, hidden, w2)), w3)
        t = self.t[None]
        tied = (1 - t) * (self.a[:, None] - g[:, :1]) + t * (self.b[:, None] - g[:, -1:])
        return tied + g
