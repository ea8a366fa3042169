"""How fast graph geodesics converge: nested ε-graphs, errors against a reference, slopes with intervals."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from ...base.neighbours import pairs_within
from ...checks import as_points, integer, number
from ...errors import ContrastWarning, DataError, InvalidParameter
from ...geodesics.between import geodesic
from ...geodesics.curve import Geodesic
from ...graph.by_rule import epsilon_graph
from ...graph.edge_rules import Ball
from ...graph.graph import Graph
from ...metric.conformal import ConformalMetric
from ...metric.norms import norms
from ...types import Points, Samples, Values

__all__ = [
    "Estimate",
    "Trial",
    "draw_in_box",
    "experiment",
    "fit_slope",
    "hausdorff",
    "judge",
    "paired_ratio",
    "radii_for_edges",
    "shrink",
]


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float

    def __repr__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"

    def __sub__(self, other: Estimate) -> Estimate:
        """The difference of two independent estimates; the ends' distances add in quadrature."""
        value = self.value - other.value
        down = float(np.hypot(self.value - self.low, other.high - other.value))
        up = float(np.hypot(self.high - self.value, other.value - other.low))
        return Estimate(value, value - down, value + up)

    def farthest_from(self, value: float) -> float:
        """The distance of a value from the farther end of the interval."""
        return max(abs(self.low - value), abs(self.high - value))


@dataclass(frozen=True)
class Trial:
    """One ε-graph judged: how it was made, whether it is connected and its path exists, and that path's
    errors (NaN where none).

    `length_error` is relative; `hausdorff` is in the units of x.
    """

    n: int
    kappa: float
    trial: int
    sampling: str
    eps: float
    mean_degree: float
    connected: bool
    joined: bool
    length_error: float
    hausdorff: float


def experiment(
    reference: Geodesic,
    box: ArrayLike,
    *,
    sizes: Sequence[int],
    kappas: Sequence[float],
    trials: int,
    samplings: Sequence[str] = ("uniform", "from p"),
    rtol: float = 1e-5,
    seed: int,
) -> list[Trial]:
    """Fig 4's experiment: ε-graphs of radius kappa sqrt(A) n^(-1/4) on samples in a box ((low, high), ...) of
    area A.

    Each sample is n points and the reference's two end points; `sampling` is "uniform" or "from p". Both have
    the same seeds and, for each kappa, the same number of edges: the radius over a sample from p is the one
    that gives as many.
    """
    metric = reference.metric
    if not isinstance(metric, ConformalMetric) or not isinstance(metric.density, Samples):
        raise InvalidParameter(f"the reference needs a metric whose density can sample; it has {metric!r}")
    if unknown := set(samplings) - {"uniform", "from p"}:
        raise InvalidParameter(f"samplings={sorted(unknown)}; there are uniform, from p")
    low, high = np.asarray(box, dtype=float).T
    root_area = float(np.sqrt(np.prod(high - low)))
    rows = []
    for n in sizes:
        radii = np.asarray(kappas) * root_area * n**-0.25
        for k in range(trials):
            ends = reference.points[[0, -1]]
            uniform = np.concatenate([ends, np.random.default_rng([seed, n, k]).uniform(low, high, (n, 2))])
            graph = epsilon_graph(uniform, radii.max())
            graphs = {"uniform": (graph, radii)}
            if "from p" in samplings:
                counts = [shrink(graph, radius).m for radius in radii]
                drawn = np.concatenate([ends, draw_in_box(metric.density, n, box, seed=[seed, n, k])])
                equal = radii_for_edges(drawn, counts)
                graphs["from p"] = (epsilon_graph(drawn, equal.max()), equal)
            for sampling in samplings:
                graph, own = graphs[sampling]
                weighed = graph.weigh(metric, rtol=rtol)
                rows += [
                    judge(shrink(weighed, r), reference, (n, kappa, k, sampling))
                    for r, kappa in zip(own, kappas, strict=True)
                ]
    return rows


def judge(graph: Graph, reference: Geodesic, name: tuple[int, float, int, str]) -> Trial:
    """One weighed ε-graph against the reference, whose end points are its vertices 0 and 1; `name` is n,
    kappa, trial, sampling.
    """
    if not isinstance(graph.link, Ball):
        raise InvalidParameter(f"an epsilon_graph is judged; this one is made by {graph.link}")
    labels = graph.components()
    joined = bool(labels[0] == labels[1])
    length_error = apart = np.nan
    if joined:
        # A path over a gap is judged by its error.
        with warnings.catch_warnings(action="ignore", category=ContrastWarning):
            path = geodesic(graph, 0, 1)
        true_length = reference.length - (0.0 if np.isnan(reference.error) else reference.error)
        length_error = path.length / true_length - 1
        apart = hausdorff(path.points, reference.at(np.linspace(0, 1, 257), by="euclidean"))
    return Trial(*name, graph.link.eps, graph.mean_degree, not labels.any(), joined, length_error, apart)


def shrink(graph: Graph, eps: float) -> Graph:
    """The ε-graph of a smaller radius, with the larger one's weights. Raises InvalidParameter."""
    if not isinstance(graph.link, Ball) or not number(eps, "eps", above=0, finite=True) <= graph.link.eps:
        raise InvalidParameter(
            f"eps={eps:g}: an epsilon_graph of at least that radius can shrink to it, "
            f"this one is made by {graph.link}"
        )
    kept = norms(graph.points, graph.edges) < eps
    weights = None if graph.weights is None else graph.weights[kept]
    return replace(graph, edges=graph.edges[kept], weights=weights, link=Ball(eps), report=None)


