"""Data sets with the codes that a shipped autoencoder gives them, and the metric that it pulls back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...checks import integer
from ...datasets import Dataset, load
from ...errors import DataError
from ...latent.pullback import PullbackMetric
from ...registry import decoders
from ...types import Points, Values

__all__ = ["LatentSet", "closing_error", "latent_set", "preimage_ratios"]

_PICTURES = ("mnist", "fashion_mnist")
_LINKED = 256  # places along a segment


@dataclass(frozen=True, eq=False)
class LatentSet:
    """A data set, the shipped autoencoder of that name, the codes (n, z) it gives the rows, its metric."""

    data: Dataset
    model: Any
    codes: Points
    metric: PullbackMetric

    @property
    def name(self) -> str:
        """The data set's name."""
        return self.data.name


def latent_set(name: str, n: int, *, seed: int, drawn: bool = False, rtol: float = 1e-6) -> LatentSet:
    """n rows of the data set `name`, pictures from its test set, under the shipped autoencoder.

    `drawn` rows are the autoencoder's own draws, where the set cannot be fetched; they have no labels.
    `rtol` is that of the metric's lengths. Raises as `gk.datasets.load` and UnknownName.
    """
    model = decoders["iwae"].pretrained(name)
    n = integer(n, "n", least=2)
    if drawn:
        side = round(model.dim**0.5)
        data = Dataset(name, model.sample(n, seed=seed), None, "draws of the autoencoder", (side, side))
    else:
        data = load(name, n=n, seed=seed, **({"split": "test"} if name in _PICTURES else {}))
    return LatentSet(data, model, model.encode(data.x), PullbackMetric(model, rtol=rtol))


def closing_error(of: LatentSet) -> float:
    """Root mean square difference, over all coordinates, of the rows and what their codes decode to."""
    return float(np.sqrt(np.square(of.data.x - of.model.decode(of.codes)).mean()))


def preimage_ratios(flow: Any, metric: PullbackMetric, starts: Points, ends: Points) -> Values:
    """Of straight segments in the data (m, d), the length of their pre-image under a flow over their own,
    (m,).

    The pre-image is a polygon of 256 chords, measured by the metric's. Raises DataError where ends coincide.
    """
    own = np.linalg.norm(ends - starts, axis=1)
    if not own.all():
        raise DataError("a segment has no length; give ends that differ")
    t = np.linspace(0, 1, _LINKED + 1)[:, None]
    found = []
    for a, b in zip(starts, ends, strict=True):
        codes = flow.encode((1 - t) * a + t * b)
        found.append(np.sqrt(metric.chords(codes[:-1], codes[1:]).squares).sum())
    return np.array(found) / own
