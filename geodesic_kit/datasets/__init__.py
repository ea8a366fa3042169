"""Data sets by name: generated ones with their true density, scikit-learn's digits, chairs and motion, which
are committed, MNIST and Fashion-MNIST fetched with checksums; and files of your own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np

from ..checks import as_count, seeded
from ..errors import InvalidParameter, UnknownName, shown
from .dataset import Dataset
from .generated import GENERATED
from .movements import MOVEMENTS
from .own import SUFFIXES, load_file
from .pictures import PICTURES
from .shipped import SHIPPED

__all__ = ["Dataset", "describe", "fetch", "is_file", "load", "names"]


def load(name: str | Path, n: int | None = None, seed: int = 0, **options: Any) -> Dataset:
    """The data set of that name, or the points of your file; the same arguments give the same points.

    Parameters
    ----------
    name : str or Path
        One of `datasets.names()`, or a file in .npy, .npz, .csv or .parquet, see `datasets.own.load_file`.
    n : int, optional
        Number of points: of generated sets independent draws, 1,000 by default; of all else a random subset
        with every class in its share, by default all, and 2,000 of mnist and fashion_mnist. Of a file n
        points at most.
    seed : int, default 0
        Of the draws or the subset.
    **options : Any
        Keywords of the set, such as `noise=` (circles, rings, spirals, moons, pendulum, arm), `separation=`
        (narrow_mog, unequal_gaussians), `dim=` (mixture), `split=` (chairs, what is fetched), `path=`,
        `fallback=` (what is fetched); a wrong one is answered by those there are.

    Returns
    -------
    Dataset
        With `.x` (n, d), `.y` (n,) or None, and `.density` where the true one is known.

    Raises
    ------
    UnknownName, InvalidParameter, FetchError, HashMismatch, TruncatedFileError

    Examples
    --------
    >>> gk.datasets.load("two_moons", n=400, seed=0).x.shape
    (400, 2)
    """
    if is_file(name):
        loader: Callable[..., Dataset] = partial(load_file, name)
    else:
        loader = _loader(name)
    known = [key for key in signature(loader).parameters if key not in {"n", "seed"}]
    for key in options:
        if key not in known:
            raise InvalidParameter(
                f"{name!r} takes no option {key!r}; there are {', '.join(['n', 'seed', *known])}"
            )
    with np.errstate(over="ignore", invalid="ignore"):  # told below
        try:
            found = loader(None if n is None else as_count(n, 2, least=1), seeded(seed), **options)
        except OverflowError:
            found = None
    if found is None or not np.isfinite(found.x).all():
        given = ", ".join(f"{key}={value!r}" for key, value in options.items())
        raise InvalidParameter(
            f"{name!r} with {given} has points that float64 does not hold; give smaller numbers"
        )
    return found


def is_file(name: Any) -> bool:
    """Whether `load` takes this for a file of yours, by its suffix; a file need not be there."""
    return isinstance(name, (str, Path)) and Path(name).suffix.lower() in SUFFIXES


def names() -> list[str]:
    """Names that `load` takes, sorted; circles, spirals and moons stand for two_circles, two_spirals and
    two_moons.
    """
    return sorted(_LOADERS)


def describe() -> dict[str, str]:
    """One line on each data set, by name."""
    first = {name: (_LOADERS[name].__doc__ or "").split("\n\n")[0] for name in names()}
    return {name: " ".join(text.split()) for name, text in first.items()}


def fetch(name: str) -> Path | None:
    """Make `name` available offline: fetch and check its file, or return the checked one; None where nothing
    is fetched.
    """
    _loader(name)
    from . import fetching

    if name not in fetching.RECIPES:
        return None
    fetching.arrays(name)
    return fetching.cache_file(name)


def _loader(name: Any) -> Callable[..., Dataset]:
    found = _LOADERS.get(_ALIASES.get(name, name)) if isinstance(name, str) else None
    if found is None:
        raise UnknownName(
            f"no data set named {shown(name)}; there are {', '.join(names())} (and "
            f"{', '.join(_ALIASES)} for short), or a file of your own: {', '.join(SUFFIXES)}"
        )
    return found


_ALIASES = {"circles": "two_circles", "spirals": "two_spirals", "moons": "two_moons"}
_LOADERS = GENERATED | MOVEMENTS | PICTURES | SHIPPED
