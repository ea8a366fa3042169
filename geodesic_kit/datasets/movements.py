"""Generated data sets of things that move, with what moves them: a pendulum in pictures, the joints of an
arm.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ..checks import number
from ..types import Points, Values
from . import arm, pendulum
from .curves import Curve, mixture, sample_curves
from .dataset import Dataset, mixture_density

__all__ = ["MOVEMENTS"]

_SOURCE = "generated, independent draws"
_MOST_NOISE = 1e6
# Where a curve is fastest, in units per turn: measured on 20,000 angles, with a margin of a tenth.
_PENDULUM_SPEED, _ARM_SPEEDS = 102.0, (2.7, 7.0, 16.2)


def _pendulum(n: int | None, seed: int, noise: float = 0.05) -> Dataset:
    """Pictures of a pendulum, 16 x 16 pixels in [0, 1] and Gaussian noise, at angles drawn evenly from the
    whole circle, ours after [C18].

    `.factors` are {"angle": (n,)}, in radians from hanging down, counter-clockwise, from 0 to 2 pi. The
    density is exact to 1e-5: the circle of pictures, blurred; a pixel has kinks in the angle.
    """
    sigma = number(noise, "noise", least=0.0, most=_MOST_NOISE)
    curves = [Curve(lambda u: pendulum.pictures(2 * np.pi * u), _PENDULUM_SPEED, closed=True)]
    truth = partial(mixture_density, *mixture(curves, sigma)) if sigma else None
    x, _, u = sample_curves(curves, sigma, n or 1000, seed)
    side = pendulum.SIDE
    return Dataset("pendulum", x, None, _SOURCE, (side, side), truth=truth, factors={"angle": 2 * np.pi * u})


def _arm(n: int | None, seed: int, noise: float = 0.03) -> Dataset:
    """Poses of a planar arm of three links whose hand follows one of three circles: sines and cosines of its
    joints with Gaussian noise, ours after [C18].

    Links are 1, 0.8 and 0.6 long; the circles, of radii 0.2, 0.4 and 0.6, have one centre, (1.6, 0), and y
    says which; the last link stays level. Columns are the sines of the three joints, then their cosines.
    `.factors` are {"joints": (n, 3), in radians, each from the link before it, "hand": (n, 2)}. The density
    is exact.
    """
    sigma = number(noise, "noise", least=0.0, most=_MOST_NOISE)
    curves = [
        Curve(partial(_pose, radius), speed, closed=True)
        for radius, speed in zip(arm.RADII, _ARM_SPEEDS, strict=True)
    ]
    truth = partial(mixture_density, *mixture(curves, sigma)) if sigma else None
    x, y, u = sample_curves(curves, sigma, n or 1000, seed)
    joints = arm.joints(np.array(arm.RADII)[y], 2 * np.pi * u)
    return Dataset("arm", x, y, _SOURCE, truth=truth, factors={"joints": joints, "hand": arm.hand(joints)})


def _pose(radius: float, u: Values) -> Points:
    return arm.poses(arm.joints(radius, 2 * np.pi * u))


MOVEMENTS: dict[str, Callable[..., Dataset]] = {"arm": _arm, "pendulum": _pendulum}
