"""A clustering as a value: the label of each point, with what it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from ..types import Ints

__all__ = ["Clustering"]


@dataclass(frozen=True, eq=False, repr=False)
class Clustering(NDArrayOperatorsMixin):
    """Cluster of each point, `labels` (n,), whole numbers from 0, with what it came from; used as an array it
    is that array.

    `components` (n,) are the parts that no path joins, numbered by falling size; `tau` is None where each
    pair had its own; `aside` counts points too few to be a cluster, which joined the nearest one, and
    `repaired` the rows that annealing left in no cluster or in several; `note` says in words what is to be
    said. Slices, comparisons and sums are plain arrays.
    """

    labels: Ints
    components: Ints
    method: str
    tau: float | None
    kernel: str
    aside: int = 0
    repaired: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        for array in (self.labels, self.components):
            array.flags.writeable = False

    def __repr__(self) -> str:
        sizes = np.bincount(self.labels[self.labels >= 0])
        shown = ", ".join(map(str, sizes[:12])) + (", …" if len(sizes) > 12 else "")
        return (
            f"Clustering({len(sizes)} clusters of {shown} points by "
            f"{self.method!r}{f'; {self.note}' if self.note else ''})"
        )

    @property
    def unassigned(self) -> int:
        """Number of points in no cluster, labelled -1: their components are more than there are clusters."""
        return int((self.labels < 0).sum())

    def __getattr__(self, name: str) -> Any:
        """What an array has, such as `shape`, `max()` and `tolist()`."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.labels, name)

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.labels)

    def __getitem__(self, rows: Any) -> Any:
        return self.labels[rows]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            return np.asarray(self.labels, dtype=dtype)
        return np.array(self.labels, dtype=dtype)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        plain = (each.labels if isinstance(each, Clustering) else each for each in inputs)
        return getattr(ufunc, method)(*plain, **options)
