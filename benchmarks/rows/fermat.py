"""Sample Fermat distances on a nearest-neighbour graph, against the package `fermat`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial.distance import cdist

import geodesic_kit as gk
from geodesic_kit.checks import as_points

from .. import warm
from ..agreement import same
from ..lines import Line, against
from ..timing import Timings, interleaved

__all__ = ["run"]

_K, _ALPHA = 10, 3


@dataclass(frozen=True)
class SampleFermat:
    """An edge costs its Euclidean length to the power alpha: a metric of one's own, in the kit's protocol."""

    alpha: float

    def edge_lengths(self, points: Any, edges: Any) -> Any:
        """Cost of each edge, (m,)."""
        i, j = np.asarray(edges).T
        return np.sqrt(np.square(as_points(points)[i] - points[j]).sum(axis=1)) ** self.alpha

    def lower_bound(self) -> float:
        """Nothing is proven."""
        return 0.0


def run(quick: bool) -> list[Line]:
    """All pairs. `fermat` sums an edge that both ends chose, so it costs 2^alpha times as much there; the
    search is the same.
    """
    warm.up()
    n = 500 if quick else 3000
    x = np.random.default_rng(0).standard_normal((n, 2))

    def theirs() -> Any:
        from fermat import Fermat

        # It counts a point among its own neighbours.
        return Fermat(alpha=_ALPHA, path_method="D", k=_K + 1).fit(cdist(x, x)).get_distances()

    def ours() -> Any:
        return gk.distances(gk.knn_graph(x, _K).weigh(SampleFermat(_ALPHA)))

    times = interleaved({"ours": ours, "fermat": theirs}, 3)
    found = times["fermat"]
    if isinstance(found, Timings):
        same(
            _as_fermat_counts(x),
            found.result,
            1e-9,
            "distances, with the edges that both ends chose counted as fermat does",
        )
    note = "fermat doubles edges that both ends chose; checked to 1e-9 against SciPy with the same doubling"
    if isinstance(times["ours"], Timings):
        same(times["ours"].result, _as_fermat_counts(x, doubled=False), 1e-9, "distances")
    done = f"n = {n:,}, k = {_K}, alpha = {_ALPHA}: all distances"
    return [against("fermat", done, times["ours"], "fermat, Dijkstra", found, None, note)]


def _as_fermat_counts(x: Any, doubled: bool = True) -> Any:
    apart = cdist(x, x)
    near = np.argsort(apart, axis=1)[:, 1 : _K + 1]
    rows = np.repeat(np.arange(len(x)), _K)
    chosen = csr_array((apart[rows, near.ravel()], (rows, near.ravel())), shape=apart.shape)
    lengths = chosen + chosen.T if doubled else chosen.maximum(chosen.T)
    return dijkstra(lengths.power(_ALPHA), directed=True)
