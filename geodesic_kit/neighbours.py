"""Who is near whom: pairs within a radius and nearest neighbours, exact in every dimension, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from .parallel import compiled
from .types import Edges, Ints, Points, Values

__all__ = ["nearest", "pairs_between", "pairs_within", "rows_that_repeat"]

_TREE_DIM = 16  # above, a kd-tree visits every leaf and blocked matrix products win
_BLOCK = 1 << 22  # distances held at once: 32 MB of float64
_SLACK = 1e-9  # relative doubt of an expanded square; what lies in that band is measured again by differences


def pairs_within(points: Points, radius: float) -> tuple[Edges, Values]:
    """Pairs i < j less than `radius` apart, (m, 2), in lexicographic order, with their distances."""
    if points.shape[1] <= _TREE_DIM:
        # A tree built without balancing is faster here and finds the same pairs; it includes ties, filtered below.
        tree = cKDTree(points, balanced_tree=False, compact_nodes=False)
        pairs = tree.query_pairs(radius * (1 + 1e-12), output_type="ndarray").astype(np.int64, copy=False)
        if compiled():
            return _in_order(points, pairs, radius)
    else:
        found = [np.empty((0, 2), dtype=np.int64)]
        for start, squared in _squared_blocks(points, points):
            row, column = np.nonzero(squared < radius**2 + _doubt(points, points))
            upper = column > row + start
            found.append(np.stack([row[upper] + start, column[upper]], axis=1))
        pairs = np.concatenate(found)
    return _strictly_within(points, points, np.sort(pairs, axis=1), radius)


def pairs_between(queries: Points, points: Points, radius: float) -> tuple[Edges, Values]:
    """Pairs (query, point) less than `radius` apart, (m, 2), in lexicographic order, with their distances."""
    if points.shape[1] <= _TREE_DIM:
        tree, other = cKDTree(queries), cKDTree(points)
        hits = tree.query_ball_tree(other, radius * (1 + 1e-12))
        counts = np.fromiter((len(hit) for hit in hits), dtype=np.int64, count=len(hits))
        flat = np.fromiter((j for hit in hits for j in hit), dtype=np.int64, count=int(counts.sum()))
        pairs = np.stack([np.repeat(np.arange(len(queries)), counts), flat], axis=1)
    else:
        found = [np.empty((0, 2), dtype=np.int64)]
        for start, squared in _squared_blocks(queries, points):
            row, column = np.nonzero(squared < radius**2 + _doubt(queries, points))
            found.append(np.stack([row + start, column], axis=1))
        pairs = np.concatenate(found)
    return _strictly_within(queries, points, pairs, radius)


def nearest(points: Points, k: int, queries: Points | None = None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Indices and distances of each query's k nearest points, (q, k), nearest first; a point is not its own neighbour.

    Without `queries` the points ask about each other. Ties go to the lower index.
    """
    own = queries is None
    asking = points if queries is None else queries
    wanted = min(k + own + 4, len(points))  # spares, so that ties and the doubt of expanded squares cannot cost a neighbour
    candidates = np.empty((len(asking), wanted), dtype=np.int64)
    if points.shape[1] <= _TREE_DIM:
        _, found = cKDTree(points).query(asking, k=wanted, workers=-1)
        candidates[:] = found.reshape(candidates.shape)
    else:
        for start, squared in _squared_blocks(asking, points):
            part = np.argpartition(squared, wanted - 1, axis=1)[:, :wanted] if wanted < len(points) else np.argsort(squared, axis=1)
            candidates[start : start + len(squared)] = part
    candidates.sort(axis=1)
    distance = _distances(asking, points, candidates)
    if own:
        distance[candidates == np.arange(len(points))[:, None]] = np.inf
    order = np.argsort(distance, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(candidates, order, axis=1), np.take_along_axis(distance, order, axis=1)


def _distances(queries: Points, points: Points, candidates: NDArray[np.int64]) -> NDArray[np.float64]:
    out = np.empty(candidates.shape)
    step = max(1, _BLOCK // (candidates.shape[1] * points.shape[1]))
    for start in range(0, len(queries), step):
        rows = slice(start, start + step)
        difference = points[candidates[rows]] - queries[rows, None, :]
        out[rows] = np.sqrt(np.einsum("qkd,qkd->qk", difference, difference))
    return out


def _squared_blocks(queries: Points, points: Points) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Blocks of squared distances from a run of queries to all points, by one matrix product each."""
    centre = points.mean(axis=0)  # small numbers lose little in the expanded square
    all_points = points - centre
    squares = np.einsum("nd,nd->n", all_points, all_points)
    step = max(1, _BLOCK // len(points))
    for start in range(0, len(queries), step):
        block = queries[start : start + step] - centre
        yield start, np.einsum("nd,nd->n", block, block)[:, None] - 2 * (block @ all_points.T) + squares


def _doubt(queries: Points, points: Points) -> float:
    centre = points.mean(axis=0)
    return _SLACK * max(float(np.square(x - centre).sum(axis=1).max()) for x in (queries, points))


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


def _in_order(points: Points, pairs: Edges, radius: float) -> tuple[Edges, Values]:
    """As _strictly_within, compiled: a sort by counting; `pairs` is used up."""
    from .compiled import constant
    from .kernels import in_order, norms, within

    points = constant(points)
    start = np.zeros(len(points) + 1, dtype=np.int64)
    within(points, pairs, radius, start)
    np.cumsum(start, out=start)
    edges, distance = np.empty((start[-1], 2), dtype=np.int64), np.empty(start[-1])
    in_order(pairs, start, edges)
    norms(points, constant(edges), distance)
    return edges, distance


def rows_that_repeat(points: Points) -> Ints:
    """Rows equal to an earlier row, ascending."""
    _, first = np.unique(points, axis=0, return_index=True)
    return np.setdiff1d(np.arange(len(points)), first)
