"""log p of a mixture along straight segments, where every component's form is a parabola in t."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geodesic_kit.checks import as_edges, as_points
from geodesic_kit.errors import DataError
from geodesic_kit.metric.norms import norms
from geodesic_kit.types import Edges, Ints, Points, Values

from .covariances import Covariances

__all__ = [
    "HALVINGS",
    "NARROW",
    "NEGLIGIBLE",
    "SCAN",
    "long_enough",
    "segment_breaks",
    "segment_log_prob",
    "segments_as_given",
]

_BLOCK = 1 << 20  # numbers held at once: 8 MB of float64 stays in the cache
# squared length of an edge in standard deviations of a component: above, its bump could hide between nodes
NARROW = 9.0
NEGLIGIBLE = np.log(1e-8)  # a peak this far below what surrounds it changes c by less than 1e-8
SCAN = np.linspace(0, 1, 9)  # where the lead is looked at, and the equal parts of an edge that is long
HALVINGS = 30  # of an eighth of an edge: where the lead changes, to 1e-10 of the edge

Matrix = NDArray[np.float64]


def segment_log_prob(
    forms: Covariances, means: Points, log_peaks: Values, points: Points, edges: Edges, t: Values
) -> Matrix:
    """log p at x_i + t (x_j - x_i), (m, T); t is (T,) or (m, T).

    With `a_i` the squared Mahalanobis distance of x_i from a mean and `q` that of the edge, the form at t is
    `(1 - t) a_i + t a_j - t (1 - t) q`, so that after one (n, K) product the cost does not depend on d.
    """
    out = np.empty((len(edges), t.shape[-1]))
    for rows, ends_i, ends_j, q in _ends(forms, means, points, edges, out.shape[1]):
        at = (t if t.ndim == 1 else t[rows])[..., None, :]
        with np.errstate(divide="ignore"):  # p = 0
            terms = ends_i[:, :, None] * (1 - at) + ends_j[:, :, None] * at - q[:, :, None] * (at * (1 - at))
            terms *= -0.5
            terms += log_peaks[:, None]
            top = terms.max(axis=1)
            terms -= np.where(top == -np.inf, 0.0, top)[:, None, :]
            np.exp(terms, out=terms)
            out[rows] = top + np.log(terms.sum(axis=1))
    return out


def segments_as_given(points: Points, edges: Edges, t: Values, dim: int) -> tuple[Points, Edges, Values]:
    """The arguments of `segment_log_prob` as float64 and int64. Raises DataError."""
    if (
        not isinstance(points, np.ndarray)
        or points.dtype != np.float64
        or points.ndim != 2
        or points.shape[1] != dim
    ):
        points = as_points(points, dim=dim)
    edges, given = as_edges(edges, len(points)), np.asanyarray(t)
    if (
        np.ma.is_masked(given)
        or given.dtype.kind not in "fiu"
        or given.ndim not in (1, 2)
        or given.shape[:-1] not in ((), (len(edges),))
    ):
        raise DataError(
            f"t has shape {given.shape} and type {given.dtype}; give places from 0 to 1, (T,) "
            "or a row for each edge"
        )
    places: Values = given.astype(np.float64, copy=False)
    if places.size and not (places.min() >= 0 and places.max() <= 1):  # nor NaN
        raise DataError(f"t runs from {places.min():g} to {places.max():g}; an edge runs from 0 to 1")
    return points, edges, places


def segment_breaks(
    forms: Covariances, means: Points, log_peaks: Values, points: Points, edges: Edges, floor: float
) -> tuple[Ints, Values]:
    """Edge numbers and places in (0, 1) where a panel must break for nothing narrow to be missed.

    On an edge longer than three standard deviations of a component that can matter, that is the component's
    closest approach t* (a bump), every place where another component takes the lead (a kink of log p), and a
    few equal parts. "Can matter": not negligible against exp(floor) nor against the components that lead at
    the edge's ends.
    """
    found: list[tuple[Ints, Values]] = [(np.empty(0, dtype=np.int64), np.empty(0))]
    long = long_enough(forms, norms(points, edges))
    for rows, ends_i, ends_j, q in _ends(forms, means, points, edges[long], len(SCAN)):
        kept = np.flatnonzero((q > NARROW).any(axis=1))
        parts = (
            _bumps(log_peaks, ends_i[kept], ends_j[kept], q[kept], floor),
            _kinks(log_peaks, ends_i[kept], ends_j[kept], q[kept], floor),
        )
        found += [(long[rows.start + kept[edge]], place) for edge, place in parts]
    return np.concatenate([rows for rows, _ in found]), np.concatenate([places for _, places in found])


def long_enough(forms: Covariances, lengths: Values) -> Ints:
    """Numbers of the edges, of those Euclidean lengths, that can exceed three standard deviations of a
    component and need a break.

    Where their square is beyond float64, no place on the edge is told apart within a component.
    """
    with np.errstate(over="ignore"):
        span = np.square(lengths) * forms.sharpest
    return np.flatnonzero((span > NARROW) & (span < np.inf))


def _bumps(log_peaks: Values, ends_i: Matrix, ends_j: Matrix, q: Matrix, floor: float) -> tuple[Ints, Values]:
    """Closest approaches of the narrow components that can matter, and equal parts of the edges that have
    any.
    """
    q = np.broadcast_to(q, ends_i.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        closest = 0.5 + (ends_i - ends_j) / (2 * q)
    narrow = q > NARROW
    at = np.where(narrow, np.clip(closest, 0, 1), 0.5)
    peak = _log_term(log_peaks, ends_i, ends_j, q, at)
    around = np.full_like(peak, floor)
    for ends in (ends_i, ends_j):
        lead = np.argmax(log_peaks - 0.5 * ends, axis=1)[:, None]
        a, b, c = (np.take_along_axis(form, lead, axis=1) for form in (ends_i, ends_j, q))
        np.maximum(around, _log_term(log_peaks[lead], a, b, c, at), out=around)
    matters = narrow & (peak > around + NEGLIGIBLE)
    edge, component = np.nonzero(matters & (closest > 0) & (closest < 1))
    cut = np.flatnonzero(matters.any(axis=1))
    inner = SCAN[1:-1]
    return np.concatenate([edge, np.repeat(cut, len(inner))]), np.concatenate(
        [closest[edge, component], np.tile(inner, len(cut))]
    )


def _kinks(log_peaks: Values, ends_i: Matrix, ends_j: Matrix, q: Matrix, floor: float) -> tuple[Ints, Values]:
    """Places where another component takes the lead, wherever p matters there."""
    terms = _log_term(log_peaks[:, None], ends_i[:, :, None], ends_j[:, :, None], q[:, :, None], SCAN)
    lead = terms.argmax(axis=1)
    edge, part = np.nonzero(lead[:, 1:] != lead[:, :-1])
    if not len(edge):
        return edge, np.empty(0)
    q = np.broadcast_to(q, ends_i.shape)
    left, right = lead[edge, part], lead[edge, part + 1]

    def ahead(t: Values) -> Values:
        first, second = (
            _log_term(log_peaks[k], ends_i[edge, k], ends_j[edge, k], q[edge, k], t) for k in (left, right)
        )
        return first - second

    low, high = SCAN[part], SCAN[part + 1]
    for _ in range(HALVINGS):  # the lead changes between low and high
        middle = (low + high) / 2
        leading = ahead(middle) > 0
        low, high = np.where(leading, middle, low), np.where(leading, high, middle)
    value = _log_term(log_peaks[left], ends_i[edge, left], ends_j[edge, left], q[edge, left], low)
    matters = value > floor + NEGLIGIBLE
    return edge[matters], low[matters]


def _log_term(log_peaks: Values, ends_i: Matrix, ends_j: Matrix, q: Matrix, t: Values) -> Matrix:
    """log of a component's weighted density at place t of an edge."""
    return log_peaks - 0.5 * (ends_i * (1 - t) + ends_j * t - q * (t * (1 - t)))


def _ends(forms: Covariances, means: Points, points: Points, edges: Edges, width: int):  # type: ignore[no-untyped-def]
    """Blocks of edges with the forms of both ends and of the edge itself, each (rows, K)."""
    step = max(1, _BLOCK // (len(means) * width))
    vertices, place = np.unique(edges, return_inverse=True)
    place = place.reshape(edges.shape)
    rows_at_once = max(1, _BLOCK // max(len(means), points.shape[1]))
    forms_at = np.concatenate(
        [np.empty((0, len(means)))]
        + [
            forms.squared(points[vertices[s : s + rows_at_once]], means)
            for s in range(0, len(vertices), rows_at_once)
        ]
    )
    for start in range(0, len(edges), step):
        rows = slice(start, min(start + step, len(edges)))
        i, j = edges[rows].T
        yield (
            rows,
            forms_at[place[rows, 0]],
            forms_at[place[rows, 1]],
            forms.edge_squared(points[j] - points[i]),
        )
