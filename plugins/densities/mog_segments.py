"""log p of a mixture along straight segments, where every component's form is a parabola in t."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geodesic_kit.types import Edges, Ints, Points, Values

from .mog_forms import Covariances

__all__ = ["segment_breaks", "segment_log_prob"]

_BLOCK = 1 << 20  # numbers held at once: 8 MB of float64 stays in the cache
_NARROW = 9.0  # squared length of an edge in standard deviations of a component: above, its bump could hide between nodes
_NEGLIGIBLE = np.log(1e-8)  # a peak this far below what surrounds it changes c by less than 1e-8

Matrix = NDArray[np.float64]


def segment_log_prob(forms: Covariances, means: Points, log_peaks: Values, points: Points, edges: Edges, t: Values) -> Matrix:
    """log p at x_i + t (x_j - x_i), (m, T); t is (T,) or (m, T).

    With `a_i` the squared Mahalanobis distance of x_i from a mean and `q` that of the edge, the form at t is
    `(1 - t) a_i + t a_j - t (1 - t) q`, so that after one (n, K) product the cost does not depend on d.
    """
    t = np.asarray(t, dtype=np.float64)
    out = np.empty((len(edges), t.shape[-1]))
    for rows, ends_i, ends_j, q in _ends(forms, means, points, edges, out.shape[1]):
        at = (t if t.ndim == 1 else t[rows])[..., None, :]
        terms = ends_i[:, :, None] * (1 - at) + ends_j[:, :, None] * at - q[:, :, None] * (at * (1 - at))
        terms *= -0.5
        terms += log_peaks[:, None]
        top = terms.max(axis=1)
        terms -= top[:, None, :]
        np.exp(terms, out=terms)
        out[rows] = top + np.log(terms.sum(axis=1))
    return out


def segment_breaks(forms: Covariances, means: Points, log_peaks: Values, points: Points, edges: Edges, floor: float) -> tuple[Ints, Values]:
    """Edge numbers and places in (0, 1) where a panel must break for no component's bump to be missed.

    A component needs a break at its closest approach t* where the edge is longer than three of its standard deviations
    and its value there is not negligible against exp(floor) or against the components that lead at the edge's ends.
    """
    found: list[tuple[Ints, Values]] = [(np.empty(0, dtype=np.int64), np.empty(0))]
    for rows, ends_i, ends_j, q in _ends(forms, means, points, edges, 4):
        with np.errstate(divide="ignore", invalid="ignore"):
            closest = 0.5 + (ends_i - ends_j) / (2 * q)
        inside = (q > _NARROW) & (closest > 0) & (closest < 1)
        if not inside.any():
            continue
        at = np.where(inside, closest, 0.5)
        peak = log_peaks - 0.5 * (ends_i * (1 - at) + ends_j * at - q * at * (1 - at))
        around = np.full_like(peak, floor)
        for ends in (ends_i, ends_j):
            lead = np.argmax(log_peaks - 0.5 * ends, axis=1)[:, None]
            a, b, c = (np.take_along_axis(form, lead, axis=1) for form in (ends_i, ends_j, q))
            np.maximum(around, log_peaks[lead] - 0.5 * (a * (1 - at) + b * at - c * at * (1 - at)), out=around)
        edge, component = np.nonzero(inside & (peak > around + _NEGLIGIBLE))
        found.append((np.arange(rows.start, rows.stop)[edge], closest[edge, component]))
    return np.concatenate([rows for rows, _ in found]), np.concatenate([places for _, places in found])


def _ends(forms: Covariances, means: Points, points: Points, edges: Edges, width: int):  # type: ignore[no-untyped-def]
    """Blocks of edges with the forms of both ends and of the edge itself, each (rows, K)."""
    step = max(1, _BLOCK // (len(means) * width))
    vertices, place = np.unique(edges, return_inverse=True)
    place = place.reshape(edges.shape)
    rows_at_once = max(1, _BLOCK // max(len(means), points.shape[1]))
    forms_at = np.concatenate(
        [np.empty((0, len(means)))]
        + [forms.squared(points[vertices[s : s + rows_at_once]], means) for s in range(0, len(vertices), rows_at_once)]
    )
    for start in range(0, len(edges), step):
        rows = slice(start, min(start + step, len(edges)))
        i, j = edges[rows].T
        yield rows, forms_at[place[rows, 0]], forms_at[place[rows, 1]], forms.edge_squared(points[j] - points[i])
