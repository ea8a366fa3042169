"""The shipped classifier of MNIST's digits: `python -m geodesic_kit.paper.experiments.make_reader` writes
data/reader-mnist.npz.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ...base import pretrained as weights
from ...datasets import load
from ...errors import DataError
from .digit_classifier import Reader

__all__ = ["make_reader"]

_TRAIN, _TEST = 60_000, 10_000
_SURE = 0.9  # the probability from which on the notebooks count a picture as read


def make_reader(
    folder: str | Path,
    *,
    seed: int = 0,
    n: int = _TRAIN,
    epochs: int = 60,
    hidden: tuple[int, ...] = (256, 128),
    **options: Any,
) -> Reader:
    """Train on n training images, test on all 10,000 test images, and write `reader-mnist.npz` with its card
    into the folder.

    The options are those of `Reader.fit`. A few minutes on one core. Raises DataError where MNIST cannot be
    had.
    """
    train, test = load("mnist", n=n, seed=seed), load("mnist", n=_TEST, seed=seed, split="test")
    if train.name != "mnist" or train.y is None or test.y is None:
        raise DataError(
            f"asked for 'mnist', got {train.name!r} in its place: fetch it first, `geodesic-kit "
            "datasets --fetch mnist`"
        )
    reader = Reader.fit(train.x, train.y, seed=seed, epochs=epochs, hidden=hidden, **{"shifts": 2} | options)
    sure = (reader.probabilities(test.x).max(axis=1) >= _SURE).mean()
    reader.save(
        Path(folder) / weights.filename("reader", "mnist", ".npz"),
        data={"name": "mnist", "n": n, "split": "train"},
        test={
            "n": _TEST,
            "accuracy": reader.accuracy(test.x, test.y),
            "share_read_with_p_of_0.9": float(sure),
        },
        made_by="python -m geodesic_kit.paper.experiments.make_reader",
        versions={name: version(name) for name in ("numpy", "scikit-learn")},
    )
    return reader


if __name__ == "__main__":
    made = make_reader(sys.argv[1] if len(sys.argv) > 1 else "data")
    print(f"{made}, trained for {made.facts['epochs']} epochs")
