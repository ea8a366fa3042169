"""Where points of any dimension are drawn: two columns, principal components, or t-SNE of the distances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ...applications.embedding import embed
from ...checks import chosen, integer
from ...density.answers import log_density
from ...errors import InvalidParameter
from ...graph.graph import Graph
from ...paths.distances import distances
from ...types import Density, Points, Values
from .given import Given

__all__ = ["PLANES", "Plane", "plane_of", "planes", "principal_axes"]

PLANES = ("columns", "principal components", "t-SNE of the distances")
_MOST = 1000  # points that t-SNE places within ten seconds
_LONG = 8.0  # one side of a plane to the other, beyond which equal scales leave a ribbon
_NEAR = 3  # points between which t-SNE's picture places what is none of them


@dataclass(frozen=True, eq=False)
class Plane:
    """The points' places (n, 2), where any points (k, d) go, (k, 2), what the axes are called, and whether
    both have one unit.
    """

    places: Points
    move: Callable[[Points], Points]
    labels: tuple[str, str]
    equal: bool
    whole: bool = False  # R^2 itself, over which the density has a map
    note: str = ""


def planes(d: int) -> tuple[str, ...]:
    """What the menu of projections holds for points of R^d."""
    return PLANES if d > 1 else PLANES[:1]


def plane_of(
    name: str,
    data: Given,
    density: Density,
    columns: tuple[int, int],
    seed: int,
    weighed: Callable[[], Graph],
) -> Plane:
    """The plane of that name; t-SNE takes the distances in the graph that `weighed` gives. Raises
    InvalidParameter, MissingPlugin.
    """
    d = data.x.shape[1]
    chosen(name, "projection", planes(d))
    if d == 1:
        return _with_log_p(data, density)
    if name == PLANES[0]:
        return _columns(data, *(integer(column, "columns", least=0, most=d - 1) for column in columns))
    return _principal(data) if name == PLANES[1] else _embedded(data, seed, weighed)


def _with_log_p(data: Given, density: Density) -> Plane:
    def move(x: Points) -> Points:
        return np.column_stack([x[:, 0], log_density(density, x)])

    return Plane(move(data.x), move, (_unit(data, 0), "log p(x)  [log 1/length]"), equal=False)


def _columns(data: Given, across: int, up: int) -> Plane:
    if across == up:
        raise InvalidParameter(f"columns={(across, up)}: give two columns that differ")

    def move(x: Points) -> Points:
        return x[:, [across, up]]

    places = move(data.x)
    wide, high = np.maximum(np.ptp(places, axis=0), np.finfo(float).tiny)
    equal = bool(data.x.shape[1] == 2 and 1 / _LONG < wide / high < _LONG)
    whole = equal and (across, up) == (0, 1)
    return Plane(places, move, (_unit(data, across), _unit(data, up)), equal, whole)


def _unit(data: Given, column: int) -> str:
    """What an axis is called; a table's columns bring their own units."""
    name = data.columns[column].replace("$", r"\$")  # which would begin a formula
    return name if data.named else f"{name}  [length]"


def principal_axes(x: Points) -> tuple[Values, Points, Values]:
    """The mean (d,) of rows x (n, d), the two directions (2, d) in which they vary most, and what share of
    their variance each has, (2,); 0 where there is no second.
    """
    middle = x.mean(axis=0)
    _, extents, rows = np.linalg.svd(x - middle, full_matrices=False)
    axes = np.zeros((2, x.shape[1]))
    axes[: len(rows[:2])] = rows[:2]
    axes *= np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])[:, None]  # else a sign is LAPACK's whim
    shares = np.square(extents[:2]) / max(float(np.square(extents).sum()), np.finfo(float).tiny)
    return middle, axes, np.append(shares, np.zeros(2 - len(shares)))


def _principal(data: Given) -> Plane:
    middle, axes, shares = principal_axes(data.x)
    labels = tuple(
        f"principal component {which + 1}, {share:.0%}  [length]" for which, share in enumerate(shares)
    )

    def move(x: Points) -> Points:
        return (x - middle) @ axes.T

    return Plane(move(data.x), move, (labels[0], labels[1]), equal=True)


def _embedded(data: Given, seed: int, weighed: Callable[[], Graph]) -> Plane:
    if len(data.x) > _MOST:
        raise InvalidParameter(
            f"t-SNE of {len(data.x):,} points takes minutes; choose {_MOST:,} points or fewer, or principal "
            "components"
        )
    places = embed(distances(weighed()), seed=seed)
    tree = cKDTree(data.x)
    near = min(_NEAR, len(data.x))

    def move(x: Points) -> Points:
        """A point's own place, else the mean of the places of the nearest, weighed by nearness."""
        far, rows = tree.query(x, near)
        far, rows = far.reshape(len(x), near), rows.reshape(len(x), near)
        share = 1 / np.maximum(far, 1e-9 * max(float(far.max()), np.finfo(float).tiny))
        return np.asarray((share[:, :, None] * places[rows]).sum(axis=1) / share.sum(axis=1)[:, None])

    note = "t-SNE of the distances under the metric of the moment when it was chosen"
    return Plane(places, move, ("t-SNE 1", "t-SNE 2"), equal=False, note=note)
