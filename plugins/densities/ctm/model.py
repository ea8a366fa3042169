"""The Consistency Trajectory Model as a density and a latent model, NumPy in and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from geodesic_kit.base import pretrained as weights
from geodesic_kit.base.recipes import Recipe
from geodesic_kit.checks import as_count, as_points, integer, number, seeded
from geodesic_kit.types import Points, Values

from ...learning.devices import as_device
from ...learning.reach import reached
from . import ode, saved
from .architecture import Architecture
from .blocks import EXACT, in_blocks, scaling
from .jumps import descend
from .training import Schedule, train
from .trajectory import Trajectory

__all__ = ["CTM"]

_FAR = 1e15  # in units of twice the data's deviation, from which on squares can be beyond float32
_MOST_STEPS = 10**6  # of the ODE, jumps or probes
_JUMPS = 18  # of EDM's and CTM's own evaluations


@dataclass(frozen=True, eq=False, repr=False)
class CTM:
    """A Consistency Trajectory Model on R^d: jumps along the paths of a diffusion, and the density that its
    ODE carries.

    The density is that of the data blurred by the lowest noise, `lowest_noise` (d,) in data units. Up to 8
    coordinates its divergence is exact and all is float64; beyond, `probes` random vectors of the `seed`
    estimate it, the same ones for every point, in float32. `steps` are those of the ODE. Where no number of
    jumps is given, pictures are decoded by 18 jumps, other points by the ODE itself, with which samples
    follow the density to its own exactness. Made by `fit`, `load` or `pretrained`. Kim et al. 2024 (ICLR);
    [GG] Fig 9.
    """

    form: Architecture
    model: Trajectory
    shift: Values
    scale: Values
    facts: Mapping[str, Any]
    device: torch.device
    steps: int
    probes: int
    seed: int

    normalised: ClassVar[bool] = True
    recipes: ClassVar[dict[str, Recipe]] = {
        "mnist": Recipe(
            n=60_000,
            fit={"steps": 9000, "alone": 3000, "batch": 128, "lr": 5e-4, "centre": -0.8, "spread": 1.3},
            why="all training images; noise levels a little above EDM's, as strokes are wide",
        ),
        "two_moons": Recipe(
            n=100_000,
            fit={"steps": 40_000, "alone": 8000},
            why="so many points that the density learned is the truth's, not the sample's",
        ),
    }

    @property
    def dim(self) -> int:
        """Number of coordinates d."""
        return self.form.dim

    @property
    def lowest_noise(self) -> Values:
        """Standard deviation, (d,), of the noise that the density's data are blurred by, in data units."""
        return self.form.lowest * self.scale

    def __repr__(self) -> str:
        return (
            f"CTM(dim={self.dim}, network={self.form.network}, trained for {self.facts.get('steps', 0)} "
            f"steps)"
        )

    @classmethod
    @torch.inference_mode(False)  # which also brings gradients back to a caller who computes without
    def fit(
        cls,
        x: ArrayLike,
        *,
        seed: int = 0,
        network: str | None = None,
        width: int | None = None,
        depth: int = 4,
        lowest: float = 0.002,
        highest: float = 80.0,
        steps: int = 6000,
        alone: int | None = None,
        batch: int = 512,
        lr: float = 1e-3,
        decay: float = 0.999,
        centre: float = -1.2,
        spread: float = 1.6,
        levels: int = 18,
        most: int = 3,
        held_out: float = 0.02,
        checkpoint: str | Path | None = None,
        minutes: float | None = None,
        device: str = "cpu",
    ) -> Self:
        """Fit to x (n, d): `alone` steps (half by default) of denoising, then denoising with soft consistency
        matching.

        `network` "mlp", or "unet" for pictures, chosen by d; noise from `lowest` to `highest` in units of
        twice the data's deviation. Training ends after `steps` or `minutes`; with a `checkpoint` file the
        same call, or one of more steps and the same `alone`, goes on from there. `facts` tells what was
        measured. Raises DataError, InvalidParameter and NoGPUError.
        """
        place = as_device(device)
        x = as_points(x, name="x")
        form = Architecture.of(x.shape[1], network, width, depth, lowest, highest)
        steps = integer(steps, "steps", least=1, most=10**9)
        alone = steps // 2 if alone is None else alone
        course = Schedule(steps, alone, batch, lr, decay, centre, spread, levels, most, held_out)
        seed = seeded(seed)  # the step's number takes the other half of the generator's 64 bits
        shift, scale = scaling(x, form)
        model, facts, held = train(
            (x - shift) / scale, form, course, seed=seed, checkpoint=checkpoint, minutes=minutes, device=place
        )
        made = cls._of(form, model, shift, scale, asdict(course) | {"seed": seed} | facts, place)
        if form.dim <= EXACT:
            made = replace(
                made,
                facts=dict(made.facts)
                | {"log_prob_held_out": float(made.log_prob(shift + scale * held).mean())},
            )
        return made

    def log_prob(self, x: Points) -> Values:
        """Natural log of the density at each row, (n, d) -> (n,), in log(1 / length^d). Raises DataError on
        NaN, inf and other widths.
        """
        return self.log_prob_and_error(x)[0]

    def log_prob_and_error(self, x: Points) -> tuple[Values, Values]:
        """log p, (n,), and the standard error of its divergence's estimate, (n,): 0 where that is exact, nan
        for a single probe.
        """
        x = as_points(x, name="x", dim=self.dim, empty=True)
        with torch.inference_mode(False), torch.no_grad():
            values = in_blocks(self, x, self.dim, lambda part: self._log_density(part))
        log_p = values.mean(axis=1) - np.log(self.scale).sum()
        if self.dim <= EXACT:
            return log_p, np.zeros(len(x))
        k = values.shape[1]
        with np.errstate(invalid="ignore"):  # -inf has no deviation
            return log_p, values.std(axis=1, ddof=1) / k**0.5 if k > 1 else np.full(len(x), np.nan)

    def score(self, x: Points) -> Points:
        """Gradient of log p at each row, (n, d) -> (n, d), back through the ODE."""
        return self.log_prob_and_score(x)[1]

    def log_prob_and_score(self, x: Points) -> tuple[Values, Points]:
        """log p, (n,), and its gradient, (n, d), at each row, from one pass through the ODE and back."""
        x = as_points(x, name="x", dim=self.dim, empty=True)

        def both(part: Tensor) -> Tensor:
            log_p = self._log_density(part.requires_grad_(True)).mean(dim=1)
            (slope,) = torch.autograd.grad(log_p.sum(), part)
            return torch.cat([log_p[:, None], slope.nan_to_num(0.0)], dim=1)

        with torch.inference_mode(False), torch.enable_grad():
            values = in_blocks(self, x, self.dim + 1, both, share=8 * self.steps)
        return values[:, 0] - np.log(self.scale).sum(), values[:, 1:] / self.scale

    def sample(self, n: int, *, seed: int, steps: int | None = None, gamma: float = 0.0) -> Points:
        """Draw n points, (n, d), by `steps` jumps from noise; `gamma` in [0, 1] of each level's noise is
        drawn anew. CTM, Algorithm 3.
        """
        rng = np.random.default_rng(seeded(seed))
        return self._decode(rng.standard_normal((as_count(n, self.dim), self.dim)), steps, gamma, rng)

    def encode(self, x: Points, *, steps: int | None = None) -> Points:
        """The latent point of each row by the probability-flow ODE, (n, d) -> (n, d): its end at the highest
        noise, of variance 1.
        """
        x = as_points(x, name="x", dim=self.dim, empty=True)
        steps = self.steps if steps is None else integer(steps, "steps", least=1, most=_MOST_STEPS)
        with torch.no_grad():
            return reached(in_blocks(self, x, self.dim, lambda part: ode.ahead(self.model, part, steps)), "x")

    def decode(self, z: Points, *, steps: int | None = None) -> Points:
        """The data point of each latent row by `steps` jumps, (n, d) -> (n, d); one is quickest and
        coarsest.
        """
        return self._decode(
            as_points(z, name="z", dim=self.dim, empty=True), steps, 0.0, np.random.default_rng(0)
        )

    def save(self, path: str | Path, **facts: Any) -> Path:
        """Write `path` (safetensors or npz, by its suffix) and its card `path`.json, to which `facts` are
        added.
        """
        return saved.write(self, path, facts)

    @classmethod
    @torch.inference_mode(False)  # what is made in that mode has no score outside of it
    def load(cls, path: str | Path, *, device: str = "cpu") -> Self:
        """The model saved at `path`. Raises HashMismatch, TruncatedFileError, InvalidParameter,
        FileNotFoundError and NoGPUError.
        """
        place = as_device(device)
        form, model, shift, scale, facts, numbers = saved.read(path)
        return cls._of(form, model, shift, scale, facts, place, **numbers)

    @classmethod
    def pretrained(cls, name: str = "mnist", *, device: str = "cpu") -> Self:
        """The shipped model of the data set `name`. Raises UnknownName, which names those there are, and
        NoGPUError.
        """
        return cls.load(weights.path("ctm", name), device=device)

    def with_ode(
        self, *, steps: int | None = None, probes: int | None = None, seed: int | None = None
    ) -> Self:
        """The same model with other `steps` of the ODE, or `probes` of its divergence beyond 8 coordinates,
        or their `seed`.
        """
        return replace(
            self,
            steps=self.steps if steps is None else integer(steps, "steps", least=1, most=_MOST_STEPS),
            probes=self.probes if probes is None else integer(probes, "probes", least=1, most=_MOST_STEPS),
            seed=self.seed if seed is None else seeded(seed),
        )

    @classmethod
    def _of(
        cls,
        form: Architecture,
        model: Trajectory,
        shift: Values,
        scale: Values,
        facts: Mapping[str, Any],
        device: torch.device,
        *,
        steps: int | None = None,
        probes: int = 8,
        seed: int = 0,
    ) -> Self:
        model = (
            model.to(device, torch.float64 if form.dim <= EXACT else torch.float32)
            .eval()
            .requires_grad_(False)
        )
        shift, scale = shift.copy(), scale.copy()
        for array in (shift, scale):
            array.flags.writeable = False
        if steps is None:  # where the trace is an estimate, half the steps lose nothing beside its error
            steps = 24 if form.dim > EXACT else 48
        return cls(form, model, shift, scale, facts, device, steps, probes, seed)

    def _log_density(self, x: Tensor) -> Tensor:
        if self.dim <= EXACT:  # the trace itself: the mean over these
            # In float32, as log p was published with: its root of d is right to 3e-8.
            probes = self.dim**0.5 * torch.eye(self.dim, dtype=torch.float32)
        else:
            probes = torch.from_numpy(
                np.random.default_rng(self.seed).choice([-1.0, 1.0], (self.probes, self.dim))
            )
        values = ode.log_density(self.model, x, self.steps, probes.to(x))
        # only there: nan elsewhere tells of weights that are none
        far = x.abs().amax(dim=1, keepdim=True) > _FAR
        return torch.where(values.isnan() & far, -torch.inf, values)

    def _decode(self, z: Points, steps: int | None, gamma: float, rng: np.random.Generator) -> Points:
        gamma = number(gamma, "gamma", least=0, most=1)
        if steps is None and (self.form.picture or gamma):
            steps = _JUMPS
        jumps = None if steps is None else integer(steps, "steps", least=1, most=_MOST_STEPS)

        def work(part: Tensor) -> Tensor:
            return (
                ode.back(self.model, part, self.steps)
                if jumps is None
                else descend(self.model, part, jumps, gamma, rng)
            )

        with torch.no_grad():
            return reached(in_blocks(self, z, self.dim, work, latent=True), "z")
