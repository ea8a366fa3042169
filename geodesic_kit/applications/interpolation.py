"""Interpolation by frames along a path: how smooth it is, in pixels and in a classifier's features, and what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import as_points, integer, number
from ..errors import DataError, InvalidParameter, MissingPlugin
from ..types import Ints, Points, Values

__all__ = ["Interval", "Reader", "mean_interval", "pairs_of_two_classes", "skip", "steps", "straight"]


@dataclass(frozen=True)
class Interval:
    """A mean with the ends of its confidence interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} [{self.low:.2f}, {self.high:.2f}]"


@dataclass(frozen=True, eq=False)
class Reader:
    """A classifier of pictures whose features are the activations of its last hidden layer.

    weights and biases belong to its layers, ReLU between them; classes (C,) are the labels that it knows.
    """

    weights: tuple[NDArray[np.float64], ...]
    biases: tuple[Values, ...]
    classes: Ints

    def __repr__(self) -> str:
        layers = " → ".join(str(size) for size in (self.weights[0].shape[0], *(len(bias) for bias in self.biases)))
        return f"Reader({layers})"

    @classmethod
    def fit(cls, x: Points, y: ArrayLike, *, seed: int, hidden: tuple[int, ...] = (128, 64), epochs: int = 20) -> Self:
        """Train scikit-learn's MLPClassifier on x (n, d) with labels y (n,). Raises DataError and MissingPlugin."""
        try:
            from sklearn.exceptions import ConvergenceWarning
            from sklearn.neural_network import MLPClassifier
        except ModuleNotFoundError as err:
            raise MissingPlugin(f"a classifier needs {err.name}: pip install 'geodesic-kit[learn]'", name=err.name) from err
        import warnings

        x, labels = as_points(x, name="x"), np.asarray(y)
        if labels.shape != (len(x),) or len(np.unique(labels)) < 2:
            raise DataError(f"labels of shape {labels.shape} for {len(x)} pictures; give one label a picture, of two classes or more")
        options = {"max_iter": integer(epochs, "epochs", least=1), "learning_rate_init": 2e-3, "batch_size": min(256, len(x))}
        model = MLPClassifier(hidden, random_state=seed, **options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is chosen, and the accuracy is reported
            model.fit(x, labels)
        # with two classes scikit-learn keeps one output, the log-odds of the second
        last, shift = model.coefs_[-1], model.intercepts_[-1]
        if last.shape[1] == 1:
            last, shift = np.hstack([0 * last, last]), np.concatenate([0 * shift, shift])
        return cls((*model.coefs_[:-1], last), (*model.intercepts_[:-1], shift), model.classes_)

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


def straight(a: ArrayLike, b: ArrayLike, n: int) -> Points:
    """n frames at equal steps on the straight line from a (d,) to b (d,): each pixel fades, (n, d)."""
    start, end = as_points(np.stack([np.asarray(a, dtype=float), np.asarray(b, dtype=float)]))
    t = np.linspace(0, 1, integer(n, "n", least=2))[:, None]
    return (1 - t) * start + t * end


def steps(frames: ArrayLike) -> Values:
    """Distance of each frame to the next, (n, d) -> (n - 1,), in the units of the frames."""
    points = as_points(frames, name="frames")
    if len(points) < 2:
        raise DataError("one frame makes no step; give at least two")
    return np.linalg.norm(np.diff(points, axis=0), axis=1)


def skip(frames: ArrayLike) -> float:
    """The largest step over the median one: 1 where all are equal, inf where most frames stand still and one does not."""
    moved = steps(frames)
    largest, median = float(moved.max()), float(np.median(moved))
    return largest / median if median > 0 else float("inf") if largest > 0 else 1.0


def mean_interval(values: ArrayLike, *, seed: int, level: float = 0.95, draws: int = 10_000) -> Interval:
    """Mean of values (n,) with its bootstrap percentile interval; for a paired comparison give the differences of pairs."""
    given = np.asarray(values, dtype=np.float64)
    if given.ndim != 1 or len(given) < 2 or not np.isfinite(given).all():
        raise DataError(f"values have shape {given.shape}; give at least two finite numbers, one a pair")
    level = number(level, "level", above=0, most=1)
    rng = np.random.default_rng(seed)
    means = given[rng.integers(0, len(given), (integer(draws, "draws", least=100), len(given)))].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(given.mean()), float(low), float(high))


def pairs_of_two_classes(y: ArrayLike, n: int, *, seed: int) -> list[tuple[int, int]]:
    """n different pairs of rows whose labels y (m,) differ, drawn at random. Raises InvalidParameter where there are fewer."""
    labels: Any = np.asarray(y)
    n = integer(n, "n", least=1)
    counts = np.unique(labels, return_counts=True)[1]
    possible = (len(labels) ** 2 - int((counts**2).sum())) // 2
    if n > possible:
        raise InvalidParameter(f"n={n}: {len(labels)} labels have {possible} pairs of two classes")
    rng = np.random.default_rng(seed)
    chosen: dict[tuple[int, int], None] = {}
    while len(chosen) < n:
        i, j = sorted(rng.integers(0, len(labels), 2).tolist())
        if labels[i] != labels[j]:
            chosen[i, j] = None
    return list(chosen)
