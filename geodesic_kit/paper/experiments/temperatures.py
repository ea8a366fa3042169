"""How clusters hang on the temperature: NMI against tau, over seeds, and a figure of it for any distances."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ...base.threads import n_threads
from ...datasets import load
from ...errors import DataError, InvalidParameter
from ...plots.canvas import INK, markers, palette
from .panels import panels
from .rivals import distance_matrix
from .scoring import agreement, in_processes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "Found",
    "Summary",
    "best",
    "by_tau",
    "decades",
    "defaults",
    "draw",
    "figure",
    "grid",
    "lowest",
    "nmi_by_tau",
    "summaries",
]

_EVER_RIGHT = 0.5  # a best NMI below it: a method that is never right is equally wrong over a wide range


@dataclass(frozen=True)
class Found:
    """NMI of one clustering: of one draw of a set, by one method, from one kind of distances, at tau relative
    to their median.

    tau is NaN where local scales stand in its place, the default of `gk.cluster`.
    """

    name: str
    seed: int
    distance: str
    method: str
    tau: float
    nmi: float


@dataclass(frozen=True)
class Summary:
    """Clustering of one set from one kind of distances, NMI over the temperatures and as mean over the seeds.

    `best` of the grid; the `decades` of tau on which it is at least .95 of that, none where the best is below
    .5; the `lowest` at relative temperatures of 1 and above; the `default`'s, and the default's on its
    `worst` draw.
    """

    method: str
    name: str
    distance: str
    best: float
    decades: float
    lowest: float
    default: float
    worst: float


def grid(step: float) -> list[float]:
    """Relative temperatures from 1e-4 to 1e4, `step` decades apart."""
    return [float(10.0**power) for power in np.arange(-4, 4 + step / 2, step)]


def nmi_by_tau(
    names: Iterable[str],
    seeds: Sequence[int],
    n: int,
    taus: dict[str, Sequence[float]],
    density: str = "mog",
    jobs: int | None = None,
) -> list[Found]:
    """Cluster n points of each set at each seed, by each method in `taus` at its temperatures and by default.

    `taus` are in units of the squared median distance. The order does not depend on the number of processes,
    of which there are as many as this one may use threads where `jobs` is None. Raises DataError for a set
    without labels, InvalidParameter and MissingPlugin.
    """
    given = [(name, seed, n, taus, density) for name in names for seed in seeds]
    return in_processes(_of_one, given, n_threads() if jobs is None else jobs)


def _of_one(name: str, seed: int, n: int, taus: dict[str, Sequence[float]], density: str) -> list[Found]:
    data = load(name, n=n, seed=seed)
    if data.y is None:
        raise DataError(f"{name!r} has no labels, so clusters cannot be judged; give a set with labels")
    found: list[Found] = []
    for distance in ("generative", "Euclidean"):
        D = distance_matrix(distance, data.x, seed, density).value
        for method, grid in taus.items():
            rows = [
                Found(name, seed, distance, method, tau, agreement(D, data.y, seed, tau, method))
                for tau in grid
            ]
            # Ising's default is a tau of 1, which the grid may have seen: annealing is what takes the time
            # here.
            seen = next((row.nmi for row in rows if method == "ising" and row.tau == 1), None)
            rows.append(
                Found(
                    name,
                    seed,
                    distance,
                    method,
                    math.nan,
                    agreement(D, data.y, seed, None, method) if seen is None else seen,
                )
            )
            found += rows
    return found


def by_tau(found: Iterable[Found], name: str, distance: str, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Temperatures (T,) in rising order and NMI (T, seeds) of one set, distance and method; the default is
    left out.

    Raises InvalidParameter where there is none.
    """
    rows = [
        f
        for f in found
        if (f.name, f.distance, f.method) == (name, distance, method) and not math.isnan(f.tau)
    ]
    if not rows:
        raise InvalidParameter(f"nothing was found of {name!r} by {method!r} from {distance!r} distances")
    taus = np.unique([row.tau for row in rows])
    return taus, np.array([[row.nmi for row in rows if row.tau == tau] for tau in taus])


def defaults(found: Iterable[Found], name: str, distance: str, method: str) -> np.ndarray:
    """NMI (seeds,) of one set, distance and method by default."""
    return np.array(
        [
            f.nmi
            for f in found
            if (f.name, f.distance, f.method) == (name, distance, method) and math.isnan(f.tau)
        ]
    )


