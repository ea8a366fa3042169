"""A scene of the explorer, made of what `gk.widgets.explore` is given."""

from __future__ import annotations

from typing import Any

from geodesic_kit.plots.explorer.given import given
from geodesic_kit.plots.explorer.scene import Scene, named, scene_of

__all__ = ["scene"]


def scene(
    dataset: Any = "two_moons",
    density: Any = None,
    n: int | None = None,
    image_shape: Any = None,
    **options: Any,
) -> Scene:
    name, own = named(density)
    return scene_of(given(dataset, n, 0, image_shape), name, 0, own, **options)
