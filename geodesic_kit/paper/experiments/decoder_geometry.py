"""The geometry of decoders at their data's codes: length ratios, curvature, holonomy, analogies. [S18]"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...calculus.curvature import sectional_curvature
from ...calculus.exponential import course
from ...calculus.logarithm import initial_velocity
from ...errors import IncompleteGeodesic, RefinementNotice
from ...geodesics.curve import Geodesic, measured
from ...geodesics.refine import refine
from ...latent.translation import parallel_translation, shoot
from ...types import Ints, Points, Values
from .closed_geometry import turned
from .latent_sets import LatentSet

__all__ = [
    "Analogy",
    "Loop",
    "Tried",
    "analogies",
    "analogy_between",
    "analogy_rows",
    "curvatures",
    "diameter",
    "geodesics_and_lines",
    "holonomy",
    "near",
]

_LENGTHS_RTOL = 5e-3  # a tenth of the 5 % by which lines are asked to be near
_RTOL = 1e-3  # of shots
_MOST_CALLS = 2_000  # of the geodesic equation: ten times what a shot that stays takes
_STEPS = 50  # of [S18]'s shots
_LOOP, _DISK = 16, (8, 2)  # steps round a loop, places round and across a disk, before they are doubled
_DOUBLINGS = 6


class Loop(NamedTuple):
    """The angle by which a closed loop turns a vector, the area it encloses, and the curvature integrated
    over that, which is the angle by Gauss and Bonnet, in radians.
    """

    angle: float
    area: float
    inside: float


class Analogy(NamedTuple):
    """d with c : d as a : b, three codes by number; the geodesic from a to b, its velocity carried to c by
    polar transport and by projections, (z,), and d by the calculus, by [S18]'s projections, and by the sum
    c + b - a, (z,).
    """

    codes: tuple[int, int, int]
    change: Geodesic
    polar: Values
    projected: Values
    by_calculus: Values
    by_projections: Values
    by_sum: Values

    @property
    def apart(self) -> float:
        """How far the projections' end lies from the calculus', over how far the sum does."""
        theirs, sums = (np.linalg.norm(z - self.by_calculus) for z in (self.by_projections, self.by_sum))
        return float(theirs / sums)


class Tried(NamedTuple):
    """Analogies by the number of their first code, and why other codes have none."""

    found: dict[int, Analogy]
    left: dict[int, str]

    @property
    def share(self) -> float:
        """Of the codes tried, those that have an analogy."""
        return len(self.found) / (len(self.found) + len(self.left))


def diameter(of: LatentSet) -> float:
    """The largest distance between the images of two codes: no more than the manifold's diameter."""
    images = of.metric.image(of.codes)
    squares = np.square(images).sum(axis=1)
    return float(np.sqrt(max(0.0, (squares[:, None] + squares - 2 * images @ images.T).max())))


def geodesics_and_lines(of: LatentSet, pairs: Ints) -> tuple[list[Geodesic], Values]:
    """The refined geodesic of each pair (m, 2) of codes, and the length of the straight latent line, (m,)."""
    lines = [measured(of.codes[pair], of.metric) for pair in pairs]
    return refine(lines, rtol=_LENGTHS_RTOL), np.array([line.length for line in lines])


def curvatures(of: LatentSet) -> Values:
    """Sectional curvature at each code times the diameter's square, (n,): 4 on a sphere, whose diameter in
    space is 2.
    """
    return np.asarray(sectional_curvature(of.metric, of.codes) * diameter(of) ** 2)


def holonomy(of: LatentSet, centre: Values, radius: float, *, within: float) -> Loop:
    """What a latent circle turns a vector by, and what lies inside: each until steps or places twice as many
    change it by at most `within`, in radians.
    """

    def direction(k: int) -> NDArray[np.complex128]:  # so that pi and -pi are near each other
        return np.exp(1j * np.array([turned(of.metric, centre + radius * _rim(_LOOP * k))]))

    def inside(k: int) -> Values:
        around, across = (k * count for count in _DISK)
        nodes, weights = np.polynomial.legendre.leggauss(across)
        rings, widths = radius * (nodes + 1) / 2, radius * weights / 2
        places = (centre + rings[:, None, None] * _rim(around)[None, :-1]).reshape(-1, 2)
        area = np.repeat(widths * rings, around) * (2 * np.pi / around) * np.exp(of.metric.log_volume(places))
        return np.array([area @ sectional_curvature(of.metric, places), area.sum()])

    angle, (whole, area) = np.angle(_settled(direction, within)[0]), _settled(inside, within)
    # a vector does not tell whole turns
    return Loop(float(angle + 2 * np.pi * np.round((whole - angle) / (2 * np.pi))), float(area), float(whole))


