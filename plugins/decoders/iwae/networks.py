"""Encoder and decoder of an autoencoder, like mirror images, and one noise level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn

from geodesic_kit.checks import chosen, integer
from geodesic_kit.errors import InvalidParameter

from ...learning.latent import as_latent
from ...learning.seeded import fresh
from .convolutions import Coarser, Finer, quarter, side_of, widest

__all__ = ["ACTIVATIONS", "ARCHITECTURES", "Architecture", "Autoencoder", "Decoder"]

# The first two are smooth, as curvature and transport need them; "relu" has kinks, and no curvature.
ACTIVATIONS: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "softplus": nn.Softplus, "relu": nn.ReLU}
ARCHITECTURES = "perceptron", "conv"
_FIRST_NOISE = -1.0  # log of the noise where training begins, in standardised units
# log variances of codes stay between -14 and 4, softly: none is 0, and none overflows far from the data
_LOG_VARIANCE, _REACH = -5.0, 9.0
_MOST_WIDTH = 1 << 14


@dataclass(frozen=True)
class Architecture:
    """Size of an autoencoder of R^dim: its encoder has `hidden` layers, its decoder the same backwards; in
    "conv" two convolutions stand between these and the picture.
    """

    dim: int
    latent_dim: int
    hidden: tuple[int, ...]
    activation: str
    architecture: str

    @classmethod
    def of(cls, dim: Any, latent_dim: Any, hidden: Any, activation: Any, architecture: Any) -> Self:
        """The form, its parts checked. Raises InvalidParameter, which names the choices."""
        dim = integer(dim, "dim", least=1)
        latent_dim = integer(latent_dim, "latent_dim", least=1)
        if latent_dim > dim:
            raise InvalidParameter(
                f"latent_dim={latent_dim}: the data have {dim} coordinate(s), a decoder onto them no more; "
                f"give a whole number from 1 to {dim}"
            )
        layers = hidden if isinstance(hidden, Sequence) and not isinstance(hidden, str | bytes) else [hidden]
        if not layers:
            raise InvalidParameter("hidden=() leaves a linear decoder, whose space is flat; give a layer")
        sizes = tuple(integer(size, "hidden", least=1, most=_MOST_WIDTH) for size in layers)
        if chosen(architecture, "architecture", ARCHITECTURES) == "conv":
            side_of(dim)
        return cls(dim, latent_dim, sizes, chosen(activation, "activation", ACTIVATIONS), architecture)

    @property
    def widest(self) -> int:
        """Numbers of the widest layer of the decoder, its images too where they are looked at as such."""
        inner = max(self.hidden)
        return max(inner, self.dim, widest(side_of(self.dim))) if self.architecture == "conv" else inner

    def build(self, seed: int) -> Autoencoder:
        """The untrained networks in float32; torch's global generator is as before."""
        with fresh(seed):
            return Autoencoder(self)


class Autoencoder(nn.Module):
    """Both networks on standardised points, and the log of the noise around the decoder's mean."""

    def __init__(self, form: Architecture) -> None:
        super().__init__()
        self.form = form
        outer, activation = form.dim, ACTIVATIONS[form.activation]
        coarser: list[nn.Module] = []
        finer: list[nn.Module] = []
        if form.architecture == "conv":
            side = side_of(form.dim)
            outer = quarter(side)
            coarser, finer = [Coarser(side, activation)], [activation(), Finer(side, activation)]
        self.encoder = nn.Sequential(*coarser, *_perceptron(form, outer, form.hidden, 2 * form.latent_dim))
        self.decoder = nn.Sequential(*_perceptron(form, form.latent_dim, form.hidden[::-1], outer), *finer)
        self.log_noise = nn.Parameter(torch.tensor(_FIRST_NOISE))

    @property
    def last(self) -> nn.Linear | None:
        """The last layer of the decoder where that is linear and dense."""
        layer = self.decoder[-1]
        return layer if isinstance(layer, nn.Linear) else None

    def code(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the code of each row, (n, d) -> (n, z), (n, z)."""
        mean, raw = self.encoder(x).chunk(2, dim=-1)
        return mean, _LOG_VARIANCE + _REACH * torch.tanh((raw - _LOG_VARIANCE) / _REACH)


class Decoder(nn.Module):
    """The decoder in data units, (..., z) -> (..., d), differentiable as often as its activation.

    It is float64; `copy.deepcopy(decoder).float()` is its float32. Raises DataError for points of another
    width or type.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, network: nn.Sequential, shift: Tensor, scale: Tensor, latent_dim: int) -> None:
        super().__init__()
        self.network, self.latent_dim = network, latent_dim
        self.register_buffer("shift", shift)
        self.register_buffer("scale", scale)

    def forward(self, z: Tensor) -> Tensor:
        """The mean of the data at latent points."""
        mean: Tensor = self.network(as_latent(z, self.latent_dim, self.scale.dtype))
        return self.shift + self.scale * mean

    @property
    def isometric(self) -> Decoder | None:
        """A decoder to fewer coordinates whose images are as far apart: the last matrix is one of orthonormal
        columns times a triangle, and the triangle is enough. None where that saves no coordinate, or the last
        layer is convolutional.
        """
        *inner, last = self.network
        if not isinstance(last, nn.Linear) or last.out_features <= last.in_features:
            return None
        triangle = torch.linalg.qr(last.weight.detach(), mode="r").R
        size = {"in_features": last.in_features, "out_features": last.in_features, "bias": False}
        shorter = nn.utils.skip_init(nn.Linear, **size, dtype=triangle.dtype)  # draws no first weights
        shorter.weight = nn.Parameter(triangle, requires_grad=False)
        nowhere = torch.zeros_like(self.scale)
        return Decoder(nn.Sequential(*inner, shorter), nowhere, self.scale, self.latent_dim)


def _perceptron(form: Architecture, inner: int, hidden: tuple[int, ...], outer: int) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for size in hidden:
        layers += [nn.Linear(inner, size), ACTIVATIONS[form.activation]()]
        inner = size
    return [*layers, nn.Linear(inner, outer)]
