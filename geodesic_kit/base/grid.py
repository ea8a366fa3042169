"""Pairs within a radius, and a spatial order, by a grid of cells, compiled, for up to three dimensions.
Importing it needs numba.

Two to four times faster than a kd-tree where points are spread, on all cores: pairs are found cell by cell,
then written where they belong.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..types import Edges, Ints, Point, Points, Values
from .compiled import constant, exact_kernel, kernel, kernel_part
from .threads import n_threads, shared_out

__all__ = ["pairs_within_cells", "spatial_order"]

# candidates a point for each that a grid of the same density would have: beyond, a kd-tree adapts better
_CROWDED = 64.0
_BESIDE = 64.0  # points a cell where only their order is wanted
_MANY = 100_000
# points that two runs of cells have, or more; the result does not depend on how many runs threads take
_PART = 1 << 14
_PARTS = 16  # at most


def spatial_order(points: Points) -> Ints | None:
    """The points, (n,), such that neighbours are near each other in the list; None where they crowd."""
    low, extent = _box(points)
    shape = _shape((extent > 0) / (_BESIDE / len(points)) ** (1 / points.shape[1]), len(points))
    cells = None if shape is None else _cells(points, low, extent, shape)
    return None if cells is None else cells[0].astype(np.int64)


def pairs_within_cells(points: Points, radius: float) -> tuple[Edges, float] | None:
    """Pairs i < j less than `radius` apart, (m, 2), and the least distance, inf of none; None where points
    crowd.

    In lexicographic order, and cell by cell from 100,000 points on: what follows reads the points of an edge
    from memory, and there it waits for it unless the next edge is near by.
    """
    n, d = points.shape
    low, extent = _box(points)
    with np.errstate(over="ignore"):
        # cells of at least the radius, a little more for rounding
        shape = _shape(extent / (radius * (1 + 1e-9)), n)
    cells = None if shape is None else _cells(points, low, extent, shape)
    if shape is None or cells is None:
        return None
    order, start = cells
    columns = np.zeros((3, n))
    _gather(constant(points), constant(order), columns)
    columns, order, start = constant(columns), constant(order), constant(start)
    wide = np.ones(3, dtype=np.int64)
    wide[3 - d :] = shape
    rows = np.array(
        [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if (d > 2 or a == 0) and (d > 1 or b == 0)]
    )
    square, most = _greatest_square(radius), int(np.diff(start).max())
    count = np.zeros(n, dtype=np.int32)
    parts, threads = list(_parts(start, n)), n_threads()

    def find(part: tuple[int, int]) -> tuple[NDArray[np.int32], float]:
        partners, least = _find(*part, columns, order, start, wide, rows, most, square, count)
        return partners, float(least)

    found = list(shared_out(find, parts, threads))
    total = int(count.sum(dtype=np.int64))
    offset = np.empty(n, dtype=np.int64)
    if n < _MANY:
        offset[:] = np.cumsum(count, dtype=np.int64) - count
    else:
        by_cell = count[order]
        offset[order] = np.cumsum(by_cell, dtype=np.int64) - by_cell
    edges = np.empty((total, 2), dtype=np.int64)

    def write(number: int) -> None:
        _write(*parts[number], found[number][0], order, start, count, offset, edges)

    for _ in shared_out(write, range(len(parts)), threads):
        pass
    return edges, float(np.sqrt(min(least for _, least in found)))


def _box(points: Points) -> tuple[Point, Point]:
    """The least of each coordinate, (d,), and its range, inf where float64 cannot hold it."""
    low, high = np.empty(points.shape[1]), np.empty(points.shape[1])
    _extent(constant(points), low, high)
    with np.errstate(over="ignore"):
        return low, high - low


def _shape(across: Values, n: int) -> Ints | None:
    """How many cells go along each axis, (d,): as many whole ones as `across` says, not many more in all than
    n points.

    None where there is no such number.
    """
    if not np.isfinite(across).all():
        return None
    return np.clip(np.floor(across), 1, max(1.0, (4.0 * n) ** (1 / len(across)))).astype(np.int64)


def _cells(
    points: Points, low: Point, extent: Point, shape: Ints
) -> tuple[NDArray[np.int32], NDArray[np.int32]] | None:
    """The points cell by cell, (n,), and where each cell begins, (cells + 1,); None where a few cells hold
    most points.
    """
    n = len(points)
    cell, order = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    start = np.zeros(int(np.prod(shape)) + 1, dtype=np.int32)
    # of a narrower one the inverse does not fit float64, and one cell holds it
    wide = extent > np.finfo(float).tiny * n
    _cell_of(constant(points), low, np.where(wide, shape / np.where(wide, extent, 1.0), 0.0), shape, cell)
    _bucket(cell, start, order)
    filled = np.diff(start).astype(np.float64)
    if float(filled @ filled) > _CROWDED * (n + n * (n / len(filled))):
        return None
    return order, start


def _greatest_square(radius: float) -> float:
    """The greatest number whose square root, as rounded, is less than the radius: one comparison without the
    root.
    """
    with np.errstate(over="ignore"):
        square = float(np.square(radius))
    while np.sqrt(square) >= radius:
        square = float(np.nextafter(square, 0))
    while np.sqrt(np.nextafter(square, np.inf)) < radius:
        square = float(np.nextafter(square, np.inf))
    return square


def _parts(start: NDArray[np.int32], n: int) -> Iterator[tuple[int, int]]:
    """Runs of cells with about as many points each."""
    cuts = np.searchsorted(start, np.linspace(0, n, min(_PARTS, 2 * (1 + n // _PART)) + 1)[1:-1])
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
    """Sort by counting: order (n,) lists the points cell by cell, start (cells + 1,), zeros before, where
    each cell begins.
    """
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
    for a in range(points.shape[1]):  # assigned whole, numba compiles the text of an error about shapes
        low[a] = high[a] = points[0, a]
    for i in range(1, len(points)):
        for a in range(points.shape[1]):
            low[a], high[a] = min(low[a], points[i, a]), max(high[a], points[i, a])


@kernel
def _gather(points, order, columns):  # type: ignore[no-untyped-def]
    """Fill columns (3, n) with the coordinates in that order; those that there are not stay 0."""
    for a in range(points.shape[1]):
        for p in range(len(order)):
            columns[a, p] = points[order[p], a]


@kernel_part
def _row(c, shape, offset, at):  # type: ignore[no-untyped-def]
    """Number of the first cell of the row that lies `offset` (2,) from the row of cell c, -1 outside; at (3,)
    is filled with c's place.
    """
    at[2] = c % shape[2]
    at[1] = c // shape[2] % shape[1]
    at[0] = c // (shape[2] * shape[1])
    first, second = at[0] + offset[0], at[1] + offset[1]
    if first < 0 or first >= shape[0] or second < 0 or second >= shape[1]:
        return np.int64(-1)
    return (first * shape[1] + second) * shape[2]


@exact_kernel
def _find(first, last, columns, order, start, shape, rows, most, square, count):  # type: ignore[no-untyped-def]
    """For the points of the cells first to last: their later partners one after the other, and the least
    squared distance.

    columns (3, n) and order (n,) go cell by cell, so that the points of neighbouring cells in a row follow
    each other; no cell has more than `most`. `square` is the greatest squared distance of a pair; count (n,)
    is filled with the partners of each point. No branch hangs on a distance: half of all guesses would be
    wrong.
    """
    x, y, z = columns[0], columns[1], columns[2]
    at = np.empty(3, dtype=np.int64)
    lows, highs = np.empty(len(rows), dtype=np.int64), np.empty(len(rows), dtype=np.int64)
    room = 3 * len(rows) * most + 1  # what one point can need
    partners = np.empty(8 * (start[last] - start[first]) + room, dtype=np.int32)
    used, least = 0, np.inf
    for c in range(first, last):
        if start[c] == start[c + 1]:
            continue
        for r in range(len(rows)):
            row = _row(c, shape, rows[r], at)
            lows[r] = 0 if row < 0 else start[row + max(at[2] - 1, 0)]
            highs[r] = 0 if row < 0 else start[row + min(at[2] + 1, shape[2] - 1) + 1]
        for p in range(start[c], start[c + 1]):
            if used + room > len(partners):
                larger = np.empty(2 * len(partners), dtype=np.int32)
                for k in range(used):
                    larger[k] = partners[k]
                partners = larger
            i, begin = order[p], used
            for r in range(len(rows)):
                for q in range(lows[r], highs[r]):
                    u, v, w = x[q] - x[p], y[q] - y[p], z[q] - z[p]
                    partners[used] = q
                    used += (u * u + v * v + w * w <= square) & (order[q] > i)
            count[i] = used - begin
            for k in range(begin, used):
                q = partners[k]
                u, v, w = x[q] - x[p], y[q] - y[p], z[q] - z[p]
                least = min(least, u * u + v * v + w * w)
                partners[k] = order[q]
    return partners[:used], least


@kernel
def _write(first, last, partners, order, start, count, offset, edges):  # type: ignore[no-untyped-def]
    """Write the pairs of the points of the cells first to last, each point's from offset[i] on, sorted."""
    used = 0
    for p in range(start[first], start[last]):
        i = order[p]
        begin = offset[i]
        for k in range(count[i]):
            j, place = partners[used + k], begin + k
            while place > begin and edges[place - 1, 1] > j:
                edges[place, 1] = edges[place - 1, 1]
                place -= 1
            edges[place, 1] = j
            edges[begin + k, 0] = i
        used += count[i]
