"""Adam on a list of tensors, by torch's own step. Kingma and Ba 2015."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.optim.adam import adam

__all__ = ["Adam"]


class Adam:
    """Moments of the slopes of `parameters`, which `step` moves; the rate is given each time.

    torch's Optimizer loads a compiler at its first use, for two seconds, which is as long as a short
    training here.
    """

    def __init__(self, parameters: Sequence[torch.Tensor], betas: tuple[float, float] = (0.9, 0.999)) -> None:
        self.parameters, self.betas = list(parameters), betas
        self._means = [torch.zeros_like(each) for each in self.parameters]
        self._squares = [torch.zeros_like(each) for each in self.parameters]
        self._steps = [torch.tensor(0.0) for _ in self.parameters]

    def step(self, loss: torch.Tensor, rate: float) -> None:
        """One step down the loss, a scalar; a loss that no parameter moves leaves all where they are."""
        if not loss.requires_grad:
            return
        slopes = list(torch.autograd.grad(loss, self.parameters, allow_unused=True, materialize_grads=True))
        beta1, beta2 = self.betas
        with torch.no_grad():
            adam(
                self.parameters,
                slopes,
                self._means,
                self._squares,
                [],
                self._steps,
                foreach=True,
                amsgrad=False,
                beta1=beta1,
                beta2=beta2,
                lr=rate,
                weight_decay=0.0,
                eps=1e-8,
                maximize=False,
            )
