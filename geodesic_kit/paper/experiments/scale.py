"""What the stages of the chain cost as n grows: CPU time here, memory in a process of its own for each n."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...checks import integer
from ...errors import InvalidParameter
from ...geodesics.between import geodesic
from ...graph.by_rule import epsilon_graph
from ...graph.graph import Graph
from ...metric.generative import GenerativeMetric
from ...paths.distances import distances
from ...plots.canvas import markers, palette
from ...registry import densities
from ...types import Metric, Points
from . import own_process

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

__all__ = [
    "RULES",
    "STAGES",
    "Cost",
    "draw_rules",
    "draw_stages",
    "ends",
    "memory",
    "per_edge",
    "radius",
    "slope",
    "stages",
    "times",
    "two_modes",
    "uniform",
]

STAGES = ("graph", "weights", "tree", "path")
# Rule -> radius on the unit square for n points.
RULES: dict[str, Callable[[int], float]] = {
    "mean degree 15": lambda n: float(np.sqrt(15 / (np.pi * n))),
    "connectivity × 1.5": lambda n: float(1.5 * np.sqrt(np.log(n) / (np.pi * n))),
    "convergent": lambda n: 0.6 * n**-0.25,
}


@dataclass(frozen=True)
class Cost:
    """One stage at one n: the least of its CPU times, over all threads, and of its wall times, in seconds."""

    rule: str
    n: int
    edges: int
    stage: str
    seconds: float
    wall: float


def radius(rule: str, n: int) -> float:
    """eps of one of RULES for n points of the unit square. Raises InvalidParameter for another rule."""
    if rule not in RULES:
        raise InvalidParameter(f"rule={rule!r}; there are {', '.join(RULES)}")
    return RULES[rule](integer(n, "n", least=2))


def two_modes(lam: float, p0: float) -> GenerativeMetric:
    """The metric of a mixture of two Gaussians in the unit square; its density is given, nothing is
    fitted.
    """
    return GenerativeMetric(
        densities["mog"](means=[[0.35, 0.4], [0.7, 0.6]], covariances=[0.03, 0.05]), lam=lam, p0=p0
    )


def uniform(n: int, seed: int) -> Points:
    """n uniform points of the unit square, (n, 2)."""
    return np.random.default_rng([seed, n]).uniform(size=(n, 2))


def ends(graph: Graph) -> tuple[int, int]:
    """The vertices nearest to (.1, .1) and (.9, .9) among those of the largest component."""
    joined = np.flatnonzero(graph.components() == 0)
    i, j = (
        int(joined[np.square(graph.points[joined] - corner).sum(axis=1).argmin()]) for corner in (0.1, 0.9)
    )
    return i, j


def stages(
    points: Points, eps: float, metric: Metric, held: dict[str, Graph]
) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The stages in order, each as its name and the work to call before the next is asked for;
    `held["graph"]` is the graph.

    "tree" includes the layout that compiled searches read and that "path" finds ready. The choice of the ends
    is no stage.
    """

    def build() -> None:
        held["graph"] = epsilon_graph(points, eps)

    def weigh() -> None:
        held["graph"] = held["graph"].weigh(metric)

    yield "graph", build
    yield "weights", weigh
    i, j = ends(held["graph"])
    yield "tree", lambda: distances(held["graph"], [i])
    yield "path", lambda: geodesic(held["graph"], i, j)


def slope(table: Mapping[str, Any], column: str, least: int) -> float:
    """Log-log slope of the column against column n of a table, by least squares over the rows with n at least
    `least`.
    """
    n, values = np.asarray(table["n"], dtype=float), np.asarray(table[column], dtype=float)
    kept = n >= least
    return float(np.polyfit(np.log(n[kept]), np.log(values[kept]), 1)[0])


