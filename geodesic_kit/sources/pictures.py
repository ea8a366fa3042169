"""Data sets of pictures, a row each: scikit-learn's digits, and MNIST from the user's own file or fetched."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FallbackNotice, FetchError, InvalidParameter, MissingPlugin
from ..types import Ints
from .dataset import Dataset

__all__ = ["PICTURES"]


def _digits(n: int | None, seed: int) -> Dataset:
    """1,797 handwritten digits of 8 x 8 pixels in [0, 1], shipped with scikit-learn."""
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError as err:
        raise MissingPlugin("'digits' needs scikit-learn: pip install 'geodesic-kit[learn]'", name=err.name) from err
    x, y = load_digits(return_X_y=True)
    chosen = _subset(y, n, seed, "digits")
    return Dataset("digits", x[chosen] / 16.0, y[chosen].astype(np.int64), "scikit-learn's load_digits", (8, 8))


def _mnist(n: int | None, seed: int, split: str = "train", path: str | Path | None = None, fallback: bool = True) -> Dataset:
    """70,000 handwritten digits of 28 x 28 pixels in [0, 1]: your own file, else fetched with checksums and cached."""
    if split not in {"train", "test"}:
        raise InvalidParameter(f"split={split!r}: there are train (60,000) and test (10,000)")
    try:
        images, labels, source = _mnist_images(split, path)
    except FetchError as err:
        if not fallback or type(err) is not FetchError:  # changed content is never papered over
            raise
        warnings.warn(f"digits (8 x 8) stand in for mnist: {err}", FallbackNotice, stacklevel=3)
        return _digits(None if n is None else min(n, 1797), seed)
    chosen = _subset(labels if labels is not None else np.zeros(len(images), int), min(2000, len(images)) if n is None else n, seed, source)
    scale = 255.0 if images.dtype.kind in "ui" else 1.0
    x = images[chosen].reshape(len(chosen), -1) / scale
    y = None if labels is None else labels[chosen].astype(np.int64)
    return Dataset("mnist", x, y, source, (int(images.shape[1]), int(images.shape[2])))


def _mnist_images(split: str, path: str | Path | None) -> tuple[NDArray[Any], NDArray[Any] | None, str]:
    from .formats import read_images

    own = os.environ.get("GEODESIC_KIT_DATA")
    try:
        if path is not None:
            return (*read_images(Path(path).expanduser(), split), f"your own {path}")
        if own:
            return (*read_images(Path(own).expanduser(), split), f"your own {own}")
    except FileNotFoundError as err:
        raise InvalidParameter(f"{'path=' if path is not None else 'GEODESIC_KIT_DATA: '}{err}") from err
    from .fetching import mnist_arrays

    images = mnist_arrays()
    return images[f"x_{split}"], images[f"y_{split}"], f"MNIST, {split} split, checked"


def _subset(y: NDArray[Any], n: int | None, seed: int, name: str) -> Ints:
    """Rows of a random subset of n in which every class keeps its share (largest remainders), in random order."""
    if n is None or n == len(y):
        return np.arange(len(y))
    if n > len(y):
        raise InvalidParameter(f"n={n}: {name} holds {len(y)} points")
    rng = np.random.default_rng(seed)
    classes, counts = np.unique(y, return_counts=True)
    share = counts * (n / len(y))
    quota = np.floor(share).astype(int)
    quota[np.argsort(quota - share, kind="stable")[: n - quota.sum()]] += 1
    chosen = [rng.choice(np.flatnonzero(y == label), size=k, replace=False) for label, k in zip(classes, quota, strict=True)]
    return rng.permutation(np.concatenate(chosen))


PICTURES: dict[str, Callable[..., Dataset]] = {"digits": _digits, "mnist": _mnist}
