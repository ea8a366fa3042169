"""How often an embedding of labelled data is linearly separable: seeds, data sets, generative and Euclidean distances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from ..applications.embedding import embed
from ..applications.separability import linear_separability
from ..datasets import load
from ..defaults import default_graph, default_metric, fitted_density
from ..errors import DataError
from ..parallel import n_threads, shared_out
from ..paths import distances
from ..types import Density, Ints, Points

__all__ = ["Embedded", "distances_of", "embedded", "fraction", "over_seeds"]


@dataclass(frozen=True, eq=False)
class Embedded:
    """A t-SNE embedding z (n, 2) of a data set with labels y (n,), from one kind of distances, and its linear separability."""

    name: str
    distance: str
    seed: int
    perplexity: float
    z: Points
    y: Ints
    separability: float


def distances_of(x: Points, seed: int, densities: dict[str, Density | str]) -> dict[str, NDArray[np.float64]]:
    """Distances (n, n) by name: "Euclidean", and generative ones under each density, a plugin's name or ready, by the kit's defaults."""
    graph = default_graph(x)
    under = {name: default_metric(fitted_density(x, density, seed), x) for name, density in densities.items()}
    return {name: distances(graph.weigh(metric)) for name, metric in under.items()} | {"Euclidean": cdist(x, x)}


def embedded(
    name: str, n: int, seed: int, perplexities: Sequence[float], *, density: str = "mog", true_density: bool = False, iterations: int = 1000
) -> list[Embedded]:
    """Embeddings of n points of a data set drawn with that seed, at each perplexity, from distances in turn.

    These are "generative" ones, those under the "true density" where asked, and "Euclidean" ones. Raises as gk.datasets.load; DataError
    where the set has no labels, or no true density and that was asked for.
    """
    data = load(name, n=n, seed=seed)
    if data.y is None:
        raise DataError(f"data set {name!r} has no labels to separate")
    under: dict[str, Density | str] = {"generative": density}
    if true_density:
        if data.density is None:
            raise DataError(f"the true density of {name!r} is not known; leave true_density out")
        under["true density"] = data.density
    found = []
    for distance, D in distances_of(data.x, seed, under).items():
        for perplexity in perplexities:
            z = embed(D, seed=seed, perplexity=perplexity, iterations=iterations)
            found.append(Embedded(name, distance, seed, perplexity, z, data.y, linear_separability(z, data.y, seed=seed)))
    return found


def over_seeds(
    names: Sequence[str],
    seeds: Sequence[int],
    n: int,
    perplexity: float,
    *,
    density: str = "mog",
    true_density: bool = False,
    iterations: int = 1000,
) -> list[Embedded]:
    """`embedded` for every data set and seed, sets in turn, on all cores; the seed draws the points and starts fit and embedding."""

    def one(job: tuple[str, int]) -> list[Embedded]:
        name, seed = job
        return embedded(name, n, seed, [perplexity], density=density, true_density=true_density, iterations=iterations)

    jobs = [(name, seed) for name in names for seed in seeds]
    return [trial for trials in shared_out(one, jobs, n_threads()) for trial in trials]


def fraction(trials: Sequence[Embedded], name: str, distance: str, least: float = 0.99) -> float:
    """Fraction of the seeds on which the embedding of that set from that distance has a separability of at least `least`."""
    reached = [trial.separability >= least for trial in trials if (trial.name, trial.distance) == (name, distance)]
    if not reached:
        raise DataError(f"no embedding of {name!r} from {distance!r} distances; there are {sorted({(t.name, t.distance) for t in trials})}")
    return float(np.mean(reached))
