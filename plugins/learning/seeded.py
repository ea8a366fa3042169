"""New modules, whose weights are drawn by their seed and by nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["fresh"]

_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def fresh(seed: int) -> Iterator[None]:
    """Within it torch draws by `seed`, in float32 and on the CPU, whatever the caller's defaults are; after
    it all is as it was.
    """
    # The generator and the default type are the process's: threads that draw weights at once would draw each
    # other's.
    with _ONE_AT_A_TIME, torch.random.fork_rng(devices=[]), torch.device("cpu"):
        kind = torch.get_default_dtype()
        torch.set_default_dtype(torch.float32)
        torch.default_generator.manual_seed(seed)
        try:
            yield
        finally:
            torch.set_default_dtype(kind)
