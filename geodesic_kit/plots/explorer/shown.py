"""What both explorers share: the rows that they show, and pictures along curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...checks import as_points, integer
from ...datasets import Dataset, load
from ...types import Points

__all__ = ["FRAMES", "draw_frames", "rows_shown"]

FRAMES = 13  # along a curve
_MOST = 400  # rows of a data set that is named


def rows_shown(dataset: str | Dataset | ArrayLike, n: int | None, seed: int) -> Dataset:
    """A data set by name, a Dataset, or rows (k, d) of your own; a random n of them where there are more.
    Raises UnknownName, DataError, InvalidParameter.
    """
    if isinstance(dataset, str):
        return load(dataset, n=_MOST if n is None else integer(n, "n", least=2), seed=seed)
    data = (
        dataset
        if isinstance(dataset, Dataset)
        else Dataset("your points", as_points(dataset).copy(), None, "given")
    )
    if n is not None and (n := integer(n, "n", least=2)) < len(data.x):
        chosen = np.sort(np.random.default_rng(seed).choice(len(data.x), n, replace=False))
        data = replace(data, x=data.x[chosen], y=None if data.y is None else data.y[chosen])
    return data


def draw_frames(
    frames: Mapping[str, Points], among: Points, image_shape: tuple[int, int] | None, ax: Any
) -> None:
    """A row of pictures for each name, frames (k, h w) in the range of grey of the rows `among`."""
    from ... import plots

    assert image_shape is not None
    rows = np.stack(list(frames.values()))
    low, high = float(among.min()), float(among.max())
    pictures = ((rows - low) / max(high - low, 1e-300)).reshape(*rows.shape[:2], *image_shape)
    plots.strip(pictures, list(frames), label="fraction of the length under the metric", ax=ax)
