"""Interpolation in a model's latent space: the baseline that geodesics are compared with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.scales import settled
from ..checks import MOST_NODES, as_points, as_shares, chosen, integer, reals
from ..checks.memory import require
from ..density.answers import real
from ..errors import DataError, InvalidParameter, NotADensityError
from ..types import LatentModel, Points, Values

__all__ = ["latent_interpolation", "latent_points"]

_OPPOSITE = 1e-6  # radians from π, within which the arc's direction would be rounding


def latent_interpolation(
    model: LatentModel, a: ArrayLike, b: ArrayLike, n: int = 64, kind: str = "linear"
) -> NDArray[np.float64]:
    """Decoded points along the latent path between two points, at even steps of its parameter. [GG] Figs 8
    and 9; slerp after White 2016.

    The ends are decode(encode(a)) and decode(encode(b)): a and b themselves only where the model inverts
    itself.

    Parameters
    ----------
    model : LatentModel
        With `encode` and `decode`, such as a fitted gk.densities["realnvp"].
    a, b : array (d,) or (m, d)
        Two points, or pairs row by row.
    n : int, default 64
        Points of a path, its ends among them, 2 or more.
    kind : {"linear", "slerp"}, default "linear"
        "linear" is the straight latent line. "slerp" turns the direction evenly along the great circle and
        takes the norm from one end's to the other's; where there is no one such arc, between opposite
        directions and from or to the origin, it is the straight line.

    Returns
    -------
    array (n, d) or (m, n, d)

    Raises
    ------
    DataError, InvalidParameter

    Examples
    --------
    >>> flow = gk.densities["realnvp"].pretrained("two_moons")
    >>> x = gk.datasets.load("two_moons", n=2, seed=0).x
    >>> gk.latent_interpolation(flow, x[0], x[1], n=5).shape
    (5, 2)
    """
    if isinstance(model, type) or not isinstance(model, LatentModel):
        what = (
            f"the class {model.__name__} is not yet a model"
            if isinstance(model, type)
            else f"{type(model).__name__} has no encode and decode"
        )
        raise InvalidParameter(f"{what}; give a latent model such as gk.densities['realnvp'].fit(x)")
    between = _kind(kind)
    given = [
        reals(x, name, give="give two points (d,), or pairs as two arrays (m, d)")
        for x, name in ((a, "a"), (b, "b"))
    ]
    if given[0].shape != given[1].shape:
        raise DataError(
            f"a has shape {given[0].shape}, b has {given[1].shape}; give two points (d,), or "
            "pairs as two arrays (m, d)"
        )
    one = given[0].ndim == 1
    starts, ends = (as_points(x[None] if one else x, name=name) for x, name in zip(given, "ab", strict=True))
    t = np.linspace(0, 1, integer(n, "n", least=2, most=MOST_NODES))[:, None]
    m, d = starts.shape
    require(
        32.0 * m * len(t) * d,
        f"{m * len(t):,} decoded points of {d:,} coordinates",
        "give a smaller n=, or fewer pairs at a time",
    )
    latent = _rows(model.encode(np.concatenate([starts, ends])), 2 * m, None, model, "encode")
    path = np.stack([between(u, v, t) for u, v in zip(latent[:m], latent[m:], strict=True)])
    frames = _rows(
        model.decode(path.reshape(m * len(t), -1)), m * len(t), starts.shape[1], model, "decode"
    ).reshape(m, len(t), -1)
    return frames[0] if one else frames


def latent_points(u: ArrayLike, v: ArrayLike, t: ArrayLike, kind: str = "linear") -> Points:
    """Latent points at the shares t (n,) of the way from u to v (d,), not decoded: (n, d). `kind` as in
    `latent_interpolation`.
    """
    start, end = as_points([u, v], name="u and v")
    return _kind(kind)(start, end, as_shares(t)[:, None])


def _rows(found: ArrayLike, n: int, width: int | None, model: LatentModel, what: str) -> Points:
    """The n points that a model's method returned, read before any cast. Raises DataError."""
    name = f"{type(model).__name__}.{what}"
    try:
        return as_points(real(found, (n, width), name), name=f"the points that {name} returned")
    except NotADensityError as err:
        raise DataError(str(err)) from err


def _kind(name: str) -> Callable[[Values, Values, Points], Points]:
    between = {"linear": _line, "slerp": _arc}
    return between[chosen(name, "kind", between)]


def _line(u: Values, v: Values, t: Points) -> Points:
    return (1 - t) * u + t * v


def _arc(u: Values, v: Values, t: Points) -> Points:
    both = np.stack([u, v])
    with np.errstate(over="ignore"):
        norms = np.array([np.linalg.norm(u), np.linalg.norm(v)])
    norms = settled(norms, lambda rows: both[rows], lambda rows: np.asarray(np.linalg.norm(rows, axis=1)))
    if min(norms) == 0:
        return _line(u, v, t)
    first, second = u / norms[0], v / norms[1]
    # Kahan's form: acos of the inner product loses half the digits of small angles.
    angle = 2 * np.arctan2(np.linalg.norm(first - second), np.linalg.norm(first + second))
    if angle > np.pi - _OPPOSITE:
        return _line(u, v, t)
    # sinc(x / π) is sin(x) / x, so that an angle of zero needs no case of its own.
    share = np.sinc(angle / np.pi)
    direction = (
        (1 - t) * np.sinc((1 - t) * angle / np.pi) * first + t * np.sinc(t * angle / np.pi) * second
    ) / share
    return ((1 - t) * norms[0] + t * norms[1]) * direction
