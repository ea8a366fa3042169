"""Tables of scores as the notebooks show them: the best of each row in bold, the rest in grey."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["best_in_bold"]

_GREY = "#555555"


def best_in_bold(shown: Any, scores: Any, within: float, name: str) -> Any:
    """A pandas Styler of the DataFrame `shown`: in bold where `scores`, laid out alike, are the best of their
    row up to `within`.

    With two levels of columns it is the best of the row within each part of the upper one. `name` marks the
    table's HTML, which is the same in every run.
    """
    upper = scores.columns.get_level_values(0) if scores.columns.nlevels > 1 else np.zeros(scores.shape[1])
    best = scores.T.groupby(upper).transform("max").T
    styles = np.where(scores >= best - within, "font-weight: bold", f"color: {_GREY}")
    return shown.style.apply(lambda _: styles, axis=None).set_uuid(name)
