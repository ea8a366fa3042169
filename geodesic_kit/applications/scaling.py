"""Classical scaling (Torgerson): points whose Euclidean distances come nearest to given ones, and how
near.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.blocks import strips
from ..base.components import components_of
from ..base.torgerson import laid_out, largest, upright
from ..checks import integer
from ..errors import DataError
from ..types import Points, Values
from .distance_matrices import as_distances, room_for, sizes_in_words

__all__ = ["Scaling", "classical_mds", "side_by_side"]


@dataclass(frozen=True, eq=False)
class Scaling:
    """Points (n, dim) in the units of the distances, their eigenvalues (dim,), and what of the distances they
    hold.

    `share` is the sum of the eigenvalues kept over that of all positive ones: what `dim` dimensions explain.
    `negative` is the sum of the sizes of the negative ones over that of all: 0 where the distances are
    Euclidean in any number of dimensions.
    """

    points: Points
    eigenvalues: Values
    share: float
    negative: float

    def __repr__(self) -> str:
        n, dim = self.points.shape
        held = (
            f"{100 * self.share:.0f} % of the positive spectrum, {100 * self.negative:.0f} % of it all "
            f"negative"
        )
        return f"Scaling({n} points in {dim} dimensions, {held})"


def classical_mds(D: Any, dim: int = 2) -> Scaling:
    """Classical scaling of finite distances D (n, n): the top `dim` eigenvectors of the doubly centred -D²/2,
    times √eigenvalue.

    Exact, up to a rotation, where D are Euclidean distances of points in `dim` dimensions; an axis whose
    eigenvalue is not positive is 0. Columns fall by their spread; the entry of largest size in each is
    positive. `share` and `negative` need all eigenvalues, n³ operations; gk.embed does without. Raises
    DataError where D is no distance matrix or holds inf, InvalidParameter. W. S. Torgerson (1952).
    """
    matrix, dim = as_distances(D), integer(dim, "dim", least=1)
    if not np.isfinite(matrix).all():
        raise DataError(
            f"distances fall into {sizes_in_words(components_of(np.isfinite(matrix)))}; gk.embed(D, "
            "method='mds') lays them side by side"
        )
    with room_for("spectrum", len(matrix)):
        unit = float(matrix.max()) or 1.0
        gram = _centred(matrix / unit)
        spectrum = np.linalg.eigvalsh(gram)
        points, kept = _top(gram, dim)
    positive, size = float(spectrum[spectrum > 0].sum()), float(np.abs(spectrum).sum())
    share, negative = (
        (min(1.0, float(kept.sum()) / positive), max(0.0, 1 - positive / size)) if size else (1.0, 0.0)
    )
    return Scaling(points * unit, kept * unit * unit, share, negative)


def side_by_side(D: NDArray[np.float64], components: NDArray[np.int64], dim: int) -> Points:
    """Each component of D (n, n) scaled on its own, (n, dim), laid out along the first axis by falling size,
    a gap between them.
    """
    pieces = [
        _scaled(D[np.ix_(own, own)], dim) for own in (components == c for c in range(components.max() + 1))
    ]
    return laid_out(pieces, components)


def _scaled(D: NDArray[np.float64], dim: int) -> Points:
    """Of a copy, in whose place it is done."""
    unit = float(D.max()) or 1.0
    D /= unit
    return _top(_centred(D), dim)[0] * unit


def _centred(D: NDArray[np.float64]) -> NDArray[np.float64]:
    """-D²/2 with the means of rows and columns taken away, of distances of at most 1, in their place."""
    gram = np.square(D, out=D)
    means = gram.mean(axis=0)
    gram -= means
    gram -= means[:, None] - means.mean()
    for run in strips(len(gram)):  # distances may differ from end to end by rounding
        rest = slice(run.start, None)
        both = gram[run, rest] + gram[rest, run].T
        gram[run, rest], gram[rest, run] = both, both.T
    gram *= -0.25
    return gram


def _top(gram: NDArray[np.float64], dim: int) -> tuple[Points, Values]:
    """Coordinates (n, dim) and eigenvalues (dim,), zero where there is none above rounding."""
    n = len(gram)
    values, vectors = largest(gram, min(dim, n))
    points, kept = np.zeros((n, dim)), np.zeros(dim)
    points[:, : len(values)] = vectors * np.sqrt(values)
    kept[: len(values)] = values
    return upright(points), kept
