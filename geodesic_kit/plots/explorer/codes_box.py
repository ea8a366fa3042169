"""The explorer of a decoder: a menu of metrics and sliders beside the picture."""

from __future__ import annotations

import ipywidgets as W

from ...checks import index, integer
from .codes import KINDS, CodeScene, CodeView, draw_codes
from .panel import Panel
from .still import Still

__all__ = ["CodesExplorer"]

_WIDE = {"width": "300px"}  # a dict: a Layout object would be shared
_NARROW = {"description_width": "64px"}
_MOST_NEIGHBOURS = 60
_ALT = "Picture of the codes with the curves between start and end; their lengths are in the table beside it"


class CodesExplorer(Panel, Still):
    """The box that `gk.widgets.explore_decoder` returns; `view` holds what is shown as numbers."""

    view: CodeView

    def __init__(self, scene: CodeScene, *, k: int, i: int | None, j: int | None) -> None:
        self._scene = scene
        self._make_message()
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
        self.lengths = W.HTML()
        self._draw()
        for control in (self.metric, self.k, self.start, self.end):
            control.observe(self._doing(self._draw), names="value")
        controls = W.VBox([self.metric, self.k, self.start, self.end], layout={"flex": "0 0 310px"})
        shown = W.VBox(
            [self.message, self.lengths, self.image], layout={"flex": "1 1 auto", "min_width": "0"}
        )
        super().__init__([W.HBox([controls, shown])], _ALT)

    def __repr__(self) -> str:
        n, z = self._scene.codes.shape
        return f"Explorer of {self._scene.name}: {n} codes in R^{z}"

    def _draw(self) -> None:
        with self._stage("curves", "measuring the curves"):
            self.view = draw_codes(
                self._scene, self.metric.value, self.k.value, (self.start.value, self.end.value)
            )
        self.image.value, self.lengths.value = self.view.png, self.view.table
        if self.view.message:
            self._say(self.view.message)
        else:
            self._tell([], [])
