"""Training of an autoencoder: short trials, of which the best one goes on; resumable to the bit."""

from __future__ import annotations

import copy
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from geodesic_kit.base.progress import TrainingBar
from geodesic_kit.checks import integer, number
from geodesic_kit.types import Points

from ...learning import checkpoints
from ...learning.holding_out import hold_out, how_many
from .networks import Architecture, Autoencoder
from .objective import bound, quasi_normal

__all__ = ["Schedule", "train"]

_LOOK = 100  # steps between looks at the held-out points
_LOOKED_AT = 1000  # held-out points
_DRAWS = 32  # weights of a look's bound
_MOST_STEPS = 10**9
# Smith's one cycle: up over a share of the steps, from this part of the highest rate, and down to nothing.
_UP, _FIRST = 0.3, 1 / 25


@dataclass(frozen=True)
class Schedule:
    """How an autoencoder is trained: `trials` seeds for `trial_steps` each, then the best for `steps`.

    A trial may tear what is whole, such as a ring that becomes an open curve with a wall between its ends,
    and more steps do not mend it; its bound is lower.
    """

    n_samples: int
    steps: int
    trials: int
    trial_steps: int
    batch: int
    lr: float
    held_out: float
    jitter: float = 0.0

    def __post_init__(self) -> None:
        for name, most in (
            ("n_samples", 10**4),
            ("steps", _MOST_STEPS),
            ("trials", 1000),
            ("trial_steps", _MOST_STEPS),
            ("batch", 10**6),
        ):
            object.__setattr__(self, name, integer(getattr(self, name), name, least=1, most=most))
        object.__setattr__(self, "lr", number(self.lr, "lr", above=0, most=1))
        object.__setattr__(self, "held_out", number(self.held_out, "held_out", above=0, most=0.9))
        object.__setattr__(self, "jitter", number(self.jitter, "jitter", least=0, most=10))

    @property
    def total(self) -> int:
        """Steps of all trials and of what follows."""
        return self.trials * self.trial_steps + self.steps

    def cycle(self, done: int) -> tuple[int, int, int]:
        """Where the step `done` is: the trial, or `trials` after them, the step in it, and its length."""
        if done < self.trials * self.trial_steps:
            return *divmod(done, self.trial_steps), self.trial_steps
        return self.trials, done - self.trials * self.trial_steps, self.steps

    def rate(self, done: int) -> float:
        """Learning rate of the step: one cycle a trial, one for the rest."""
        _, step, length = self.cycle(done)
        share = (step + 0.5) / length
        if share < _UP:
            return self.lr * (_FIRST + (1 - _FIRST) * 0.5 * (1 - math.cos(math.pi * share / _UP)))
        return self.lr * 0.5 * (1 + math.cos(math.pi * (share - _UP) / (1 - _UP)))


def train(
    x: Points,
    form: Architecture,
    course: Schedule,
    *,
    seed: int,
    checkpoint: str | Path | None,
    minutes: float | None,
    device: torch.device,
) -> tuple[Autoencoder, dict[str, Any], Tensor]:
    """The networks trained on standardised x (n, d), with the best held-out weights, what was measured, and
    the points held out.
    """
    count = how_many(len(x), course.held_out)
    held_out, taught = hold_out(x, count, seed=seed, device=device)
    model = form.build(_seed(seed, 0)).to(device)
    best = copy.deepcopy(model).requires_grad_(False)
    optimizer = torch.optim.Adam(model.parameters(), lr=course.lr, fused=True)
    run = {"plugin": "iwae", "data": checkpoints.digest(x), "seed": seed} | asdict(form) | asdict(course)
    sitting = checkpoints.Checkpointer(
        {"model": model, "best": best}, optimizer, run=run, checkpoint=checkpoint, minutes=minutes
    )
    looked_at = held_out[:_LOOKED_AT]
    draws = quasi_normal(_DRAWS, form.latent_dim, seed).reshape(_DRAWS, 1, -1).to(held_out)
    facts: dict[str, Any]
    done, facts = sitting.load()
    facts = {"best": -math.inf, "trial_bounds": [], **facts}
    with TrainingBar(course.total, done, "iwae") as bar:
        while done < course.total and not sitting.over:
            loss = _step(model, optimizer, taught, course, seed, done)
            done += 1
            trial, step, length = course.cycle(done - 1)
            ended, last = step + 1 == length, trial == course.trials
            if ended or (last and (step + 1) % _LOOK == 0):
                value = _mean(model, looked_at, draws)
                if value > facts["best"]:
                    best.load_state_dict(model.state_dict())
                    facts["best"] = value
                bar(done, loss=loss, held_out=value, best=facts["best"])
                if ended and not last:
                    facts["trial_bounds"] = [*facts["trial_bounds"], value]
                    following = trial + 1 < course.trials
                    _begin(model, optimizer, form.build(_seed(seed, trial + 1)) if following else best)
            sitting.save_by_the_clock(done, **facts)
    sitting.save(done, **facts)
    if not facts["trial_bounds"]:  # the minutes ended in the first trial
        best.load_state_dict(model.state_dict())
    measured = {
        "steps": done,
        "finished": done == course.total,
        "points": len(taught),
        "points_held_out": count,
        "trial_bounds": facts["trial_bounds"],
    }
    return best, measured, held_out


def _begin(model: Autoencoder, optimizer: torch.optim.Optimizer, weights: Autoencoder) -> None:
    """From those weights on, with nothing remembered."""
    model.load_state_dict(weights.state_dict())
    optimizer.state.clear()


def _step(
    model: Autoencoder,
    optimizer: torch.optim.Optimizer,
    taught: Tensor,
    course: Schedule,
    seed: int,
    done: int,
) -> float:
    # Of the step's number alone: a run that is gone on with draws what an unbroken one draws.
    generator = torch.Generator().manual_seed((seed << 32) + done)
    rows = torch.randint(len(taught), (min(course.batch, len(taught)),), generator=generator)
    width = model.form.latent_dim
    noise = torch.randn(course.n_samples, len(rows), width, generator=generator)
    for group in optimizer.param_groups:
        group["lr"] = course.rate(done)
    x = taught[rows.to(taught.device)]
    if course.jitter:
        x = x + course.jitter * torch.randn(x.shape, generator=generator).to(x)
    loss = -bound(model, x, noise.to(taught)).mean() / taught.shape[1]
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(optimizer.param_groups[0]["params"], 1.0)
    if torch.isfinite(norm):  # a batch with an outlier that overflows float32 teaches nothing
        optimizer.step()
    return loss.item()


def _mean(model: Autoencoder, x: Tensor, draws: Tensor) -> float:
    with torch.no_grad():
        values = [bound(model, part, draws) for part in x.split(100)]
    return torch.cat(values).mean().item()


def _seed(seed: int, trial: int) -> int:
    """The seed of a trial's first weights."""
    return int(np.random.SeedSequence([seed, trial]).generate_state(1)[0])
