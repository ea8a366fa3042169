"""Who is near whom: pairs within a radius and nearest neighbours, exact in every dimension, in bounded
memory.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..types import Edges, Ints, Points, Values
from .blocks import BLOCK, distances_from, settle, smallest_of, squared_blocks, strictly_within
from .scales import LEAST, fitted, shifted
from .threads import compiled, n_threads

__all__ = ["nearest", "pairs_between", "pairs_expected", "pairs_within", "spatial_order"]

_CELL_DIM = 3  # up to here a grid of cells is faster than a kd-tree, where numba compiles it
_COMPILED = 2_000  # points, from which on a few calls save what compiling takes, once
_TREE_DIM = 16  # above, a kd-tree visits every leaf and blocked matrix products win
_FEW = 1 << 22  # coordinates: to look at all of them takes less than to build a tree
_SAMPLED = (64, 1 << 14)  # points whose neighbours are counted, and those among which
_BEYOND = 2.0**510  # a radius that holds all points whose squares fit float64


def pairs_within(points: Points, radius: float) -> tuple[Edges, float]:
    """Pairs i < j less than `radius` apart, (m, 2), lexicographic below 100,000 points, and the least
    distance, inf of none.
    """
    e, (cloud,) = fitted(points, within=radius)
    edges, least = _pairs_within(cloud, _within_reach(radius, e))
    return edges, float(shifted(least, -e))


def _pairs_within(points: Points, radius: float) -> tuple[Edges, float]:
    fast = _worth_compiling(points)
    if fast and points.shape[1] <= _CELL_DIM and (by_cells := _by_cells(points, radius)) is not None:
        return by_cells
    if points.shape[1] <= _TREE_DIM:
        # A tree built without balancing is faster here and finds the same pairs; it includes ties, filtered
        # below.
        tree = cKDTree(points, balanced_tree=False, compact_nodes=False)
        pairs = tree.query_pairs(radius * (1 + 1e-12), output_type="ndarray").astype(np.int64, copy=False)
        if fast:
            return _in_order(points, pairs, radius)
    else:
        found = [np.empty((0, 2), dtype=np.int64)]
        for start, squared, doubt, scale in squared_blocks(points, points, upper=True):
            row, column = np.nonzero(squared < _square(radius / scale) + doubt)
            upper = column > row
            found.append(np.stack([row[upper] + start, column[upper] + start], axis=1))
        pairs = np.concatenate(found)
    pairs, distances = strictly_within(points, points, np.sort(pairs, axis=1), radius)
    return pairs, float(distances.min(initial=np.inf))


def pairs_expected(points: Points, radius: float, queries: Points | None = None) -> float:
    """About how many pairs, of a query and a point where there are queries, lie less than `radius` apart;
    from a few million distances.
    """
    rng = np.random.default_rng(0)
    n = len(points)
    asking = points if queries is None else queries
    some, more = (
        x if len(x) <= most else x[rng.integers(0, len(x), most)]
        for x, most in zip((asking, points), _SAMPLED, strict=True)
    )
    e, (some, more) = fitted(some, more, within=radius)
    _, distance = _pairs_between(some, more, _within_reach(radius, e))
    share = len(distance) / (len(some) * len(more))
    # a point is no pair with itself
    return share * len(queries) * n if queries is not None else max(share - 1 / n, 0.0) * n * n / 2


def pairs_between(queries: Points, points: Points, radius: float) -> tuple[Edges, Values]:
    """Pairs (query, point) less than `radius` apart, (m, 2), in lexicographic order, with their distances."""
    e, (asking, cloud) = fitted(queries, points, within=radius)
    pairs, distance = _pairs_between(asking, cloud, _within_reach(radius, e))
    if e:
        distance = np.zeros(len(pairs))  # all are measured on what was given
    settle(distance, queries, points, pairs[:, 0], pairs[:, 1])
    return pairs, distance


def _pairs_between(queries: Points, points: Points, radius: float) -> tuple[Edges, Values]:
    if len(queries) * points.size <= _FEW:
        pairs = np.argwhere(
            distances_from(queries, points, _everyone(queries, points)) < radius * (1 + 1e-12)
        )
    elif points.shape[1] <= _TREE_DIM:
        tree, other = cKDTree(queries), cKDTree(points)
        hits = tree.query_ball_tree(other, radius * (1 + 1e-12))
        counts = np.fromiter((len(hit) for hit in hits), dtype=np.int64, count=len(hits))
        flat = np.fromiter((j for hit in hits for j in hit), dtype=np.int64, count=int(counts.sum()))
        pairs = np.stack([np.repeat(np.arange(len(queries)), counts), flat], axis=1)
    else:
        found = [np.empty((0, 2), dtype=np.int64)]
        for start, squared, doubt, scale in squared_blocks(queries, points):
            row, column = np.nonzero(squared < _square(radius / scale) + doubt)
            found.append(np.stack([row + start, column], axis=1))
        pairs = np.concatenate(found)
    return strictly_within(queries, points, pairs, radius)


def nearest(
    points: Points, k: int, queries: Points | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Indices and distances of each query's k nearest points, (q, k), nearest first; a point is not its own
    neighbour.

    Without `queries` the points ask about each other. Ties go to the lower index, save among more copies of
    the query than k.
    """
    if queries is None:
        return _nearest(points, k, points, np.arange(len(points)))
    return _nearest(points, k, queries, None)


