"""Densities of one sample, from the true one to badly wrong ones, judged by what comes of them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..applications.diagnose import diagnose
from ..defaults import default_metric, fitted_density
from ..errors import InvalidParameter, MissingPlugin
from ..paths import distances
from ..registry import densities
from ..types import Density, Points
from .scoring import agreement
from .sensitivity import Subject, log_ratio_of, smoothness, weighed

__all__ = ["Judged", "floored", "judged", "variants"]


def variants(of: Subject, sizes: Sequence[int], names: Sequence[str] = ()) -> Iterator[tuple[str, str, Density]]:
    """Densities of the points as (family, name, density): true, the subject's mixture, smoothed, kernels, shuffled, EM.

    `names` are further densities by name, each fitted with its own defaults. EM of a given size runs once with a floor of the
    variances at the sample's spacing, as the default has it, and once without. Raises UnknownPlugin.
    """
    from geodesic_kit_plugins.densities.mog_choice import leave_one_out_variance

    mog, rng = densities["mog"], np.random.default_rng(of.seed)
    if not isinstance(of.density, mog):
        raise InvalidParameter(f"the subject's density is {of.density!r}; its variants are those of a mixture: give density='mog'")
    base: Any = of.density
    yield "true", "the true density", of.truth
    yield "default", "mog", base
    for name in names:
        yield "by name", name, fitted_density(of.x, name, of.seed)
    for factor in (4, 16):
        yield "over-smoothed", f"mog, variances × {factor}", mog(base.means, base.covariances * factor, base.weights)
    yield "kernels", "kde, leave-one-out likeliest", mog(of.x, np.full(len(of.x), leave_one_out_variance(of.x)))
    scott = mog.fit(of.x, seed=of.seed, method="kde")
    yield "kernels", "kde, Scott", scott
    yield "under-smoothed", "kde, Scott's width / 16", mog(scott.means, scott.covariances / 16**2, scott.weights)
    yield "shuffled", "EM of shuffled columns", mog.fit(_shuffled(of.x, rng), seed=of.seed, n_components=len(base.means))
    yield "shuffled", "mog, columns of means shuffled", mog(_shuffled(base.means, rng), base.covariances, base.weights)
    for size in sizes:
        yield "EM, plain", f"EM, K = {size}", mog.fit(of.x, seed=of.seed, n_components=size)
        yield "EM, floored", f"EM with the floor, K = {size}", floored(of, size)


@dataclass(frozen=True)
class Judged:
    """One density of a subject: its divergence in nats, what comes of it with all else by default, and whether `gk.diagnose` names it."""

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


def judged(of: Subject, sizes: Sequence[int], names: Sequence[str] = (), *, n_pairs: int = 20, n_fresh: int = 5000) -> list[Judged]:
    """Every density of `variants`, with the default metric over it on the default graph. Raises as `variants` and `divergence`."""
    rows, log_ratio = [], log_ratio_of(of, n_fresh)
    for family, name, density in variants(of, sizes, names):
        graph = weighed(of.x, default_metric(density, of.x))
        told = [finding.measured for finding in diagnose(graph, seed=of.seed) if finding.name == "miscalibrated density"]
        nmi, smooth = agreement(distances(graph), of.y, of.seed), smoothness(graph, of.y, n_pairs, of.seed)
        kl = float(log_ratio(density).mean())
        rows.append(Judged(of.name, of.seed, family, name, kl, nmi, smooth.skip, smooth.turning, bool(told), "".join(told)))
    return rows


def floored(of: Subject, size: int) -> Density:
    """EM of that many components, none narrower than the sample's spacing: the default's fit, its size given. Raises MissingPlugin."""
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.mixture import GaussianMixture
    except ModuleNotFoundError as err:
        raise MissingPlugin("EM needs scikit-learn: pip install 'geodesic-kit[learn]'", name=err.name) from err
    from geodesic_kit_plugins.densities.mog_choice import spacing_floor

    spread = of.x.std(axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # where EM stops early the mixture is a density all the same
        model = GaussianMixture(size, random_state=of.seed, reg_covar=spacing_floor(of.x / spread), max_iter=300).fit(of.x / spread)
    found: Density = densities["mog"](model.means_ * spread, model.covariances_ * np.outer(spread, spread), model.weights_)
    return found


def _shuffled(x: Points, rng: np.random.Generator) -> Points:
    """Each column in an order of its own."""
    return np.stack([rng.permutation(column) for column in x.T], axis=1)