def _rim(steps: int) -> Points:
    """The unit circle, closed, (steps + 1, 2)."""
    t = np.linspace(0, 2 * np.pi, steps + 1)
    return np.stack([np.cos(t), np.sin(t)], axis=1)


def _settled(values: Callable[[int], NDArray[Any]], within: float) -> NDArray[Any]:
    """values(2^k) of the first k whose first value has settled, or of the last: it differs from that before
    by at most an eighth of `within`, or twice in a row by at most that, since one small step may be an
    accident.
    """
    before, steady = values(1), False
    for k in range(1, _DOUBLINGS + 1):
        now = values(2**k)
        change = abs(now[0] - before[0])
        if change <= within / 8 or (steady and change <= within):
            break
        before, steady = now, change <= within
    return now


def near(of: LatentSet, i: int) -> tuple[int, int, int]:
    """Of code i, a neighbour of its own kind and one of another, by number, for an analogy: the fifth nearest
    each; without kinds the fifth nearest and the tenth.
    """
    order = np.argsort(np.linalg.norm(of.codes - of.codes[i], axis=1), kind="stable")[1:]
    if of.data.y is None:
        return i, int(order[4]), int(order[9])
    own = of.data.y[order] == of.data.y[i]
    return i, int(order[own][4]), int(order[~own][4])


def analogy_between(of: LatentSet, a: int, b: int, c: int) -> Analogy:
    """The analogy a : b :: c : ? of three codes, by number. [S18]

    The first velocity of the geodesic from a to b is carried along the one from a to c and shot from there.
    Raises IncompleteGeodesic where a shot does not come to its end.
    """
    metric, (at, to_b, to_c) = of.metric, of.codes[[a, b, c]]
    change, way = refine([measured(np.stack([at, end]), metric) for end in (to_b, to_c)], rtol=_RTOL)
    v = initial_velocity(metric, change, _RTOL, _MOST_CALLS)
    polar, projected = (parallel_translation(metric, way, v, method=m) for m in ("polar", "projection"))
    return Analogy(
        (a, b, c),
        change,
        polar,
        projected,
        shoot(metric, to_c, polar, rtol=_RTOL, max_evaluations=_MOST_CALLS),
        shoot(metric, to_c, projected, method="projection", steps=_STEPS),
        to_c + to_b - at,
    )


def analogies(of: LatentSet, n: int) -> Tried:
    """The analogies of the first n codes and their neighbours, where both geodesics are found and every shot
    comes to its end.
    """
    tried = Tried({}, {})
    for i in range(n):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", RefinementNotice)
                tried.found[i] = analogy_between(of, *near(of, i))
        except (IncompleteGeodesic, RefinementNotice) as err:
            tried.left[i] = str(err)
    return tried


def analogy_rows(of: LatentSet, found: Analogy, columns: int) -> dict[str, Points]:
    """Pictures (columns, D) on the ways of an analogy, from a to b and three times from c to d."""
    a, b, c = of.codes[list(found.codes)]
    t = np.linspace(0, 1, columns)
    start, shots = np.repeat(c[None], columns, axis=0), t[:, None] * found.projected
    codes = {
        "a to b: geodesic": found.change.at(t),
        "c to d: calculus": course(of.metric, c, found.polar, t, _RTOL, _MOST_CALLS),
        "c to d: projections": shoot(of.metric, start, shots, method="projection", steps=_STEPS),
        "c to c + b - a": c + t[:, None] * (b - a),
    }
    return {way: of.model.decode(z) for way, z in codes.items()}
