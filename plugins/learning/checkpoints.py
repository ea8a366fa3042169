"""Checkpoints of a training that can be broken off: modules and Adam's state in one safetensors file, nothing
unpickled.

A training whose randomness at each step is a function of the seed and the step's number needs no more than
this to go on as if it had never stopped, to the bit.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from geodesic_kit.base.files import as_path, check_writable, make_folder, write_bytes
from geodesic_kit.checks import number
from geodesic_kit.errors import InvalidParameter, TruncatedFileError
from geodesic_kit.types import Points

__all__ = ["Checkpointer", "digest"]

_FORMAT = "1"
_OPTIMIZER = "optimizer."
_KEEP_FIRST, _KEEP_EVERY = 1.0, 60.0  # seconds from the first checkpoint to the second, doubled up to these


def digest(x: Points) -> str:
    """The first 16 hexadecimal digits of the points' SHA-256, by which a checkpoint knows its data."""
    return hashlib.sha256(np.ascontiguousarray(x).tobytes()).hexdigest()[:16]


class Checkpointer:
    """One sitting of a training: where it goes on, when its time is up, and the file that it is kept in,
    which may be none.

    `modules` by name, such as {"model": …, "average": …}; `run` is what the training must agree on to be gone
    on with (data, seed, options), as JSON knows it. Learning rates are not kept: set them each step. Raises
    InvalidParameter for minutes that are not above 0, and where no file can be kept at `checkpoint`.
    """

    def __init__(
        self,
        modules: Mapping[str, nn.Module],
        optimizer: torch.optim.Optimizer,
        *,
        run: Mapping[str, Any],
        checkpoint: str | Path | None,
        minutes: float | None,
    ) -> None:
        self._modules, self._optimizer, self._run = modules, optimizer, dict(run)
        self._path = None if checkpoint is None else _place(as_path(checkpoint, "checkpoint"))
        self._until = (
            math.inf
            if minutes is None
            else time.monotonic() + 60 * number(minutes, "minutes", above=0, finite=True)
        )
        self._next, self._wait = -math.inf, min(_KEEP_FIRST, _KEEP_EVERY)

    @property
    def over(self) -> bool:
        """Whether the minutes are up."""
        return time.monotonic() >= self._until

    def load(self) -> tuple[int, dict[str, Any]]:
        """Bring the kept state into modules and optimizer; the steps done and the facts, (0, {}) where there
        is no such file.

        Raises InvalidParameter, which names what differs, where the checkpoint is of another run, and
        TruncatedFileError.
        """
        path = self._path
        if path is None or not path.exists():
            return 0, {}
        try:
            with safetensors.safe_open(path, framework="pt") as file:
                told = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # the file is no mapping
        except safetensors.SafetensorError as err:
            raise TruncatedFileError(
                f"the checkpoint {path} is not a complete safetensors file ({err}); remove it to begin again"
            ) from err
        if told.get("format") != _FORMAT:
            raise TruncatedFileError(
                f"{path} is no checkpoint that this version reads; remove it to begin "
                "again, or name another file"
            )
        try:
            run, step, facts = json.loads(told["run"]), int(told["step"]), dict(json.loads(told["facts"]))
            _agree(path, dict(run), json.loads(json.dumps(self._run)))
            self._bring_back(tensors)
        except InvalidParameter:
            raise
        except (KeyError, TypeError, ValueError, RuntimeError) as err:
            why = str(err).partition("\n")[0]
            raise TruncatedFileError(
                f"the checkpoint {path} lacks a part, or was changed ({why}); remove it to begin again"
            ) from err
        return step, facts

    def _bring_back(self, tensors: Mapping[str, Tensor]) -> None:
        states: dict[int, dict[str, Tensor]] = {}
        for name, module in self._modules.items():
            module.load_state_dict(
                {
                    key.removeprefix(f"{name}."): value
                    for key, value in tensors.items()
                    if key.startswith(f"{name}.")
                }
            )
        for key, value in tensors.items():
            if key.startswith(_OPTIMIZER):
                parameter, what = key.removeprefix(_OPTIMIZER).split(".")
                states.setdefault(int(parameter), {})[what] = value
        self._optimizer.load_state_dict(
            {"state": states, "param_groups": self._optimizer.state_dict()["param_groups"]}
        )

    def save(self, step: int, **facts: Any) -> None:
        """Keep the state after `step` steps, and what was measured, in one write: a kill in the middle leaves
        the file as it was before.
        """
        if self._path is None:
            return
        tensors: dict[str, Tensor] = {}
        for name, module in self._modules.items():
            tensors |= {f"{name}.{key}": value for key, value in module.state_dict().items()}
        for parameter, state in self._optimizer.state_dict()["state"].items():
            tensors |= {
                f"{_OPTIMIZER}{parameter}.{key}": torch.as_tensor(value) for key, value in state.items()
            }
        told = {
            "format": _FORMAT,
            "step": str(step),
            "run": json.dumps(self._run, sort_keys=True),
            "facts": json.dumps(facts),
        }
        # Tensors that share memory are refused by the writer, so each is written as a copy of its own.
        own = {name: value.detach().cpu().clone().contiguous() for name, value in tensors.items()}
        write_bytes(self._path, safetensors.torch.save(own, metadata=told))

    def save_by_the_clock(self, step: int, **facts: Any) -> None:
        """`save` after the first step, then by the clock: at growing intervals, up to a minute."""
        if time.monotonic() >= self._next:
            self.save(step, **facts)
            self._next, self._wait = time.monotonic() + self._wait, min(2 * self._wait, _KEEP_EVERY)


def _place(path: Path) -> Path:
    """The path, in a folder that is there: refused now rather than after the first minute of work."""
    make_folder(path.parent)
    check_writable(path, "checkpoint")
    return path


def _agree(path: Path, found: dict[str, Any], wanted: dict[str, Any]) -> None:
    differ = [name for name in {**wanted, **found} if found.get(name) != wanted.get(name)]
    if differ:
        told = ", ".join(f"{name} {found.get(name)!r} there, {wanted.get(name)!r} here" for name in differ)
        raise InvalidParameter(
            f"the checkpoint {path} is of another training ({told}); go on with its options, name another "
            "file, or remove it"
        )
