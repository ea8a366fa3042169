"""Rows of pictures side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..checks import as_text, reals
from ..errors import DataError
from .canvas import as_names, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["strip"]


def strip(
    frames: ArrayLike,
    titles: Sequence[str] | None = None,
    *,
    label: str = "fraction of the path",
    ax: Axes | None = None,
) -> Axes:
    """Rows of pictures (rows, k, h, w) in [0, 1] side by side, one row a path (Fig 9). Raises DataError.

    Columns are taken as equal steps from 0 to 1 and labelled so.
    """
    pictures = reals(frames, "frames", give="give pictures (rows, k, h, w)")
    if pictures.ndim == 3:
        pictures = pictures[None]
    if pictures.ndim != 4 or not pictures.size or not np.isfinite(pictures).all():
        raise DataError(
            f"frames have shape {pictures.shape}; give finite pictures (rows, k, h, w): "
            "x.reshape(rows, k, *data.image_shape)"
        )
    rows, k, h, w = pictures.shape
    if titles is not None:
        titles = as_names(titles, rows, "titles", "rows of pictures")
    ax = new_axes(ax, size=(0.7 * k + 1.2, 0.7 * rows * h / w + 0.6))
    gap = max(1, h // 14)
    mosaic = np.pad(np.clip(pictures, 0, 1), ((0, 0), (0, 0), (gap, gap), (gap, gap))).transpose(0, 2, 1, 3)
    height, width = h + 2 * gap, w + 2 * gap
    # black on white, as on paper
    ax.imshow(
        1 - mosaic.reshape(rows * height, k * width), cmap="gray", vmin=0, vmax=1, interpolation="nearest"
    )
    ax.set_yticks([(row + 0.5) * height - 0.5 for row in range(rows)], titles or [""] * rows)
    marks = np.unique(np.linspace(0, k - 1, min(k, 5)).round().astype(int))
    ax.set_xticks(
        [(mark + 0.5) * width - 0.5 for mark in marks], [f"{mark / max(k - 1, 1):.2g}" for mark in marks]
    )
    ax.set_xlabel(as_text(label, "label"))
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax
