"""Pairs within a radius, and a spatial order, by a grid of cells, compiled, for up to three dimensions. Importing it needs numba.

Two to four times faster than a kd-tree where points are spread, in less memory: pairs are counted, then written where they belong.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from .compiled import constant, exact_kernel, kernel
from .parallel import n_threads, shared_out
from .types import Edges, Ints, Points, Values

__all__ = ["pairs_within_cells", "spatial_order"]

_CROWDED = 64.0  # candidates a point for each that a grid of the same density would have: beyond, a kd-tree adapts better
_BESIDE = 64.0  # points a cell where only their order is wanted
_MANY = 100_000
_PARTS = 16  # runs of cells that threads take in turn; the result does not depend on them


def spatial_order(points: Points) -> Ints | None:
    """The points, (n,), such that neighbours are near each other in the list; None where they crowd."""
    shape = _shape(points, (_BESIDE / len(points)) ** (1 / points.shape[1]), relative=True)
    cells = None if shape is None else _cells(points, shape)
    return None if cells is None else cells[0]


def pairs_within_cells(points: Points, radius: float) -> tuple[Edges, Values] | None:
    """Pairs i < j less than `radius` apart, (m, 2), with their distances; None where points crowd.

    In lexicographic order, and cell by cell from 100,000 points on: what follows reads the points of an edge from memory, and
    there it waits for it unless the next edge is near by.
    """
    n, d = points.shape
    shape = _shape(points, radius * (1 + 1e-9))  # cells of at least the radius, a little more for rounding
    cells = None if shape is None else _cells(points, shape)
    if shape is None or cells is None:
        return None
    order, start = cells
    columns = np.zeros((3, n))
    _gather(constant(points), constant(order), columns)
    columns, order, start = constant(columns), constant(order), constant(start)
    wide = np.ones(3, dtype=np.int64)
    wide[3 - d :] = shape
    rows = np.array([(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if (d > 2 or a == 0) and (d > 1 or b == 0)])
    offset = np.zeros(n + 1, dtype=np.int64)
    none = np.empty((0, 2), dtype=np.int64)

    def visit(part: tuple[int, int], edges: Edges, distances: Values) -> None:
        _visit(*part, columns, order, start, wide, rows, radius, offset, edges, distances)

    for _ in shared_out(lambda part: visit(part, none, np.empty(0)), list(_parts(start, n)), n_threads()):
        pass
    count = offset[1:].copy()
    total = int(count.sum())
    if n < _MANY:
        offset[1:] = np.cumsum(count)
    else:
        offset[order] = np.cumsum(count[order]) - count[order]
    edges, distances = np.empty((total, 2), dtype=np.int64), np.empty(total)
    for _ in shared_out(lambda part: visit(part, edges, distances), list(_parts(start, n)), n_threads()):
        pass
    return edges, distances


def _shape(points: Points, width: float, relative: bool = False) -> Ints | None:
    """How many cells of at least that width go along each axis, (d,), not many more in all than points; None where none fit.

    A `relative` width is a share of each axis.
    """
    n, d = points.shape
    low, high = np.empty(d), np.empty(d)
    _extent(constant(points), low, high)
    with np.errstate(over="ignore", invalid="ignore"):
        extent = high - low
        across = np.floor((extent > 0) / width if relative else extent / width)
        if not np.isfinite(across).all():
            return None
    return np.clip(across, 1, max(1.0, (4.0 * n) ** (1 / d))).astype(np.int64)


def _cells(points: Points, shape: Ints) -> tuple[Ints, Ints] | None:
    """The points cell by cell, (n,), and where each cell begins, (cells + 1,); None where a few cells hold most points."""
    n, d = points.shape
    low, high = np.empty(d), np.empty(d)
    _extent(constant(points), low, high)
    extent = high - low
    cell, start, order = np.empty(n, dtype=np.int64), np.zeros(int(np.prod(shape)) + 1, dtype=np.int64), np.empty(n, dtype=np.int64)
    _cell_of(constant(points), low, np.where(extent > 0, shape / np.where(extent > 0, extent, 1.0), 0.0), shape, cell)
    _bucket(cell, start, order)
    filled = np.diff(start).astype(np.float64)
    if float(filled @ filled) > _CROWDED * (n + n * (n / len(filled))):
        return None
    return order, start


def _parts(start: Ints, n: int) -> Iterator[tuple[int, int]]:
    """Runs of cells with about as many points each."""
    cuts = np.searchsorted(start, np.linspace(0, n, _PARTS + 1)[1:-1])
    ends = [0, *cuts.tolist(), len(start) - 1]
    return ((a, b) for a, b in pairwise(ends) if b > a)


@kernel
def _cell_of(points, low, scale, shape, cell):  # type: ignore[no-untyped-def]
    """Fill cell (n,) with the number of each point's cell, last axis fastest."""
    for i in range(len(points)):
        number = np.int64(0)
        for a in range(points.shape[1]):
            place = np.int64((points[i, a] - low[a]) * scale[a])
            number = number * shape[a] + min(max(place, 0), shape[a] - 1)
        cell[i] = number


