"""Data sets of pictures, a row each: scikit-learn's digits; MNIST and Fashion-MNIST, from the user's own file
or fetched.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.extras import needing
from ..base.files import as_path
from ..base.warn import tell
from ..errors import FallbackNotice, FetchError, InvalidParameter, NoSuchFile
from .dataset import Dataset
from .subsets import subset

__all__ = ["PICTURES"]


def _digits(n: int | None, seed: int) -> Dataset:
    """1,797 handwritten digits of 8 x 8 pixels in [0, 1], shipped with scikit-learn."""
    with needing("'digits' needs", "learn"):
        from sklearn.datasets import load_digits
    x, y = load_digits(return_X_y=True)
    chosen = subset(y, n, seed, "digits")
    return Dataset(
        "digits", x[chosen] / 16.0, y[chosen].astype(np.int64), "scikit-learn's load_digits", (8, 8)
    )


def _mnist(
    n: int | None, seed: int, split: str = "train", path: str | Path | None = None, fallback: bool = True
) -> Dataset:
    """70,000 handwritten digits of 28 x 28 pixels in [0, 1]: your own file, else fetched with checksums and
    cached.
    """
    return _fetched("mnist", n, seed, split, path, fallback)


def _fashion_mnist(
    n: int | None, seed: int, split: str = "train", path: str | Path | None = None, fallback: bool = True
) -> Dataset:
    """70,000 pictures of clothes, 28 x 28 pixels in [0, 1]: your own file, else fetched with checksums and
    cached.
    """
    return _fetched("fashion_mnist", n, seed, split, path, fallback)


def _fetched(
    name: str, n: int | None, seed: int, split: str, path: str | Path | None, fallback: bool
) -> Dataset:
    if split not in {"train", "test"}:
        raise InvalidParameter(f"split={split!r}: there are train (60,000) and test (10,000)")
    try:
        images, labels, source = _own_or_fetched(name, split, path)
    except FetchError as err:
        if not fallback or type(err) is not FetchError:  # changed content is never papered over
            raise
        tell(f"digits (8 x 8) stand in for {name}: {err}", FallbackNotice)
        return _digits(None if n is None else min(n, 1797), seed)
    chosen = subset(
        labels if labels is not None else np.zeros(len(images), int),
        min(2000, len(images)) if n is None else n,
        seed,
        source,
    )
    scale = 255.0 if images.dtype.kind in "ui" else 1.0
    x = images[chosen].reshape(len(chosen), -1) / scale
    y = None if labels is None else labels[chosen].astype(np.int64)
    return Dataset(name, x, y, source, (int(images.shape[1]), int(images.shape[2])))


def _own_or_fetched(
    name: str, split: str, path: str | Path | None
) -> tuple[NDArray[Any], NDArray[Any] | None, str]:
    from .formats import read_images

    own = as_path(path) if path is not None else _own_folder(name)
    if own is not None:
        try:
            return (*read_images(own.expanduser(), split, name), f"your own {own}")
        except NoSuchFile as err:
            raise InvalidParameter(f"{'path=' if path is not None else 'GEODESIC_KIT_DATA: '}{err}") from err
    from .fetching import RECIPES, arrays

    images = arrays(name)
    return images[f"x_{split}"], images[f"y_{split}"], f"{RECIPES[name].title}, {split} split, checked"


def _own_folder(name: str) -> Path | None:
    """What GEODESIC_KIT_DATA names: MNIST's file or folder, and any other set's own folder in it, where there
    is one.
    """
    from .formats import PLACES

    own = os.environ.get("GEODESIC_KIT_DATA")
    if not own or name == "mnist":  # MNIST came first; files of one name must not pass for each other
        return Path(own) if own else None
    return next(
        (folder for place in PLACES[name] if (folder := Path(own).expanduser() / place).is_dir()), None
    )


PICTURES: dict[str, Callable[..., Dataset]] = {
    "digits": _digits,
    "fashion_mnist": _fashion_mnist,
    "mnist": _mnist,
}
