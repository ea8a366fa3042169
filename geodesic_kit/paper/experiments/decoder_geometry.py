"""The geometry of decoders at their data's codes: length ratios, curvature, holonomy, analogies. [S18]"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ...calculus.curvature import sectional_curvature
from ...calculus.logarithm import initial_velocity
from ...datasets import load
from ...errors import DataError, RefinementNotice
from ...geodesics.curve import Geodesic, measured
from ...geodesics.refine import refine
from ...latent.pullback import PullbackMetric
from ...latent.translation import parallel_translation, shoot
from ...registry import decoders
from ...types import Ints, Points, Values
from .closed_geometry import turned

__all__ = [
    "Analogy",
    "Scene",
    "analogy_ways",
    "curvatures",
    "first_analogy",
    "geodesics_and_lines",
    "holonomy",
    "scene",
]

_ROUND = 32  # steps of a loop, and places of the disk's rim
_RINGS = 4  # Gauss-Legendre nodes of the disk's radius
_RTOL = 1e-3  # of lengths and shots: three digits of a ratio


@dataclass(frozen=True, eq=False)
class Scene:
    """A trained decoder with codes (n, z) of pictures that it has not seen, and pairs (m, 2) of these."""

    weights: str
    model: Any
    metric: PullbackMetric
    codes: Points
    y: Ints | None
    pairs: Ints
    shape: tuple[int, int]

    @property
    def diameter(self) -> float:
        """The largest distance between the images of two codes: no more than the manifold's diameter."""
        images = self.metric.image(self.codes)
        squares = np.square(images).sum(axis=1)
        return float(np.sqrt(max(0.0, (squares[:, None] + squares - 2 * images @ images.T).max())))

    def near(self, i: int) -> tuple[int, int, int]:
        """Of code i, a neighbour of its own kind and one of another, by number, for an analogy: the fifth
        nearest each; without kinds the fifth nearest and the tenth.
        """
        order = np.argsort(np.linalg.norm(self.codes - self.codes[i], axis=1), kind="stable")[1:]
        if self.y is None:
            return i, int(order[4]), int(order[9])
        own = self.y[order] == self.y[i]
        return i, int(order[own][4]), int(order[~own][4])


class Analogy(NamedTuple):
    """d with c : d as a : b, (z,), and pictures (k, D) on the ways from a to b, from c to d by the calculus,
    by [S18]'s projections, and by the sum c + b - a; how far the second end lies from the first, over
    how far the last does.
    """

    end: Values
    ways: dict[str, Points]
    apart: float


def scene(weights: str, n: int, m: int, *, seed: int, drawn: bool = False) -> Scene:
    """The shipped decoder `weights`, n pictures that it has not seen, from the test set or, where `drawn`,
    from the decoder with its noise, and m pairs of these.

    Weights are named by their data set, "_conv" added to a convolutional one's. Raises FetchError where the
    set cannot be fetched.
    """
    model: Any = decoders["iwae"].pretrained(weights)
    data, y = weights.removesuffix("_conv"), None
    if drawn:
        x = model.sample(n, seed=seed)
    elif data == "pendulum":
        x = load(data, n=n, seed=seed + 1).x  # other draws than those it was trained on, of seed 0
    else:
        found = load(data, n=n, seed=seed, split="test", fallback=False)
        x, y = found.x, found.y
    side = math.isqrt(model.dim)
    pairs = np.random.default_rng(seed).permutation(n)[: 2 * m].reshape(-1, 2)
    return Scene(weights, model, PullbackMetric(model), model.encode(x), y, pairs, (side, side))


def geodesics_and_lines(of: Scene) -> tuple[list[Geodesic], Values]:
    """The refined geodesic of each pair, and the length of the straight latent line, (m,)."""
    lines = [measured(of.codes[pair], of.metric) for pair in of.pairs]
    return refine(lines, rtol=_RTOL), np.array([line.length for line in lines])


def curvatures(of: Scene, n: int) -> Values:
    """Sectional curvature at the first n codes, (n,), times the diameter's square: 4 pi^2 / 4 on a sphere."""
    return np.asarray(sectional_curvature(of.metric, of.codes[:n]) * of.diameter**2)


def holonomy(of: Scene, centre: Values, radius: float) -> tuple[float, float, float]:
    """Of a latent circle: the angle by which it turns a vector, the area it encloses, and the curvature
    integrated over that, which is the angle by Gauss and Bonnet.
    """
    t = np.linspace(0, 2 * np.pi, _ROUND + 1)
    rim = np.stack([np.cos(t), np.sin(t)], axis=1)
    nodes, weights = np.polynomial.legendre.leggauss(_RINGS)
    rings, widths = radius * (nodes + 1) / 2, radius * weights / 2
    places = (centre + rings[:, None, None] * rim[None, :-1]).reshape(-1, 2)
    share = np.repeat(widths * rings, _ROUND) * (2 * np.pi / _ROUND)
    area = share * np.exp(of.metric.log_volume(places))
    return (
        turned(of.metric, centre + radius * rim),
        float(area.sum()),
        float(area @ sectional_curvature(of.metric, places)),
    )


def analogy_ways(of: Scene, a: int, b: int, c: int, *, columns: int, steps: int = 50) -> Analogy:
    """The analogy a : b :: c : ? of three codes, by number, in pictures. [S18]

    The first velocity of the geodesic from a to b is carried along the one from a to c and shot from there.
    """
    metric, (at, to_b, to_c) = of.metric, of.codes[[a, b, c]]
    first, way = refine([measured(np.stack([at, end]), metric) for end in (to_b, to_c)], rtol=_RTOL)
    v = initial_velocity(metric, first, _RTOL)
    t = np.linspace(0, 1, columns)[:, None]
    start = np.repeat(to_c[None], columns - 1, axis=0)
    polar, projected = (parallel_translation(metric, way, v, method=m) for m in ("polar", "projection"))
    by_equation = shoot(metric, start, t[1:] * polar, rtol=_RTOL)
    by_projection = shoot(metric, start, t[1:] * projected, method="projection", steps=steps)
    codes = {
        "a to b: geodesic": first.at(t.ravel()),
        "c to d: calculus": np.concatenate([to_c[None], by_equation]),
        "c to d: projections": np.concatenate([to_c[None], by_projection]),
        "c to c + b - a": to_c + t * (to_b - at),
    }
    apart, by_sum = (np.linalg.norm(z - by_equation[-1]) for z in (by_projection[-1], to_c + to_b - at))
    ways = {way: of.model.decode(z) for way, z in codes.items()}
    return Analogy(by_equation[-1], ways, float(apart / by_sum))


def first_analogy(of: Scene, *, columns: int, tries: int = 20) -> tuple[Analogy, int]:
    """The analogy of the first code and its neighbours whose geodesics are found and whose shots stay where
    the decoder has tangent spaces, and how many codes before it have none. Raises DataError after `tries`.
    """
    for i in range(min(tries, len(of.codes))):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", RefinementNotice)
                return analogy_ways(of, *of.near(i), columns=columns), i
        except (DataError, RefinementNotice):
            continue
    raise DataError(f"of {tries} codes of {of.weights} none has an analogy whose shots stay near the codes")
