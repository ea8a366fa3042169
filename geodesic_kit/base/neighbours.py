"""Who is near whom: pairs within a radius and nearest neighbours, exact in every dimension, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..types import Edges, Ints, Points, Values
from .progress import progress
from .scales import LEAST, fitted, settled, shifted
from .threads import compiled, n_threads

__all__ = ["nearest", "pairs_between", "pairs_expected", "pairs_within", "spatial_order"]

_CELL_DIM = 3  # up to here a grid of cells is faster than a kd-tree, where numba compiles it
_TREE_DIM = 16  # above, a kd-tree visits every leaf and blocked matrix products win
_FEW = 1 << 22  # coordinates: to look at all of them takes less than to build a tree
_SAMPLED = (64, 1 << 14)  # points whose neighbours are counted, and those among which
_BEYOND = 2.0**510  # a radius that holds all points whose squares fit float64
_BLOCK = 1 << 22  # distances held at once: 16 MB of float32


def pairs_within(points: Points, radius: float) -> tuple[Edges, float]:
    """Pairs i < j less than `radius` apart, (m, 2), lexicographic below 100,000 points, and the least distance, inf of none."""
    e, (cloud,) = fitted(points, within=radius)
    edges, least = _pairs_within(cloud, _within_reach(radius, e))
    return edges, float(shifted(least, -e))


def _pairs_within(points: Points, radius: float) -> tuple[Edges, float]:
    if compiled() and points.shape[1] <= _CELL_DIM and (by_cells := _by_cells(points, radius)) is not None:
        return by_cells
    if points.shape[1] <= _TREE_DIM:
        # A tree built without balancing is faster here and finds the same pairs; it includes ties, filtered below.
        tree = cKDTree(points, balanced_tree=False, compact_nodes=False)
        pairs = tree.query_pairs(radius * (1 + 1e-12), output_type="ndarray").astype(np.int64, copy=False)
        if compiled():
            return _in_order(points, pairs, radius)
    else:
        found = [np.empty((0, 2), dtype=np.int64)]
        for start, squared, doubt, scale in _squared_blocks(points, points, upper=True):
            row, column = np.nonzero(squared < _square(radius / scale) + doubt)
            upper = column > row
            found.append(np.stack([row[upper] + start, column[upper] + start], axis=1))
        pairs = np.concatenate(found)
    pairs, distances = _strictly_within(points, points, np.sort(pairs, axis=1), radius)
    return pairs, float(distances.min(initial=np.inf))


def pairs_expected(points: Points, radius: float, queries: Points | None = None) -> float:
    """About how many pairs, of a query and a point where there are queries, lie less than `radius` apart; from a few million distances."""
    rng = np.random.default_rng(0)
    n = len(points)
    asking = points if queries is None else queries
    some, more = (x if len(x) <= most else x[rng.integers(0, len(x), most)] for x, most in zip((asking, points), _SAMPLED, strict=True))
    e, (some, more) = fitted(some, more, within=radius)
    _, distance = _pairs_between(some, more, _within_reach(radius, e))
    share = len(distance) / (len(some) * len(more))
    return share * len(queries) * n if queries is not None else max(share - 1 / n, 0.0) * n * n / 2  # a point is no pair with itself


def pairs_between(queries: Points, points: Points, radius: float) -> tuple[Edges, Values]:
    """Pairs (query, point) less than `radius` apart, (m, 2), in lexicographic order, with their distances."""
    e, (asking, cloud) = fitted(queries, points, within=radius)
    pairs, distance = _pairs_between(asking, cloud, _within_reach(radius, e))
    if e:
        distance = np.zeros(len(pairs))  # all are measured on what was given
    _settle(distance, queries, points, pairs[:, 0], pairs[:, 1])
    return pairs, distance


def _pairs_between(queries: Points, points: Points, radius: float) -> tuple[Edges, Values]:
    if len(queries) * points.size <= _FEW:
        pairs = np.argwhere(_distances(queries, points, _everyone(queries, points)) < radius * (1 + 1e-12))
    elif points.shape[1] <= _TREE_DIM:
        tree, other = cKDTree(queries), cKDTree(points)
        hits = tree.query_ball_tree(other, radius * (1 + 1e-12))
        counts = np.fromiter((len(hit) for hit in hits), dtype=np.int64, count=len(hits))
        flat = np.fromiter((j for hit in hits for j in hit), dtype=np.int64, count=int(counts.sum()))
        pairs = np.stack([np.repeat(np.arange(len(queries)), counts), flat], axis=1)
    else:
        found = [np.empty((0, 2), dtype=np.int64)]
        for start, squared, doubt, scale in _squared_blocks(queries, points):
            row, column = np.nonzero(squared < _square(radius / scale) + doubt)
            found.append(np.stack([row + start, column], axis=1))
        pairs = np.concatenate(found)
    return _strictly_within(queries, points, pairs, radius)


def nearest(points: Points, k: int, queries: Points | None = None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Indices and distances of each query's k nearest points, (q, k), nearest first; a point is not its own neighbour.

    Without `queries` the points ask about each other. Ties go to the lower index, save among more copies of the query than k.
    """
    if queries is None:
        return _nearest(points, k, points, np.arange(len(points)))
    return _nearest(points, k, queries, None)


