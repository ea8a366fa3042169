"""log p of a mixture along segments, compiled; segments.py has the mathematics. Importing it needs numba."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geodesic_kit.base.compiled import constant, exp, kernel, log
from geodesic_kit.types import Edges, Points, Values

from .covariances import FROM_COORDINATES, Covariances
from .kernels import PRUNED, Along, ends, log_term

__all__ = ["log_p_along"]


def log_p_along(
    forms: Covariances, means: Points, log_peaks: Values, points: Points, edges: Edges, t: Values
) -> NDArray[np.float64] | None:
    """log p at places t, (T,) or (m, T), along edges, (m, T); None in many dimensions, where NumPy serves."""
    coordinates = forms.compiled(means, FROM_COORDINATES)
    if coordinates is None:
        return None
    kind, *given = coordinates
    nothing = np.empty((0, 0)), np.empty((0, 2), dtype=np.int64), np.empty((0, 0)), np.empty(0)
    along = Along(*(constant(array) for array in (log_peaks, points, edges, *given, *nothing)))
    out = np.empty((len(edges), t.shape[-1]))
    _fill(along, kind, constant(np.broadcast_to(t, out.shape)), out)
    return out


@kernel
def _fill(along, kind, t, out):  # type: ignore[no-untyped-def]
    """Fill out (m, T) with log p at places t (m, T) along edges (m,).

    A component whose log term lies 37 + log K below the greatest adds at most e^-37 / K of p, all such ones
    together less than half a unit in the last place: they are dropped.
    """
    k_all = len(along.log_peaks)
    near, far, long = np.empty(k_all), np.empty(k_all), np.empty(k_all)
    terms, kept = np.empty(k_all), np.empty(k_all)
    doubt = PRUNED + np.log(k_all)
    for e in range(len(out)):
        ends(along, kind, e, near, far, long)
        for place in range(out.shape[1]):
            at = t[e, place]
            top = -np.inf
            for k in range(k_all):
                terms[k] = log_term(along.log_peaks[k], near[k], far[k], long[k], at)
            for k in range(k_all):
                top = max(top, terms[k])
            least, count = top - doubt, 0
            for k in range(k_all):
                kept[count] = terms[k]
                count += terms[k] >= least
            total = 0.0
            for k in range(count):
                kept[k] = exp(kept[k] - top)
            for k in range(count):
                total += kept[k]
            out[e, place] = top + log(total)