def draw_stages(table: Any, column: str, least: int, ax: Axes) -> None:
    """One line a stage of a DataFrame, in column `stage`, on log scales; the legend gives each slope from n =
    `least` on.
    """
    colours = dict(zip(STAGES, palette(len(STAGES)), strict=True))
    for stage, marker in zip(STAGES, markers(len(STAGES)), strict=True):
        own = table[table["stage"] == stage].sort_values("n")
        ax.loglog(
            own["n"],
            own[column],
            f"{marker}-",
            color=colours[stage],
            label=f"{stage}: slope {slope(own, column, least):.2f}",
        )
    ax.legend(frameon=False)
    ax.set_xlabel("n  [points]")


def draw_rules(table: Any, column: str, least: Mapping[str, int], *, ylabel: str, title: str) -> None:
    """One panel a rule of a DataFrame, with `draw_stages` from n = `least[rule]` on, on common axes."""
    import matplotlib.pyplot as plt

    size = (1 + 4.7 * len(least), 4.8)
    fig, _ = plt.subplots(1, len(least), figsize=size, layout="constrained", sharex=True, sharey=True)
    for ax, (rule, n) in zip(fig.axes, least.items(), strict=True):
        draw_stages(table[table["rule"] == rule], column, n, ax)
        ax.set_title(f"{rule}, slopes from n = {n:,}")
    fig.axes[0].set_ylabel(ylabel)
    fig.suptitle(title)


def per_edge(costs: DataFrame) -> DataFrame:
    """Of each rule at its largest n: CPU nanoseconds an edge of each stage, n, edges, wall seconds of all."""
    last = costs[costs["n"] == costs.groupby("rule")["n"].transform("max")]
    each = last.assign(ns=1e9 * last["seconds"] / last["edges"]).pivot_table("ns", "rule", "stage")
    whole = last.groupby("rule").agg(n=("n", "max"), edges=("edges", "max"), wall=("wall", "sum"))
    rules = [rule for rule in RULES if rule in whole.index]
    return each[list(STAGES)].round().astype(int).join(whole).loc[rules]


def times(rule: str, sizes: Sequence[int], metric: Metric, *, rounds: int, seed: int) -> list[Cost]:
    """The least time of each stage over that many rounds through all sizes, so that one busy spell spoils no
    size.

    A first round over few points compiles what is to be compiled and is not counted.
    """
    for _ in _round(rule, 400, metric, seed):
        pass
    best: dict[tuple[int, int, str], tuple[float, float]] = {}
    for _ in range(integer(rounds, "rounds", least=1)):
        for n in sizes:
            for stage, edges, spent in _round(rule, n, metric, seed):
                known = best.get((n, edges, stage), spent)
                best[n, edges, stage] = (min(known[0], spent[0]), min(known[1], spent[1]))
    return [Cost(rule, n, edges, stage, *spent) for (n, edges, stage), spent in best.items()]


def memory(rule: str, n: int, *, lam: float, p0: float, seed: int) -> dict[str, float]:
    """Bytes at the peak of each stage above the level before the graph is built, in a fresh interpreter for
    this n.
    """
    answer: dict[str, float] = own_process.call(
        f"{__name__}:_memory_here", rule=rule, n=n, lam=lam, p0=p0, seed=seed
    )
    return answer


def _round(rule: str, n: int, metric: Metric, seed: int) -> list[tuple[str, int, tuple[float, float]]]:
    """(stage, edges, (CPU seconds, wall seconds)) of one pass."""
    held: dict[str, Graph] = {}
    spent = []
    for stage, work in stages(uniform(n, seed), radius(rule, n), metric, held):
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        spent.append((stage, (time.process_time() - cpu, time.perf_counter() - wall)))
    return [(stage, held["graph"].m, pair) for stage, pair in spent]


def _memory_here(rule: str, n: int, lam: float, p0: float, seed: int) -> dict[str, float]:
    metric = two_modes(lam, p0)
    for _ in _round(rule, 400, metric, seed):  # loads the compiled kernels
        pass
    return own_process.peaks(stages(uniform(n, seed), radius(rule, n), metric, {}))
