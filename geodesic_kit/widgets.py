"""The explorer for notebooks; ipywidgets is imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from .datasets import Dataset
from .errors import MissingPlugin

if TYPE_CHECKING:
    from .explorer.box import Explorer

__all__ = ["explore"]


def explore(
    dataset: str | Dataset | ArrayLike = "two_moons",
    density: Any = None,
    *,
    n: int | None = None,
    lam: float | None = None,
    p0: float | None = None,
    power: float | None = None,
    eps: float | None = None,
    k: int | None = None,
    i: int | None = None,
    j: int | None = None,
    seed: int = 0,
) -> Explorer:
    """Sliders for data, lam, p0, eps or k and two end points beside the density map, the geodesic and its rivals.

    `dataset` is a name, a Dataset or points (n, 2), or pictures, shown as rows; the density is the one given, else the
    true one, else a fitted mixture. Parameters that are not given are chosen from the data. Raises MissingPlugin without
    ipywidgets, UnknownName, DataError, InvalidParameter.
    """
    try:
        import ipywidgets  # noqa: F401
    except ModuleNotFoundError as err:
        raise MissingPlugin(f"explore needs {err.name}: pip install 'geodesic-kit[notebooks]'", name=err.name) from err
    from .explorer.box import Explorer
    from .explorer.scene import scene

    return Explorer(scene(dataset, density, n, seed, power), lam=lam, p0=p0, eps=eps, k=k, i=i, j=j, n=n, seed=seed)
