"""Points of the plane from distances: t-SNE and classical scaling, with an answer where distances fall into
components.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.components import components_of
from ..base.limited import limited_to
from ..base.warn import tell
from ..checks import chosen, integer, number, seeded
from ..errors import ComponentsNotice, DataError, InvalidParameter, MissingPlugin
from ..paths.landmarks import Landmarks
from ..types import Ints, Points
from .distance_matrices import as_distances, finite_median, room_for, sizes_in_words
from .landmark_clusters import matrix_or_landmarks
from .scaling import side_by_side

__all__ = ["embed"]

_METHODS = ("tsne", "mds")
_BACKENDS = {
    "sklearn": ("sklearn.manifold", "scikit-learn", "learn"),
    "opentsne": ("openTSNE", "openTSNE", "tsne"),
}
_MANY = 5000  # above it Barnes and Hut's tree takes minutes and openTSNE's interpolation seconds
_MOST_DIMENSIONS = 1000
_START = 1e-4  # spread of the first axis at the start, so small that no point is in another's way
_JITTER = 1e-2  # of it; without it points that start on a line, or on each other, never leave it


def embed(
    D: Any,
    method: str = "tsne",
    seed: int = 0,
    dim: int = 2,
    perplexity: float | None = None,
    backend: str = "auto",
    iterations: int = 1000,
) -> Points:
    """Points from their distances, by t-SNE or classical scaling. [GG] Fig 7.

    t-SNE starts from classical scaling, shrunk to 1e-4, which keeps what is far apart far apart and makes
    seeds agree where a random start scatters clusters (Kobak and Linderman 2021). One thread, so that equal
    seeds give equal points to the bit. L. van der Maaten, G. Hinton, Visualizing data using t-SNE (2008).

    Where D falls into components (inf), ComponentsNotice names them. t-SNE then has no affinity across
    components, and a point's perplexity ends at the size of its own; classical scaling lays components side
    by side.

    Parameters
    ----------
    D : array (n, n), Graph or Landmarks
        Distances, or a weighed graph, of which all are taken up to 5,000 vertices. Beyond, and of
        `gk.landmarks` always, only "mds" is there, as landmark scaling, which is approximate:
        `Landmarks.embed`, with 256 where the graph carries none.
    method : {"tsne", "mds"}, default "tsne"
        t-SNE, without units, or classical scaling, in the units of D.
    seed : int, default 0
        Of the hundredth of noise that t-SNE's start is given, and of landmarks that are chosen here.
    dim : int, default 2
        Number of coordinates, from 1 to 1,000.
    perplexity : float, optional
        Effective number of neighbours of t-SNE, from 1 to below n; by default 30, or (n - 1) / 3 where there
        are fewer points.
    backend : {"auto", "sklearn", "opentsne"}, default "auto"
        What t-SNE is done by. "auto" is scikit-learn, and openTSNE, where installed, above 5,000 points for
        up to two dimensions.
    iterations : int, default 1000
        Of t-SNE, from 250.

    Returns
    -------
    array (n, dim)

    Raises
    ------
    DataError
        Where D is no distance matrix or has one point.
    InvalidParameter, MissingPlugin, TooLittleMemoryError

    Examples
    --------
    >>> line = np.abs(np.subtract.outer([0.0, 1, 3], [0.0, 1, 3]))
    >>> z = gk.embed(line, method="mds")
    >>> np.linalg.norm(z[0] - z[2]).round(6)
    np.float64(3.0)
    """
    chosen(method, "method", _METHODS)
    seed, dim = seeded(seed), integer(dim, "dim", least=1, most=_MOST_DIMENSIONS)
    D = matrix_or_landmarks(D, seed)
    if isinstance(D, Landmarks):
        if method == "tsne":
            raise InvalidParameter(
                "method='tsne' needs all distances; give those of fewer points, or method='mds', which "
                "landmarks scale"
            )
        return D.embed(dim)
    matrix = as_distances(D)
    n = len(matrix)
    if n < 2:
        raise DataError("distances of one point cannot be embedded; give those of two or more")
    components = components_of(np.isfinite(matrix))
    if components.any():
        done = (
            "t-SNE has no affinity across them"
            if method == "tsne"
            else "they are scaled one by one and laid side by side"
        )
        tell(
            f"distances fall into {sizes_in_words(components)}: {done}, so how far they lie apart means "
            "nothing; give a larger eps= or k=, or use adaptive_graph, for one component",
            ComponentsNotice,
        )
    if method == "mds":
        with room_for("mds", n):
            return side_by_side(matrix, components, dim)
    engine = _engine(backend, n, dim)
    near = (
        max(1.0, min(30.0, (n - 1) / 3))
        if perplexity is None
        else number(perplexity, "perplexity", least=1, finite=True)
    )
    if near >= n:
        raise InvalidParameter(
            f"perplexity={near:g} needs more than {near:g} points, there are {n}; give less, or leave it out"
        )
    iterations = integer(iterations, "iterations", least=250, most=10**6)
    with room_for("tsne", n):
        matrix = matrix / _unit(matrix)
        start = _start(matrix, components, dim, seed)
        if components.max() == n - 1:  # nothing attracts anything
            return start / _START
        return (_sklearn if engine == "sklearn" else _opentsne)(matrix, components, start, near, iterations)


def _engine(backend: str, n: int, dim: int) -> str:
    """The back-end's name, its module importable. Raises InvalidParameter, MissingPlugin."""
    chosen(backend, "backend", ("auto", *_BACKENDS))
    if backend == "opentsne" and dim > 2:
        raise InvalidParameter(
            f"openTSNE embeds into one or two dimensions, not dim={dim}; give backend='sklearn'"
        )
    if backend == "auto":
        if n <= _MANY or dim > 2 or not _installed("opentsne"):
            backend = "sklearn"
        else:
            return "opentsne"
    if not _installed(backend):
        _, name, extra = _BACKENDS[backend]
        raise MissingPlugin(f"t-SNE by {name} needs {name}: pip install 'geodesic-kit[{extra}]'", name=name)
    return backend


