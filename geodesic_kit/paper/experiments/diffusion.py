"""Diffusion-map distances: how differently a random walk on the points spreads from two of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.spatial.distance import pdist, squareform

from ...checks import as_points, integer, number
from ...errors import DataError
from ...types import Points

__all__ = ["diffusion_distances", "transitions"]


def transitions(
    x: Points, neighbour: int = 7, alpha: float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The random walk on points (n, d), (n, n), rows sum to 1, and its stationary shares (n,).

    The kernel is exp(-|x - y|²/(s_x s_y)) with s the distance to the neighbour of that rank [Zelnik-Manor and
    Perona 2004], divided by its own density to the power `alpha`: 1 takes the sampling density out. Raises
    DataError and InvalidParameter. [Coifman and Lafon 2006] §3.
    """
    kernel, degree = _kernel(x, neighbour, alpha)
    return kernel / degree[:, None], degree / degree.sum()


def diffusion_distances(
    x: Points, time: int | None = None, neighbour: int = 7, alpha: float = 1.0
) -> NDArray[np.float64]:
    """Diffusion distances (n, n) of points (n, d) after `time` steps, or of all times summed; exact, no
    eigenvalue is dropped.

    After t steps it is |T^t(x, .) - T^t(y, .)| in the norm of 1 / stationary [Coifman and Lafon 2006] Eqn 9;
    summed over t = 1, 2, ... T^t is taken without its limit and no time is to be chosen [Haghverdi et al.
    2016]. Two walks that cannot meet differ by a finite number: unreachable is far, never inf. Raises
    DataError and InvalidParameter.
    """
    kernel, degree = _kernel(x, neighbour, alpha)
    root = np.sqrt(degree)
    # Without the constant coordinate, eigenvalue 1, which no distance sees: it would drown the others.
    values, vectors = eigh(
        kernel / root[:, None] / root - root[:, None] * (root / degree.sum()), check_finite=False
    )
    if time is None:
        values = np.minimum(values, 1 - 1e-12)  # pieces that no walk leaves
        weights = values / (1 - values)
    else:
        weights = values ** integer(time, "time", least=1)
    coordinates = vectors * weights * np.sqrt(degree.sum()) / root[:, None]
    gram = coordinates @ coordinates.T
    own = np.diagonal(gram)
    apart = np.sqrt(np.maximum(own[:, None] + own - (gram + gram.T), 0.0))
    np.fill_diagonal(apart, 0.0)
    return apart


def _kernel(x: Points, neighbour: int, alpha: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The symmetric kernel (n, n) and its row sums (n,)."""
    x = as_points(x)
    rank = integer(neighbour, "neighbour", least=1, most=max(len(x) - 1, 1))
    squares = squareform(pdist(x, "sqeuclidean"))
    scale = np.sqrt(np.partition(squares, rank, axis=1)[:, rank]) if len(x) > 1 else np.ones(1)
    if not (scale > 0).all():
        raise DataError(
            f"a point coincides with {rank} others, so its kernel has no width; drop repeated points or "
            "give a larger neighbour="
        )
    kernel = np.exp(-squares / scale[:, None] / scale)
    density = kernel.sum(axis=1) ** number(alpha, "alpha", least=0, finite=True)
    kernel /= density[:, None] * density
    return kernel, kernel.sum(axis=1)