def _nearest(
    points: Points, k: int, queries: Points, own: Ints | None, within: float = np.inf
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """As `nearest`; own (q,) are the numbers of the queries where they are points. Right where the k lie `within`."""
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
        _settle(exact.reshape(-1), queries, points, np.repeat(rows, k), near[rows].ravel())
        order = np.lexsort((near[rows], exact), axis=1)
        near[rows], distance[rows] = np.take_along_axis(near[rows], order, axis=1), np.take_along_axis(exact, order, axis=1)
        deep = rows[(distance[rows, -1] < least) & (distance[rows, -1] > 0)]
        if len(deep) and least < within:  # others as near may have been left out
            near[deep], distance[deep] = _nearest(points, k, queries[deep], None if own is None else own[deep], least)
    return near, distance


def _nearest_fitted(points: Points, k: int, asking: Points, own: Ints | None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    wanted = min(k + (own is not None) + 4, len(points))  # spares, so that ties and the doubt of expanded squares seldom cost a neighbour
    if own is None and len(asking) * points.size <= _FEW:
        candidates, beyond = _everyone(asking, points), np.full(len(asking), np.inf)
    elif points.shape[1] <= _TREE_DIM:
        return _nearest_in_tree(points, k, asking, own, wanted)
    else:
        candidates, beyond = np.empty((len(asking), wanted), dtype=np.int64), np.empty(len(asking))
        for start, squared, doubt, scale in _squared_blocks(asking, points):
            rows = slice(start, start + len(squared))
            candidates[rows], most = _smallest(squared, wanted)
            beyond[rows] = scale * np.sqrt(np.maximum(most - doubt, 0.0)) if wanted < len(points) else np.inf
    near, distance = _nearest_of(asking, points, candidates, k, own)
    for row in np.flatnonzero(distance[:, -1] >= beyond):  # one that was left out may be nearer: these rows are measured whole
        exact = _distances(asking[row : row + 1], points, _everyone(asking[:1], points))[0]
        if own is not None:
            exact[own[row]] = np.inf
        near[row] = np.argsort(exact, kind="stable")[:k]
        distance[row] = exact[near[row]]
    return near, distance


def _nearest_in_tree(
    points: Points, k: int, asking: Points, own: Ints | None, wanted: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The nearest of `wanted` candidates from a kd-tree, and of twice as many again where one that was left out may be as near."""
    tree = cKDTree(points)

    def among(asking: Points, own: Ints | None, wanted: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
        apart, found = tree.query(asking, k=wanted, workers=n_threads())
        candidates = np.asarray(found, dtype=np.int64).reshape(len(asking), wanted)
        near, distance = _nearest_of(asking, points, candidates, k, own)
        last = apart.reshape(len(asking), wanted)[:, -1]
        return near, distance, (distance[:, -1] >= last * (1 - 1e-12)) & (last > 0) & (wanted < len(points))

    near, distance, tied = among(asking, own, wanted)
    rows = np.flatnonzero(tied)
    while len(rows):
        wanted = min(2 * wanted, len(points))
        step, left = max(1, _BLOCK // wanted), []
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
    """The square of a radius in units of a cloud's size, no more than holds all of it, so that float32 can hold it."""
    return min(radius, 2.0**40) ** 2


def _everyone(queries: Points, points: Points) -> NDArray[np.int64]:
    """All points as candidates of each query, (q, n)."""
    return np.tile(np.arange(len(points)), (len(queries), 1))


def _smallest(squared: NDArray[np.float32], wanted: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Places of each row's `wanted` smallest values, in any order, and the greatest of them."""
    if compiled():
        from .kernels import smallest

        places, values = np.empty((len(squared), wanted), dtype=np.int64), np.empty((len(squared), wanted), dtype=np.float32)
        smallest(squared, places, values)
        return places, values[:, -1]
    places = np.argpartition(squared, min(wanted, squared.shape[1]) - 1, axis=1)[:, :wanted]
    return places, np.take_along_axis(squared, places, axis=1).max(axis=1)


def _nearest_of(
    queries: Points, points: Points, candidates: NDArray[np.int64], k: int, own: Ints | None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The k nearest of each query's candidates, measured by differences; ties go to the lower index."""
    candidates.sort(axis=1)
    distance = _distances(queries, points, candidates)
    if own is not None:
        distance[candidates == own[:, None]] = np.inf
    order = np.argsort(distance, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(candidates, order, axis=1), np.take_along_axis(distance, order, axis=1)


def _distances(queries: Points, points: Points, candidates: NDArray[np.int64]) -> NDArray[np.float64]:
    """Distance of each query from its candidates, by differences, (q, w)."""
    out = np.empty(candidates.shape)
    if compiled():
        from .compiled import constant
        from .kernels import distances

        distances(constant(queries), constant(points), constant(candidates), out)
        return out
    step = max(1, _BLOCK // (candidates.shape[1] * points.shape[1]))
    for start in range(0, len(queries), step):
        rows = slice(start, start + step)
        difference = points[candidates[rows]] - queries[rows, None, :]
        out[rows] = np.sqrt(np.einsum("qkd,qkd->qk", difference, difference))
    return out


def _settle(distance: Values, queries: Points, points: Points, i: Ints, j: Ints) -> None:
    """Measure again, in place, those distances (m,) of the queries numbered i (m,) from the points j (m,) whose squares did not fit."""

    def measure(steps: Points) -> Values:
        return _distances(steps, np.zeros((1, steps.shape[1])), np.zeros((len(steps), 1), dtype=np.int64))[:, 0]

    settled(distance, lambda rows: points[j[rows]] - queries[i[rows]], measure)


def _squared_blocks(queries: Points, points: Points, upper: bool = False) -> Iterator[tuple[int, NDArray[np.float32], float, float]]:
    """Blocks of squared distances from a run of queries to all points, or with `upper` to those from the run on, and their doubt.

    In units of a scale, given last, that keeps them within float32.

    One float32 matrix product each. Rounding coordinates and squares to float32 and summing d products in any order errs by at
    most (d + 8) u (|x| + |y|)^2 with the unit u = 2^-24: the doubt, which callers allow for and settle by differences.
    """
    centre = points.mean(axis=0)
    scale = max(float(np.abs(x - centre).max()) for x in (queries, points)) or 1.0  # squares must fit float32
    all_points = ((points - centre) / scale).astype(np.float32)
    asking = all_points if queries is points else ((queries - centre) / scale).astype(np.float32)
    squares, own_squares = (np.einsum("nd,nd->n", x, x) for x in (all_points, asking))
    reach = float(np.sqrt(squares.max()) + np.sqrt(own_squares.max()))
    doubt = (points.shape[1] + 8) * 2.0**-24 * reach**2
    step = max(1, _BLOCK // len(points))
    blocks = range(0, len(queries), step)
    for start in progress(blocks, len(blocks), len(queries), "neighbours"):
        others = slice(start if upper else 0, None)
        squared = asking[start : start + step] @ all_points[others].T
        squared *= -2
        squared += squares[others]
        squared += own_squares[start : start + step, None]
        yield start, squared, doubt, scale


def _strictly_within(queries: Points, points: Points, pairs: Edges, radius: float) -> tuple[Edges, Values]:
    distance = np.empty(len(pairs))
    step = max(1, _BLOCK // points.shape[1])
    for start in range(0, len(pairs), step):
        i, j = pairs[start : start + step].T
        difference = points[j] - queries[i]
        distance[start : start + step] = np.sqrt(np.einsum("md,md->m", difference, difference))
    within = distance < radius
    pairs, distance = pairs[within], distance[within]
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return np.ascontiguousarray(pairs[order]), distance[order]


def spatial_order(points: Points) -> Ints:
    """The points, (n,), such that neighbours are near each other in the list: cell by cell, or by the leaves of a kd-tree."""
    order = None
    (points,) = fitted(points)[1]
    if compiled() and points.shape[1] <= _CELL_DIM:
        from .grid import spatial_order as cell_by_cell

        order = cell_by_cell(points)
    return np.asarray(cKDTree(points, balanced_tree=False, compact_nodes=False).indices, dtype=np.int64) if order is None else order


def _by_cells(points: Points, radius: float) -> tuple[Edges, float] | None:
    from .grid import pairs_within_cells

    return pairs_within_cells(points, radius)


def _in_order(points: Points, pairs: Edges, radius: float) -> tuple[Edges, float]:
    """As _strictly_within, compiled: a sort by counting; `pairs` is used up."""
    from .compiled import constant
    from .kernels import in_order, within

    start = np.zeros(len(points) + 1, dtype=np.int64)
    least = within(constant(points), pairs, radius, start)
    np.cumsum(start, out=start)
    edges = np.empty((start[-1], 2), dtype=np.int64)
    in_order(pairs, start, edges)
    return edges, float(least)