def radii_for_edges(points: Points, counts: ArrayLike) -> Values:
    """The radii whose ε-graphs over points (n, d) have these numbers of edges, ties aside: to compare samples
    at equal degree.
    """
    points = as_points(points)
    n = len(points)
    wanted = np.array(
        [integer(m, "counts", least=1, most=n * (n - 1) // 2 - 1) for m in np.atleast_1d(counts)]
    )
    tree = cKDTree(points)

    def edges_within(radius: float) -> int:
        return (int(tree.count_neighbors(tree, radius)) - n) // 2

    low, high = 0.0, float(np.linalg.norm(np.ptp(points, axis=0)))
    while not wanted.max() <= edges_within(high) <= 1.1 * wanted.max() + 16 and high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if edges_within(middle) >= wanted.max() else (middle, high)
    lengths = norms(points, pairs_within(points, float(np.nextafter(high, np.inf)))[0])
    return np.nextafter(np.partition(lengths, wanted - 1)[wanted - 1], np.inf)


def draw_in_box(density: Samples, n: int, box: ArrayLike, *, seed: int | Sequence[int]) -> Points:
    """n independent draws of a density on the box ((low, high), ...), (n, d): those that fall outside are
    drawn again.
    """
    low, high = np.asarray(box, dtype=float).T
    n = integer(n, "n", least=1)
    seeds = np.random.SeedSequence(seed).generate_state(64)
    kept = np.empty((0, len(low)))
    for one in seeds:
        drawn = density.sample(2 * n + 16, seed=int(one))
        kept = np.concatenate([kept, drawn[((drawn > low) & (drawn < high)).all(axis=1)]])
        if len(kept) >= n:
            return kept[:n]
    raise DataError(f"{density!r} puts less than 1 % of its mass into the box; give a larger box=")


def hausdorff(a: ArrayLike, b: ArrayLike, n: int = 512) -> float:
    """Hausdorff distance of two polygons (k, d) and (l, d), seen at n equal steps of each; in the units of x.

    Too small by at most half a step.
    """
    first, second = as_points(a, name="a"), as_points(b, name="b")
    return max(_to_polygon(_along(first, n), second), _to_polygon(_along(second, n), first))


def fit_slope(x: ArrayLike, y: ArrayLike) -> Estimate:
    """Slope of log mean y against log x with its 95 % interval; x and y are (m,), one row a trial, at least 3
    different x.

    The interval is Student's over the means, so that it grows where they do not lie on a line. Raises
    DataError.
    """
    from scipy.stats import t

    across, up = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    finite = across.shape == up.shape and bool(np.isfinite([across, up]).all())
    if not finite or not ((across > 0) & (up > 0)).all():
        raise DataError("x and y must be as many positive numbers; drop rows where no path was found")
    places, group = np.unique(across, return_inverse=True)
    if len(places) < 3:
        raise DataError(f"{len(places)} different x fix no slope with an interval; give at least 3")
    means = np.bincount(group, up) / np.bincount(group)
    log_x, log_y = np.log(places) - np.log(places).mean(), np.log(means) - np.log(means).mean()
    slope = float(log_x @ log_y / (log_x @ log_x))
    residual = log_y - slope * log_x
    freedom = len(places) - 2
    half = float(t.ppf(0.975, freedom) * np.sqrt(residual @ residual / freedom / (log_x @ log_x)))
    return Estimate(slope, slope - half, slope + half)


def paired_ratio(a: ArrayLike, b: ArrayLike) -> Estimate:
    """Geometric mean of a / b over pairs, (m,), with its 95 % interval (Student's, on the logs). Raises
    DataError.
    """
    from scipy.stats import t

    first, second = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    paired = first.shape == second.shape and first.ndim == 1 and len(first) >= 2
    if not paired or not ((first > 0) & (second > 0)).all():
        raise DataError(
            "a and b must be at least two pairs of positive numbers; drop pairs where no path was found"
        )
    logs = np.log(first / second)
    half = t.ppf(0.975, len(logs) - 1) * logs.std(ddof=1) / np.sqrt(len(logs))
    value, low, high = np.exp(logs.mean() + np.array([0.0, -half, half]))
    return Estimate(float(value), float(low), float(high))


def _along(polygon: Points, n: int) -> Points:
    """n + 1 points at equal steps of its Euclidean length."""
    passed = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(polygon, axis=0), axis=1)))
    at = np.linspace(0, passed[-1], n + 1)
    return np.stack([np.interp(at, passed, coordinate) for coordinate in polygon.T], axis=1)


def _to_polygon(points: Points, polygon: Points) -> float:
    """The largest distance from a point to the polygon."""
    points, polygon = points - polygon[0], polygon - polygon[0]
    start, step = polygon[:-1], np.diff(polygon, axis=0)
    square = np.maximum((step * step).sum(axis=1), np.finfo(float).tiny)
    along = points @ step.T - (start * step).sum(axis=1)
    share = np.clip(along / square, 0, 1)
    # squared distances less the point's own square choose the piece: products of matrices, no (n, k, d) array
    apart = share * (share * square - 2 * along) - 2 * points @ start.T + (start * start).sum(axis=1)
    nearest, rows = apart.argmin(axis=1), np.arange(len(points))
    gap = points - start[nearest] - share[rows, nearest][:, None] * step[nearest]
    return float(np.linalg.norm(gap, axis=1).max())
