"""Which flow: its kind, its size, and zuko's module of it, which begins as the identity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import zuko
from torch import nn

from geodesic_kit.checks import chosen, integer
from geodesic_kit.errors import InvalidParameter

from ...learning.seeded import fresh

__all__ = ["KINDS", "Architecture"]

KINDS = {"realnvp": 12, "nsf": 3, "maf": 6}  # kind -> transforms where none are asked for
# |log scale| of one affine transform stays below it, softly: [GG] bounds its couplings by 4 tanh
_LOG_SCALE = 4.0


@dataclass(frozen=True)
class Architecture:
    """Kind and size of a flow on R^dim: `transforms` of them, each a perceptron with `hidden` layers."""

    kind: str
    dim: int
    transforms: int
    hidden: tuple[int, ...]

    @classmethod
    def of(cls, kind: Any, dim: Any, transforms: Any, hidden: Any) -> Self:
        """The form, its parts checked; transforms None is the kind's default. Raises InvalidParameter, which
        names the choices.
        """
        kind = chosen(kind, "flow", KINDS)
        dim = integer(dim, "dim", least=1)
        if dim == 1 and kind != "nsf":
            raise InvalidParameter(
                f"flow={kind!r} of one coordinate is a Gaussian; take flow='nsf', or densities['mog']"
            )
        count = integer(KINDS[kind] if transforms is None else transforms, "transforms", least=1, most=1000)
        layers = hidden if isinstance(hidden, Sequence) and not isinstance(hidden, str | bytes) else [hidden]
        return cls(kind, dim, count, tuple(integer(size, "hidden", least=1, most=1 << 14) for size in layers))

    def build(self, seed: int) -> nn.Module:
        """The untrained module in float32, whose call gives the map to the latent space; torch's global
        generator is as before.
        """
        with fresh(seed):
            # the latent density is the normal, and its module is named otherwise in each version
            module = self._flow().transform
        # The last layers begin at zero: step 0 is the Gaussian with the data's own means and deviations,
        # never worse than that.
        for part in module.modules():
            if isinstance(part, zuko.nn.MLP | zuko.nn.MaskedMLP):
                nn.init.zeros_(part[-1].weight)
                nn.init.zeros_(part[-1].bias)
            # of a single coordinate, which has no network
            elif isinstance(part, zuko.flows.ElementWiseTransform):
                for parameter in part.phi:
                    nn.init.zeros_(parameter)
        return module

    def _flow(self) -> Any:
        # Smooth activations: the score, which refinement follows, is then continuous.
        sizes: dict[str, Any] = dict(
            transforms=self.transforms, hidden_features=self.hidden, activation=nn.SiLU
        )
        affine = partial(zuko.transforms.MonotonicAffineTransform, slope=math.exp(-_LOG_SCALE))
        if self.kind == "nsf":
            return zuko.flows.NSF(self.dim, **sizes)
        if self.kind == "maf":
            return zuko.flows.MAF(self.dim, univariate=affine, **sizes)
        return zuko.flows.NICE(
            self.dim, univariate=affine, **sizes
        )  # with affine couplings it is RealNVP, which 1.5 has under this name only
