"""A torch map of latent points as NumPy sees it: images and derivatives, a few rows at a time."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..errors import DataError, GeodesicKitError, InvalidParameter, shown
from ..types import Points

__all__ = ["TorchMap", "in_double"]

_HELD = 1 << 22  # numbers of one derivative held at once: 32 MB


@dataclass(frozen=True, eq=False)
class TorchMap:
    """A torch callable (n, z) -> (n, D) whose rows do not see each other; NumPy in and out, in its own dtype
    within.
    """

    function: Callable[[Any], Any]
    dim: int

    @cached_property
    def _probe(self) -> tuple[torch.dtype, torch.Tensor]:
        """The dtype that the map takes, float64 where it can, and the image of two points. Raises DataError
        where it takes neither, or does not return a row for each.
        """
        parameter = next(iter(getattr(self.function, "parameters", tuple)()), None)
        device = torch.device("cpu") if parameter is None else parameter.device
        why = ""
        with torch.no_grad():
            for dtype in (torch.float64, torch.float32):
                try:
                    return dtype, self._image(torch.zeros(2, self.dim, dtype=dtype, device=device))
                except (RuntimeError, IndexError, ValueError) as err:
                    if isinstance(err, GeodesicKitError):
                        raise
                    why = why or str(err).partition("\n")[0]
        raise DataError(
            f"the decoder takes no points of {self.dim} coordinates ({why}); is dim= that of its "
            "latent space?"
        )

    @property
    def width(self) -> int:
        """D, the number of coordinates of an image."""
        return int(self._probe[1].shape[1])

    @property
    def precision(self) -> float:
        """Relative spacing of the numbers that the map returns."""
        return float(torch.finfo(self._probe[1].dtype).eps)

    def image(self, z: Points) -> Points:
        """f(z) of each row, (n, z) -> (n, D). Raises DataError where a value is not finite."""
        return self._each(z, self._image, each=1)

    def jacobian(self, z: Points) -> NDArray[np.float64]:
        """J of each row, (n, z) -> (n, D, z)."""

        def columns(part: torch.Tensor) -> torch.Tensor:
            pulled, weight = self._pulled(part)
            axes = torch.eye(self.dim, dtype=part.dtype, device=part.device)
            return torch.stack([_slope(pulled, weight, axis.expand_as(part)) for axis in axes], dim=2)

        return self._each(z, columns, each=2 * self.dim)

    def along(self, z: Points, v: Points) -> Points:
        """J v of each row, (n, z), (n, z) -> (n, D)."""

        def column(part: torch.Tensor, vector: torch.Tensor) -> torch.Tensor:
            return _slope(*self._pulled(part), vector)

        return self._each(z, column, v, each=4)

    def second(self, z: Points, u: Points, v: Points) -> Points:
        """Second derivative along u and v of each row, (n, D)."""

        def twice(part: torch.Tensor, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
            pulled, weight = self._pulled(part)
            column = _slope(pulled, weight, one, again=True)
            second = torch.zeros_like(column, requires_grad=True)
            return _slope(_slope(column, part, second, again=True), second, other)

        return self._each(z, twice, u, v, each=8)

    def bent(self, z: Points, *weights: Points) -> tuple[NDArray[np.float64], ...]:
        """J of each row, (n, z) -> (n, D, z), and for each of the weights w, (n, D), the second derivatives
        of w . f, (n, z, z).

        What is pulled back by the first weight has J for its slope by that weight, in the same pass.
        """

        def both(part: torch.Tensor, *given: torch.Tensor) -> torch.Tensor:
            found, first = self._image(part), given[0].requires_grad_()
            one = torch.ones(len(part), dtype=part.dtype, device=part.device)
            jacobian, second = [], []
            for weight in given:
                pulled = _slope(found, part, weight, again=True)
                for k in range(self.dim):
                    if weight is first:
                        row, column = _slopes(pulled[:, k], (part, first), one)
                        jacobian.append(column)
                    else:
                        row = _slope(pulled[:, k], part, one)
                    second.append(row)
            return torch.cat([torch.stack(jacobian, dim=2).flatten(1), *second], dim=1)

        flat = self._each(z, both, *weights, each=8 + 4 * len(weights))
        found, size = [flat[:, : self.width * self.dim].reshape(len(z), self.width, self.dim)], self.dim**2
        for start in range(self.width * self.dim, flat.shape[1], size):
            second = flat[:, start : start + size].reshape(len(z), self.dim, self.dim)
            found.append((second + second.transpose(0, 2, 1)) / 2)
        return tuple(found)

    def _pulled(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """J^T w as a function of w, (n, z), and that w, (n, D): what is linear in w has J for a slope.

        Two reverse passes take half the time of a forward one, which torch has in Python.
        """
        found = self._image(z)
        weight = torch.zeros_like(found, requires_grad=True)
        return _slope(found, z, weight, again=True), weight

    def _image(self, z: torch.Tensor) -> torch.Tensor:
        found = self.function(z)
        if not isinstance(found, torch.Tensor):
            raise DataError(f"the decoder returned {shown(found)}, not a tensor")
        if found.ndim < 2 or found.shape[0] != z.shape[0]:
            raise DataError(
                f"the decoder returned shape {tuple(found.shape)} for {z.shape[0]} latent points of "
                f"{z.shape[1]} coordinates; a row for each is needed"
            )
        return found if found.ndim == 2 else found.flatten(1)

    def _each(
        self, z: Points, derivative: Callable[..., torch.Tensor], *more: Points, each: int
    ) -> NDArray[np.float64]:
        """A derivative at each row, so many rows at a time that `each` rows of D numbers a point fit."""
        dtype, device = self._probe[0], self._probe[1].device

        def tensors(rows: slice) -> Iterator[torch.Tensor]:
            for array in (z, *more):
                yield torch.tensor(array[rows], dtype=dtype, device=device, requires_grad=array is z)

        step = max(1, _HELD // (max(self.width, self.dim) * each))
        parts = []
        with torch.set_grad_enabled(each > 1):
            for start in range(0, max(len(z), 1), step):
                found = derivative(*tensors(slice(start, start + step)))
                parts.append(found.detach().to("cpu", torch.float64).numpy())
        result = np.concatenate(parts)
        if not np.isfinite(result).all():
            bad = int(np.argwhere(~np.isfinite(result))[0, 0])
            raise DataError(f"the decoder is NaN or infinite at the latent point {z[bad].tolist()}")
        return result


def _slope(
    found: torch.Tensor, by: torch.Tensor, weight: torch.Tensor, *, again: bool = False
) -> torch.Tensor:
    """Gradient by `by` of the sum of weight times found, `again` to be differentiated itself; 0 where found
    does not depend on it.
    """
    return _slopes(found, (by,), weight, again=again)[0]


def _slopes(
    found: torch.Tensor, by: tuple[torch.Tensor, ...], weight: torch.Tensor, *, again: bool = False
) -> tuple[torch.Tensor, ...]:
    """`_slope` by several at once."""
    if not found.requires_grad:
        return tuple(torch.zeros_like(each) for each in by)
    return torch.autograd.grad(
        found, by, weight, retain_graph=True, create_graph=again, allow_unused=True, materialize_grads=True
    )


def in_double(decoder: Any, name: str) -> Callable[[Any], Any]:
    """The decoder, a module of another floating type as a copy in float64, set to evaluate. Raises
    InvalidParameter where it cannot be called.
    """
    if isinstance(decoder, type) or not callable(decoder):
        raise InvalidParameter(
            f"{name} is {shown(decoder)}; give a torch callable (..., z) -> (..., x), or a model with one as "
            "`.decoder`"
        )
    if not isinstance(decoder, torch.nn.Module):
        return decoder
    return copy.deepcopy(decoder).double().eval().requires_grad_(False)
