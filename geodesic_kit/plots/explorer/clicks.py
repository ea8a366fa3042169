"""A click in the picture becomes two numbers in a hidden text field, by a few lines that run in the browser.

ipywidgets has no picture that can be clicked. A canvas of another package would bring a dependency with a
front end of its own, and a canvas that streams the whole figure (ipympl) or its points (plotly, bqplot); here
the picture stays a PNG, which papermill, nbval and a reader without a kernel see as they see any.
"""

from __future__ import annotations

from .spoken import once

__all__ = ["PLACE", "clicks"]

PLACE = "gk-place"  # class of the field

_CLICKS = """
  image.style.cursor = 'crosshair';
  field.tabIndex = -1;
  field.setAttribute('aria-hidden', 'true');
  image.addEventListener('click', event => {
    const frame = image.getBoundingClientRect();
    const scale = Math.min(frame.width / image.naturalWidth, frame.height / image.naturalHeight);
    const width = image.naturalWidth * scale, height = image.naturalHeight * scale;
    const x = (event.clientX - frame.left - (frame.width - width) / 2) / width;
    const y = (event.clientY - frame.top - (frame.height - height) / 2) / height;
    field.value = [x.toFixed(5), y.toFixed(5), Math.round(performance.now())].join(' ');
    field.dispatchEvent(new Event('input', {bubbles: true}));
    field.dispatchEvent(new Event('change', {bubbles: true}));
  });
"""


def clicks() -> str:
    """HTML that sends clicks to the field PLACE of the box it is in."""
    return once(_CLICKS, PLACE)
