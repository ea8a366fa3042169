"""A data set as a value: points, labels, and the true density where it is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..types import Density, Ints, Points, Values
from .skeleton import Skeleton

__all__ = ["Dataset", "mixture_density"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Points x (n, d) with labels y (n,) or None, both read-only; `density` is the true one where it is
    known.

    `image_shape` is (h, w) where a row is a picture; `source` says where the points come from; `truth` makes
    the density. `factors` are what each row was made from, by name, arrays of n rows, read-only too;
    `skeleton` has the joints where a row is a pose; `columns` are the names that a table gives those of x.
    """

    name: str
    x: Points
    y: Ints | None
    source: str
    image_shape: tuple[int, int] | None = None
    truth: Callable[[], Density] | None = field(default=None, repr=False)
    factors: Mapping[str, NDArray[Any]] = field(default_factory=dict, repr=False)
    skeleton: Skeleton | None = field(default=None, repr=False)
    columns: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        for array in (self.x, self.y, *self.factors.values()):
            if array is not None:
                array.setflags(write=False)

    @cached_property
    def density(self) -> Density | None:
        """The density the points were drawn from, exact or to about 1e-10; None where unknown."""
        return None if self.truth is None else self.truth()

    def __repr__(self) -> str:
        labels = "no labels" if self.y is None else f"{len(np.unique(self.y))} classes"
        known = "" if self.truth is None else ", density known"
        return (
            f"Dataset {self.name}: {self.x.shape[0]} points in R^{self.x.shape[1]}, {labels}{known} "
            f"({self.source})"
        )


def mixture_density(means: Points, covariances: Values, weights: Values) -> Density:
    """The mixture of those Gaussians, by the plugin `mog`."""
    from ..registry import densities

    mixture: Density = densities["mog"](means=means, covariances=covariances, weights=weights)
    return mixture
