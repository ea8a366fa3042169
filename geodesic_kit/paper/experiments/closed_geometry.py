"""[S18]'s transport and curvature against closed forms: lengths, shots, holonomy, what projection loses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...calculus.exponential import exp
from ...geodesics.curve import measured
from ...geodesics.refine import refine
from ...latent.pullback import PullbackMetric
from ...latent.translation import parallel_translation, projected
from ...types import Points, SmoothImmersion, Values
from .surfaces import Course, great_circles, latitude, torus_courses

__all__ = [
    "Differences",
    "Losses",
    "courses",
    "great_circle_losses",
    "holonomy_error",
    "length_errors",
    "line_and_geodesic",
    "shot_errors",
    "turned",
]

_GREAT_CIRCLE = 1.5  # radians, [S18]'s
_RTOL = 1e-8


class Losses(NamedTuple):
    """What [S18]'s projections lose, by steps, (k,): the share of the norm, and the angle in radians."""

    steps: Values
    norm: Values
    angle: Values


@dataclass(frozen=True, eq=False)
class Differences:
    """An immersion whose second derivative is a central second difference of step `step`: [S18]'s reading of
    curvature.
    """

    metric: SmoothImmersion
    step: float

    @property
    def dim(self) -> int:
        """Number of coordinates of a point."""
        return self.metric.dim

    def image(self, z: Points) -> Points:
        """f(z) of each row."""
        return self.metric.image(z)

    def jacobian(self, z: Points) -> NDArray[np.float64]:
        """J of each row."""
        return self.metric.jacobian(z)

    def second(self, z: Points, u: Points, v: Points) -> Points:
        """The second difference along u and v at each row, (n, z) thrice -> (n, D)."""
        at = [self.metric.image(z + self.step * (a * u + b * v)) for a in (1, -1) for b in (1, -1)]
        return np.asarray((at[0] - at[1] - at[2] + at[3]) / (4 * self.step**2))


def courses(n: int, *, seed: int) -> dict[str, Course]:
    """n geodesics in closed form on each surface, up to 2 long: "sphere" and "torus"."""
    rng = np.random.default_rng(seed)
    starts = rng.uniform(-0.5, 0.5, (n, 2))
    low = rng.uniform(-1.2, 0.0, n)
    high = low + rng.uniform(0.5, 1.5, n)
    least = 2 + np.minimum(np.cos(low), np.cos(high))  # r has its greatest value between them
    return {
        "sphere": great_circles(starts, rng.uniform(-0.6, 0.6, (n, 2))),
        "torus": torus_courses(low, high, 0.8 * least * rng.uniform(-1, 1, n)),
    }


def length_errors(metric: PullbackMetric, course: Course) -> Values:
    """Relative error of refined geodesics' lengths, (n,), from the straight segment between their ends on."""
    ends = np.stack([course.starts, course.ends], axis=1)
    found = refine([measured(pair, metric) for pair in ends], rtol=_RTOL)
    return np.asarray([path.length for path in found]) / course.lengths - 1


def shot_errors(metric: PullbackMetric, course: Course) -> Values:
    """Distance in space between where shots end and where they should, over the length, (n,)."""
    found = exp(metric, course.starts, course.velocities)
    away = metric.image(found) - metric.image(course.ends)
    return np.asarray(np.linalg.norm(away, axis=1) / course.lengths)


def turned(metric: PullbackMetric, loop: Points, *, method: str = "polar") -> float:
    """The angle in (-pi, pi] by which a vector comes back turned from a closed loop (T + 1, 2)."""
    v = np.array([1.0, 0.0])
    back = parallel_translation(metric, loop, v, method=method)
    r = np.linalg.qr(metric.jacobian(loop[:1])[0]).R
    before, after = r @ v, r @ back
    sign = np.sign(np.linalg.det(r))  # angles are counted as in the coordinates
    return float(sign * np.arctan2(before[0] * after[1] - before[1] * after[0], before @ after))


def holonomy_error(metric: PullbackMetric, angle: float, steps: int, *, method: str = "polar") -> float:
    """Relative error of the sphere's holonomy round a latitude, against the area it encloses."""
    area = 2 * np.pi * (1 - np.cos(angle))
    off = turned(metric, latitude(angle, steps), method=method) - area
    return float(abs((off + np.pi) % (2 * np.pi) - np.pi) / area)


def great_circle_losses(metric: PullbackMetric, counts: Sequence[int]) -> Losses:
    """A vector at 45 degrees carried along 1.5 rad of a great circle of the sphere as [S18] does, by steps:
    the norm lost before it is restored, and the angle to the polar transport's.
    """
    norm, angle = [], []
    v = np.array([1.0, 1.0])
    for count in counts:
        s = np.linspace(-0.5, 0.5, count + 1) * _GREAT_CIRCLE
        arc = np.stack([np.tan(s / 2), 0 * s], axis=1)
        theirs, ours = projected(metric, arc, v), parallel_translation(metric, arc, v)
        jacobian = metric.jacobian(arc[-1:])[0]
        a, b = (jacobian @ w / np.linalg.norm(jacobian @ w) for w in (theirs.vector, ours))
        norm.append(theirs.lost)
        angle.append(2 * np.arcsin(np.linalg.norm(a - b) / 2))
    return Losses(np.asarray(counts, dtype=float), np.array(norm), np.array(angle))


def line_and_geodesic(metric: PullbackMetric, a: ArrayLike, b: ArrayLike) -> dict[str, Any]:
    """The straight latent line from a to b and the refined geodesic, both as a `Geodesic`."""
    t = np.linspace(0, 1, 65)[:, None]
    line = measured((1 - t) * np.asarray(a) + t * np.asarray(b), metric)
    return {"line": line, "geodesic": refine(measured(line.points[[0, -1]], metric), rtol=_RTOL)}
