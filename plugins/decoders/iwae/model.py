"""The importance-weighted autoencoder as a decoder, a latent model and a density, NumPy in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from geodesic_kit.base import pretrained as weights
from geodesic_kit.checks import as_count, as_points, seeded
from geodesic_kit.errors import DataError
from geodesic_kit.registry import densities
from geodesic_kit.types import Density, Points, Values

from ...learning.devices import as_device
from ...learning.holding_out import LEAST, deviations
from ...learning.reach import reached
from . import saved
from .measures import measured
from .networks import Architecture, Autoencoder, Decoder
from .objective import as_draws, log_evidence, quasi_normal
from .recipes import RECIPES
from .training import Schedule, train

__all__ = ["IWAE"]

_NUMBERS = 1 << 21  # of one layer's activations held at once
_FAR = 1e150  # standardised; from there on squares can be beyond float64


@dataclass(frozen=True, eq=False, repr=False)
class IWAE:
    """An autoencoder of R^d with latent space R^z: z is normal, x given z is decoder(z) and Gaussian `noise`,
    one level for all coordinates.

    Evaluated in float64. log p is estimated by `n_importance` weights at quasi-random points of the
    `importance_seed`, the same ones for every row. With n_samples=1 it is the variational autoencoder. Made
    by `fit`, `load` or `pretrained`. Burda et al. 2016 (ICLR); [C18] takes it as its model.
    """

    form: Architecture
    module: Autoencoder
    shift: Values
    scale: float
    facts: Mapping[str, Any]
    device: torch.device
    n_importance: int
    importance_seed: int

    normalised: ClassVar[bool] = True
    recipes: ClassVar = RECIPES

    @property
    def dim(self) -> int:
        """Number of coordinates d of the data."""
        return self.form.dim

    @property
    def latent_dim(self) -> int:
        """Number of latent coordinates z."""
        return self.form.latent_dim

    @property
    def noise(self) -> float:
        """The learned deviation of the data from the decoder's mean, in data units."""
        return self.scale * float(self.module.log_noise.exp())

    @cached_property
    def decoder(self) -> Decoder:
        """The decoder as a torch module in float64, (..., z) -> (..., d) in data units, which pullback
        geometry differentiates.
        """
        shift = torch.tensor(self.shift, device=self.device)
        scale = torch.tensor(self.scale, dtype=torch.float64, device=self.device)
        return Decoder(self.module.decoder, shift, scale, self.latent_dim)

    def __repr__(self) -> str:
        told = f"IWAE(dim={self.dim}, latent_dim={self.latent_dim}, hidden={self.form.hidden}"
        held_out = self.facts.get("log_prob_held_out")
        return f"{told}, noise={self.noise:.3g}" + (
            ")" if held_out is None else f", held-out log p={held_out:.4g})"
        )

    @classmethod
    @torch.inference_mode(False)  # which also brings gradients back to a caller who computes without
    def fit(
        cls,
        x: ArrayLike,
        *,
        seed: int = 0,
        latent_dim: int = 2,
        n_samples: int = 5,
        hidden: int | tuple[int, ...] = (128, 128),
        activation: str = "tanh",
        architecture: str = "perceptron",
        steps: int = 2500,
        trials: int = 4,
        trial_steps: int = 500,
        batch: int = 128,
        lr: float = 3e-3,
        held_out: float = 0.1,
        jitter: float = 0.0,
        checkpoint: str | Path | None = None,
        minutes: float | None = None,
        device: str = "cpu",
    ) -> Self:
        """Fit to x (n, d) by the importance-weighted bound of `n_samples` draws; the weights kept are those
        best on a share `held_out` of the points.

        `hidden` are the encoder's layers, backwards the decoder's; `activation` "tanh" or "softplus", which
        are smooth, or "relu"; `architecture` "perceptron", or "conv" for square pictures. `jitter`, in
        deviations of the data, is that of noise added anew in each step, where points are few. `trials` seeds
        train for `trial_steps` each, and the one with the best bound goes on for `steps`. Training ends then
        or after `minutes`; with a `checkpoint` file the same call goes on from there, as if it had not
        stopped. `facts` tells what was measured. Raises DataError, InvalidParameter and NoGPUError.
        """
        place = as_device(device)
        x = as_points(x, name="x")
        form = Architecture.of(x.shape[1], latent_dim, hidden, activation, architecture)
        course = Schedule(n_samples, steps, trials, trial_steps, batch, lr, held_out, jitter)
        seed = seeded(seed)
        if len(x) < LEAST:
            raise DataError(
                f"x holds {len(x)} point(s); an autoencoder needs {LEAST} or more, some of which are held out"
            )
        # One deviation for all columns: one noise level in data units, and pictures have constant pixels.
        shift, spread = deviations(x, pooled=True)
        scale = float(spread[0])
        module, facts, held = train(
            (x - shift) / scale, form, course, seed=seed, checkpoint=checkpoint, minutes=minutes, device=place
        )
        to_data_units = -form.dim * float(np.log(scale))
        facts["trial_bounds"] = [round(value + to_data_units, 4) for value in facts["trial_bounds"]]
        facts |= {"scale": scale, "fit": {"seed": seed} | asdict(course)}
        made = cls._of(form, module, shift, scale, facts, place)
        unseen = shift + scale * held.cpu().double().numpy()
        return replace(made, facts=facts | measured(made, x, unseen))

    def log_prob(self, x: Points) -> Values:
        """Natural log of the density at each row, (n, d) -> (n,), in log(1 / length^d). Raises DataError on
        NaN, inf and other widths.
        """
        return self.log_prob_and_error(x)[0]

    def log_prob_and_error(self, x: Points) -> tuple[Values, Values]:
        """log p, (n,), and its standard error, (n,), from the spread of 8 sets of importance weights."""
        x = as_points(x, name="x", dim=self.dim, empty=True)
        noise = self._draws

        def both(part: Tensor) -> Tensor:
            log_p, error = log_evidence(self.module, part, noise)
            far = part.abs().amax(dim=1) > _FAR  # only there: nan elsewhere tells of weights that are none
            lost = log_p.isnan() & far
            return torch.stack([torch.where(lost, -torch.inf, log_p), torch.where(lost, 0.0, error)], dim=1)

        with np.errstate(over="ignore"):
            standard = (x - self.shift) / self.scale
        found = self._in_blocks(standard, 2, both, share=self.n_importance)
        return found[:, 0] - self.dim * np.log(self.scale), found[:, 1]

    def sample(self, n: int, *, seed: int) -> Points:
        """Draw n independent points, (n, d), with their noise."""
        rng = np.random.default_rng(seeded(seed))
        z = rng.standard_normal((as_count(n, self.dim), self.latent_dim))
        return self.decode(z) + self.noise * rng.standard_normal((len(z), self.dim))

    def encode(self, x: Points) -> Points:
        """The mean of the code of each row, (n, d) -> (n, z). Raises DataError."""
        return self._codes(x)[0]

    def decode(self, z: Points) -> Points:
        """The mean of the data at each latent row, without noise, (n, z) -> (n, d). Raises DataError."""
        z = as_points(z, name="z", dim=self.latent_dim, empty=True)
        return reached(self._in_blocks(z, self.dim, self.decoder), "z")

    def aggregate_posterior(self, x: Points) -> Density:
        """The mixture of the codes of all rows (n, d), a density on R^z: where the decoder was taught.

        Exact: a Gaussian a row with the variances that the encoder says; wider than the prior.
        """
        mean, variance = self._codes(x)
        if not len(mean):
            raise DataError("x holds no point; give the points whose codes are the mixture")
        mixture: Density = densities["mog"](means=mean, covariances=variance)
        return mixture

    def with_importance(self, *, n_importance: int | None = None, seed: int | None = None) -> Self:
        """The same model with another number of importance weights, a power of two from 8, or another
        seed.
        """
        return replace(
            self,
            n_importance=self.n_importance if n_importance is None else as_draws(n_importance),
            importance_seed=self.importance_seed if seed is None else seeded(seed),
        )

    def save(self, path: str | Path, **facts: Any) -> Path:
        """Write `path` (safetensors or npz, by its suffix) and its card `path`.json, to which `facts` are
        added.
        """
        return saved.write(self, path, facts)

    @classmethod
    @torch.inference_mode(False)
    def load(cls, path: str | Path, *, device: str = "cpu") -> Self:
        """The model saved at `path`. Raises HashMismatch, TruncatedFileError, InvalidParameter,
        FileNotFoundError and NoGPUError.
        """
        place = as_device(device)
        form, module, shift, scale, facts, numbers = saved.read(path)
        return cls._of(form, module, shift, scale, facts, place, **numbers)

    @classmethod
    def pretrained(cls, name: str = "pendulum", *, device: str = "cpu") -> Self:
        """The shipped model of the data set `name`. Raises UnknownName, which names those there are, and
        NoGPUError.
        """
        return cls.load(weights.path("iwae", name), device=device)

    @classmethod
    def _of(
        cls,
        form: Architecture,
        module: Autoencoder,
        shift: Values,
        scale: float,
        facts: Mapping[str, Any],
        device: torch.device,
        *,
        n_importance: int = 512,
        importance_seed: int = 0,
    ) -> Self:
        module = module.double().to(device).eval().requires_grad_(False)
        shift = shift.copy()
        shift.flags.writeable = False
        return cls(form, module, shift, scale, facts, device, n_importance, importance_seed)

    @cached_property
    def _draws(self) -> Tensor:
        return quasi_normal(self.n_importance, self.latent_dim, self.importance_seed).to(self.device)

    def _codes(self, x: Points) -> tuple[Points, Points]:
        """Means and variances of the codes, (n, z), (n, z)."""
        x = as_points(x, name="x", dim=self.dim, empty=True)
        with np.errstate(over="ignore"):
            standard = (x - self.shift) / self.scale

        def both(part: Tensor) -> Tensor:
            mean, log_variance = self.module.code(part)
            return torch.cat([mean, log_variance.exp()], dim=1)

        found = reached(self._in_blocks(standard, 2 * self.latent_dim, both), "x")
        return found[:, : self.latent_dim].copy(), found[:, self.latent_dim :].copy()

    def _in_blocks(self, x: Points, width: int, work: Callable[[Tensor], Tensor], share: int = 1) -> Points:
        """`work` on blocks of rows, (n, width); each row takes `share` of a layer's rows."""
        widest = self.form.widest if share > 1 else max(self.dim, self.form.widest)
        rows = max(1, _NUMBERS // (share * widest))
        parts = [np.empty((0, width))]
        with torch.inference_mode(False), torch.no_grad():
            for start in range(0, len(x), rows):
                block = torch.tensor(x[start : start + rows], device=self.device)
                parts.append(work(block).cpu().numpy())
        return np.concatenate(parts)
