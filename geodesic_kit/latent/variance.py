"""Several maps as one: mean and standard deviation, and an ensemble; their pullback metrics are immersions
too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from scipy.spatial import cKDTree

from ..errors import DataError, InvalidParameter
from ..types import Points

if TYPE_CHECKING:
    from .torch_map import TorchMap

__all__ = ["Deviation", "Ensemble", "MeanAndDeviation"]

_NEIGHBOUR = 4  # whose distance, in the median over all codes, is twice the kernels' width
_PRIOR = 1e-3  # of the precision at the codes: what is left of it far away


class MeanAndDeviation(torch.nn.Module):
    """z -> (mu(z), sqrt(D) sigma(z)): the pullback of this map is the expected metric of mu + sigma noise.
    Arvanitidis et al. 2018.

    `isometric` is the same with a mean of fewer coordinates.
    """

    def __init__(
        self, mean: Callable[[Any], Any], deviation: Deviation, isometric: MeanAndDeviation | None = None
    ) -> None:
        super().__init__()
        self.mean, self.deviation, self.isometric = mean, deviation, isometric

    @property
    def width(self) -> float:
        """Of the kernels that the deviation is a sum of, in units of the codes."""
        return self.deviation.width

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """(n, z) -> (n, D + 1)."""
        return torch.cat([self.mean(z).flatten(1), self.deviation(z)[:, None]], dim=1)


class Deviation(torch.nn.Module):
    """z -> sqrt(D) sigma(z), sigma small at the codes (n, z) of the data x (n, D), whose residuals by `mean`
    it learns, and large elsewhere.
    """

    def __init__(self, mean: TorchMap, codes: Points, x: Points) -> None:
        super().__init__()
        if len(codes) != len(x):
            raise DataError(f"{len(codes)} codes and {len(x)} data points; give one code a point")
        if len(codes) <= _NEIGHBOUR:
            raise DataError(f"{len(codes)} codes; the variance needs {_NEIGHBOUR + 1} or more")
        width = float(np.median(cKDTree(codes).query(codes, _NEIGHBOUR + 1)[0][:, -1])) / 2
        variance = float(np.square(x - mean.image(codes)).mean())
        if not (width > 0 and variance > 0):
            raise DataError(
                "the codes coincide, or the decoder returns the data exactly, so that no variance can be "
                "learnt; give codes and data that differ"
            )
        self.codes: torch.Tensor
        self.register_buffer("codes", torch.tensor(codes, dtype=torch.float64))
        self.width, self.factor = width, x.shape[1] ** 0.5
        with torch.no_grad():
            at_codes = float(torch.cat([self._kernels(part) for part in self.codes.split(512)]).median())
        self.weight = 1 / (variance * at_codes)
        self.prior = _PRIOR / variance

    def _kernels(self, z: torch.Tensor) -> torch.Tensor:
        # coordinate by coordinate: a third of the time of a sum over the last axis of (n, N, z)
        pairs = zip(z.unbind(-1), self.codes.unbind(-1), strict=True)
        squares = reduce(torch.add, [(own[..., None] - code).square() for own, code in pairs])
        return torch.exp(-squares / (2 * self.width**2)).sum(-1)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """(n, z) -> (n,)."""
        return self.factor * (self.weight * self._kernels(z) + self.prior).rsqrt()


class Ensemble(torch.nn.Module):
    """z -> (f_1(z), ..., f_S(z)) / sqrt(S): the pullback of this map is the mean of the members' metrics.

    `isometric` is that of members of fewer coordinates.
    """

    def __init__(self, members: Sequence[Callable[[Any], Any]], isometric: Ensemble | None = None) -> None:
        super().__init__()
        if not members:
            raise InvalidParameter("an ensemble has one model or more; none was given")
        self.members, self.isometric = list(members), isometric

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """(n, z) -> (n, D_1 + ... + D_S)."""
        images = [member(z).flatten(1) for member in self.members]
        return torch.cat(images, dim=1) / len(images) ** 0.5