def _nearest(
    points: Points, k: int, queries: Points, own: Ints | None, within: float = np.inf
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """As `nearest`; own (q,) are the numbers of the queries where they are points. Right where the k lie
    `within`.
    """
    if queries is points:
        e, (cloud,) = fitted(points, within=within)
        near, distance = _nearest_fitted(cloud, k, cloud, own)
    else:
        e, (cloud, asking) = fitted(points, queries, within=within)
        near, distance = _nearest_fitted(cloud, k, asking, own)
    distance = shifted(distance, -e)
    least = float(shifted(LEAST, -e))
    rows = np.flatnonzero(distance[:, 0] < least)
    if len(rows):  # squares of these distances did not fit
        exact = np.zeros((len(rows), k))
        settle(exact.reshape(-1), queries, points, np.repeat(rows, k), near[rows].ravel())
        order = np.lexsort((near[rows], exact), axis=1)
        near[rows], distance[rows] = (
            np.take_along_axis(near[rows], order, axis=1),
            np.take_along_axis(exact, order, axis=1),
        )
        deep = rows[(distance[rows, -1] < least) & (distance[rows, -1] > 0)]
        if len(deep) and least < within:  # others as near may have been left out
            near[deep], distance[deep] = _nearest(
                points, k, queries[deep], None if own is None else own[deep], least
            )
    return near, distance


def _nearest_fitted(
    points: Points, k: int, asking: Points, own: Ints | None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    # spares, so that ties and the doubt of expanded squares seldom cost a neighbour
    wanted = min(k + (own is not None) + 4, len(points))
    if own is None and len(asking) * points.size <= _FEW:
        candidates, beyond = _everyone(asking, points), np.full(len(asking), np.inf)
    elif points.shape[1] <= _TREE_DIM:
        return _nearest_in_tree(points, k, asking, own, wanted)
    else:
        candidates, beyond = np.empty((len(asking), wanted), dtype=np.int64), np.empty(len(asking))
        for start, squared, doubt, scale in squared_blocks(asking, points):
            rows = slice(start, start + len(squared))
            candidates[rows], most = smallest_of(squared, wanted)
            beyond[rows] = scale * np.sqrt(np.maximum(most - doubt, 0.0)) if wanted < len(points) else np.inf
    near, distance = _nearest_of(asking, points, candidates, k, own)
    # one that was left out may be nearer: these rows are measured whole
    for row in np.flatnonzero(distance[:, -1] >= beyond):
        exact = distances_from(asking[row : row + 1], points, _everyone(asking[:1], points))[0]
        if own is not None:
            exact[own[row]] = np.inf
        near[row] = np.argsort(exact, kind="stable")[:k]
        distance[row] = exact[near[row]]
    return near, distance


def _nearest_in_tree(
    points: Points, k: int, asking: Points, own: Ints | None, wanted: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The nearest of `wanted` candidates from a kd-tree, and of twice as many again where one that was left
    out may be as near.
    """
    tree = cKDTree(points)

    def among(
        asking: Points, own: Ints | None, wanted: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
        apart, found = tree.query(asking, k=wanted, workers=n_threads())
        candidates = np.asarray(found, dtype=np.int64).reshape(len(asking), wanted)
        near, distance = _nearest_of(asking, points, candidates, k, own)
        last = apart.reshape(len(asking), wanted)[:, -1]
        return near, distance, (distance[:, -1] >= last * (1 - 1e-12)) & (last > 0) & (wanted < len(points))

    near, distance, tied = among(asking, own, wanted)
    rows = np.flatnonzero(tied)
    while len(rows):
        wanted = min(2 * wanted, len(points))
        step, left = max(1, BLOCK // wanted), []
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            near[part], distance[part], tied = among(asking[part], None if own is None else own[part], wanted)
            left.append(part[tied])
        rows = np.concatenate(left)
    return near, distance


def _within_reach(radius: float, e: int) -> float:
    """The radius in the units of a cloud that `fitted` has scaled by 2^e, no more than holds all of it."""
    return min(float(shifted(radius, e)), _BEYOND)


def _square(radius: float) -> float:
    """The square of a radius in units of a cloud's size, no more than holds all of it, so that float32 can
    hold it.
    """
    return min(radius, 2.0**40) ** 2


def _everyone(queries: Points, points: Points) -> NDArray[np.int64]:
    """All points as candidates of each query, (q, n)."""
    return np.tile(np.arange(len(points)), (len(queries), 1))


def _nearest_of(
    queries: Points, points: Points, candidates: NDArray[np.int64], k: int, own: Ints | None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The k nearest of each query's candidates, measured by differences; ties go to the lower index."""
    candidates.sort(axis=1)
    distance = distances_from(queries, points, candidates)
    if own is not None:
        distance[candidates == own[:, None]] = np.inf
    order = np.argsort(distance, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(candidates, order, axis=1), np.take_along_axis(distance, order, axis=1)


def spatial_order(points: Points) -> Ints:
    """The points, (n,), such that neighbours are near each other in the list: cell by cell, or by the leaves
    of a kd-tree.
    """
    order = None
    (points,) = fitted(points)[1]
    if _worth_compiling(points) and points.shape[1] <= _CELL_DIM:
        from .grid import spatial_order as cell_by_cell

        order = cell_by_cell(points)
    return (
        np.asarray(cKDTree(points, balanced_tree=False, compact_nodes=False).indices, dtype=np.int64)
        if order is None
        else order
    )


def _worth_compiling(points: Points) -> bool:
    return len(points) >= _COMPILED and compiled()


def _by_cells(points: Points, radius: float) -> tuple[Edges, float] | None:
    from .grid import pairs_within_cells

    return pairs_within_cells(points, radius)


def _in_order(points: Points, pairs: Edges, radius: float) -> tuple[Edges, float]:
    """As strictly_within, compiled: a sort by counting; `pairs` is used up."""
    from .compiled import constant
    from .kernels import in_order, within

    start = np.zeros(len(points) + 1, dtype=np.int64)
    least = within(constant(points), pairs, radius, start)
    np.cumsum(start, out=start)
    edges = np.empty((start[-1], 2), dtype=np.int64)
    in_order(pairs, start, edges)
    return edges, float(least)
