"""A menu of pairs beside the rows of pictures that several ways make between them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import ipywidgets as W
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ... import plots
from .still import Still

__all__ = ["Strips"]


class Strips(Still):
    """The box that `gk.widgets.strips` returns: choosing a pair draws its rows anew."""

    def __init__(self, ways: Mapping[str, NDArray[np.float64]], names: Sequence[str], label: str) -> None:
        self._ways, self._label = ways, label
        self.pair = W.Dropdown(
            options=[(name, i) for i, name in enumerate(names)], description="pair", layout={"width": "300px"}
        )
        self.image = W.Image(format="png", width=900, layout={"object_fit": "contain", "max_width": "100%"})
        self._draw()
        self.pair.observe(lambda change: self._draw(), names="value")
        super().__init__([self.pair, self.image], "Pictures along each way between the chosen pair")

    def __repr__(self) -> str:
        return f"Strips of {len(self.pair.options)} pairs: {', '.join(self._ways)}"

    def _draw(self) -> None:
        rows = np.stack([frames[self.pair.value] for frames in self._ways.values()])
        count, k, h, w = rows.shape
        figure = Figure(figsize=(0.7 * k + 1.6, 0.7 * count * h / w + 0.7), dpi=90, layout="constrained")
        plots.strip(rows, list(self._ways), label=self._label, ax=figure.subplots())
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
        self.image.value = buffer.getvalue()
