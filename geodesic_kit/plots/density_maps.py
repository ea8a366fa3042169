"""Maps of the plane: log p of a density, log c of a conformal metric, or the magnification factor."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import integer, number, reals
from ..checks.memory import within
from ..density.answers import drawn, log_density
from ..errors import DataError, InvalidParameter, shown
from ..types import Density, Metric, Points, Riemannian, Samples, Values
from .canvas import colour_bar, new_axes, planar, plane

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["density"]

_MOST_ROWS = 20_000  # of a map of the plane
_A_PIXEL = 80  # bytes: its place, its value, and what a density makes of them and a figure (measured: 64)


def density(
    obj: Density | Metric | Riemannian,
    box: ArrayLike | None = None,
    *,
    resolution: int = 200,
    floor: float = 12.0,
    ax: Axes | None = None,
) -> Axes:
    """Map of log p of a density, of log c of a conformal metric, or of any other's log magnification factor,
    over a box of the plane.

    Parameters
    ----------
    obj : Density, Metric or Riemannian
        Of points in the plane.
    box : ((x0, x1), (y0, y1)) or array (n, 2), optional
        The box, or points to frame; by default what the Axes shows, else the density's own draws.
    resolution : int, default 200
        Columns of the map, from 2 to 4,000.
    floor : float, default 12.0
        log p further than that below its maximum is drawn as the darkest colour.
    ax : matplotlib.axes.Axes, optional
        That of a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    DataError
        Where d is not 2.

    Examples
    --------
    >>> ax = gk.plots.density(gk.datasets.load("two_moons", n=400, seed=0).density)
    """
    mapped = None if isinstance(obj, type) else _mapped(obj)
    if mapped is None:
        raise InvalidParameter(
            f"{shown(obj)} is neither a density nor a Riemannian metric; give one, such "
            "as gk.as_density(f, dim=2)"
        )
    source = obj.density if hasattr(obj, "density") else obj
    dim = getattr(source, "dim", 2)
    if dim != 2:
        raise DataError(
            f"a map needs points in R^2, this density lives in R^{dim}; for images use gk.plots.strip"
        )
    (x0, x1), (y0, y1) = _frame(source, box, ax)
    ax = new_axes(ax)
    n = integer(resolution, "resolution", least=2, most=4000)
    with np.errstate(over="ignore"):
        tall = n * (y1 - y0) / (x1 - x0)
    if not tall <= _MOST_ROWS:
        raise DataError(
            f"the box from {x0:.4g}, {y0:.4g} to {x1:.4g}, {y1:.4g} is so narrow that "
            f"{tall:.3g} rows would fill it; give box="
        )
    xs, ys = np.linspace(x0, x1, n), np.linspace(y0, y1, max(2, round(tall)))
    with within(_A_PIXEL * n * len(ys), f"maps of {n:,} by {len(ys):,} points", "give a smaller resolution="):
        grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
        values = mapped.values(grid).reshape(len(ys), n)
    floor = number(floor, "floor", above=0)
    low = None if mapped.is_metric else max(float(values.min()), float(values.max()) - floor)
    image = ax.imshow(
        values,
        interpolation="bilinear",
        extent=(x0, x1, y0, y1),
        origin="lower",
        cmap="viridis" if mapped.is_metric else "cividis",
        vmin=low,
        aspect="equal",
        zorder=0,
    )
    colour_bar(
        ax,
        image,
        mapped.label,
        extend="neither" if mapped.is_metric else "min",
    )
    return plane(ax)


class _Mapped(NamedTuple):
    """What a map shows of an object: values at points (n, 2) -> (n,), and what they are."""

    values: Callable[[Points], Values]
    label: str
    is_metric: bool


def _mapped(obj: Any) -> _Mapped | None:
    if callable(getattr(obj, "log_factor", None)):
        return _Mapped(obj.log_factor, "log c(x)", True)
    if isinstance(obj, Riemannian):
        return _Mapped(obj.log_volume, "log √det G(z)", True)
    if isinstance(obj, Density):
        return _Mapped(lambda x: log_density(obj, x), "log p(x)  [log 1/length²]", False)
    return None


def _frame(source: Any, box: ArrayLike | None, ax: Axes | None) -> NDArray[np.float64]:
    """((x0, x1), (y0, y1)) to draw, padded where it comes from points."""
    if box is None:
        if ax is not None and ax.has_data():
            return np.array([ax.get_xlim(), ax.get_ylim()], dtype=float)
        if not isinstance(source, Samples):
            raise InvalidParameter(
                "what part of the plane to draw is not known: give box=((x0, x1), (y0, y1)) or box=points"
            )
        box = drawn(source, 500, 0, 2)
    given = reals(box, "box", give="give ((x0, x1), (y0, y1)) or points (n, 2)")
    if given.shape == (2, 2) and np.isfinite(given).all() and (given[:, 0] < given[:, 1]).all():
        return given
    x = planar(given)
    low, high = x.min(axis=0), x.max(axis=0)
    pad = 0.08 * max(float((high - low).max()), 1e-9)
    return np.stack([low - pad, high + pad], axis=1)
