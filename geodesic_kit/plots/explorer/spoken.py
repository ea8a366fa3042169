"""What screen readers say of a box of widgets: a name for its picture and for each control, and its message
whenever that changes.
"""

from __future__ import annotations

import json
from html import escape

__all__ = ["BOX", "STATUS", "once", "spoken"]

BOX, STATUS = "gk-box", "gk-status"  # classes of the box and of the message

_NAMES = """
  image.alt = ALT;
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
"""


def spoken(alt: str) -> str:
    """HTML that names the controls of the box it is in by their labels, and its picture `alt`."""
    return once(_NAMES.replace("STATUS", STATUS).replace("ALT", json.dumps(alt)))


def once(script: str, field: str = "") -> str:
    """HTML that runs lines of JavaScript when the `image` of its `box` is there, and the `field` of that
    class, if any: a picture of one pixel, whose `onload` does.
    """
    waiting = f"""
(function ready(mark) {{
  const box = mark.closest('.{BOX}');
  const image = box && box.querySelector('img.widget-image');
  const field = box && {f"box.querySelector('.{field} input')" if field else "box"};
  if (!image || !field) {{ setTimeout(() => ready(mark), 100); return; }}
{script}
}})(this)
"""
    pixel = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    return f"<img alt='' width='1' height='1' src='{pixel}' onload=\"{escape(waiting, quote=True)}\">"
