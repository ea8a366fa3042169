"""What every box of widgets shows to readers who have no kernel: a still picture."""

from __future__ import annotations

import base64
from typing import Any

import ipywidgets as W

__all__ = ["Still"]


class Still(W.VBox):
    """A box with an `image` widget, of which a picture goes along where the notebook is only read."""

    image: W.Image

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        return super()._repr_mimebundle_(**options) | {
            "text/plain": repr(self),
            "image/png": base64.b64encode(self.image.value).decode(),
        }
