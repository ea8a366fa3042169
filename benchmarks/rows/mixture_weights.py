"""Edge lengths under a mixture of 100 Gaussians, against the same integral from the density at every node."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import geodesic_kit as gk

from .. import warm
from ..bounds import BOUNDS
from ..lines import Disagreement, Line, against
from ..naive import LogP, numpy_log_p, sklearn_log_p, trapezoid
from ..problems import Problem, crowd, images
from ..reference import deviation, lengths, sample
from ..timing import Failure, interleaved, timed

__all__ = ["crowded", "high"]

_RTOL = 1e-6  # what `weigh` promises unless told otherwise
_SAME = 1e-9  # two evaluations of one rule: rounding in 784 dimensions, no more
_MOST = 64  # pieces that the peer of the bound has at most; its error is stated
_PIECES = [2**k for k in range(15)]
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
    exact = lengths(problem, edges)
    own = deviation(graph.weigh(problem.metric).weights[looked_at], exact)
    if not own <= 10 * _RTOL:
        raise Disagreement(f"the kit's weights are {own:.2g} off the reference, {_RTOL:g} is promised")
    log_p = numpy_log_p(problem)
    rules = {pieces: deviation(trapezoid(problem, edges, pieces, log_p), exact) for pieces in _PIECES}
    # The fewest pieces that meet the tolerance asked of the kit, or as many as people would take.
    enough = next((pieces for pieces, error in rules.items() if error <= _RTOL), _PIECES[-1])
    pieces = min(enough, _MOST)
    peers = {"naive NumPy": (pieces, log_p), "scikit-learn score_samples": (pieces, sklearn_log_p(problem))}
    if enough > pieces:
        peers["naive NumPy, equal error"] = (enough, log_p)
    shares = {name: _share(problem, graph.edges, *peer) for name, peer in peers.items()}
    work: dict[str, Callable[[], Any]] = {
        "ours": lambda: graph.weigh(problem.metric),
        "trapezoid": lambda: graph.weigh(problem.metric, rule="trapezoid", pieces=pieces),
    }
    apart = deviation(work["trapezoid"]().weights[looked_at], trapezoid(problem, edges, pieces, log_p))
    if not apart <= _SAME:
        raise Disagreement(f"the kit's trapezoid is {apart:.2g} off the peer's at equal pieces")
    work |= {
        name: partial(trapezoid, problem, _first(graph.edges, shares[name]), *peer)
        for name, peer in peers.items()
    }
    times = interleaved(work, 3)
    n, d = problem.points.shape
    done = f"d = {d}, K = {len(problem.means)}, n = {n:,}, k = 10"
    errors = f"{graph.m:,} edges; worst relative error of {len(edges)}: ours {own:.1g}"
    lines = []
    for name, (pieces, _) in peers.items():
        found = times[name] if isinstance(times[name], Failure) else times[name].of(shares[name])
        bound = BOUNDS[bench]["ratio"] if name == "naive NumPy" else None
        note = f"{errors}, peer {rules[pieces]:.1g} (trapezoid, {pieces:,} pieces)"
        lines.append(against(bench, done, times["ours"], name, found, bound, note))
        if name == "naive NumPy":
            equal = f'rule="trapezoid" too, {pieces} pieces; worst relative difference {apart:.1g}'
            bound = BOUNDS[bench]["trapezoid"]
            lines.append(against(bench, f"{done}, trapezoid", times["trapezoid"], name, found, bound, equal))
    return lines


def _share(problem: Problem, edges: Any, pieces: int, log_p: LogP) -> float:
    """1 where a peer's whole work would take at most some seconds, else the part of the edges that does."""
    few = edges[: max(2, min(len(edges), 20_000 // pieces))]
    trapezoid(problem, few, pieces, log_p)
    whole = timed(lambda: trapezoid(problem, few, pieces, log_p))[0] * len(edges) / len(few)
    return 1.0 if whole <= _PATIENCE else _PATIENCE / 3 / whole


def _first(edges: Any, share: float) -> Any:
    """The first edges of the list, which share vertices as all of them do."""
    return edges[: max(2, round(share * len(edges)))]
