"""Training of a trajectory model: denoising alone first, then with consistency; resumable to the bit."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from geodesic_kit.base.progress import TrainingBar
from geodesic_kit.checks import integer, number
from geodesic_kit.errors import InvalidParameter
from geodesic_kit.types import Points

from ...learning import checkpoints
from ...learning.holding_out import hold_out
from .architecture import Architecture
from .losses import consistency, denoising
from .trajectory import Trajectory

__all__ = ["Schedule", "train"]

_LOOK = 100  # steps between reports
_MOST_HELD_OUT = 2000  # points
_FARTHEST = 100.0  # of a log noise level: exp of it is near the ends of float32
_BOUNDS: dict[str, dict[str, Any]] = {
    "lr": {"above": 0, "most": 1},
    "decay": {"least": 0, "most": 1},
    "centre": {"least": -_FARTHEST, "most": _FARTHEST},
    "spread": {"above": 0, "most": _FARTHEST},
    "held_out": {"above": 0, "most": 0.9},
}


@dataclass(frozen=True)
class Schedule:
    """How a model is trained: denoising alone for `alone` of the `steps`, then with consistency on half of
    each batch.

    Log noise levels are normal with mean `centre` and deviation `spread`; consistency is asked on a grid of
    `levels`, over ODE steps of 1 to `most` of them; `decay` is that of the moving average, the model that is
    kept.
    """

    steps: int
    alone: int
    batch: int
    lr: float
    decay: float
    centre: float
    spread: float
    levels: int
    most: int
    held_out: float

    def __post_init__(self) -> None:
        for name, least, most in (
            ("steps", 1, 10**9),
            ("alone", 0, 10**9),
            ("batch", 2, 10**6),
            ("levels", 3, 10**6),
            ("most", 1, 10**6),
        ):
            object.__setattr__(self, name, integer(getattr(self, name), name, least=least, most=most))
        for name, bounds in _BOUNDS.items():
            object.__setattr__(self, name, number(getattr(self, name), name, **bounds, finite=True))

    def rate(self, step: int) -> float:
        """Learning rate of the step: a linear start, then the inverse root, which need not know where
        training ends.
        """
        return self.lr * min(1.0, (step + 1) / 200, (2000 / (step + 1)) ** 0.5)


def train(
    x: Points,
    form: Architecture,
    course: Schedule,
    *,
    seed: int,
    checkpoint: str | Path | None,
    minutes: float | None,
    device: torch.device,
) -> tuple[Trajectory, dict[str, Any], Points]:
    """The moving average of a model trained on scaled x (n, d), what was measured, and the points held out
    (m, d).
    """
    count = min(_MOST_HELD_OUT, max(1, round(course.held_out * len(x))))
    if len(x) - count < 2:
        raise InvalidParameter(
            f"held_out={course.held_out} leaves {len(x) - count} of {len(x)} points to "
            "learn from; give more points"
        )
    held_out, taught = hold_out(x, count, seed=seed, device=device)
    model = form.build(seed).to(device)
    average = copy.deepcopy(model).requires_grad_(False)
    optimizer = torch.optim.Adam(model.parameters(), lr=course.lr, fused=True)
    # The length of a training is no part of what it is: more steps go on from fewer.
    own = {name: value for name, value in asdict(course).items() if name != "steps"}
    run = {"plugin": "ctm", "data": checkpoints.digest(x), "seed": seed} | asdict(form) | own
    sitting = checkpoints.Checkpointer(
        {"model": model, "average": average}, optimizer, run=run, checkpoint=checkpoint, minutes=minutes
    )
    done = sitting.load()[0]
    lost: list[tuple[float, float]] = []
    with TrainingBar(course.steps, done, "ctm") as bar:
        while done < course.steps and not sitting.over:
            lost.append(_step(model, average, optimizer, taught, course, seed, done))
            done += 1
            if done % _LOOK == 0 or done == course.steps:
                first, second = np.mean(lost, axis=0)
                bar(done, denoising=first, consistency=second)
                lost.clear()
            sitting.save_by_the_clock(done)
    sitting.save(done)
    measured = {
        "steps": done,
        "finished": done >= course.steps,
        "points": len(taught),
        "points_held_out": count,
        "denoising_held_out": _measure(average, held_out, course, seed),
    }
    return average, measured, held_out.cpu().double().numpy()


def _step(
    model: Trajectory,
    average: Trajectory,
    optimizer: torch.optim.Optimizer,
    x: Tensor,
    course: Schedule,
    seed: int,
    done: int,
) -> tuple[float, float]:
    """One step; the denoising and the consistency loss, nan while the latter rests."""
    # of the step's number alone: a run that is gone on with draws what an unbroken one draws
    generator = _generator(seed, done)
    chosen = x[torch.randint(len(x), (course.batch,), generator=generator).to(x.device)]
    for group in optimizer.param_groups:
        group["lr"] = course.rate(done)
    optimizer.zero_grad(set_to_none=True)
    first = _backward(
        lambda: denoising(model, chosen, generator, centre=course.centre, spread=course.spread), x
    )
    second = math.nan
    if done >= course.alone:
        half = chosen[: course.batch // 2]
        second = _backward(
            lambda: consistency(model, average, half, generator, levels=course.levels, most=course.most), x
        )
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    decay = min(course.decay, (1 + done) / (10 + done))
    for mean, now in zip(average.parameters(), model.parameters(), strict=True):
        mean.lerp_(now.detach(), 1 - decay)
    return first, second


def _backward(loss: Callable[[], Tensor], x: Tensor) -> float:
    """The loss, after its gradient was added to the parameters'. Pictures' networks run in bfloat16: three
    times faster.
    """
    with torch.autocast(x.device.type, torch.bfloat16, enabled=x.shape[1] >= 256):
        value = loss()
    value.backward()
    return value.item()


def _measure(average: Trajectory, held_out: Tensor, course: Schedule, seed: int) -> float:
    """The denoising loss of the moving average on held-out points, with noise of the seed."""
    with torch.no_grad():
        parts = held_out.split(500)
        losses = [
            denoising(average, part, _generator(seed, i), centre=course.centre, spread=course.spread).item()
            for i, part in enumerate(parts)
        ]
    return float(np.average(losses, weights=[len(part) for part in parts]))


def _generator(seed: int, step: int) -> torch.Generator:
    return torch.Generator().manual_seed((seed << 32) + step)