def summaries(found: Iterable[Found]) -> list[Summary]:
    """One row a method, set and kind of distances, in the order in which they were found."""
    rows = list(found)
    methods = dict.fromkeys(row.method for row in rows)
    cases = dict.fromkeys(
        (method, row.name, row.distance) for method in methods for row in rows if row.method == method
    )
    return [_summary(rows, *case) for case in cases]


def _summary(found: list[Found], method: str, name: str, distance: str) -> Summary:
    taus, nmi = by_tau(found, name, distance, method)
    default, most = defaults(found, name, distance, method), best(nmi)
    width = decades(taus, nmi) if most >= _EVER_RIGHT else 0.0
    return Summary(
        method, name, distance, most, width, lowest(taus, nmi), float(default.mean()), float(default.min())
    )


def figure(table: Any, title: str = "") -> None:
    """`draw` for a DataFrame of `Found`: a panel for each method (rows) and set (columns), a line for each
    kind of distances."""
    names, methods = table["name"].unique(), table["method"].unique()
    of = dict(iter(table.groupby(["name", "method"])))
    span = float(table["tau"].min()), float(table["tau"].max())  # of all: the panels have one axis in common
    panels(
        lambda ax, *key: draw(of[key], "distance", ax, span),
        [(name, method) for method in methods for name in names],
        across=len(names),
        title=title,
        xlabel="temperature τ / median(d)²",
        ylabel="NMI with the true classes",
        shared=True,
        legend=True,
    )


def draw(table: Any, by: str, ax: Axes, span: tuple[float, float] | None = None) -> None:
    """NMI against relative tau for a DataFrame with columns tau and nmi: a line for each name in column `by`,
    mean and range over seeds.

    The default, which has no tau, is a mark at the left; a name without any tau is left out. The axis holds
    `span`, the least and the largest tau, the table's own where None.
    """
    names = table.dropna(subset="tau")[by].unique()
    least, most = np.log10(span or (table["tau"].min(), table["tau"].max()))
    middle = least - 1.0 - 0.14 * len(names)
    for i, (name, colour, marker) in enumerate(
        zip(names, palette(len(names)), markers(len(names)), strict=True)
    ):
        rows, first = table[table[by] == name], i == 0  # ours lies on top
        grid = rows.groupby("tau")["nmi"].agg(["mean", "min", "max"])
        ax.fill_between(grid.index, grid["min"], grid["max"], color=colour, alpha=0.15, linewidth=0)
        style = {"color": colour, "marker": marker, "zorder": 3 + first}
        ax.plot(
            grid.index, grid["mean"], markersize=4.5, linewidth=2.6 if first else 1.4, label=name, **style
        )
        default, place = (
            rows[rows["tau"].isna()]["nmi"].mean(),
            10 ** (middle + 0.36 * (i - (len(names) - 1) / 2)),
        )
        ax.plot(place, default, markersize=7.5, markeredgecolor=INK, linestyle="none", **style)
    ax.axvline(10 ** (least - 0.55), color="#999999", linewidth=0.8)
    powers = np.arange(math.ceil(least), most + 0.5, 2)
    ax.set(xscale="log", ylim=(-0.05, 1.05))
    ax.set_xticks([10**middle, *10.0**powers], ["default", *(f"$10^{{{int(power)}}}$" for power in powers)])
    ax.xaxis.minorticks_off()


def best(nmi: ArrayLike) -> float:
    """The largest mean NMI over the temperatures, of NMI (T, seeds)."""
    return float(np.asarray(nmi).mean(axis=1).max())


def lowest(taus: ArrayLike, nmi: ArrayLike, least: float = 1.0) -> float:
    """The least mean NMI at temperatures of `least` and above. Raises InvalidParameter where the grid has
    none."""
    chosen = np.asarray(taus) >= least * (1 - 1e-9)
    if not chosen.any():
        raise InvalidParameter(f"no temperature of the grid is {least:g} or more")
    return float(np.asarray(nmi)[chosen].mean(axis=1).min())


def decades(taus: ArrayLike, nmi: ArrayLike, share: float = 0.95) -> float:
    """Decades of tau on which the mean NMI, linear in log tau between grid points, is at least `share` of
    its best value."""
    at, mean = np.log10(np.asarray(taus, dtype=float)), np.asarray(nmi).mean(axis=1)
    above = mean - share * mean.max()
    width = 0.0
    for i in range(len(at) - 1):
        step, (a, b) = at[i + 1] - at[i], above[i : i + 2]
        if a >= 0 and b >= 0:
            width += step
        elif a >= 0 or b >= 0:
            width += step * max(a, b) / abs(a - b)
    return float(width)
