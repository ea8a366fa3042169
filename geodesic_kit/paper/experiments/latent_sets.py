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
    """A shipped autoencoder by the name of its weights, a data set, the codes (n, z) that the rows have, and
    the metric pulled back.
    """

    name: str
    data: Dataset
    model: Any
    codes: Points
    metric: PullbackMetric


def latent_set(
    name: str, n: int, *, seed: int, drawn: bool = False, unseen: bool = False, rtol: float = 1e-6
) -> LatentSet:
    """n rows of the data set that the shipped weights `name` were trained on, pictures from its test set.

    Weights are named by their data set, "_conv" added to a convolutional one's. `drawn` rows are the
    autoencoder's own draws, where the set cannot be fetched; they have no labels. `unseen` rows of a
    generated set are other draws than `seed` gives, which the weights may have been trained on. `rtol` is
    that of the metric's lengths. Raises FetchError where the set cannot be fetched, UnknownName.
    """
    model = decoders["iwae"].pretrained(name)
    n = integer(n, "n", least=2)
    of = name.removesuffix("_conv")
    if drawn:
        side = round(model.dim**0.5)
        data = Dataset(of, model.sample(n, seed=seed), None, "draws of the autoencoder", (side, side))
    elif of in _PICTURES:
        data = load(of, n=n, seed=seed, split="test", fallback=False)
    else:
        data = load(of, n=n, seed=_another(seed) if unseen else seed)
    return LatentSet(name, data, model, model.encode(data.x), PullbackMetric(model, rtol=rtol))


def _another(seed: int) -> int:
    """A seed that differs from the given one."""
    return int(np.random.SeedSequence([seed, 1]).generate_state(1)[0])


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
