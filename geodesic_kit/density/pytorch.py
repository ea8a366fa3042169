"""Torch distributions and modules as densities: their own dtype and device inside, NumPy float64 outside,
score by autograd.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.distributions import Distribution, constraints

from ..errors import InvalidParameter, NotADensityError
from ..types import Density, Points
from .callables import from_callable

__all__ = ["from_torch", "is_torch"]

_ROWS = 8192  # points evaluated at once: bounds what a network's activations hold


def is_torch(obj: Any) -> bool:
    """True for a torch distribution, a module, an object that holds torch parameters, and for a bound method
    of one.
    """
    owner = _owner(obj)
    return isinstance(owner, (Distribution, torch.nn.Module)) or next(_tensors(owner), None) is not None


def from_torch(
    obj: Any,
    *,
    dim: int | None,
    kind: str,
    score: Callable[..., Any] | None,
    sample: Callable[..., Any] | None,
    normalised: bool,
) -> Density:
    """`obj` as a density; `score` and `sample`, where given, replace autograd and its own sampler. Raises
    NotADensityError.
    """
    model: _Model
    owner = _owner(obj)
    if isinstance(owner, Distribution):
        obj = owner
        if kind != "log_prob":
            raise InvalidParameter(
                "kind='energy' is for callables and torch modules; a torch distribution offers log p"
            )
        own = _event_dim(obj)
        if dim is not None and dim != own:
            raise InvalidParameter(
                f"dim={dim} contradicts {type(obj).__name__}, which has {own}; leave it out"
            )
        dim, model = own, _FromDistribution(obj, *_home(obj), dim=own)
    else:
        name = type(owner).__name__
        if dim is None:
            raise InvalidParameter(
                f"the torch object {name} does not tell its dimension; pass dim=, the "
                "number of coordinates of a point"
            )
        method = getattr(obj, "log_prob", None) if kind == "log_prob" else None
        function = method if callable(method) else obj
        if not callable(function) or (isinstance(function, torch.nn.Module) and not _has_forward(function)):
            raise NotADensityError(
                f"{name} has neither log_prob nor forward; give a module that returns log p or an energy"
            )
        obj, model = owner, _FromModule(owner, *_home(owner), function=function)
    if sample is None and callable(getattr(obj, "sample", None)):
        sample = model.sample
    return from_callable(
        model.values,
        dim=dim,
        kind=kind,
        score=score or _Signed(model, kind).score,
        sample=sample,
        normalised=normalised,
    )


@dataclass(frozen=True, eq=False)
class _Model(ABC):
    """A torch object with the dtype and the device that it lives in."""

    obj: Any
    dtype: Any
    device: Any

    def values(self, x: Points) -> NDArray[Any]:
        with torch.no_grad(), _as_evaluated(self.obj):
            return np.concatenate([_numpy(self._checked(part)) for part in self._batches(x)])

    def gradient(self, x: Points) -> NDArray[Any]:
        """Gradient of the sum of the values: each row's own gradient, since rows do not see each other."""
        parts = []
        with torch.enable_grad(), _as_evaluated(self.obj):
            for part in self._batches(x):
                part.requires_grad_(True)
                parts.append(_numpy(self._slope(self._checked(part), part)))
        return np.concatenate(parts)

    def sample(self, n: int, *, seed: int) -> NDArray[Any]:
        with torch.no_grad(), _as_evaluated(self.obj), _seeded(seed, self.device):
            return _numpy(self._draw(n))

    @abstractmethod
    def _evaluate(self, x: torch.Tensor) -> Any:
        """What the object returns at points x (n, d)."""

    @abstractmethod
    def _draw(self, n: int) -> Any:
        """What its own sampler returns for n points."""

    def _slope(self, values: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        if not values.requires_grad:
            raise NotADensityError(
                f"log p of {type(self.obj).__name__} is cut off from its input, so "
                "autograd finds no score; pass score="
            )
        (slope,) = torch.autograd.grad(values.sum(), x, allow_unused=True, materialize_grads=True)
        return slope

    def _checked(self, x: torch.Tensor) -> torch.Tensor:
        output = self._evaluate(x)
        if not isinstance(output, torch.Tensor):
            raise NotADensityError(
                f"{type(self.obj).__name__} returned a {type(output).__name__}, not a tensor of log p"
                + ("; it is a distribution: pass that one" if isinstance(output, Distribution) else "")
            )
        return output

    def _batches(self, x: Points) -> Iterator[torch.Tensor]:
        for start in range(0, len(x), _ROWS):
            yield torch.tensor(x[start : start + _ROWS], dtype=self.dtype, device=self.device)


@dataclass(frozen=True, eq=False)
class _FromModule(_Model):
    function: Callable[..., Any]

    def _evaluate(self, x: torch.Tensor) -> Any:
        return self.function(x)

    def _draw(self, n: int) -> Any:
        takes_shape = "sample_shape" in inspect.signature(self.obj.sample).parameters
        drawn = self.obj.sample((n,) if takes_shape else n)
        # (points, log p), as some flow libraries return
        return drawn[0] if isinstance(drawn, tuple) else drawn


@dataclass(frozen=True, eq=False)
class _FromDistribution(_Model):
    dim: int

    def _evaluate(self, x: torch.Tensor) -> Any:
        """log p, -inf outside the support, where torch's own validation would raise."""
        event = x[:, 0] if self.obj.event_shape == () else x
        try:
            inside = self.obj.support.check(event.detach())
        except NotImplementedError:  # a transformed distribution may not know its support
            return self.obj.log_prob(event)
        values = torch.full((len(x),), -torch.inf, dtype=x.dtype, device=x.device)
        if inside.any():
            values = values.masked_scatter(inside, self.obj.log_prob(event[inside]))
        return values

    def _slope(self, values: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        # uniform: flat, not cut off
        return super()._slope(values, x) if values.requires_grad else torch.zeros_like(x)

    def _draw(self, n: int) -> Any:
        return self.obj.sample((n,)).reshape(n, self.dim)


@dataclass(frozen=True, eq=False)
class _Signed:
    """The gradient of log p from the gradient of what the model returns."""

    model: _Model
    kind: str

    def score(self, x: Points) -> NDArray[Any]:
        gradient = self.model.gradient(x)
        return -gradient if self.kind == "energy" else gradient


def _event_dim(distribution: Distribution) -> int:
    name = type(distribution).__name__
    batch, event = tuple(distribution.batch_shape), tuple(distribution.event_shape)
    if batch:
        raise NotADensityError(
            f"{name} is a batch of {batch} distributions, not one; wrap it: "
            f"torch.distributions.Independent(distribution, {len(batch)})"
        )
    if len(event) > 1:
        raise NotADensityError(f"{name} has events of shape {event}; one point is a row (d,)")
    try:
        support: Any = distribution.support
    except NotImplementedError:
        support = constraints.real
    if support.is_discrete or support in (constraints.simplex, constraints.one_hot):
        raise NotADensityError(
            f"{name} has no density on R^d: its support is {support}; give a continuous distribution"
        )
    return event[0] if event else 1


def _owner(obj: Any) -> Any:
    """The object of a bound method, else `obj` itself."""
    return obj.__self__ if inspect.ismethod(obj) else obj


def _has_forward(module: torch.nn.Module) -> bool:
    return type(module).forward is not torch.nn.Module.forward


def _tensors(obj: Any) -> Iterator[torch.Tensor]:
    """Floating-point tensors that `obj` computes with."""
    if isinstance(obj, torch.nn.Module):
        candidates: Any = (*obj.parameters(), *obj.buffers())
    elif callable(getattr(obj, "parameters", None)) and not inspect.signature(obj.parameters).parameters:
        candidates = obj.parameters()
    else:
        candidates = getattr(obj, "__dict__", {}).values()
    return (t for t in candidates if isinstance(t, torch.Tensor) and t.is_floating_point())


def _home(obj: Any) -> tuple[torch.dtype, torch.device]:
    """dtype and device that `obj` lives in; a draw tells for a distribution, whose parameters may be lazy or
    nested.
    """
    found = next(_tensors(obj), None)
    if isinstance(obj, Distribution):
        with torch.no_grad(), _seeded(0, found.device if found is not None else torch.device("cpu")):
            found = obj.sample()
    return (torch.float64, torch.device("cpu")) if found is None else (found.dtype, found.device)


@contextmanager
def _seeded(seed: int, device: torch.device) -> Iterator[None]:
    """torch's generators seeded inside, as they were outside."""
    on_gpu = device.type == "cuda"
    with torch.random.fork_rng(devices=[device] if on_gpu else []):
        torch.default_generator.manual_seed(seed)
        if on_gpu:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        yield


@contextmanager
def _as_evaluated(obj: Any) -> Iterator[None]:
    """Dropout off and batch statistics frozen inside, each submodule in its own mode again outside."""
    training = (
        [module for module in obj.modules() if module.training] if isinstance(obj, torch.nn.Module) else []
    )
    for module in training:
        module.training = False
    try:
        yield
    finally:
        for module in training:
            module.training = True


def _numpy(tensor: torch.Tensor) -> NDArray[Any]:
    return tensor.detach().cpu().to(torch.float64).numpy()
