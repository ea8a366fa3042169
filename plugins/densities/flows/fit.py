"""Maximum likelihood training of a flow: Adam with weight decay, a cosine schedule, and the weights best on
held-out points.
"""

from __future__ import annotations

import copy
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from geodesic_kit.base.progress import TrainingBar
from geodesic_kit.checks import integer, number
from geodesic_kit.errors import DataError
from geodesic_kit.types import Points, Values

from ...learning import checkpoints
from ...learning.holding_out import LEAST, deviations, hold_out, how_many
from .forms import Architecture

__all__ = ["Schedule", "log_prob", "standardisation", "train"]

_MOST_MEASURED = 5000  # points that were taught
_MOST_STEPS = 10**9
_LOOK = 50  # steps between looks at the held-out points
_WARM_UP = 200  # steps


@dataclass(frozen=True)
class Schedule:
    """How a flow is trained; `patience` is the number of steps without a better held-out mean after which it
    ends.
    """

    steps: int
    batch: int
    lr: float
    weight_decay: float
    held_out: float
    patience: int

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "patience"):
            object.__setattr__(self, name, integer(getattr(self, name), name, least=1, most=_MOST_STEPS))
        object.__setattr__(self, "lr", number(self.lr, "lr", above=0, most=1))
        object.__setattr__(self, "weight_decay", number(self.weight_decay, "weight_decay", least=0, most=1))
        object.__setattr__(self, "held_out", number(self.held_out, "held_out", above=0, most=0.9))

    def rate(self, step: int) -> float:
        """Learning rate of the step: a linear start, then half a cosine down to zero."""
        return self.lr * min(1.0, (step + 1) / _WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / self.steps))


def standardisation(x: Points) -> tuple[Values, Values]:
    """Mean and standard deviation of each column, (d,), (d,). Raises DataError for few points, constant
    columns and ones too wide.
    """
    if len(x) < LEAST:
        raise DataError(
            f"x holds {len(x)} point(s); a flow needs {LEAST} or more, some of which are held out"
        )
    return deviations(x)


def log_prob(module: nn.Module, x: Tensor) -> Tensor:
    """log p of standardised points, (n, d) -> (n,); -inf where the latent point is too far for its square to
    be a number.
    """
    z, log_det = module().call_and_ladj(x)
    values = log_det - 0.5 * (z.square().sum(dim=1) + z.shape[1] * math.log(2 * math.pi))
    return torch.where(values.isnan(), -torch.inf, values)


def train(
    x: Points,
    form: Architecture,
    course: Schedule,
    *,
    seed: int,
    checkpoint: str | Path | None,
    minutes: float | None,
    device: torch.device,
) -> tuple[nn.Module, dict[str, Any]]:
    """The module trained on standardised x (n, d), with the best held-out weights, and what was measured on
    the way.
    """
    count = how_many(len(x), course.held_out)
    held_out, taught = hold_out(x, count, seed=seed, device=device)
    module = form.build(seed).to(device)
    best = copy.deepcopy(module)
    optimizer = torch.optim.AdamW(
        module.parameters(), lr=course.lr, weight_decay=course.weight_decay, fused=True
    )
    run = {"plugin": "realnvp", "data": checkpoints.digest(x), "seed": seed} | asdict(form) | asdict(course)
    sitting = checkpoints.Checkpointer(
        {"flow": module, "best": best}, optimizer, run=run, checkpoint=checkpoint, minutes=minutes
    )
    done, facts = sitting.load()
    facts = {"best_step": 0, "best": _mean(module, held_out)} | facts
    with TrainingBar(course.steps, done, form.kind) as bar:
        while done < course.steps and done - facts["best_step"] < course.patience and not sitting.over:
            # Which points, by the step's number alone: a run that is gone on with draws what an unbroken one
            # draws.
            batch = np.random.default_rng([seed, done]).integers(
                len(taught), size=min(course.batch, len(taught))
            )
            loss = _step(module, optimizer, taught[torch.from_numpy(batch).to(device)], course.rate(done))
            done += 1
            if done % _LOOK == 0 or done == course.steps:
                value = _mean(module, held_out)
                if value > facts["best"]:
                    best.load_state_dict(module.state_dict())
                    facts |= {"best_step": done, "best": value}
                bar(done, loss=loss, held_out=value, best=facts["best"])
            sitting.save_by_the_clock(done, **facts)
    sitting.save(done, **facts)
    finished = done == course.steps or done - facts["best_step"] >= course.patience
    best = best.double()
    measured = {
        "steps": done,
        "best_step": facts["best_step"],
        "finished": finished,
        "points": len(taught),
        "points_held_out": count,
        "log_prob": _mean(best, taught[:_MOST_MEASURED].double()),
        "log_prob_held_out": _mean(best, held_out.double()),
    }
    return best, measured


def _step(module: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, rate: float) -> float:
    for group in optimizer.param_groups:
        group["lr"] = rate
    loss = -log_prob(module, x).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(module.parameters(), 1.0)
    if torch.isfinite(norm):  # a batch with an outlier that overflows float32 teaches nothing
        optimizer.step()
    return loss.item()


def _mean(module: nn.Module, x: Tensor) -> float:
    with torch.no_grad():
        return log_prob(module, x).mean().item()
