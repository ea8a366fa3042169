"""Where c is constant on axis-aligned boxes: exact lengths of segments, and distances as exact as asked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial.distance import cdist

from ...checks import as_edges, as_points, number
from ...datasets.boxes import Boxes
from ...errors import InvalidParameter
from ...metric.conformal import ConformalMetric
from ...types import Edges, Ints, Points, Values

__all__ = ["ExactArrival", "Rooms", "exact_arrival", "rooms", "segment_means"]


def segment_means(metric: ConformalMetric, points: Points, edges: Edges) -> Values:
    """Mean of c along each edge, (m,), in closed form: c is constant between the crossings with the boxes'
    faces.

    Raises InvalidParameter for a density that is no mixture of boxes.
    """
    faces = _faces(metric)
    points = as_points(points, dim=metric.density.dim)
    start, stop = points[as_edges(edges, len(points))].transpose(1, 0, 2)
    with np.errstate(divide="ignore", invalid="ignore"):  # an edge along a face crosses no face of that axis
        crossings = [(face - start[:, [axis]]) / (stop - start)[:, [axis]] for axis, face in enumerate(faces)]
    t = np.sort(np.clip(np.nan_to_num(np.concatenate(crossings, axis=1), nan=0.0), 0, 1), axis=1)
    t = np.concatenate([np.zeros((len(t), 1)), t, np.ones((len(t), 1))], axis=1)
    middle = (t[:, 1:] + t[:, :-1])[:, :, None] / 2
    c = np.exp(
        metric.log_factor(
            (start[:, None] * (1 - middle) + stop[:, None] * middle).reshape(-1, points.shape[1])
        )
    )
    return (c.reshape(len(t), -1) * np.diff(t, axis=1)).sum(axis=1)


@dataclass(frozen=True, eq=False)
class Rooms:
    """The distance from one source inside a box that faces cut into rooms of constant c, in which shortest
    paths are straight.

    Nodes lie on the rooms' sides, and all segments between nodes of one room make a graph: `to_node` (v,) are
    its distances, too large by O(spacing^2). Room r has the corners lows[r], highs[r], the factor c[r] and
    the nodes members[r].
    """

    box: NDArray[np.float64]
    lows: Points
    highs: Points
    c: Values
    nodes: Points
    members: tuple[Ints, ...]
    to_node: Values

    def at(self, targets: Points) -> Values:
        """Distances to the targets (k, 2), (k,), in the units of x times c. Raises InvalidParameter for
        targets outside the box.
        """
        targets = _inside(as_points(targets, name="targets", dim=2), self.box)
        found = np.full(len(targets), np.inf)
        for inside, factor, low, high in zip(self.members, self.c, self.lows, self.highs, strict=True):
            here = np.flatnonzero(_within(targets, low, high))
            if len(here):
                legs = _last_leg(targets[here], self.nodes[inside], self.to_node[inside], factor, low, high)
                found[here] = np.minimum(found[here], legs)
        return found


@dataclass(frozen=True, eq=False)
class ExactArrival:
    """The distance from one source, by nodes at two spacings, one half of the other."""

    coarse: Rooms
    fine: Rooms

    def at(self, targets: Points) -> tuple[Values, Values]:
        """Distances to the targets (k, 2) and their relative error, the difference of the two spacings, each
        (k,).
        """
        rough, found = self.coarse.at(targets), self.fine.at(targets)
        return found, np.abs(rough - found) / np.where(found > 0, found, 1)


def exact_arrival(metric: ConformalMetric, source: ArrayLike, box: ArrayLike, spacing: float) -> ExactArrival:
    """The distance from a source in a box ((low, high), (low, high)), by nodes `spacing` and half of it
    apart, or closer.

    Paths that leave the box are not seen. Raises InvalidParameter.
    """
    return ExactArrival(
        *(rooms(metric, source, box, number(spacing, "spacing", above=0, finite=True) / k) for k in (1, 2))
    )


def rooms(metric: ConformalMetric, source: ArrayLike, box: ArrayLike, spacing: float) -> Rooms:
    """The rooms of a box with the distances from a source to nodes at most `spacing` apart. Raises
    InvalidParameter.
    """
    sides, spacing = np.asarray(box, dtype=float), number(spacing, "spacing", above=0, finite=True)
    first = _inside(as_points(np.atleast_2d(source), name="source", dim=2), sides)
    cuts = [
        np.r_[low, face[(face > low) & (face < high)], high]
        for face, (low, high) in zip(_faces(metric), sides, strict=True)
    ]
    ticks = [_ticks(cut, spacing) for cut in cuts]
    upright = np.stack(np.meshgrid(cuts[0], ticks[1]), axis=-1).reshape(-1, 2)
    level = np.stack(np.meshgrid(ticks[0], cuts[1]), axis=-1).reshape(-1, 2)
    nodes = np.concatenate([first, np.unique(np.concatenate([upright, level]), axis=0)])
    lows, highs = (
        np.stack(np.meshgrid(*corner), axis=-1).reshape(-1, 2)
        for corner in ([c[:-1] for c in cuts], [c[1:] for c in cuts])
    )
    c = np.exp(metric.log_factor((lows + highs) / 2))
    members = tuple(np.flatnonzero(_within(nodes, low, high)) for low, high in zip(lows, highs, strict=True))
    keys, weights = [], []
    for inside, factor in zip(members, c, strict=True):
        i, j = np.triu_indices(len(inside), 1)
        keys.append(inside[i] * len(nodes) + inside[j])
        weights.append(factor * np.linalg.norm(nodes[inside[i]] - nodes[inside[j]], axis=1))
    key, weight = np.concatenate(keys), np.concatenate(weights)
    order = np.lexsort((weight, key))  # a segment along a side belongs to two rooms: the cheaper counts
    key, cheapest = np.unique(key[order], return_index=True)
    graph = csr_array((weight[order][cheapest], np.divmod(key, len(nodes))), shape=(len(nodes), len(nodes)))
    return Rooms(sides, lows, highs, c, nodes, members, dijkstra(graph, directed=False, indices=0))


def _last_leg(targets: Points, nodes: Points, to_node: Values, c: float, low: Values, high: Values) -> Values:
    """Least distance to each target of a room, where the distance is linear between neighbouring nodes of a
    side.

    A target close to a side is reached from between two nodes: the best place has a closed form (Snell's
    law).
    """
    best = (to_node + c * cdist(targets, nodes)).min(axis=1)
    for axis, face in ((0, low[0]), (0, high[0]), (1, low[1]), (1, high[1])):
        on_side = np.flatnonzero(nodes[:, axis] == face)
        on_side = on_side[np.argsort(nodes[on_side, 1 - axis])]
        along, at = nodes[on_side, 1 - axis], to_node[on_side]
        step = np.diff(along)
        slope = np.clip(np.diff(at) / step, -0.9999 * c, 0.9999 * c)
        away = np.abs(targets[:, [axis]] - face)
        place = targets[:, [1 - axis]] - along[:-1]
        u = np.clip(place - away * slope / np.sqrt(c**2 - slope**2), 0, step)
        best = np.minimum(
            best, (at[:-1] + np.diff(at) * u / step + c * np.hypot(away, u - place)).min(axis=1)
        )
    return best


def _faces(metric: ConformalMetric) -> list[Values]:
    """The places of the boxes' faces on each axis."""
    density = metric.density
    if not isinstance(density, Boxes):
        raise InvalidParameter(
            "a closed form needs a density that is constant on boxes, such as that of "
            f"`boxes`; there is {density!r}"
        )
    return [
        np.unique(np.concatenate([density.lows[:, axis], density.highs[:, axis]]))
        for axis in range(density.dim)
    ]


def _ticks(cuts: Values, spacing: float) -> Values:
    """All cuts and, between two of them, equal steps of at most `spacing`."""
    parts = [np.linspace(a, b, int(np.ceil((b - a) / spacing)), endpoint=False) for a, b in pairwise(cuts)]
    return np.concatenate([*parts, cuts[-1:]])


def _within(x: Points, low: Values, high: Values) -> NDArray[np.bool_]:
    return np.asarray(((x >= low) & (x <= high)).all(axis=1))


def _inside(x: Points, box: NDArray[np.float64]) -> Points:
    if not _within(x, box[:, 0], box[:, 1]).all():
        raise InvalidParameter(
            f"the source or a target lies outside the box {box.tolist()}; give a larger box="
        )
    return x
