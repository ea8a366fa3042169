"""A page of one graph with sliders of lam, p0 and power: one HTML file, which asks nothing of any network."""

from __future__ import annotations

import base64
import json
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...base.extras import needing
from ...base.files import as_path, check_writable, write_text
from ...checks import as_text, index
from ...density.answers import log_density
from ...errors import DataError, InvalidParameter, shown
from ...graph.graph import Graph, as_graph
from ...metric.generative import GenerativeMetric
from ...types import Points
from ..canvas import palette, planar
from .tables import Sliders, tables

__all__ = ["live_page"]

_MOST_EDGES = 200_000  # some 5 MB, and as many as a browser weighs anew while a slider moves
_COLUMNS, _FLOOR = 240, 12.0  # of the map: its width in pixels, and how far below its maximum log p is shown
_PAD = 0.06


def live_page(
    graph: Graph,
    path: str | Path,
    *,
    i: int | None = None,
    j: int | None = None,
    title: str = "A geodesic and its metric",
) -> Path:
    """Write one HTML file in which the geodesic of a graph in the plane follows sliders of lam, p0 and power.

    The file holds the graph, log p at its vertices and at the nodes along each edge that integrate it to
    a relative 2e-5 wherever the sliders go, and its own JavaScript; it loads nothing. It starts from the
    graph's own metric and from vertices `i` and `j`, by default the leftmost and the rightmost. Returns its
    path. Raises DataError where d is not 2, UnweightedError, InvalidParameter where the graph is weighed by
    another metric than a GenerativeMetric with lam above 0, FileError; warns QuadratureWarning.
    """
    x = planar(as_graph(graph, "plots.live_page").points)
    graph.require_weights()
    metric = graph.metric
    if type(metric) is not GenerativeMetric or not np.isfinite(metric.log_lam):
        raise InvalidParameter(
            f"the page moves lam, p0 and power, and this graph is weighed by {shown(metric)}; weigh it by a "
            "gk.GenerativeMetric with lam above 0"
        )
    if not 0 < graph.m <= _MOST_EDGES:
        raise DataError(
            f"the graph has {graph.m:,} edges, a live page from 1 to {_MOST_EDGES:,}; give a graph of fewer "
            "points, or a smaller k= or eps="
        )
    order = np.argsort(x[:, 0], kind="stable")
    ends = [
        int(order[at]) if end is None else index(end, name, graph.n)
        for end, name, at in ((i, "i", 0), (j, "j", -1))
    ]
    head = as_text(title, "title")
    target = as_path(path)
    check_writable(target, "path")
    sliders = Sliders.around(metric)
    data = {
        "title": head,
        "ends": ends,
        "sliders": sliders.as_json(),
        "map": _map(metric, x),
        "colours": _colours(),
        **{
            name: _packed(part, part.dtype) if isinstance(part, np.ndarray) else part
            for name, part in tables(graph, metric, sliders).items()
        },
        "points": _packed(x - x.mean(axis=0), np.float32),
        "centre": x.mean(axis=0).tolist(),
    }
    write_text(target, _filled(head, data))
    return target


def _filled(title: str, data: dict[str, Any]) -> str:
    here = files(__package__)
    text = {name: (here / name).read_text(encoding="utf-8") for name in ("page.html", "page.css", "page.js")}
    safe = json.dumps(data, separators=(",", ":")).replace(
        "<", "\\u003c"
    )  # no text of a user's ends a script
    parts = {
        "TITLE": escape(title),
        "STYLE": text["page.css"],
        "SCRIPT": text["page.js"],
        "DATA": safe,
    }
    before, *rest = text["page.html"].split("@@")
    return before + "".join(parts.get(part, part) for part in rest)


def _map(metric: GenerativeMetric, x: Points) -> dict[str, Any]:
    """log p over the frame of the points, as bytes from its floor to its maximum."""
    low, high = x.min(axis=0), x.max(axis=0)
    pad = _PAD * max(float((high - low).max()), 1e-9)
    (x0, y0), (x1, y1) = low - pad, high + pad
    rows = int(np.clip(round(_COLUMNS * (y1 - y0) / (x1 - x0)), 8, 4 * _COLUMNS))
    xs = x0 + (np.arange(_COLUMNS) + 0.5) * (x1 - x0) / _COLUMNS
    ys = y1 - (np.arange(rows) + 0.5) * (y1 - y0) / rows  # from the top, as pictures have it
    log_p = log_density(metric.density, np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2))
    top = float(log_p.max())
    level = np.clip((log_p - (top - _FLOOR)) / _FLOOR, 0, 1)
    return {
        "box": [x0, x1, y0, y1],
        "columns": _COLUMNS,
        "rows": rows,
        "range": [top - _FLOOR, top],
        "levels": _packed(np.round(level * 255), np.uint8),
    }


def _colours() -> dict[str, Any]:
    """Those that the kit's figures of geodesics have: the map's, and a curve's by its place."""
    with needing("plots need", "plots"):
        from matplotlib import colormaps
        from matplotlib.colors import to_hex
    curves = palette(10)
    return {
        "map": _packed(np.round(255 * colormaps["cividis"](np.arange(256))[:, :3]), np.uint8),
        "geodesic": to_hex(curves[3]),
        "euclidean": to_hex(curves[2]),
    }


def _packed(values: ArrayLike, dtype: Any) -> str:
    array: NDArray[Any] = np.asarray(values).astype(np.dtype(dtype).newbyteorder("<"))
    return base64.b64encode(array.tobytes()).decode("ascii")
