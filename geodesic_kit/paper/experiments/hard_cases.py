"""Distributions that are hard for graphs: each with its box, its metric and references that know no graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...checks import integer, number
from ...datasets import load
from ...datasets.boxes import Boxes
from ...errors import DataError, InvalidParameter
from ...metric.generative import GenerativeMetric
from ...types import HasUpperBound, Points, Samples, Values
from .convergence import draw_in_box
from .fast_marching import Arrival, arrival
from .rectangles import ExactArrival, exact_arrival

if TYPE_CHECKING:
    pass

__all__ = ["SAMPLINGS", "Case", "audit", "case", "draw"]


SAMPLINGS = ("uniform", "half and half", "from √p", "from p")

_DRAWS = 4000  # that the metric's lam and p0 are read from


@dataclass(frozen=True, eq=False)
class Case:
    """A distribution with its metric, its box, sources (s, 2), and what the distances from them are judged
    by.

    `arrivals` are distances from each source: by fast marching, and from room to room where the density is
    one of boxes.
    """

    name: str
    metric: GenerativeMetric
    box: NDArray[np.float64]
    sources: Points
    arrivals: tuple[Arrival, ...] | tuple[ExactArrival, ...]


def case(
    name: str,
    box: ArrayLike,
    *,
    contrast: float,
    n_sources: int,
    cells: int,
    seed: int,
    label: str | None = None,
    **options: Any,
) -> Case:
    """A data set's true density on a box ((low, high), (low, high)), with `n_sources` sources drawn from it.

    p0 is the median of p over its draws, lam such that c where p = 0 is `contrast` times c at the densest
    draw. Fast marching runs on grids of `cells` and 2 `cells` a side, nodes between boxes are 8 and 4 cells
    apart; `options` go to the data set. Raises InvalidParameter.
    """
    data = load(name, n=_DRAWS, seed=seed, **options)
    density, sides = data.density, np.asarray(box, dtype=float)
    if (
        density is None
        or not isinstance(density, Samples)
        or not isinstance(density, HasUpperBound)
        or density.dim != 2
    ):
        known = "boxes, grid_of_modes, uneven_modes"
        raise InvalidParameter(
            f"{name!r} has no density in the plane that samples and proves an upper bound; there are {known}"
        )
    p = np.exp(density.log_prob(data.x))
    lam = float(p.max()) / (number(contrast, "contrast", above=1, finite=True) - 1)
    metric = GenerativeMetric(density, lam=lam, p0=float(np.median(p)))
    # room for the disk that fast marching starts from
    margin = 0.05 * np.outer(sides[:, 1] - sides[:, 0], [1, -1])
    sources = draw_in_box(density, integer(n_sources, "n_sources", least=1), sides + margin, seed=[seed, 1])
    if not isinstance(density, Boxes):
        return Case(
            label or name,
            metric,
            sides,
            sources,
            tuple(arrival(metric, source, sides, cells) for source in sources),
        )
    spacing = 8 * float((sides[:, 1] - sides[:, 0]).max()) / cells
    return Case(
        label or name,
        metric,
        sides,
        sources,
        tuple(exact_arrival(metric, source, sides, spacing) for source in sources),
    )


def audit(of: Case, n_sources: int, n: int, *, cells: int, seed: int) -> tuple[Values, Values]:
    """Fast marching against a case's own arrivals at n uniform targets a source: relative errors, and its own
    estimate of them.

    Targets lie a tenth of the box or more from the source; fast marching runs on grids of `cells` and 2
    `cells` a side.
    """
    targets, errors, own = draw(of, n, "uniform", seed), [], []
    for k, source in enumerate(of.sources[:n_sources]):
        far = targets[np.linalg.norm(targets - source, axis=1) > 0.1 * (of.box[:, 1] - of.box[:, 0]).max()]
        marched, its_own = arrival(of.metric, source, of.box, cells).at(far)
        errors.append(marched / of.arrivals[k].at(far)[0] - 1)
        own.append(its_own)
    return np.concatenate(errors), np.concatenate(own)


def draw(of: Case, n: int, sampling: str, seed: int | Sequence[int]) -> Points:
    """n points in the case's box, (n, 2): `uniform`, `from p`, `from √p`, or `half and half` of the first
    two.
    """
    rng = np.random.default_rng(seed)
    low, high = of.box.T
    density: Any = of.metric.density  # one that samples and proves an upper bound
    if sampling == "uniform":
        return rng.uniform(low, high, (n, 2))
    if sampling == "from p":
        return draw_in_box(density, n, of.box, seed=seed)
    if sampling == "half and half":
        return np.concatenate(
            [rng.uniform(low, high, (n // 2, 2)), draw_in_box(density, n - n // 2, of.box, seed=seed)]
        )
    if sampling != "from √p":
        raise InvalidParameter(f"sampling={sampling!r}; there are {', '.join(SAMPLINGS)}")
    kept, bound = np.empty((0, 2)), density.log_prob_upper_bound()
    for _ in range(1000):  # by rejection
        x = rng.uniform(low, high, (10 * n, 2))
        kept = np.concatenate([kept, x[2 * np.log(rng.uniform(size=len(x))) < density.log_prob(x) - bound]])
        if len(kept) >= n:
            return kept[:n]
    raise DataError(
        f"fewer than {n} of {10_000 * n} uniform points were kept: the density is too narrow "
        "for the box; give a smaller box="
    )
