"""Isomap's distances: k nearest neighbours, Euclidean lengths, all pairs, against scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np

import geodesic_kit as gk

from .. import warm
from ..agreement import same
from ..lines import Line, against
from ..timing import Timings, interleaved

__all__ = ["run"]

_K = 10


def run(quick: bool) -> list[Line]:
    """scikit-learn's own two steps alone, which are the same work, and its whole fit, which also embeds."""
    from scipy.sparse.csgraph import shortest_path
    from sklearn.datasets import make_swiss_roll
    from sklearn.manifold import Isomap
    from sklearn.neighbors import kneighbors_graph

    warm.up()
    n = 800 if quick else 4000
    x = make_swiss_roll(n, random_state=0)[0]
    work: dict[str, Any] = {
        "ours": lambda: gk.distances(gk.knn_graph(x, _K).weigh(gk.EuclideanMetric())),
        "kneighbors_graph + shortest_path": lambda: shortest_path(
            kneighbors_graph(x, _K, mode="distance", n_jobs=-1), "D", directed=False
        ),
        "Isomap.fit, embedding included": lambda: Isomap(n_neighbors=_K, n_jobs=-1).fit(x).dist_matrix_,
    }
    times = interleaved(work, 3)
    assert isinstance(times["ours"], Timings)
    for name, found in times.items():
        if isinstance(found, Timings):
            same(times["ours"].result, np.asarray(found.result), 1e-9, f"distances of {name}")
    done = f"swiss roll, n = {n:,}, k = {_K}: all distances"
    peers = [name for name in work if name != "ours"]
    return [
        against("isomap", done, times["ours"], f"scikit-learn {name}", times[name], None, "same to 1e-9")
        for name in peers
    ]
