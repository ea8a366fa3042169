"""Edge lengths under a mixture of 100 Gaussians, against the same integral from the density at every node."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import numpy as np

import geodesic_kit as gk

from .. import warm
from ..bounds import BOUNDS
from ..lines import Disagreement, Line, against
from ..naive import LogP, numpy_log_p, sklearn_log_p, trapezoid
from ..problems import Problem, crowd, images
from ..reference import sample, worst
from ..timing import interleaved

__all__ = ["crowded", "high"]

_RTOL = 1e-6  # what `weigh` promises unless told otherwise
_MOST = 64  # pieces a peer is asked for at most
_PATIENCE = 15.0  # seconds after which a peer is timed on a part of the edges


def high(quick: bool) -> list[Line]:
    """d = 784, K = 100, n = 10,000, ten neighbours each."""
    return _lines("mixture_weights_784", images(500 if quick else 10_000))


def crowded(quick: bool) -> list[Line]:
    """d = 2, K = 100, n = 100,000, ten neighbours each."""
    return _lines("mixture_weights_2", crowd(2000 if quick else 100_000))


def _lines(bench: str, problem: Problem) -> list[Line]:
    warm.up()
    graph = gk.knn_graph(problem.points, 10)
    looked_at = sample(100, graph.m)
    edges = graph.edges[looked_at]
    own = worst(problem, edges, graph.weigh(problem.metric).weights[looked_at])
    if not own <= 10 * _RTOL:
        raise Disagreement(f"the kit's weights are {own:.2g} off the reference, {_RTOL:g} is promised")
    log_p = numpy_log_p(problem)
    pieces, error = _fewest_pieces(problem, edges, log_p)
    peers = {"naive NumPy": log_p, "scikit-learn score_samples": sklearn_log_p(problem)}
    shares = {name: _share(problem, graph.edges, pieces, peer) for name, peer in peers.items()}
    work: dict[str, Any] = {"ours": lambda: graph.weigh(problem.metric)}
    work |= {name: partial(trapezoid, problem, graph.edges[_part(graph.m, shares[name])], pieces, peer) for name, peer in peers.items()}
    times = interleaved(work, 3)
    n, d = problem.points.shape
    note = f"{graph.m:,} edges; worst relative error of {len(edges)}: ours {own:.1g}, peer {error:.1g} (trapezoid, {pieces} pieces)"
    return [
        against(
            bench,
            f"d = {d}, K = {len(problem.means)}, n = {n:,}, k = 10",
            times["ours"],
            name,
            _of(times[name], shares[name]),
            BOUNDS[bench]["ratio"] if name == "naive NumPy" else None,
            note,
        )
        for name in peers
    ]


def _fewest_pieces(problem: Problem, edges: Any, log_p: LogP) -> tuple[int, float]:
    """The smallest power of two that meets the tolerance asked of the kit on these edges, 64 where none does, and its error."""
    pieces = 1
    while (error := worst(problem, edges, trapezoid(problem, edges, pieces, log_p))) > _RTOL and pieces < _MOST:
        pieces *= 2
    return pieces, error


def _share(problem: Problem, edges: Any, pieces: int, log_p: LogP) -> float:
    """1 where a peer's whole work would take at most some seconds, else the part of the edges that does."""
    few = edges[_part(len(edges), min(1.0, 500 / len(edges)))]
    trapezoid(problem, few, pieces, log_p)
    start = time.perf_counter()
    trapezoid(problem, few, pieces, log_p)
    whole = (time.perf_counter() - start) * len(edges) / len(few)
    return 1.0 if whole <= _PATIENCE else _PATIENCE / 3 / whole


def _part(m: int, share: float) -> Any:
    """The first edges of a share: neighbours in the list share vertices, as in the whole."""
    return np.arange(max(1, round(share * m)))


def _of(times: Any, share: float) -> Any:
    return times.of(share) if share < 1 and hasattr(times, "of") else times
