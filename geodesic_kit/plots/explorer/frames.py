"""Pictures along curves, a row for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...types import Points

__all__ = ["FRAMES", "draw_frames"]

FRAMES = 13  # along a curve


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
