"""The few lines that run in the browser: a click in the picture becomes two numbers in a hidden text field,
and every control has a name that screen readers say.

ipywidgets has no picture that can be clicked. A canvas of another package would bring a dependency with a
front end of its own, and a canvas that streams the whole figure (ipympl) or its points (plotly, bqplot); here
the picture stays a PNG, which papermill, nbval and a reader without a kernel see as they see any.
"""

from __future__ import annotations

from html import escape

__all__ = ["ALT", "BOX", "PLACE", "STATUS", "script"]

BOX, PLACE, STATUS = "gk-explorer", "gk-place", "gk-status"  # classes of the box, the field and the message
ALT = "Picture of the density with the curves between A and B; their lengths are in the table beside it"

_SCRIPT = """
(function ready(mark) {
  const box = mark.closest('.BOX');
  const image = box && box.querySelector('img.widget-image');
  const field = box && box.querySelector('.PLACE input');
  if (!image || !field) { setTimeout(() => ready(mark), 100); return; }
  image.alt = 'ALT';
  image.style.cursor = 'crosshair';
  field.tabIndex = -1;
  field.setAttribute('aria-hidden', 'true');
  const status = box.querySelector('.STATUS');
  if (status) { status.setAttribute('role', 'status'); status.setAttribute('aria-live', 'polite'); }
  const name = () => box.querySelectorAll('.widget-label').forEach(label => {
    const text = label.textContent.replace(/[^ -~\u00a1-\u1fff\u2080-\u2fff]/g, '').trim();
    if (!text) return;  // a check box has its own words
    label.parentElement.querySelectorAll('.noUi-handle, input, select, textarea').forEach(
      control => control.setAttribute('aria-label', text));
  });
  name();
  new MutationObserver(name).observe(box, {childList: true, subtree: true});
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
})(this)
"""


def script() -> str:
    """HTML that runs the lines once where it is shown: a picture of one pixel, whose `onload` does."""
    text = _SCRIPT.replace("BOX", BOX).replace("PLACE", PLACE).replace("STATUS", STATUS).replace("ALT", ALT)
    pixel = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    return f"<img alt='' width='1' height='1' src='{pixel}' onload=\"{escape(text, quote=True)}\">"