def _installed(backend: str) -> bool:
    try:
        importlib.import_module(_BACKENDS[backend][0])
    except ModuleNotFoundError:
        return False
    return True


def _unit(D: NDArray[np.float64]) -> float:
    """The median distance, so that neither the scale of D nor its components' sizes matter; 1 where all
    points coincide.
    """
    try:
        return finite_median(D) or float(D.max(initial=0.0, where=np.isfinite(D)))
    except DataError:
        return 1.0


def _start(D: NDArray[np.float64], components: Ints, dim: int, seed: int) -> Points:
    """Classical scaling shrunk to a spread of 1e-4 along its first axis, and noise."""
    z = side_by_side(D, components, dim)
    spread = float(z[:, 0].std())
    z = z / spread if spread > 0 else z
    return _START * (z + _JITTER * np.random.default_rng(seed).normal(size=z.shape))


def _sklearn(
    D: NDArray[np.float64], components: Ints, start: Points, perplexity: float, iterations: int
) -> Points:
    from sklearn import config_context
    from sklearn.manifold import TSNE

    # In too small a component for its perplexity the search for a bandwidth halves 100 times, in float32;
    # this stays out of its reach.
    D[np.isinf(D)] = 1e19
    method = "barnes_hut" if start.shape[1] <= 3 else "exact"
    model = TSNE(
        start.shape[1],
        metric="precomputed",
        init=start,
        perplexity=perplexity,
        max_iter=iterations,
        method=method,
        n_jobs=1,
    )
    if components.any():
        # n / 48 without scikit-learn's floor of 50, at which two points that hold only each other are flung
        # apart.
        model.set_params(learning_rate=len(D) / 48)
    # sums in another order would end elsewhere; neighbours are looked for in blocks of 16 MiB
    with limited_to(1), config_context(working_memory=16):
        return np.asarray(model.fit_transform(D), dtype=np.float64)


def _opentsne(
    D: NDArray[np.float64], components: Ints, start: Points, perplexity: float, iterations: int
) -> Points:
    from openTSNE import TSNE
    from openTSNE.affinity import PerplexityBasedNN, PrecomputedAffinities
    from scipy.sparse import coo_array

    rows, columns, values = [], [], []
    with limited_to(1):
        for own in (np.flatnonzero(components == c) for c in range(components.max() + 1)):
            if len(own) > 1:  # a lone point has no neighbour to be drawn to
                reach = min(perplexity, (len(own) - 1) / 3)
                block = coo_array(
                    PerplexityBasedNN(
                        D[np.ix_(own, own)], perplexity=reach, metric="precomputed", n_jobs=1, random_state=0
                    ).P
                )
                rows.append(own[block.row])
                columns.append(own[block.col])
                values.append(block.data * len(own))
        pairs = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
        affinities = PrecomputedAffinities(coo_array(pairs, shape=D.shape).tocsr())
        model = TSNE(start.shape[1], n_iter=iterations - 250, n_jobs=1, random_state=0)
        return np.asarray(model.fit(affinities=affinities, initialization=start), dtype=np.float64)
