"""Geodesics of the plane against latent paths between the same points: how each runs, which is simpler."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...base.scales import step_lengths
from ...checks import integer
from ...errors import InvalidParameter
from ...geodesics.between import geodesic
from ...geodesics.courses import CurveReport
from ...geodesics.curve import Geodesic
from ...geodesics.refine import refine
from ...graph.graph import Graph
from ...types import Ints, Values

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "course_table",
    "excess_quartiles",
    "log_p_profiles",
    "numbered_rows",
    "random_pairs",
    "refined_geodesics",
    "shares",
    "wins",
]

Numbered = Mapping[str, Mapping[int, int]]  # group -> number in figures and tables -> pair


def random_pairs(n: int, n_pairs: int, *, seed: int) -> Ints:
    """Pairs of two different ones of n rows, drawn at random, (n_pairs, 2); a pair may come twice."""
    rng = np.random.default_rng(seed)
    rows = integer(n, "n", least=2)
    count = integer(n_pairs, "n_pairs", least=1)
    return np.array([rng.choice(rows, 2, replace=False) for _ in range(count)])


def refined_geodesics(graph: Graph, pairs: ArrayLike, *, rtol: float) -> list[Geodesic]:
    """The geodesic of each pair (m, 2) of vertices, all refined together; notes say in what they fall short.

    The kit's warnings of long edges on graph paths are left out: the refined ones do not run along edges.
    """
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        return refine([geodesic(graph, int(i), int(j)) for i, j in np.asarray(pairs)], rtol=rtol)


def course_table(measured: Mapping[str, Sequence[CurveReport]]) -> DataFrame:
    """Lengths, turning / π, lowest log p of each way's courses: a row a pair, columns (way, quantity)."""
    import pandas as pd

    columns: dict[tuple[str, str], list[float]] = {}
    for way, found in measured.items():
        columns[way, "metric length"] = [course.length for course in found]
        columns[way, "Euclidean length"] = [course.euclidean_length for course in found]
        columns[way, "turning / π"] = [course.turning / np.pi for course in found]
        columns[way, "lowest log p"] = [course.lowest for course in found]
    return pd.DataFrame(columns)


def numbered_rows(table: DataFrame, shown: Numbered) -> DataFrame:
    """The rows of a `course_table` that a figure numbers, by group and number; columns (quantity, way)."""
    import pandas as pd

    keys = [(group, number) for group, chosen in shown.items() for number in chosen]
    rows = table.loc[[pair for chosen in shown.values() for pair in chosen.values()]]
    rows = rows.set_axis(pd.MultiIndex.from_tuples(keys, names=["pair of", "number"]))
    quantities = list(dict.fromkeys(quantity for _, quantity in table.columns))
    return rows.swaplevel(axis=1)[quantities]


def wins(table: DataFrame, rival: str, *quantities: str) -> NDArray[np.bool_]:
    """Where in a `course_table` the geodesic's value is below the rival's for all of the quantities, (m,)."""
    if not quantities:
        raise InvalidParameter("name at least one quantity, such as 'metric length'")
    below = [table["geodesic", quantity] < table[rival, quantity] for quantity in quantities]
    return np.logical_and.reduce([values.to_numpy() for values in below])


def shares(
    won: Mapping[str, NDArray[np.bool_]],
    groups: Mapping[str, NDArray[np.bool_]],
) -> dict[tuple[str, str], float]:
    """Share of each group of pairs (m,) that is won against each rival (m,), by (rival, group)."""
    return {(rival, group): float(w[of].mean()) for rival, w in won.items() for group, of in groups.items()}


def excess_quartiles(table: DataFrame, failed: Mapping[str, NDArray[np.bool_]]) -> DataFrame:
    """By how much the geodesic exceeds each rival on the pairs (m,) that failed against it; one row a rival.

    Quartiles: of the Euclidean length in per cent of the rival's, of the turning in degrees.
    """
    import pandas as pd

    rows: dict[str, dict[tuple[str, str], float]] = {}
    for rival, which in failed.items():
        ours, theirs = table["geodesic"][which], table[rival][which]
        longer = 100 * (ours["Euclidean length"] / theirs["Euclidean length"] - 1)
        turned = 180 * (ours["turning / π"] - theirs["turning / π"])
        rows[rival] = {("", "pairs"): len(ours)}
        for name, values in (("length  [%]", longer), ("turning  [degrees]", turned)):
            low, high = np.quantile(values, [0.25, 0.75]) if len(values) else (np.nan, np.nan)
            rows[rival] |= {(name, "lower quartile"): low, (name, "upper quartile"): high}
    return pd.DataFrame(rows).T


def log_p_profiles(found: Sequence[CurveReport], n: int) -> Values:
    """log p along each course at n even fractions of its Euclidean length, (m, n)."""
    fraction, rows = np.linspace(0, 1, integer(n, "n", least=2)), []
    for course in found:
        along = np.concatenate([[0.0], np.cumsum(step_lengths(course.points[:-1], course.points[1:]))])
        rows.append(np.interp(fraction, along / along[-1], course.log_p))
    return np.array(rows)
