"""What tests of a page with widgets share: a free port, the picture's pixels, clicks in it, patience."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

__all__ = ["PATIENCE", "await_change", "await_picture", "click_at", "free_port", "picture"]

PATIENCE = 60_000  # milliseconds; a slow machine starts a kernel and imports everything in them


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_picture(page: Any) -> None:
    """Wait until the explorer is there with its picture and its table."""
    page.wait_for_function(
        "() => (document.querySelector('img.widget-image') || {naturalWidth: 0}).naturalWidth > 300"
    )
    page.locator(".widget-html-content table").first.wait_for()


def picture(page: Any) -> str:
    """The pixels shown, as the browser decoded them."""
    shown: str = page.evaluate("""() => {
      const image = document.querySelector('img.widget-image');
      const canvas = document.createElement('canvas');
      canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
      canvas.getContext('2d').drawImage(image, 0, 0);
      return canvas.toDataURL();
    }""")
    return shown


def await_change(page: Any, read: Callable[[], str], before: str) -> str:
    for _ in range(PATIENCE // 200):
        now = read()
        if now != before:
            return now
        page.wait_for_timeout(200)
    pytest.fail("nothing changed on the page after it was touched")


def click_at(page: Any, across: float, down: float) -> None:
    """A click in the picture, in fractions of its width and height."""
    frame = page.locator("img.widget-image").first.bounding_box()
    page.locator("img.widget-image").first.click(
        position={"x": across * frame["width"], "y": down * frame["height"]}
    )
