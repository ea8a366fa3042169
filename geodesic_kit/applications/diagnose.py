"""What is wrong with a graph: the failure signatures of generative distances, each measured, with what to
change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base.neighbours import nearest
from ..checks import seeded
from ..density.answers import drawn, held_out_log_density, log_density
from ..density.as_density import as_density
from ..graph.bridges import spanning_bridges
from ..graph.graph import Graph, as_graph
from ..metric.edge_lengths import lengths_by
from ..metric.norms import norms
from ..paths.solving import automatic
from ..types import Density, Ints, Metric, Points, Samples
from .distance_matrices import sizes_in_words
from .findings import Diagnosis, Finding
from .units import units

__all__ = ["Diagnosis", "Finding", "diagnose", "miscalibrated"]

_FLAT = 1.2  # contrast max c / min c below which no path is bent by anything one could see
_RULED = 0.1  # share of paths that one edge may rule
_FEW_PATHS = 10  # fewer tell nothing of a share
_FEW_EDGES = 5  # on a shorter path some edge is always long
_ROUGH = 0.05  # share of a path's length that leaving out every other vertex may save
_UNLIKE = 0.5  # nats between the mean log p of the vertices and of the density's own draws
# how many times as far from the nearest vertex as vertices are the density's draws may lie, or the other way
# round
_SPACED = 4 / 3
# over d sqrt(n): what the log of that number stays below in 99 of 100 samples of n points from a density in
# R^d (measured)
_CHANCE = 7.5
_ROOF = float(np.log(10.0))  # by how much p may fall between a vertex and its nearest neighbour
_SOURCES, _TARGETS, _DRAWS = 24, 8, 2_000


def diagnose(graph: Any, seed: int = 0) -> Diagnosis:
    """Look for the failure signatures that the paper's readers meet. [GG] as summarised, failure signatures.

    "disconnected": parts that no path joins · "euclidean": c hardly varies · "one edge rules": single edges
    decide paths · "rough paths": paths zigzag for want of edges · "miscalibrated density": the vertices are
    not what p would draw, it fills their gaps, or peaks on them · "units": a few columns rule the distances,
    being measured in smaller units than the others (ours).

    Parameters
    ----------
    graph : Graph or GenerativeGeodesics
        Before `weigh` only the first and the last are looked for. A fitted GenerativeGeodesics stands for its
        `graph_`, and names the columns.
    seed : int, default 0
        The same one looks at the same paths.

    Returns
    -------
    Diagnosis
        What was found, each with its measure and what to change, and what was looked for; prints as a list.

    Raises
    ------
    GraphError
        For another object.

    Examples
    --------
    >>> x = gk.datasets.load("two_moons", n=400, seed=0).x
    >>> metric = gk.GenerativeMetric.from_sample(gk.densities["mog"].fit(x, seed=0, n_components=8), x)
    >>> graph = gk.suggest_graph(x).build(x).weigh(metric)
    >>> print(gk.diagnose(graph))  # doctest: +ELLIPSIS
    Diagnosis: 1 found, looked for disconnected, euclidean, one edge rules, ...
      one edge rules: one edge makes more than half of ... paths; it crosses a gap that no sample fills, ...
    """
    names = getattr(graph, "feature_names_in_", None)
    graph = as_graph(getattr(graph, "graph_", graph), "diagnose")
    seed = seeded(seed)
    looks: dict[str, Callable[[], Finding | None]] = {"disconnected": lambda: _disconnected(graph)}
    if graph.weights is not None and graph.m:
        paths = _paths(graph, seed)
        looks["euclidean"] = lambda: _euclidean(graph)
        looks["one edge rules"] = lambda: _one_edge_rules(graph, paths)
        if graph.metric is not None:
            metric = graph.metric
            looks["rough paths"] = lambda: _rough(graph, metric, paths)
            if hasattr(metric, "density"):
                density = as_density(metric.density)
                looks["miscalibrated density"] = lambda: miscalibrated(graph, density, seed)
    looks["units"] = lambda: units(graph.points, names, seed)
    found = [look() for look in looks.values()]
    return Diagnosis(tuple(finding for finding in found if finding), tuple(looks))


def _disconnected(graph: Graph) -> Finding | None:
    parts = graph.components()
    if not parts.max(initial=0):
        return None
    bridges = spanning_bridges(graph.points, parts)
    gap = float(norms(graph.points, bridges).max())
    return Finding(
        "disconnected",
        f"{sizes_in_words(parts)}, and distances between them are inf",
        f"give eps above {gap:.4g} or more neighbours, or graph.bridged() where a path may cross a gap; or "
        "take the parts as they are",
    )


def _euclidean(graph: Graph) -> Finding | None:
    lengths = norms(graph.points, graph.edges)
    apart = lengths > 0
    per_length = graph.require_weights()[apart] / lengths[apart]
    if not len(per_length):
        return None
    low, high = float(per_length.min()), float(per_length.max())
    if graph.report is not None and graph.report.log_c_min <= graph.report.log_c_max:
        low, high = (
            min(low, float(np.exp(graph.report.log_c_min))),
            max(high, float(np.exp(graph.report.log_c_max))),
        )
    if high >= _FLAT * low:
        return None
    return Finding(
        "euclidean",
        f"max c / min c is {high / low:.3g} over all edges, so distances are those of a Euclidean neighbour "
        "graph",
        "give a smaller lam=, a larger power=, or GenerativeMetric.from_sample(density, x)",
    )


def _one_edge_rules(graph: Graph, paths: list[Ints]) -> Finding | None:
    # known to cross a gap
    bridges = set() if graph.bridges is None else {tuple(edge) for edge in graph.bridges.tolist()}
    within = [
        path
        for path in paths
        if not bridges or bridges.isdisjoint(map(tuple, np.sort(np.stack([path[:-1], path[1:]], 1)).tolist()))
    ]
    long = [pieces for path in within if len(pieces := graph.along(path)) >= _FEW_EDGES]
    # The first and the last edge are left out: a vertex far from all others has one whichever way a path
    # takes.
    ruled = (
        float(np.mean([pieces[1:-1].max() > 0.5 * pieces.sum() for pieces in long]))
        if len(long) >= _FEW_PATHS
        else 0.0
    )
    if ruled <= _RULED:
        return None
    return Finding(
        "one edge rules",
        f"one edge makes more than half of {ruled:.0%} of {len(long)} paths",
        "it crosses a gap that no sample fills, or the contrast is too high: more points there, a larger "
        "lam=, or a smaller power=",
    )


def _rough(graph: Graph, metric: Metric, paths: list[Ints]) -> Finding | None:
    """What is saved where every other vertex is left out, each short cut at its own length, the better of
    both ways to begin.
    """
    if not paths:
        return None
    cuts = np.concatenate([np.stack([path[:-2], path[2:]], axis=1) for path in paths])
    direct = lengths_by(metric, graph.points, np.sort(cuts, axis=1))
    saved, start = [], 0
    for path in paths:
        pieces = graph.along(path)
        gain = np.maximum(pieces[:-1] + pieces[1:] - direct[start : start + len(path) - 2], 0.0)
        longest = int(np.argmax(pieces))  # it must neither hide the others nor stand for them
        gain[max(longest - 1, 0) : longest + 1] = 0.0
        saved.append(max(gain[::2].sum(), gain[1::2].sum()) / (pieces.sum() - pieces[longest]))
        start += len(path) - 2
    rough = float(np.median(saved))
    if rough <= _ROUGH:
        return None
    return Finding(
        "rough paths",
        f"leaving out every other vertex shortens the median path by {rough:.0%}",
        "give more neighbours or a larger eps= (gk.suggest_graph(points) proposes them), more points, or "
        "gk.refine(path)",
    )


def miscalibrated(graph: Graph, density: Density, seed: int) -> Finding | None:
    """The finding that the vertices are not what p would draw, which `diagnose` looks for among others; None
    where they are.
    """
    x = graph.points
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(len(x), min(len(x), _DRAWS), replace=False))
    own = held_out_log_density(density, x[rows])
    if not np.isfinite(own).all():
        return Finding(
            "miscalibrated density",
            f"p is 0 at {np.mean(own == -np.inf):.0%} of the vertices",
            "fit the density to these points, or build the graph over points that it can draw",
        )
    if isinstance(density, Samples):
        draws = drawn(density, _DRAWS, seed, density.dim)
        of_draws = log_density(density, draws)
        apart = float(own.mean() - of_draws.mean())
        doubt = float(np.sqrt(own.var() / len(own) + of_draws.var() / len(of_draws)))
        if abs(apart) > _UNLIKE + 3 * doubt:
            how = (
                "less likely than the density's own draws"
                if apart < 0
                else "likelier than its own draws: it is broader than they are"
            )
            return Finding(
                "miscalibrated density",
                f"the vertices are {how}, by {abs(apart):.2g} nats in the mean",
                "fit another density (held-out log p tells which), give it more points, or draw the "
                "vertices from it",
            )
        if (found := _spaced(x, rows, draws[: len(rows)])) is not None:
            return found
    if len(x) < 2:
        return None
    near = nearest(x, 2, x[rows])[0][:, 1]  # the nearest is the vertex itself
    middle = log_density(density, (x[rows] + x[near]) / 2)
    fall = float(np.median(own - middle))
    if fall <= _ROOF:
        return None
    return Finding(
        "miscalibrated density",
        f"p falls by a factor of {np.exp(min(fall, 700.0)):.3g} half-way to the nearest neighbour: it peaks "
        "on single vertices",
        "smooth it: fewer components, a larger variance=, or gk.densities['mog'].fit(x), whose components "
        "span the sample's spacing",
    )


def _spaced(x: Points, rows: Ints, draws: Points) -> Finding | None:
    """Whether draws lie about as far from the nearest vertex as the vertices at `rows` do: what the mean of
    log p does not tell.

    A mixture of too few components, fitted by likelihood, finds its vertices as likely as its draws; these
    fill the gaps all the same.
    """
    if len(x) < 2:
        return None
    between = float(np.median(nearest(x, 2, x[rows])[1][:, 1]))  # the nearest is the vertex itself
    from_draws = float(np.median(nearest(x, 1, draws)[1]))
    bound = max(_SPACED, float(np.exp(_CHANCE / (x.shape[1] * np.sqrt(len(x))))))
    if not between > 0 or 1 / bound <= from_draws / between <= bound:
        return None
    wide = from_draws > between
    return Finding(
        "miscalibrated density",
        f"its draws lie {from_draws / between:.2g} times as far from the nearest vertex as vertices do from "
        "each other: " + ("it fills gaps that the vertices leave" if wide else "it peaks on the vertices"),
        (
            "narrow it: more components, a smaller variance=, more points"
            if wide
            else "smooth it: fewer components, a larger variance="
        )
        + ", or gk.densities['mog'].fit(x), which chooses by held-out likelihood",
    )


def _paths(graph: Graph, seed: int) -> list[Ints]:
    """Shortest paths from some vertices to some that they reach, none of one edge."""
    rng = np.random.default_rng(seed)
    sources = np.sort(rng.choice(graph.n, min(graph.n, _SOURCES), replace=False))
    found = automatic().solve(graph, sources, predecessors=True)
    paths = []
    for row, source in enumerate(sources):
        reached = np.flatnonzero(np.isfinite(found.distances[row]))
        for target in rng.choice(reached, min(len(reached), _TARGETS), replace=False):
            paths.append(found.walk(row, int(source), int(target)))
    return [path for path in paths if len(path) > 2]
