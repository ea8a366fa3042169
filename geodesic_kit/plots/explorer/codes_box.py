"""The explorer of a decoder: a menu of metrics and sliders beside the picture."""

from __future__ import annotations

from html import escape

import ipywidgets as W

from ...checks import index, integer
from ...errors import GeodesicKitError
from .codes import KINDS, CodeScene, CodeView, draw_codes
from .still import Still

__all__ = ["CodesExplorer"]

_WIDE = {"width": "300px"}  # a dict: a Layout object would be shared
_NARROW = {"description_width": "64px"}
_MOST_NEIGHBOURS = 60


class CodesExplorer(Still):
    """The box that `gk.widgets.explore_decoder` returns; `view` holds what is shown as numbers."""

    view: CodeView

    def __init__(self, scene: CodeScene, *, k: int, i: int | None, j: int | None) -> None:
        self._scene = scene
        n = len(scene.codes)
        self.metric = W.Dropdown(options=KINDS, description="metric of", layout=_WIDE, style=_NARROW)
        self.k = W.IntSlider(
            integer(k, "k", least=1, most=n - 1),
            1,
            min(max(k, _MOST_NEIGHBOURS), n - 1),
            description="k",
            continuous_update=False,
            layout=_WIDE,
            style=_NARROW,
        )
        self.start, self.end = (
            W.SelectionSlider(
                options=[int(row) for row in scene.order],
                value=first if asked is None else index(asked, letter, n),
                description=name,
                continuous_update=False,
                layout=_WIDE,
                style=_NARROW,
            )
            for name, letter, asked, first in zip(("start", "end"), "ij", (i, j), scene.ends, strict=True)
        )
        self.image = W.Image(format="png", width=680, layout={"object_fit": "contain", "max_width": "100%"})
        self.lengths, self.message = W.HTML(), W.HTML(layout={"max_width": "680px"})
        self._draw()
        for control in (self.metric, self.k, self.start, self.end):
            control.observe(lambda change: self._draw(), names="value")
        controls = W.VBox([self.metric, self.k, self.start, self.end], layout={"flex": "0 0 310px"})
        shown = W.VBox(
            [self.image, self.lengths, self.message], layout={"flex": "1 1 auto", "min_width": "0"}
        )
        super().__init__([W.HBox([controls, shown])])

    def __repr__(self) -> str:
        n, z = self._scene.codes.shape
        return f"Explorer of {self._scene.name}: {n} codes in R^{z}"

    def _draw(self) -> None:
        try:
            self.view = draw_codes(
                self._scene, self.metric.value, self.k.value, (self.start.value, self.end.value)
            )
            self.image.value, self.lengths.value = self.view.png, self.view.table
            told = self.view.message
        except GeodesicKitError as err:
            told = str(err)
        self.message.value = f"<b style='color:#b03a00'>{escape(told)}</b>" if told else ""
