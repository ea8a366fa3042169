"""What a trajectory model is made of, without its weights: network, sizes and noise levels, as its card keeps
them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from geodesic_kit.checks import chosen, integer, number
from geodesic_kit.errors import InvalidParameter

from ...learning.seeded import fresh
from .networks import Perceptron, UNet
from .trajectory import Noise, Trajectory

__all__ = ["Architecture"]

_PICTURE = 256  # coordinates from which on a square of pixels is taken for a picture
_LEAST, _MOST = 1e-6, 1e6  # noise levels: their squares and fourth powers are numbers in float32


@dataclass(frozen=True)
class Architecture:
    """`network` "mlp" (`width` units, `depth` layers) or "unet" (`width` channels, twice as many at the
    quarter side).
    """

    dim: int
    network: str
    width: int
    depth: int
    lowest: float
    highest: float

    @classmethod
    def of(
        cls,
        dim: int,
        network: str | None = None,
        width: int | None = None,
        depth: int = 4,
        lowest: float = 0.002,
        highest: float = 80.0,
    ) -> Architecture:
        """The form, checked; without `network` a U-Net for 256 coordinates and more that make a square of a
        side divisible by 4.
        """
        if network is None:
            network = (
                "unet"
                if dim >= _PICTURE and math.isqrt(dim) ** 2 == dim and math.isqrt(dim) % 4 == 0
                else "mlp"
            )
        chosen(network, "network", ("mlp", "unet"))
        if network == "unet" and (math.isqrt(dim) ** 2 != dim or math.isqrt(dim) % 4):
            raise InvalidParameter(
                f"a U-Net needs square pictures whose side is a multiple of 4, not {dim} "
                "pixels; take network='mlp'"
            )
        width = integer(
            width if width is not None else 48 if network == "unet" else 64, "width", least=8, most=1 << 14
        )
        if width % 8:
            raise InvalidParameter(
                f"width={width}: a multiple of 8 is needed, such as {8 * round(width / 8)}"
            )
        lowest = number(lowest, "lowest", least=_LEAST, finite=True)
        return cls(
            dim,
            network,
            width,
            integer(depth, "depth", least=1, most=1000),
            lowest,
            number(highest, "highest", above=10 * lowest, most=_MOST),
        )

    @property
    def picture(self) -> bool:
        """Whether points are pictures: scaled as a whole, where a perceptron's coordinates are scaled one by
        one.
        """
        return self.network == "unet"

    def build(self, seed: int) -> Trajectory:
        """A model with fresh weights of that seed; torch's own generator stays as it was."""
        with fresh(seed):
            if self.network == "unet":
                network: torch.nn.Module = UNet(self.dim, (self.width, 2 * self.width))
            else:
                network = Perceptron(self.dim, self.width, self.depth)
        return Trajectory(network, Noise(lowest=self.lowest, highest=self.highest))
