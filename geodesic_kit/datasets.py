"""Data sets by name: generated ones with their true density, scikit-learn's digits, MNIST fetched with checksums."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checks import integer, number
from .errors import FallbackNotice, FetchError, InvalidParameter, MissingPlugin, UnknownName
from .sources.curves import Curve, circles, moons, sample_curves, spirals
from .sources.curves import mixture as curve_mixture
from .types import Density, Ints, Points

__all__ = ["Dataset", "describe", "fetch", "load", "names"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Points x (n, d) with labels y (n,) or None, both read-only; `density` is the true one where it is known.

    `image_shape` is (h, w) where a row is a picture; `source` says where the points come from.
    """

    name: str
    x: Points
    y: Ints | None
    source: str
    image_shape: tuple[int, int] | None = None
    components: tuple[Points, NDArray[np.float64], NDArray[np.float64]] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for array in (self.x, self.y):
            if array is not None:
                array.setflags(write=False)

    @cached_property
    def density(self) -> Density | None:
        """The density the points were drawn from, as a mixture of Gaussians exact to about 1e-10; None where unknown."""
        if self.components is None:
            return None
        from .registry import densities

        means, covariances, weights = self.components
        mixture: Density = densities["mog"](means=means, covariances=covariances, weights=weights)
        return mixture

    def __repr__(self) -> str:
        labels = "no labels" if self.y is None else f"{len(np.unique(self.y))} classes"
        known = "" if self.components is None else ", density known"
        return f"Dataset {self.name}: {self.x.shape[0]} points in R^{self.x.shape[1]}, {labels}{known} ({self.source})"


def load(name: str, n: int | None = None, seed: int = 0, **options: Any) -> Dataset:
    """The data set `name` with n points; the same arguments give the same points.

    n defaults to 1,000 for generated sets (independent draws), to all for digits and to 2,000 for mnist, whose n points
    are a random subset with every class in its share. The options are the keywords of the set: `noise=` (circles,
    spirals, moons), `separation=`, `length=`, `width=` (narrow_mog), `dim=` (mixture), `split=`, `path=`, `fallback=`
    (mnist). Raises UnknownName, InvalidParameter, FetchError, HashMismatch, TruncatedFileError.
    """
    loader = _loader(name)
    known = [key for key in signature(loader).parameters if key not in {"n", "seed"}]
    for key in options:
        if key not in known:
            raise InvalidParameter(f"{name!r} takes no option {key!r}; there are {', '.join(['n', 'seed', *known])}")
    return loader(None if n is None else integer(n, "n", least=1), integer(seed, "seed"), **options)


def names() -> list[str]:
    """Names that `load` takes, sorted; circles, spirals and moons stand for two_circles, two_spirals and two_moons."""
    return sorted(_LOADERS)


def describe() -> dict[str, str]:
    """One line on each data set, by name."""
    return {name: (_LOADERS[name].__doc__ or "").splitlines()[0] for name in names()}


def fetch(name: str) -> Path | None:
    """Make `name` available offline: fetch and check its file, or return the checked one; None where nothing is fetched."""
    _loader(name)
    if name != "mnist":
        return None
    from .sources import fetching

    fetching.mnist_arrays()
    return fetching.cache_folder() / "mnist.npz"


def _loader(name: str) -> Callable[..., Dataset]:
    found = _LOADERS.get(_ALIASES.get(name, name)) if isinstance(name, str) else None
    if found is None:
        raise UnknownName(f"no data set named {name!r}; there are {', '.join(names())} (and {', '.join(_ALIASES)} for short)")
    return found


def _narrow_mog(n: int | None, seed: int, separation: float = 1.0, length: float = 2.0, width: float = 0.12) -> Dataset:
    """Two parallel axis-aligned narrow Gaussians ([GG] Fig 5); standard deviations `length` and `width` are ours."""
    gap = number(separation, "separation", above=0.0)
    variances = np.array([number(length, "length", above=0.0), number(width, "width", above=0.0)]) ** 2
    means = np.array([[0.0, -gap / 2], [0.0, gap / 2]])
    return _gaussians("narrow_mog", n, seed, means, np.stack([variances, variances]), np.array([0.5, 0.5]))


def _mixture(n: int | None, seed: int, dim: int = 2) -> Dataset:
    """Three Gaussians on an arch in the plane, or two on the line (dim=1): the mixture of section 2, ours."""
    if integer(dim, "dim", least=1, most=2) == 1:
        return _gaussians("mixture", n, seed, np.array([[-1.0], [1.0]]), np.full((2, 1), 0.16), np.array([0.5, 0.5]))
    means = np.array([[-1.2, -0.5], [0.0, 0.9], [1.2, -0.5]])
    variances = np.array([[0.10, 0.16], [0.30, 0.08], [0.10, 0.16]])
    return _gaussians("mixture", n, seed, means, variances, np.array([0.3, 0.4, 0.3]))


def _two_circles(n: int | None, seed: int, noise: float = 0.05, factor: float = 0.5) -> Dataset:
    """Two concentric circles of radii 1 and `factor` with Gaussian noise ([GG] Fig 5)."""
    return _curved("two_circles", n, seed, noise, circles(number(factor, "factor", above=0.0)))


