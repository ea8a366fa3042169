"""Densities of one sample, from the true one to badly wrong ones and those that networks learn, judged by
what comes of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...applications.defaults import default_metric, fitted_density
from ...applications.diagnose import miscalibrated
from ...errors import InvalidParameter, NotADensityError
from ...paths.distances import distances
from ...registry import densities
from ...types import Density, OnSegments, Points
from .scoring import agreement
from .sensitivity import Subject, log_ratio_of, smoothness, weighed
from .tabulated import tabulated

__all__ = ["Judged", "judged", "variants"]

Deep = Mapping[str, Mapping[str, Any]]

_CELLS = (100, 200, 400)  # along the longer side of a table, the first that is fine enough


def variants(
    of: Subject, sizes: Sequence[int], deep: Deep | None = None
) -> Iterator[tuple[str, str, Density]]:
    """Densities of the points as (family, name, density): true, the subject's mixture, smoothed, kernels,
    shuffled, EM, and `deep` ones.

    `deep` names further densities, each with the options of its fit, of which "plugin" is the plugin where it
    is not the name: such as {"NSF": {"plugin": "realnvp", "flow": "nsf"}}. EM of a given size runs once with
    a floor of the variances at the sample's spacing, as the default has it, and once without. Raises
    UnknownPlugin, and as the fits.
    """
    mog, rng = densities["mog"], np.random.default_rng(of.seed)
    if not isinstance(of.density, mog):
        raise InvalidParameter(
            f"the subject's density is {of.density!r}; its variants are those of a mixture: give "
            f"density='mog'"
        )
    base: Any = of.density
    yield "true", "the true density", of.truth
    yield "default", "mog", base
    for factor in (4, 16):
        yield (
            "over-smoothed",
            f"mog, variances × {factor}",
            mog(base.means, base.covariances * factor, base.weights),
        )
    yield "kernels", "kde, leave-one-out likeliest", mog(of.x, mog.leave_one_out_variance(of.x))
    scott = mog.fit(of.x, seed=of.seed, method="kde")
    yield "kernels", "kde, Scott", scott
    yield (
        "under-smoothed",
        "kde, Scott's width / 16",
        mog(scott.means, scott.covariances / 16**2, scott.weights),
    )
    yield (
        "shuffled",
        "EM of shuffled columns",
        mog.fit(_shuffled(of.x, rng), seed=of.seed, n_components=len(base.means)),
    )
    yield (
        "shuffled",
        "mog, columns of means shuffled",
        mog(_shuffled(base.means, rng), base.covariances, base.weights),
    )
    for size in sizes:
        yield "EM, plain", f"EM, K = {size}", mog.fit(of.x, seed=of.seed, n_components=size)
        yield (
            "EM, floored",
            f"EM with the floor, K = {size}",
            mog.fit(of.x, seed=of.seed, n_components=size, floored=True),
        )
    for name, options in (deep or {}).items():
        rest = {option: value for option, value in options.items() if option != "plugin"}
        yield "deep", name, fitted_density(of.x, options.get("plugin", name), of.seed, **rest)


@dataclass(frozen=True)
class Judged:
    """One density of a subject: its divergence in nats, what comes of it with all else by default, and
    whether `gk.diagnose` names it.
    """

    set: str
    seed: int
    family: str
    density: str
    kl: float
    nmi: float
    skip: float
    turning: float
    named: bool
    measured: str


def judged(
    of: Subject, sizes: Sequence[int], deep: Deep | None = None, *, n_pairs: int = 20, n_fresh: int = 5000
) -> list[Judged]:
    """Every density of `variants`, with the default metric over it on the default graph. Raises as `variants`
    and `divergence`.
    """
    rows, log_ratio = [], log_ratio_of(of, n_fresh)
    for family, name, density in variants(of, sizes, deep):
        quick = _quick(density, of.x)
        graph = weighed(of.graph, default_metric(quick, of.x))
        told = miscalibrated(graph, quick, of.seed)
        nmi, smooth = agreement(distances(graph), of.y, of.seed), smoothness(graph, of.y, n_pairs, of.seed)
        kl = float(log_ratio(density).mean())
        rows.append(
            Judged(
                of.name,
                of.seed,
                family,
                name,
                kl,
                nmi,
                smooth.skip,
                smooth.turning,
                told is not None,
                told.measured if told else "",
            )
        )
    return rows


def _quick(density: Density, x: Points) -> Density:
    """A density in the plane that has no fast path along edges, as a table over the points' box and a tenth
    around it, where there is one.

    A network's log p costs up to a millisecond a point, and a graph's edges ask for it a hundred thousand
    times.
    """
    if isinstance(density, OnSegments) or x.shape[1] != 2:
        return density
    low, high = x.min(axis=0), x.max(axis=0)
    box = np.stack([low - (high - low) / 10, high + (high - low) / 10], axis=1)
    for cells in _CELLS:
        with suppress(InvalidParameter, NotADensityError):  # too coarse
            return tabulated(density, box, cells)
    return density


def _shuffled(x: Points, rng: np.random.Generator) -> Points:
    """Each column in an order of its own."""
    return np.stack([rng.permutation(column) for column in x.T], axis=1)
