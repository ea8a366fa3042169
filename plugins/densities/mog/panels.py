"""The edges of one call prepared for the compiled kernels of mog_kernels. Importing it needs numba."""

from __future__ import annotations

from threading import Lock

import numpy as np

from geodesic_kit.base.compiled import constant
from geodesic_kit.metric.norms import norms
from geodesic_kit.metric.quadrature import COARSE, FINE, NODES
from geodesic_kit.types import Edges, Ints, Points, PowerLaw, Values

from .covariances import FROM_COORDINATES, TABLE, Covariances
from .kernels import Along, breaks, panel_integrals
from .kernels_few import panel_integrals_side_by_side
from .segments import HALVINGS, NARROW, NEGLIGIBLE, SCAN, long_enough

__all__ = ["CompiledPanels", "Prepared", "fits"]

_FEW, _FEW_OF_COORDINATES = 16, 16  # components that are all computed; in few dimensions most of them matter
_LARGEST_FORM = 1e280
_WIDTH = 8  # nodes in a row: loops of eight fill the vector registers, loops of seven do not
_MOST_HELD = 1 << 23  # forms of all points: 64 MB
_BREAKS = 1 << 18  # places held for one run of edges


class Prepared:
    """A mixture and points ready for the kernels; called with edges between them it gives their
    `CompiledPanels`.
    """

    def __init__(
        self, forms: Covariances, means: Points, log_peaks: Values, points: Points, law: PowerLaw
    ) -> None:
        self._forms, self._means, self._log_peaks, self._points, self.law = (
            forms,
            means,
            log_peaks,
            points,
            law,
        )
        self._coordinates = forms.compiled(means, FROM_COORDINATES)
        self._lock, self._all = Lock(), np.empty((0, 0))

    def __call__(self, edges: Edges) -> CompiledPanels:
        lengths = norms(self._points, edges)
        table, squares, scale = np.empty((0, 0)), np.empty((0, 0)), np.empty(0)
        place: Edges = np.empty((0, 2), dtype=np.int64)
        coordinates = self._coordinates
        if coordinates is None:
            table, place = self._forms_at(edges)
            squares, scale = self._forms.edge_forms(self._points, edges, lengths)
            coordinates = TABLE, np.empty((0, 0)), np.empty((0, 0)), np.empty((0, 0, 0))
        kind, *given = coordinates
        arrays = (self._log_peaks, self._points, edges, *given, table, place, squares, scale)
        return CompiledPanels(
            Along(*(constant(array) for array in arrays)), kind, long_enough(self._forms, lengths), self.law
        )

    def _forms_at(self, edges: Edges) -> tuple[Points, Edges]:
        """Forms of vertices from every mean, and the rows of the edges' ends; of all points, once, where that
        is not much.
        """
        n = len(self._points)
        if len(edges) < n // 4 or n * len(self._means) > _MOST_HELD:
            vertices, rows = np.unique(edges, return_inverse=True)
            return self._forms.squared(self._points[vertices], self._means), rows.reshape(edges.shape)
        with self._lock:
            if not self._all.size:
                self._all = self._forms.squared(self._points, self._means)
        return self._all, edges


class CompiledPanels:
    """Panels of the edges of a mixture; follows the protocol `Panels`."""

    def __init__(self, along: Along, kind: int | None, long: Ints, law: PowerLaw) -> None:
        self._along, self._kind, self._long, self._law = along, kind, long, law
        few = _FEW if kind == TABLE else _FEW_OF_COORDINATES
        self._side_by_side = len(along.log_peaks) <= few

    def breaks(self, floor: float) -> tuple[Ints, Values]:
        """Edge numbers and places where a panel must break."""
        components = len(self._along.log_peaks)
        edge, place = np.empty(_BREAKS, dtype=np.int64), np.empty(_BREAKS)
        rows = max(1, _BREAKS // (components + 2 * len(SCAN)))
        found: list[tuple[Ints, Values]] = [(edge[:0], place[:0])]
        for start in range(0, len(self._long), rows):
            run = self._long[start : start + rows]
            count = breaks(
                self._along, self._kind, run, NARROW, NEGLIGIBLE, HALVINGS, SCAN, floor, edge, place
            )
            found.append((edge[:count].copy(), place[:count].copy()))
        return np.concatenate([edge for edge, _ in found]), np.concatenate([place for _, place in found])

    def __call__(self, edge: Ints, start: Values, stop: Values) -> tuple[Values, Values, float, float]:
        """Integrals of c over panels (P,), their estimated errors (P,), and the range of log c."""
        return self._integrals(edge, start, stop, NODES, FINE, COARSE)

    def means(self, nodes: Values, weights: Values) -> tuple[Values, float, float]:
        """Mean of c over each edge by one rule, (m,), and the range of log c at its nodes."""
        m = len(self._along.edges)
        value, _, low, high = self._integrals(np.arange(m), np.zeros(m), np.ones(m), nodes, weights, weights)
        return value, low, high

    def _integrals(
        self, edge: Ints, start: Values, stop: Values, *rule: Values
    ) -> tuple[Values, Values, float, float]:
        value, error = np.empty(len(edge)), np.empty(len(edge))
        law = (self._law.offset, self._law.power, self._law.log_floor)
        integrate = panel_integrals_side_by_side if self._side_by_side else panel_integrals
        given = rule if self._side_by_side else _in_rows(*rule)
        low, high = integrate(
            self._along,
            self._kind,
            edge,
            start,
            stop,
            *law,
            *(constant(array) for array in given),
            value,
            error,
        )
        return value, error, low, high


def _in_rows(nodes: Values, *weights: Values) -> list[Points]:
    """Nodes and weights of a rule in rows of eight, filled up with the last node at no weight."""
    more = -len(nodes) % _WIDTH
    filled = [np.append(nodes, np.full(more, nodes[-1])), *(np.append(w, np.zeros(more)) for w in weights)]
    return [array.reshape(-1, _WIDTH) for array in filled]


def fits(forms: Covariances, means: Points, points: Points) -> bool:
    """Whether every form fits float64 by far; where not, the plain path tells what is wrong."""
    reach = max(abs(float(extreme)) for array in (points, means) for extreme in (array.min(), array.max()))
    with np.errstate(over="ignore"):
        return bool(4 * points.shape[1] * np.square(reach) * forms.sharpest < _LARGEST_FORM)
