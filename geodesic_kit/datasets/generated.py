"""Generated data sets, each with the exact density of its independent draws: mixtures, blurred curves,
boxes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..checks import integer, number
from ..types import Points, Values
from .boxes import Boxes
from .curves import Curve, circles, mixture, moons, sample_curves, spirals
from .dataset import Dataset, mixture_density

__all__ = ["GENERATED"]

_SOURCE = "generated, independent draws"
_LONGEST = 1e150  # squares of lengths are numbers


def _narrow_mog(
    n: int | None, seed: int, separation: float = 1.0, length: float = 2.0, width: float = 0.12
) -> Dataset:
    """Two parallel axis-aligned narrow Gaussians ([GG] Fig 5); standard deviations `length` and `width` are
    ours.
    """
    gap = _length(separation, "separation")
    variances = np.array([_length(length, "length"), _length(width, "width")]) ** 2
    means = np.array([[0.0, -gap / 2], [0.0, gap / 2]])
    return _gaussians("narrow_mog", n, seed, means, np.stack([variances, variances]), np.array([0.5, 0.5]))


def _mixture(n: int | None, seed: int, dim: int = 2) -> Dataset:
    """Three Gaussians on an arch in the plane, or two on the line (dim=1): the mixture of section 2, ours."""
    if integer(dim, "dim", least=1, most=2) == 1:
        return _gaussians(
            "mixture", n, seed, np.array([[-1.0], [1.0]]), np.full((2, 1), 0.16), np.array([0.5, 0.5])
        )
    means = np.array([[-1.2, -0.5], [0.0, 0.9], [1.2, -0.5]])
    variances = np.array([[0.10, 0.16], [0.30, 0.08], [0.10, 0.16]])
    return _gaussians("mixture", n, seed, means, variances, np.array([0.3, 0.4, 0.3]))


def _unequal_gaussians(n: int | None, seed: int, separation: float = 1.0) -> Dataset:
    """Three round Gaussians with standard deviations 1, 0.35, 0.15 and weights 0.6, 0.3, 0.1; `separation`
    scales the means, ours.
    """
    means = _length(separation, "separation") * np.array([[0.0, 0.0], [3.2, 1.2], [3.0, -1.6]])
    return _gaussians(
        "unequal_gaussians", n, seed, means, np.array([1.0, 0.35, 0.15]) ** 2, np.array([0.6, 0.3, 0.1])
    )


def _grid_of_modes(
    n: int | None, seed: int, side: int = 5, spacing: float = 1.0, width: float = 0.1
) -> Dataset:
    """Equal round Gaussians of standard deviation `width` on a square grid, `side` by `side`, `spacing`
    apart, ours.
    """
    side = integer(side, "side", least=1, most=50)
    places = _length(spacing, "spacing") * (np.arange(side) - (side - 1) / 2)
    means = np.stack(np.meshgrid(places, places, indexing="ij"), axis=-1).reshape(-1, 2)
    variances = np.full(len(means), _length(width, "width") ** 2)
    return _gaussians("grid_of_modes", n, seed, means, variances, np.full(len(means), 1 / len(means)))


def _uneven_modes(
    n: int | None, seed: int, modes: int = 6, ratio: float = 0.5, widest: float = 0.5, narrowest: float = 0.05
) -> Dataset:
    """Round Gaussians on a circle of radius 2, each `ratio` times as heavy as the last, from `widest` to
    `narrowest`, ours.
    """
    modes = integer(modes, "modes", least=2, most=50)
    angle = 2 * np.pi * np.arange(modes) / modes
    widths = np.geomspace(_length(widest, "widest"), _length(narrowest, "narrowest"), modes)
    weights = number(ratio, "ratio", above=0.0, most=1.0) ** np.arange(modes)
    means = 2 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _gaussians("uneven_modes", n, seed, means, widths**2, weights / weights.sum())


def _boxes(n: int | None, seed: int, gap: float = 0.2, floor: float = 0.0) -> Dataset:
    """Uniform on one tall box and two small ones, `gap` apart, and a share `floor` on a rectangle around all:
    sharp edges, ours.
    """
    half, share = number(gap, "gap", above=0.0, most=1.0) / 2, number(floor, "floor", least=0.0, most=0.99)
    lows = [[-1 - half, -1.0], [half, half], [half, -1.0]]
    highs = [[-half, 1.0], [1 + half, 1.0], [1 + half, -half]]
    weights = [0.5 * (1 - share), 0.4 * (1 - share), 0.1 * (1 - share)]
    if share:
        lows, highs, weights = [*lows, [-1.5 - half, -1.5]], [*highs, [1.5 + half, 1.5]], [*weights, share]
    density = Boxes(lows, highs, weights)
    return Dataset(
        "boxes", *density.draw(n or 1000, seed), _SOURCE, truth=partial(Boxes, lows, highs, weights)
    )


def _two_circles(n: int | None, seed: int, noise: float = 0.05, factor: float = 0.5) -> Dataset:
    """Two concentric circles of radii 1 and `factor` with Gaussian noise ([GG] Fig 5)."""
    return _curved("two_circles", n, seed, noise, circles(1.0, _length(factor, "factor")))


def _three_rings(n: int | None, seed: int, noise: float = 0.05) -> Dataset:
    """Three concentric circles of radii 1, 2/3 and 1/3 with Gaussian noise, equally likely, ours."""
    return _curved("three_rings", n, seed, noise, circles(1.0, 2 / 3, 1 / 3))


def _two_spirals(n: int | None, seed: int, noise: float = 0.03) -> Dataset:
    """Two interleaved Archimedean spirals inside the unit disk with Gaussian noise ([GG] Fig 5)."""
    return _curved("two_spirals", n, seed, noise, spirals())


def _four_spirals(n: int | None, seed: int, noise: float = 0.02) -> Dataset:
    """Four interleaved Archimedean spirals inside the unit disk with Gaussian noise, ours."""
    return _curved("four_spirals", n, seed, noise, spirals(4))


def _two_moons(n: int | None, seed: int, noise: float = 0.05) -> Dataset:
    """Two interleaved half circles with Gaussian noise, scikit-learn's geometry with angles drawn at
    random.
    """
    return _curved("two_moons", n, seed, noise, moons())


def _length(value: float, name: str) -> float:
    return number(value, name, above=0.0, most=_LONGEST)


def _gaussians(
    name: str, n: int | None, seed: int, means: Points, variances: NDArray[np.float64], weights: Values
) -> Dataset:
    """Draws from Gaussians with `variances`, (K,) or (K, d), along the axes."""
    rng = np.random.default_rng(seed)
    y = rng.choice(len(weights), size=n or 1000, p=weights).astype(np.int64)
    x = means[y] + np.sqrt(variances.reshape(len(weights), -1)[y]) * rng.standard_normal(
        (len(y), means.shape[1])
    )
    return Dataset(name, x, y, _SOURCE, truth=partial(mixture_density, means, variances, weights))


def _curved(name: str, n: int | None, seed: int, noise: float, curves: list[Curve]) -> Dataset:
    sigma = number(noise, "noise", least=0.0, most=_LONGEST)
    x, y, _ = sample_curves(curves, sigma, n or 1000, seed)
    return Dataset(
        name, x, y, _SOURCE, truth=partial(mixture_density, *mixture(curves, sigma)) if sigma else None
    )


GENERATED: dict[str, Callable[..., Dataset]] = {
    "boxes": _boxes,
    "four_spirals": _four_spirals,
    "grid_of_modes": _grid_of_modes,
    "mixture": _mixture,
    "narrow_mog": _narrow_mog,
    "three_rings": _three_rings,
    "two_circles": _two_circles,
    "two_moons": _two_moons,
    "two_spirals": _two_spirals,
    "unequal_gaussians": _unequal_gaussians,
    "uneven_modes": _uneven_modes,
}
