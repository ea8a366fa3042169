"""A generator without a likelihood, trained against a discriminator: Goodfellow et al. 2014."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...base.extras import needing
from ...checks import as_points, integer, seeded
from ...types import Points

__all__ = ["draws", "trained_generator"]

_HIDDEN = 64
_BATCH = 128
_RATE = 2e-3  # constant for half of the steps, then falling to 0
_PENALTY = 0.01  # on the discriminator's squared slope at the data, without which the two circle each other
_EVERY = 8  # steps between penalties, as large in the mean


def trained_generator(x: ArrayLike, *, seed: int, latent_dim: int = 2, steps: int = 1500) -> Any:
    """A torch module R^z -> R^d, two tanh layers of 64, trained so that its images of normal z are taken for
    rows of x (n, d).

    The losses are the non-saturating ones, with a penalty on the discriminator's slope at the data
    (Mescheder et al. 2018). It comes in float64, in the units of x; the global random state stays alone.
    Raises DataError, InvalidParameter and MissingPlugin.
    """
    with needing("a generator needs", "torch"):
        import torch
        from torch.nn.functional import softplus

        from ...latent.descent import Adam
    data = as_points(x, name="x")
    width, latent_dim = data.shape[1], integer(latent_dim, "latent_dim", least=1)
    steps, seed = integer(steps, "steps", least=1), seeded(seed)
    shift, scale = data.mean(axis=0), float(data.std())
    real = torch.tensor((data - shift) / scale, dtype=torch.float32)
    noise = torch.Generator().manual_seed(seed)

    def fresh() -> Any:
        return generator(torch.randn(_BATCH, latent_dim, generator=noise))

    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(seed)
        generator, judge = _layers(latent_dim, width, torch.nn.Tanh), _layers(width, 1, torch.nn.LeakyReLU)
        making, judging = (Adam(list(net.parameters()), betas=(0.5, 0.9)) for net in (generator, judge))
        for k in range(steps):
            rate = _RATE * min(1.0, 2 * (1 - k / steps))
            rows = real[torch.randint(len(real), (_BATCH,), generator=noise)].requires_grad_(True)
            told = judge(torch.cat([rows, fresh().detach()]))
            loss = softplus(-told[:_BATCH]).mean() + softplus(told[_BATCH:]).mean()
            if k % _EVERY == 0:
                (slope,) = torch.autograd.grad(told[:_BATCH].sum(), rows, create_graph=True)
                loss = loss + _EVERY * _PENALTY / 2 * slope.square().sum(dim=1).mean()
            judging.step(loss, rate)
            making.step(softplus(-judge(fresh())).mean(), rate)
    with torch.no_grad():
        last = generator[-1]
        last.weight *= scale
        last.bias *= scale
        last.bias += torch.tensor(shift, dtype=torch.float32)
    return generator.double().eval().requires_grad_(False)


def draws(generator: Any, n: int, *, seed: int, latent_dim: int = 2) -> tuple[Points, Points]:
    """n normal latent points, (n, z), and what the generator makes of them, (n, d)."""
    import torch

    z = np.random.default_rng(seeded(seed)).standard_normal((integer(n, "n", least=1), latent_dim))
    with torch.no_grad():
        return z, generator(torch.tensor(z)).numpy()


def _layers(first: int, last: int, between: Any) -> Any:
    from torch.nn import Linear, Sequential

    return Sequential(
        Linear(first, _HIDDEN), between(), Linear(_HIDDEN, _HIDDEN), between(), Linear(_HIDDEN, last)
    )
