"""The edges of one call prepared for the compiled kernels of mog_kernels. Importing it needs numba."""

from __future__ import annotations

import numpy as np

from geodesic_kit.compiled import constant
from geodesic_kit.conformal import norms
from geodesic_kit.quadrature import COARSE, FINE, NODES
from geodesic_kit.types import Edges, Ints, Points, PowerLaw, Values

from .mog_forms import TABLE, Covariances
from .mog_kernels import Along, breaks, panel_integrals
from .mog_lanes import panel_integrals_side_by_side
from .mog_segments import HALVINGS, NARROW, NEGLIGIBLE, SCAN, long_enough

__all__ = ["CompiledPanels", "fits"]

_FROM_COORDINATES = 16  # multiplications a component: up to here forms are cheaper computed on the spot than looked up
_FEW = 128  # components that are all computed
_LARGEST_FORM = 1e280
# An eighth node of no weight: loops of eight fill the vector registers, loops of seven do not.
_NODES, _FINE, _COARSE = np.append(NODES, 1.0), np.append(FINE, 0.0), np.append(COARSE, 0.0)
_BREAKS = 1 << 18  # places held for one run of edges


class CompiledPanels:
    """Panels of the edges of a mixture; follows the protocol `Panels`."""

    def __init__(self, forms: Covariances, means: Points, log_peaks: Values, points: Points, edges: Edges, law: PowerLaw) -> None:
        self._law = law
        lengths = norms(points, edges)
        self._long = long_enough(forms, lengths)
        table, squares, scale = np.empty((0, 0)), np.empty((0, 0)), np.empty(0)
        place: Edges = np.empty((0, 2), dtype=np.int64)
        coordinates = forms.compiled(means, _FROM_COORDINATES)
        if coordinates is None:
            vertices, rows = np.unique(edges, return_inverse=True)
            table, place = forms.squared(points[vertices], means), rows.reshape(edges.shape)
            squares, scale = forms.edge_forms(points, edges, lengths)
            coordinates = TABLE, np.empty((0, 0)), np.empty((0, 0)), np.empty((0, 0, 0))
        kind, *given = coordinates
        self._along = Along(kind, *(constant(array) for array in (log_peaks, points, edges, *given, table, place, squares, scale)))

    def breaks(self, floor: float) -> tuple[Ints, Values]:
        """Edge numbers and places where a panel must break."""
        components = len(self._along.log_peaks)
        edge, place = np.empty(_BREAKS, dtype=np.int64), np.empty(_BREAKS)
        rows = max(1, _BREAKS // (components + 2 * len(SCAN)))
        found: list[tuple[Ints, Values]] = [(edge[:0], place[:0])]
        for start in range(0, len(self._long), rows):
            run = self._long[start : start + rows]
            count = breaks(self._along, run, NARROW, NEGLIGIBLE, HALVINGS, SCAN, floor, edge, place)
            found.append((edge[:count].copy(), place[:count].copy()))
        return np.concatenate([edge for edge, _ in found]), np.concatenate([place for _, place in found])

    def __call__(self, edge: Ints, start: Values, stop: Values) -> tuple[Values, Values, float, float]:
        """Integrals of c over panels (P,), their estimated errors (P,), and the range of log c."""
        value, error = np.empty(len(edge)), np.empty(len(edge))
        law = (self._law.offset, self._law.power, self._law.log_floor)
        if len(self._along.log_peaks) <= _FEW:
            low, high = panel_integrals_side_by_side(self._along, edge, start, stop, *law, NODES, FINE, COARSE, value, error)
        else:
            low, high = panel_integrals(self._along, edge, start, stop, *law, _NODES, _FINE, _COARSE, value, error)
        return value, error, low, high


def fits(forms: Covariances, means: Points, points: Points) -> bool:
    """Whether every form fits float64 by far; where not, the plain path tells what is wrong."""
    reach = max(abs(float(extreme)) for array in (points, means) for extreme in (array.min(), array.max()))
    with np.errstate(over="ignore"):
        return bool(4 * points.shape[1] * np.square(reach) * forms.sharpest < _LARGEST_FORM)
