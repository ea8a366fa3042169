"""All distances of one's own points by the defaults, against Isomap and a mixture of the chosen size."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import geodesic_kit as gk

from .. import warm
from ..bounds import BOUNDS
from ..lines import Line, duration, measured

__all__ = ["large", "run"]

_SETS = ("two_moons", "two_spirals", "unequal_gaussians")
_REPEATS = 3


def run(quick: bool) -> list[Line]:
    """500 and 2,000 points of each of three sets."""
    return [line for n in ((150,) if quick else (500, 2000)) for line in _at(n, _REPEATS)]


def large(quick: bool) -> list[Line]:
    """10,000 points: once, since they take minutes."""
    return _at(1000 if quick else 10_000, 1)


def _at(n: int, repeats: int) -> list[Line]:
    """CPU time over the peers', geometric mean over the sets."""
    from sklearn.manifold import Isomap
    from sklearn.mixture import GaussianMixture

    warm.up()
    gk.GenerativeGeodesics().fit(gk.datasets.load(_SETS[0], n=200, seed=1).x)
    ratios, notes, seconds = [], [], []
    for name in _SETS:
        x = gk.datasets.load(name, n=n, seed=0).x
        fitted = gk.GenerativeGeodesics(random_state=0).fit(x)
        size = len(fitted.density_.weights)
        work: list[Callable[[], Any]] = [
            lambda x=x: gk.GenerativeGeodesics(random_state=0).fit(x),
            lambda x=x, size=size: (
                Isomap(n_neighbors=10).fit(x),
                GaussianMixture(size, random_state=0).fit(x),
            ),
        ]
        took = np.array([[_cpu(one) for one in work] for _ in range(repeats)])
        ours, theirs = np.median(took, axis=0)
        ratios.append(ours / theirs)
        seconds.append(took.tolist())
        notes.append(f"{name}: K = {size}, {duration(ours)} against {duration(theirs)}")
    mean = float(np.exp(np.mean(np.log(ratios))))
    return [
        measured(
            "three_lines",
            f"n = {n:,}: CPU time over that of Isomap and a mixture of K",
            mean,
            f"×{mean:.2f}",
            BOUNDS["three_lines"].get(f"{n}"),
            "; ".join(notes),
            seconds=seconds,
        )
    ]


def _cpu(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
