"""What a refined curve falls short in, as notes that are kept with it and as one notice for all paths
together.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from ..base.scales import fitted, shifted
from ..base.warn import tell
from ..errors import RefinementNotice
from ..types import Points, Values
from .curve import Support

__all__ = ["LEFT_SUPPORT", "NOT_CONVERGED", "NO_SHORTER", "notes_on", "say"]

NOT_CONVERGED = "not converged"
NO_SHORTER = "no shorter than the path given"
LEFT_SUPPORT = "outside the support"

_ADVICE = {
    NOT_CONVERGED: "the length is not known to rtol at the finest polygon; give a larger rtol=, or see "
    "whether c is smooth",
    NO_SHORTER: "the minimum found was longer, so the path given is returned; start from a denser graph",
    LEFT_SUPPORT: "more than 5 % of its length lies farther from every point of the sample than its graph "
    "reaches",
}
_SHARE_OUTSIDE = 0.05  # of the metric length: a corner cut between two neighbours is no excursion
_TREE_DIM = 16  # above, a tree visits every point, and products of blocks are faster
_BLOCK = 1 << 21  # distances held at once: 16 MB


def notes_on(
    points: Points, pieces: Values, support: Support | None, *, converged: bool, worse: bool
) -> tuple[str, ...]:
    """The notes on a curve (k, d) whose pieces, (k - 1,), have the given metric lengths."""
    left = support is not None and _share_outside(points, pieces, support) > _SHARE_OUTSIDE
    found = ((NOT_CONVERGED, not converged), (NO_SHORTER, worse), (LEFT_SUPPORT, left))
    return tuple(note for note, holds in found if holds)


def say(notes: list[tuple[str, ...]]) -> None:
    """One RefinementNotice for each note that any of the paths has."""
    for note, advice in _ADVICE.items():
        which = [str(k) for k, own in enumerate(notes) if note in own]
        if which:
            named = (
                f"path {', '.join(which[:5])}{', ...' if len(which) > 5 else ''} of {len(notes)}: "
                if len(notes) > 1
                else ""
            )
            tell(f"{named}{note}: {advice}", RefinementNotice)


def _share_outside(points: Points, pieces: Values, support: Support) -> float:
    """Share of the metric length of the pieces whose middles lie farther than `reach` from every point of the
    sample.
    """
    far = _nearest((points[1:] + points[:-1]) / 2, support.points) > support.reach
    return float(pieces[far].sum() / pieces.sum()) if pieces.sum() > 0 else 0.0


def _nearest(x: Points, sample: Points) -> Values:
    """Euclidean distance from each row of x to the nearest point of the sample, (n,)."""
    e, (x, sample) = fitted(x, sample)
    if sample.shape[1] <= _TREE_DIM:
        return np.asarray(shifted(cKDTree(sample).query(x)[0], -e))
    centre = sample.mean(axis=0)  # small numbers lose little in the expanded square
    x = x - centre
    least = np.full(len(x), np.inf)
    rows = max(1, _BLOCK // max(len(x), sample.shape[1]))
    for start in range(0, len(sample), rows):
        block = sample[start : start + rows] - centre
        least = np.minimum(least, (np.square(block).sum(axis=1) - 2 * x @ block.T).min(axis=1))
    return np.asarray(shifted(np.sqrt(np.maximum(least + np.square(x).sum(axis=1), 0.0)), -e))
