"""How often an embedding of labelled data is linearly separable: seeds, data sets, generative and
Euclidean distances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...applications.embedding import embed
from ...applications.separability import linear_separability
from ...base.threads import n_threads, shared_out
from ...datasets import load
from ...errors import DataError
from ...plots.canvas import INK, new_axes
from ...types import Ints, Points
from .rivals import distance_matrix
from .scoring import foreign_share

__all__ = ["Embedded", "draw", "embedded", "fraction", "over_seeds"]


@dataclass(frozen=True, eq=False)
class Embedded:
    """A t-SNE embedding z (n, 2) of a data set with labels y (n,), from one kind of distances, and its
    linear separability; `foreign` is the distances' `foreign_share` among 30 neighbours."""

    name: str
    distance: str
    seed: int
    perplexity: float
    z: Points
    y: Ints
    separability: float
    foreign: float


def embedded(
    name: str,
    n: int,
    seed: int,
    perplexities: Sequence[float],
    *,
    density: Any = "mog",
    iterations: int = 1000,
) -> list[Embedded]:
    """t-SNE of n points of a data set drawn with that seed, from generative and then from Euclidean
    distances, at each perplexity.

    Raises as gk.datasets.load, and DataError where the set has no labels.
    """
    data = load(name, n=n, seed=seed)
    if data.y is None:
        raise DataError(f"data set {name!r} has no labels to separate")
    found = []
    for distance in ("generative", "Euclidean"):
        D = distance_matrix(distance, data.x, seed, density).value
        foreign = foreign_share(D, data.y)
        for perplexity in perplexities:
            z = embed(D, seed=seed, perplexity=perplexity, iterations=iterations)
            separability = linear_separability(z, data.y, seed=seed)
            found.append(Embedded(name, distance, seed, perplexity, z, data.y, separability, foreign))
    return found


def over_seeds(
    names: Sequence[str],
    seeds: Sequence[int],
    n: int,
    perplexities: float | Sequence[float],
    *,
    density: Any = "mog",
    iterations: int = 1000,
) -> list[Embedded]:
    """`embedded` for every data set and seed, sets in turn, on all cores; the seed draws the points and
    starts fit and embedding."""
    several = [perplexities] if isinstance(perplexities, (int, float)) else perplexities

    def one(job: tuple[str, int]) -> list[Embedded]:
        name, seed = job
        return embedded(name, n, seed, several, density=density, iterations=iterations)

    jobs = [(name, seed) for name in names for seed in seeds]
    return [trial for trials in shared_out(one, jobs, n_threads()) for trial in trials]


def fraction(trials: Sequence[Embedded], name: str, distance: str, least: float = 0.99) -> float:
    """Fraction of the seeds on which the embedding of that set from that distance has a separability of at
    least `least`."""
    reached = [
        trial.separability >= least for trial in trials if (trial.name, trial.distance) == (name, distance)
    ]
    if not reached:
        raise DataError(
            f"no embedding of {name!r} from {distance!r} distances; there are "
            f"{sorted({(t.name, t.distance) for t in trials})}"
        )
    return float(np.mean(reached))


def draw(trials: Sequence[Embedded], least: float = 0.99, seed: int = 0) -> None:
    """A figure of separabilities: dots are draws, bars their mean with a 95 % bootstrap interval, a line
    stands at `least`.

    The `seed` is that of the bootstrap.
    """
    ax = new_axes(None, size=(8.0, 4.2))
    import seaborn as sns  # new_axes has said what is missing

    table = {
        "data set": [trial.name for trial in trials],
        "separability": [trial.separability for trial in trials],
        "t-SNE from": [trial.distance for trial in trials],
    }
    shared: dict[str, Any] = dict(
        data=table, x="data set", y="separability", hue="t-SNE from", palette="colorblind", ax=ax
    )
    sns.pointplot(
        **shared, dodge=0.4, linestyle="none", marker="_", markersize=26, errorbar=("ci", 95), seed=seed
    )
    sns.stripplot(**shared, dodge=True, jitter=0.12, size=5, alpha=0.6, legend=False)
    ax.axhline(least, color=INK, linewidth=0.8)
    ax.set(xlabel="", ylabel="separability  [fraction right]", ylim=(0.35, 1.03))
    sns.move_legend(ax, "lower left", frameon=False)