@kernel
def _bucket(cell, start, order):  # type: ignore[no-untyped-def]
    """Sort by counting: order (n,) lists the points cell by cell, start (cells + 1,), zeros before, where each cell begins."""
    for i in range(len(cell)):
        start[cell[i] + 1] += 1
    for c in range(1, len(start)):
        start[c] += start[c - 1]
    for i in range(len(cell)):
        order[start[cell[i]]] = i
        start[cell[i]] += 1
    for c in range(len(start) - 1, 0, -1):
        start[c] = start[c - 1]
    start[0] = 0


@kernel
def _extent(points, low, high):  # type: ignore[no-untyped-def]
    """Fill low and high (d,) with the least and the greatest of each coordinate."""
    low[:], high[:] = points[0], points[0]
    for i in range(1, len(points)):
        for a in range(points.shape[1]):
            low[a], high[a] = min(low[a], points[i, a]), max(high[a], points[i, a])


@kernel
def _gather(points, order, columns):  # type: ignore[no-untyped-def]
    """Fill columns (3, n) with the coordinates in that order; those that there are not stay 0."""
    for a in range(points.shape[1]):
        for p in range(len(order)):
            columns[a, p] = points[order[p], a]


@kernel
def _row(c, shape, offset, at):  # type: ignore[no-untyped-def]
    """Number of the first cell of the row that lies `offset` (2,) from the row of cell c, -1 outside; at (3,) is filled with c's place."""
    at[2] = c % shape[2]
    at[1] = c // shape[2] % shape[1]
    at[0] = c // (shape[2] * shape[1])
    first, second = at[0] + offset[0], at[1] + offset[1]
    if first < 0 or first >= shape[0] or second < 0 or second >= shape[1]:
        return np.int64(-1)
    return (first * shape[1] + second) * shape[2]


@exact_kernel
def _visit(first, last, columns, order, start, shape, rows, radius, offset, edges, distances):  # type: ignore[no-untyped-def]
    """For the points of the cells first to last: count their pairs with later points, at offset[i + 1], or write them from offset[i] on.

    columns (3, n) and order (n,) go cell by cell, so that the points of neighbouring cells in a row follow each other. No branch
    hangs on a distance: half of all guesses would be wrong.
    """
    x, y, z = columns[0], columns[1], columns[2]
    at = np.empty(3, dtype=np.int64)
    most = np.int64(0)
    for c in range(len(start) - 1):
        most = max(most, start[c + 1] - start[c])
    hits = np.empty(3 * len(rows) * most + 1, dtype=np.int64)
    lows, highs = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    for c in range(first, last):
        if start[c] == start[c + 1]:
            continue
        for r in range(len(rows)):
            row = _row(c, shape, rows[r], at)
            lows[r] = 0 if row < 0 else start[row + max(at[2] - 1, 0)]
            highs[r] = 0 if row < 0 else start[row + min(at[2] + 1, shape[2] - 1) + 1]
        for p in range(start[c], start[c + 1]):
            i, begin, found = order[p], offset[order[p]], 0
            for r in range(len(rows)):
                low, high = lows[r], highs[r]
                if len(edges) == 0:
                    for q in range(low, high):
                        u, v, w = x[q] - x[p], y[q] - y[p], z[q] - z[p]
                        found += (np.sqrt(u * u + v * v + w * w) < radius) & (order[q] > i)
                else:
                    for q in range(low, high):
                        u, v, w = x[q] - x[p], y[q] - y[p], z[q] - z[p]
                        hits[found] = q
                        found += (np.sqrt(u * u + v * v + w * w) < radius) & (order[q] > i)
            if len(edges) == 0:
                offset[i + 1] = found
                continue
            for k in range(found):
                q = hits[k]
                u, v, w = x[q] - x[p], y[q] - y[p], z[q] - z[p]
                j, distance = order[q], np.sqrt(u * u + v * v + w * w)
                place = begin + k
                while place > begin and edges[place - 1, 1] > j:
                    edges[place, 1], distances[place] = edges[place - 1, 1], distances[place - 1]
                    place -= 1
                edges[place, 1], distances[place] = j, distance
                edges[begin + k, 0] = i
