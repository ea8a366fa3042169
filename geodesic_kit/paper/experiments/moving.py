"""A figure that moves, as a GIF; made by Pillow, which matplotlib brings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["gif", "pages_of"]


def pages_of(
    figure: Figure, show: Callable[[int], None], count: int, convert: Callable[[Any], Any]
) -> list[Any]:
    """The figure after each of `show(0)` ... `show(count - 1)`, as pictures of few colours by `convert`."""
    from PIL import Image

    pages = []
    for k in range(count):
        show(k)
        figure.canvas.draw()
        figure.set_layout_engine("none")  # the first page's stays, so that nothing jumps
        pages.append(convert(Image.fromarray(np.asarray(figure.canvas.buffer_rgba()))))  # type: ignore[attr-defined]
    return pages


def gif(pages: Sequence[Any], wait: int | list[int]) -> bytes:
    """A GIF that shows the pages again and again, each for so many milliseconds."""
    file = BytesIO()
    pages[0].save(file, "GIF", save_all=True, append_images=pages[1:], duration=wait, loop=0)
    return file.getvalue()
