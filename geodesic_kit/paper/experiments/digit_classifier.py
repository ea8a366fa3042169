"""A classifier of pictures, in NumPy: what it reads, how sure it is, and features in which distance follows
what is seen.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...base import pretrained as weights
from ...base.cards import load_arrays, save_arrays
from ...base.extras import needing
from ...checks import as_points, integer
from ...errors import DataError, InvalidParameter, TruncatedFileError, UnknownName
from ...types import Ints, Points, Values

__all__ = ["Reader"]

_BATCH, _RATE = 256, 2e-3
_NPZ = ".npz"  # so that it is read where neither torch nor safetensors is


@dataclass(frozen=True, eq=False)
class Reader:
    """A classifier of pictures whose features are the activations of its last hidden layer.

    weights and biases belong to its layers, ReLU between them; classes (C,) are the labels that it knows.
    `facts` is what its card tells. Made by `fit`, `load` or `pretrained`.
    """

    weights: tuple[NDArray[np.float64], ...]
    biases: tuple[Values, ...]
    classes: Ints
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        layers = " → ".join(
            str(size) for size in (self.weights[0].shape[0], *(len(bias) for bias in self.biases))
        )
        return f"Reader({layers})"

    @classmethod
    def fit(
        cls,
        x: Points,
        y: ArrayLike,
        *,
        seed: int,
        hidden: tuple[int, ...] = (128, 64),
        epochs: int = 20,
        shifts: int = 0,
        decay: float = 1e-4,
    ) -> Self:
        """Train scikit-learn's MLPClassifier on x (n, d) with labels y (n,); its weights are the mean over
        the last quarter of epochs.

        In each epoch square pictures are moved by up to `shifts` pixels to each side, at random; `decay` is
        the squared weights' penalty. Raises DataError, InvalidParameter and MissingPlugin.
        """
        with needing("a classifier needs", "learn"):
            from sklearn.neural_network import MLPClassifier

        pictures, labels = as_points(x, name="x").astype(np.float32), np.asarray(y)
        if labels.shape != (len(pictures),) or len(np.unique(labels)) < 2:
            raise DataError(
                f"labels of shape {labels.shape} for {len(pictures)} pictures; give one label a picture, of "
                "two classes or more"
            )
        epochs, shifts = integer(epochs, "epochs", least=1), integer(shifts, "shifts")
        if shifts and math.isqrt(pictures.shape[1]) ** 2 != pictures.shape[1]:
            raise InvalidParameter(
                f"shifts={shifts}: {pictures.shape[1]} pixels make no square picture; take shifts=0"
            )
        rng, classes = np.random.default_rng(seed), np.unique(labels)
        model = MLPClassifier(
            hidden,
            random_state=seed,
            learning_rate_init=_RATE,
            batch_size=min(_BATCH, len(pictures)),
            alpha=decay,
        )
        means: list[NDArray[np.float64]] = []
        first = epochs - max(epochs // 4, 1)
        for epoch in range(epochs):
            model.partial_fit(_moved(pictures, shifts, rng) if shifts else pictures, labels, classes=classes)
            if epoch >= first:
                # The last steps wander about a minimum: their mean is nearer to it than any of them.
                found = [*model.coefs_, *model.intercepts_]
                means = [
                    m + (new - m) / (epoch - first + 1) for m, new in zip(means or found, found, strict=True)
                ]
        layers = len(model.coefs_)
        matrices, biases = (
            [w.astype(np.float64) for w in means[:layers]],
            [b.astype(np.float64) for b in means[layers:]],
        )
        # with two classes scikit-learn keeps one output, the log-odds of the second
        if matrices[-1].shape[1] == 1:
            matrices[-1] = np.hstack([0 * matrices[-1], matrices[-1]])
            biases[-1] = np.concatenate([0 * biases[-1], biases[-1]])
        return cls(
            tuple(matrices),
            tuple(biases),
            classes,
            {"seed": seed, "epochs": epochs, "shifts": shifts, "decay": decay},
        )

    def features(self, x: Points) -> NDArray[np.float64]:
        """Activations of the last hidden layer, (n, d) -> (n, h)."""
        h = as_points(x, name="x", dim=self.weights[0].shape[0])
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            h = np.maximum(h @ weight + bias, 0)
        return h

    def probabilities(self, x: Points) -> NDArray[np.float64]:
        """Probability of each class, (n, d) -> (n, C), in the order of `classes`."""
        logits = self.features(x) @ self.weights[-1] + self.biases[-1]
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)

    def accuracy(self, x: Points, y: ArrayLike) -> float:
        """Fraction of the pictures x (n, d) read as their labels y (n,)."""
        return float((self.classes[self.probabilities(x).argmax(axis=1)] == np.asarray(y)).mean())

    def save(self, path: str | Path, **facts: Any) -> Path:
        """Write `path` (npz, in float32) and its card `path`.json, to which `facts` are added."""
        layers = zip(self.weights, self.biases, strict=True)
        arrays = {
            f"{kind}{i}": value.astype(np.float32)
            for i, pair in enumerate(layers)
            for kind, value in zip("wb", pair, strict=True)
        }
        return save_arrays(
            path, arrays | {"classes": self.classes}, dict(self.facts) | facts | {"plugin": "reader"}
        )

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The classifier saved at `path`. Raises HashMismatch, TruncatedFileError and FileNotFoundError."""
        arrays, card = load_arrays(path)
        layers = range((len(arrays) - 1) // 2)
        try:
            matrices, biases = ([arrays[f"{kind}{i}"].astype(np.float64) for i in layers] for kind in "wb")
            classes = arrays["classes"]
        except KeyError as err:
            raise TruncatedFileError(
                f"{path} is not a saved Reader: it holds no array {err}; save or fetch it again"
            ) from err
        return cls(
            tuple(matrices),
            tuple(biases),
            classes,
            {name: value for name, value in card.items() if name not in {"plugin", "sha256"}},
        )

    @classmethod
    def pretrained(cls, name: str = "mnist") -> Self:
        """The shipped classifier of the data set `name`; `facts` tells how well it reads. Raises UnknownName
        with those there are.
        """
        there = weights.names("reader", _NPZ)
        if name not in there:
            raise UnknownName(
                f"no classifier of {name!r} is shipped; there are {', '.join(there) or 'none'}. "
                "Reader.fit(x, y, seed=0) trains your own"
            )
        return cls.load(weights.path("reader", name, _NPZ))


def _moved(x: NDArray[np.float32], most: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Each picture moved by up to `most` pixels along both sides, its new border 0: (n, side²) -> (n,
    side²).
    """
    side = math.isqrt(x.shape[1])
    framed = np.pad(x.reshape(-1, side, side), ((0, 0), (most, most), (most, most)))
    down, right = rng.integers(0, 2 * most + 1, (2, len(x)))
    result = np.empty((len(x), side, side), dtype=x.dtype)
    for i in range(2 * most + 1):
        for j in range(2 * most + 1):
            here = (down == i) & (right == j)
            result[here] = framed[here, i : i + side, j : j + side]
    return result.reshape(len(x), -1)
