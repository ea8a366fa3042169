"""Normalizing flows: RealNVP, and by an option neural spline and masked autoregressive flows, all of them
zuko's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from geodesic_kit.base import pretrained as weights
from geodesic_kit.base.cards import load_arrays, not_saved, save_arrays
from geodesic_kit.base.recipes import Recipe
from geodesic_kit.checks import as_count, as_points, seeded
from geodesic_kit.types import Points, Values

from ...learning.devices import as_device
from ...learning.latent import as_latent
from ...learning.reach import reached
from ...learning.weights import as_arrays, bring_back
from .fit import Schedule, log_prob, standardisation, train
from .forms import Architecture

__all__ = ["RealNVP"]

_NUMBERS = 1 << 19  # of one layer's activations held at once


@dataclass(frozen=True, eq=False, repr=False)
class RealNVP:
    """A flow on R^d that carries the data, standardised by `shift` and `scale` (d,), to a standard normal;
    evaluated in float64.

    Made by `fit`, `load` or `pretrained`. Dinh et al. 2017; [GG] Fig 8 uses it on two moons.
    """

    form: Architecture
    module: nn.Module
    shift: Values
    scale: Values
    facts: Mapping[str, Any]
    device: torch.device

    normalised: ClassVar[bool] = True
    recipes: ClassVar[dict[str, Recipe]] = {
        "two_moons": Recipe(
            n=100_000,
            fit={
                "transforms": 12,
                "hidden": (32, 32),
                "steps": 12_000,
                "batch": 512,
                "lr": 3e-3,
                "patience": 12_000,
            },
            why="so many points that none is seen often: [GG] drew fresh ones at every step",
        )
    }

    @property
    def dim(self) -> int:
        """Number of coordinates d."""
        return self.form.dim

    def __repr__(self) -> str:
        held_out = self.facts.get("log_prob_held_out")
        told = "" if held_out is None else f", held-out log p={held_out:.3f}"
        return (
            f"RealNVP(dim={self.dim}, flow={self.form.kind}, transforms={self.form.transforms}, "
            f"hidden={self.form.hidden}{told})"
        )

    @classmethod
    @torch.inference_mode(False)  # which also brings gradients back to a caller who computes without
    def fit(
        cls,
        x: ArrayLike,
        *,
        seed: int = 0,
        flow: str = "realnvp",
        transforms: int | None = None,
        hidden: int | tuple[int, ...] = (64, 64),
        steps: int = 3000,
        batch: int = 256,
        lr: float = 2e-3,
        weight_decay: float = 1e-4,
        held_out: float = 0.1,
        patience: int = 500,
        checkpoint: str | Path | None = None,
        minutes: float | None = None,
        device: str = "cpu",
    ) -> Self:
        """Fit to x (n, d) by maximum likelihood; the weights kept are those likeliest on a share `held_out`
        of the points.

        `flow`: "realnvp", "nsf" or "maf"; `transforms` of them (12, 3 or 6 by default). Training ends after
        `steps`, or after `patience` steps without a better held-out mean, or after `minutes`; with a
        `checkpoint` file the same call goes on from there, as if it had not stopped. `facts` tells what was
        measured. Raises DataError, InvalidParameter and NoGPUError.
        """
        place = as_device(device)
        x = as_points(x, name="x")
        form = Architecture.of(flow, x.shape[1], transforms, hidden)
        course = Schedule(steps, batch, lr, weight_decay, held_out, patience)
        seed = seeded(seed)
        shift, scale = standardisation(x)
        module, facts = train(
            (x - shift) / scale, form, course, seed=seed, checkpoint=checkpoint, minutes=minutes, device=place
        )
        to_data_units = -float(np.log(scale).sum())
        facts |= {name: facts[name] + to_data_units for name in ("log_prob", "log_prob_held_out")}
        return cls._of(form, module, shift, scale, facts | {"fit": {"seed": seed} | asdict(course)}, place)

    def log_prob(self, x: Points) -> Values:
        """Natural log of the density at each row, (n, d) -> (n,). Raises DataError on NaN, inf and other
        widths.
        """
        x = as_points(x, name="x", dim=self.dim, empty=True)
        with torch.no_grad():
            parts = [_numpy(log_prob(self.module, part)) for part in self._standard(x)]
        return np.concatenate([np.empty(0), *parts]) - np.log(self.scale).sum()

    def score(self, x: Points) -> Points:
        """Gradient of log p at each row, (n, d) -> (n, d)."""
        return self.log_prob_and_score(x)[1]

    def log_prob_and_score(self, x: Points) -> tuple[Values, Points]:
        """log p, (n,), and its gradient, (n, d), at each row, from one pass."""
        x = as_points(x, name="x", dim=self.dim, empty=True)
        values, slopes = [np.empty(0)], [np.empty((0, self.dim))]
        with torch.inference_mode(False), torch.enable_grad():
            for part in self._standard(x):
                log_p = log_prob(self.module, part.requires_grad_(True))
                (slope,) = torch.autograd.grad(log_p.sum(), part)
                values.append(_numpy(log_p))
                slopes.append(_numpy(slope.nan_to_num(0.0)))
        with np.errstate(over="ignore"):  # as steep as float64 tells, at its end
            score = np.nan_to_num(np.concatenate(slopes) / self.scale)
        return np.concatenate(values) - np.log(self.scale).sum(), score

    def sample(self, n: int, *, seed: int) -> Points:
        """Draw n independent points, (n, d)."""
        return self.decode(
            np.random.default_rng(seeded(seed)).standard_normal((as_count(n, self.dim), self.dim))
        )

    def encode(self, x: Points) -> Points:
        """The latent point of each row, (n, d) -> (n, d), where the density is the standard normal. Raises
        DataError.
        """
        x = as_points(x, name="x", dim=self.dim, empty=True)
        with torch.no_grad():
            parts = [_numpy(self.module()(part)) for part in self._standard(x)]
        z = np.concatenate([np.empty((0, self.dim)), *parts])
        return reached(z, "x")

    def decode(self, z: Points) -> Points:
        """The data point of each latent row, (n, d) -> (n, d), the inverse of `encode`."""
        z = as_points(z, name="z", dim=self.dim, empty=True)
        with torch.no_grad():
            parts = [_numpy(self.module().inv(part)) for part in self._blocks(z)]
        return self.shift + self.scale * np.concatenate([np.empty((0, self.dim)), *parts])

    @property
    def decoder(self) -> Callable[[Tensor], Tensor]:
        """`decode` as a torch function in float64, (..., d) -> (..., d), which can be differentiated.

        It is one to one, so that its pullback is the Euclidean metric of the data, in other coordinates.
        """
        return self._decoder

    def save(self, path: str | Path, **facts: Any) -> Path:
        """Write `path` (safetensors or npz, by its suffix) and its card `path`.json, to which `facts` are
        added.
        """
        arrays = as_arrays(self.module, "flow.")
        card = dict(self.facts) | facts | {"plugin": "realnvp"} | asdict(self.form)
        return save_arrays(path, arrays | {"shift": self.shift, "scale": self.scale}, card)

    @classmethod
    @torch.inference_mode(False)  # what is made in that mode has no score outside of it
    def load(cls, path: str | Path, *, device: str = "cpu") -> Self:
        """The flow saved at `path`. Raises HashMismatch, TruncatedFileError, InvalidParameter,
        FileNotFoundError and NoGPUError.
        """
        place = as_device(device)
        arrays, card = load_arrays(path, "realnvp")
        try:
            form = Architecture.of(card["kind"], card["dim"], card["transforms"], card["hidden"])
            module = form.build(0)
            bring_back(module, arrays, "flow.")
            shift, scale = as_points([arrays["shift"], arrays["scale"]], name="shift and scale", dim=form.dim)
        except (KeyError, TypeError, ValueError, RuntimeError) as err:
            raise not_saved("flow", path, err) from err
        own = {*asdict(form), "plugin", "sha256"}
        return cls._of(
            form,
            module,
            shift,
            scale,
            {name: value for name, value in card.items() if name not in own},
            place,
        )

    @classmethod
    def pretrained(cls, name: str = "two_moons", *, device: str = "cpu") -> Self:
        """The shipped flow of the data set `name`. Raises UnknownName, which names those there are, and
        NoGPUError.
        """
        return cls.load(weights.path("realnvp", name), device=device)

    @classmethod
    def _of(
        cls,
        form: Architecture,
        module: nn.Module,
        shift: Values,
        scale: Values,
        facts: Mapping[str, Any],
        device: torch.device,
    ) -> Self:
        module = module.double().to(device).eval().requires_grad_(False)
        shift, scale = shift.copy(), scale.copy()
        for array in (shift, scale):
            array.flags.writeable = False
        return cls(form, module, shift, scale, facts, device)

    def _decoder(self, z: Tensor) -> Tensor:
        rows = as_latent(z, self.dim, torch.float64).reshape(-1, self.dim)
        shift, scale = (torch.tensor(of, device=self.device) for of in (self.shift, self.scale))
        back: Tensor = shift + scale * self.module().inv(rows)
        return back.reshape(z.shape)

    def _standard(self, x: Points) -> list[Tensor]:
        with np.errstate(over="ignore"):
            return self._blocks((x - self.shift) / self.scale)

    def _blocks(self, x: Points) -> list[Tensor]:
        rows = max(1, _NUMBERS // max((self.dim, *self.form.hidden)))
        return [torch.tensor(x[start : start + rows], device=self.device) for start in range(0, len(x), rows)]


def _numpy(tensor: Tensor) -> Any:
    return tensor.detach().cpu().numpy()
