"""What every box of widgets has: names for who does not see it, and a still picture for who has no kernel."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import ipywidgets as W

from .spoken import BOX, spoken

__all__ = ["Still"]


class Still(W.VBox):
    """A box with an `image` widget, which screen readers call `alt`, and of which a picture goes along where
    the notebook is only read; `unseen` widgets take no place in it.
    """

    image: W.Image

    def __init__(self, shown: Sequence[W.Widget], alt: str, unseen: Sequence[W.Widget] = ()) -> None:
        marks = W.HBox([W.HTML(spoken(alt)), *unseen], layout={"height": "0px", "overflow": "hidden"})
        super().__init__([*shown, marks])
        self.add_class(BOX)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        return super()._repr_mimebundle_(**options) | {
            "text/plain": repr(self),
            "image/png": base64.b64encode(self.image.value).decode(),
        }
