"""Where the next landmarks belong: behind the vertices whose distances the present ones bound worst."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.threads import compiled
from ..types import Ints, Values

__all__ = ["behind_the_worst"]


def behind_the_worst(distance: Values, before: NDArray[Any], bound: Values, marked: Ints, most: int) -> Ints:
    """At most `most` vertices, fewer where all is bounded: in the tree of shortest paths from one vertex, by
    `distance` (n,) and predecessors `before` (n,), each the end of the branch that misses most.

    What a vertex misses is its distance less the lower `bound` (n,) of it; a branch with one of the vertices
    `marked` in it misses nothing, since that bounds all on the way there. A. Goldberg, R. Werneck, Computing
    point-to-point shortest paths from external memory (2005), "avoid".
    """
    with np.errstate(invalid="ignore"):
        missed = np.where(np.isfinite(distance), distance - bound, 0.0)
    missed[marked] = -np.inf
    best, end = np.full(len(missed), -np.inf), np.arange(len(missed))
    _branches()(np.argsort(-distance), before, missed, best, end)
    missed[before < 0] = -np.inf  # the root is no branch
    found: list[int] = []
    while len(found) < most and missed[top := int(missed.argmax())] > 0:
        found.append(int(end[top]))
        v = found[-1]
        while v >= 0:
            missed[v], v = -np.inf, int(before[v])
    return np.array(found, dtype=np.int64)


def _summed_up(order: Ints, before: NDArray[Any], missed: Values, best: Values, end: Ints) -> None:
    """Add to each vertex what its branches miss, and tell where its worst one ends; `order` (n,) is from the
    ends of the tree to its root.
    """
    for v in order:
        u = before[v]
        if u >= 0:
            if missed[v] > best[u]:
                best[u], end[u] = missed[v], end[v]
            missed[u] += missed[v]


@cache
def _branches() -> Any:
    if not compiled():
        return _summed_up
    from ..base.compiled import kernel

    return kernel(_summed_up)
