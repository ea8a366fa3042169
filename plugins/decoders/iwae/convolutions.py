"""Square pictures to codes and back by convolutions, each twice as coarse or as fine as the one before."""

from __future__ import annotations

import math

from torch import Tensor, nn

from geodesic_kit.errors import InvalidParameter

__all__ = ["Coarser", "Finer", "side_of", "widest"]

_CHANNELS = 8, 16  # at half and at a quarter of the side
_KERNEL = 4, 2, 1  # size, stride, rim; four is even in stride two: no chequered pictures


class Coarser(nn.Module):
    """Pictures (..., side^2) to the numbers (..., m) that a quarter of the side holds in all channels."""

    def __init__(self, side: int, activation: type[nn.Module]) -> None:
        super().__init__()
        self.side = side
        first, second = _CHANNELS
        self.layers = nn.Sequential(
            nn.Conv2d(1, first, *_KERNEL), activation(), nn.Conv2d(first, second, *_KERNEL), activation()
        )

    def forward(self, x: Tensor) -> Tensor:
        """The channels of a quarter of the side, flat."""
        before = x.shape[:-1]
        found: Tensor = self.layers(x.reshape(before.numel(), 1, self.side, self.side))
        return found.reshape(*before, quarter(self.side))


class Finer(nn.Module):
    """The way back by transposed convolutions, (..., m) -> (..., side^2)."""

    def __init__(self, side: int, activation: type[nn.Module]) -> None:
        super().__init__()
        self.side = side
        first, second = _CHANNELS
        self.layers = nn.Sequential(
            nn.ConvTranspose2d(second, first, *_KERNEL),
            activation(),
            nn.ConvTranspose2d(first, 1, *_KERNEL),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Pictures, a row each."""
        before, coarse = x.shape[:-1], self.side // 4
        found: Tensor = self.layers(x.reshape(before.numel(), _CHANNELS[1], coarse, coarse))
        return found.reshape(*before, self.side**2)


def quarter(side: int) -> int:
    """Numbers that a quarter of the side holds in all channels."""
    return _CHANNELS[1] * (side // 4) ** 2


def widest(side: int) -> int:
    """Numbers of the widest layer: half the side in its channels."""
    return _CHANNELS[0] * (side // 2) ** 2


def side_of(dim: int) -> int:
    """The side of a picture of dim pixels. Raises InvalidParameter where it is no multiple of four."""
    side = math.isqrt(dim)
    if side**2 != dim or side % 4:
        raise InvalidParameter(
            "architecture='conv' takes square pictures whose side is a multiple of 4, such as 28 x 28 = 784; "
            f"the data have {dim} coordinate(s): take architecture='perceptron'"
        )
    return side
