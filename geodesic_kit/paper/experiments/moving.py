"""A figure that moves, as a GIF; made by Pillow, which matplotlib brings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

__all__ = ["gif", "pages_of"]


def pages_of(
    figure: Figure,
    moving: Sequence[Artist],
    show: Callable[[int], None],
    count: int,
    convert: Callable[[Any], Any],
) -> list[Any]:
    """The figure after each of `show(0)` ... `show(count - 1)`, as pictures of few colours by `convert`.

    What changes is `moving`, which is drawn over everything else, in that order; that is drawn once.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    canvas = FigureCanvasAgg(figure)
    show(0)
    canvas.draw()  # lays it out with all that moves
    figure.set_layout_engine("none")
    for artist in moving:
        artist.set_animated(True)
    canvas.draw()
    still, pages = canvas.copy_from_bbox(figure.bbox), []
    for k in range(count):
        show(k)
        canvas.restore_region(still)
        for artist in moving:
            (artist.axes or figure).draw_artist(artist)
        pages.append(convert(Image.fromarray(np.asarray(canvas.buffer_rgba()))))
    return pages


def gif(pages: Sequence[Any], wait: int | list[int]) -> bytes:
    """A GIF that shows the pages again and again, each for so many milliseconds."""
    file = BytesIO()
    pages[0].save(file, "GIF", save_all=True, append_images=pages[1:], duration=wait, loop=0)
    return file.getvalue()
