"""The rows by name, in the order in which they are shown."""

from __future__ import annotations

import importlib
from dataclasses import asdict
from typing import Any

from .lines import Disagreement, wrong

__all__ = ["LONG", "ROWS", "lines"]

ROWS = {
    "mixture_weights_784": "mixture_weights:high",
    "mixture_weights_2": "mixture_weights:crowded",
    "chain": "chain:run",
    "single_pair": "single_pair:run",
    "all_pairs": "all_pairs:run",
    "refine": "refine:run",
    "latent_geodesics": "latent_geodesics:run",
    "scale": "scale:run",
    "import": "imports:run",
    "trees": "trees:run",
    "isomap": "isomap:run",
    "fermat": "fermat:run",
    "cluster": "cluster:run",
    "first_call": "first_call:run",
    "three_lines": "three_lines:run",
    "small_fit": "small_fit:run",
    "black_box": "black_box:run",
    "refine_images": "refine_images:run",
    "refine_steep": "refine_steep:run",
    "three_lines_large": "three_lines:large",
    "landmark_pair": "landmarks:pair",
    "latent_graphs": "landmarks:latent",
    "landmark_scaling": "landmarks:scaling",
    "bounds": "landmarks:bounds",
    "explorer_latency": "explorer_latency:run",
    "live_page": "live_page:run",
}
# Rows of minutes, which run by their names or with --full.
LONG = (
    "refine_images",
    "refine_steep",
    "three_lines_large",
    "landmark_pair",
    "latent_graphs",
    "landmark_scaling",
    "bounds",
    "cluster",
    "explorer_latency",
    "live_page",
    "small_fit",
    "black_box",
)


def lines(name: str, quick: bool) -> list[dict[str, Any]]:
    """The row's lines as JSON; a wrong answer is a line too."""
    module, _, function = ROWS[name].partition(":")
    try:
        return [
            asdict(line)
            for line in getattr(importlib.import_module(f"{__package__}.rows.{module}"), function)(quick)
        ]
    except Disagreement as err:
        return [asdict(wrong(name, str(err)))]