def _two_spirals(n: int | None, seed: int, noise: float = 0.03) -> Dataset:
    """Two interleaved Archimedean spirals inside the unit disk with Gaussian noise ([GG] Fig 5)."""
    return _curved("two_spirals", n, seed, noise, spirals())


def _two_moons(n: int | None, seed: int, noise: float = 0.05) -> Dataset:
    """Two interleaved half circles with Gaussian noise, scikit-learn's geometry with angles drawn at random."""
    return _curved("two_moons", n, seed, noise, moons())


def _digits(n: int | None, seed: int) -> Dataset:
    """1,797 handwritten digits of 8 x 8 pixels in [0, 1], shipped with scikit-learn."""
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError as err:
        raise MissingPlugin("'digits' needs scikit-learn: pip install 'geodesic-kit[learn]'", name=err.name) from err
    x, y = load_digits(return_X_y=True)
    chosen = _subset(y, n, seed, "digits")
    return Dataset("digits", x[chosen] / 16.0, y[chosen].astype(np.int64), "scikit-learn's load_digits", (8, 8))


def _mnist(n: int | None, seed: int, split: str = "train", path: str | Path | None = None, fallback: bool = True) -> Dataset:
    """70,000 handwritten digits of 28 x 28 pixels in [0, 1]: your own file, else fetched with checksums and cached."""
    if split not in {"train", "test"}:
        raise InvalidParameter(f"split={split!r}: there are train (60,000) and test (10,000)")
    try:
        images, labels, source = _mnist_images(split, path)
    except FetchError as err:
        if not fallback or type(err) is not FetchError:  # changed content is never papered over
            raise
        warnings.warn(f"digits (8 x 8) stand in for mnist: {err}", FallbackNotice, stacklevel=3)
        return _digits(None if n is None else min(n, 1797), seed)
    chosen = _subset(labels if labels is not None else np.zeros(len(images), int), min(2000, len(images)) if n is None else n, seed, source)
    scale = 255.0 if images.dtype.kind in "ui" else 1.0
    x = images[chosen].reshape(len(chosen), -1) / scale
    y = None if labels is None else labels[chosen].astype(np.int64)
    return Dataset("mnist", x, y, source, (int(images.shape[1]), int(images.shape[2])))


def _mnist_images(split: str, path: str | Path | None) -> tuple[NDArray[Any], NDArray[Any] | None, str]:
    from .sources.formats import read_images

    own = os.environ.get("GEODESIC_KIT_DATA")
    try:
        if path is not None:
            return (*read_images(Path(path).expanduser(), split), f"your own {path}")
        if own:
            return (*read_images(Path(own).expanduser(), split), f"your own {own}")
    except FileNotFoundError as err:
        raise InvalidParameter(f"{'path=' if path is not None else 'GEODESIC_KIT_DATA: '}{err}") from err
    from .sources.fetching import mnist_arrays

    images = mnist_arrays()
    return images[f"x_{split}"], images[f"y_{split}"], f"MNIST, {split} split, checked"


def _gaussians(name: str, n: int | None, seed: int, means: Points, variances: Points, weights: NDArray[np.float64]) -> Dataset:
    rng = np.random.default_rng(seed)
    y = rng.choice(len(weights), size=n or 1000, p=weights).astype(np.int64)
    x = means[y] + np.sqrt(variances[y]) * rng.standard_normal((len(y), means.shape[1]))
    return Dataset(name, x, y, "generated, independent draws", components=(means, variances, weights))


def _curved(name: str, n: int | None, seed: int, noise: float, curves: list[Curve]) -> Dataset:
    sigma = number(noise, "noise", least=0.0)
    x, y = sample_curves(curves, sigma, n or 1000, seed)
    return Dataset(name, x, y, "generated, independent draws", components=curve_mixture(curves, sigma) if sigma else None)


def _subset(y: NDArray[Any], n: int | None, seed: int, name: str) -> Ints:
    """Rows of a random subset of n in which every class keeps its share (largest remainders), in random order."""
    if n is None or n == len(y):
        return np.arange(len(y))
    if n > len(y):
        raise InvalidParameter(f"n={n}: {name} holds {len(y)} points")
    rng = np.random.default_rng(seed)
    classes, counts = np.unique(y, return_counts=True)
    share = counts * (n / len(y))
    quota = np.floor(share).astype(int)
    quota[np.argsort(quota - share, kind="stable")[: n - quota.sum()]] += 1
    chosen = [rng.choice(np.flatnonzero(y == label), size=k, replace=False) for label, k in zip(classes, quota, strict=True)]
    return rng.permutation(np.concatenate(chosen))


_ALIASES = {"circles": "two_circles", "spirals": "two_spirals", "moons": "two_moons"}
_LOADERS: dict[str, Callable[..., Dataset]] = {
    "digits": _digits,
    "mixture": _mixture,
    "mnist": _mnist,
    "narrow_mog": _narrow_mog,
    "two_circles": _two_circles,
    "two_moons": _two_moons,
    "two_spirals": _two_spirals,
}
