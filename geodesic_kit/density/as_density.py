"""`as_density`: a callable, a scikit-learn estimator, a distribution of SciPy or a torch object as a density
of the kit.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from ..checks import MOST_DIMENSIONS, as_flag, chosen, integer
from ..errors import InvalidParameter, NotADensityError, shown
from ..types import Density
from .callables import from_callable

__all__ = ["as_density"]

_ACCEPTED = (
    "give a density of the kit, a callable log p with dim=, a fitted scikit-learn GaussianMixture, "
    "BayesianGaussianMixture, KernelDensity, PCA or FactorAnalysis (or a pipeline that ends in one), a "
    "gaussian_kde or a frozen distribution of SciPy, a torch distribution, or a torch module with dim="
)


def as_density(
    obj: Any,
    *,
    dim: int | None = None,
    kind: str = "log_prob",
    score: Callable[..., Any] | None = None,
    sample: Callable[..., Any] | None = None,
    normalised: bool = True,
) -> Density:
    """`obj` as a density on R^d: its log p at (n, d) points is (n,) float64, checked at every call.

    Parameters
    ----------
    obj : Any
        A density of the kit, a callable log p, a fitted scikit-learn density, a gaussian_kde or a frozen
        distribution of SciPy, a torch distribution or a torch module.
    dim : int, optional
        Number of coordinates d, which callables and torch modules do not tell themselves.
    kind : {"log_prob", "energy"}, default "log_prob"
        "energy" reads a callable or a torch module as E with log p = -E + constant, never normalised.
    score : callable (n, d) -> (n, d), optional
        Gradient of log p, for a callable or a torch object; of the latter it is known by autograd.
    sample : callable (n, seed=) -> (n, d), optional
        Independent draws, for a callable or a torch object.
    normalised : bool, default True
        Whether p integrates to 1.

    Returns
    -------
    Density
        With `.score` and `.sample` only where they are known.

    Raises
    ------
    NotADensityError
        For what offers no log-density: classes, unfitted estimators, look-alikes with `score_samples`.
    InvalidParameter
        For parameters that contradict `obj`.

    Examples
    --------
    >>> density = gk.as_density(lambda x: -0.5 * (x**2).sum(axis=1), dim=2)
    >>> density.log_prob(np.ones((1, 2)))
    array([-1.])
    """
    chosen(kind, "kind", ("log_prob", "energy"))
    for name, ability in (("score", score), ("sample", sample)):
        if ability is not None and not callable(ability):
            raise InvalidParameter(f"{name}={shown(ability)} is not callable")
    normalised = as_flag(normalised, "normalised")
    if dim is not None:
        dim = integer(dim, "dim", least=1, most=MOST_DIMENSIONS)
    if inspect.isclass(obj):
        raise NotADensityError(
            f"{obj.__name__} is a class, not a density; give an instance, fitted where it learns"
        )
    if isinstance(obj, str):
        raise NotADensityError(
            f"{obj!r} is a name, not a density; a plugin of that name is gk.densities[{obj!r}]"
        )
    if _is_ready(obj):
        return _as_it_is(
            obj, "a density of the kit", dim=dim, kind=kind, score=score, sample=sample, normalised=normalised
        )
    if "sklearn" in sys.modules:
        from .scikit_learn import from_estimator, is_estimator

        if is_estimator(obj):
            density = from_estimator(obj)
            return _as_it_is(
                density,
                type(obj).__name__,
                dim=dim,
                kind=kind,
                score=score,
                sample=sample,
                normalised=normalised,
            )
    if "scipy.stats" in sys.modules:
        from .scipy_stats import from_scipy, is_scipy

        if is_scipy(obj):
            density = from_scipy(obj)
            return _as_it_is(
                density, repr(density), dim=dim, kind=kind, score=score, sample=sample, normalised=normalised
            )
    if "torch" in sys.modules:
        from .pytorch import from_torch, is_torch

        if is_torch(obj):
            return from_torch(obj, dim=dim, kind=kind, score=score, sample=sample, normalised=normalised)
    if getattr(obj, "__name__", "") == "score_samples":
        _refuse_bound_method(obj)
    if inspect.ismethod(obj) and obj.__name__ == "pdf" and callable(getattr(obj.__self__, "logpdf", None)):
        raise NotADensityError(f"{type(obj.__self__).__name__}.pdf gives p, not log p; pass its logpdf")
    if dim is None and kind == "log_prob" and callable(getattr(obj, "log_prob", None)):
        raise NotADensityError(_what_it_lacks(obj))
    log_prob = getattr(obj, "log_prob", None) if kind == "log_prob" else None
    function = log_prob if callable(log_prob) else obj
    if not callable(function):
        raise NotADensityError(_why_not(obj))
    return from_callable(function, dim=dim, kind=kind, score=score, sample=sample, normalised=normalised)


def _is_ready(obj: Any) -> bool:
    """True for a density of the kit; a torch tensor's `dim` is a method, so the attributes' types count,
    too.
    """
    return (
        isinstance(obj, Density)
        and _is_dim(obj.dim)
        and isinstance(obj.normalised, bool | np.bool_)
        and callable(obj.log_prob)
    )


def _is_dim(dim: Any) -> bool:
    return isinstance(dim, int | np.integer) and not isinstance(dim, bool) and bool(dim >= 1)


def _what_it_lacks(obj: Any) -> str:
    """What keeps an object with `log_prob` from being a density of the kit."""
    lacks = []
    if not _is_dim(getattr(obj, "dim", None)):
        lacks.append(
            f"dim is {obj.dim!r}, not a whole number from 1"
            if hasattr(obj, "dim")
            else "it lacks `dim`, the number of coordinates"
        )
    if not isinstance(getattr(obj, "normalised", None), bool | np.bool_):
        own = (
            f"normalised is {obj.normalised!r}, not True or False"
            if hasattr(obj, "normalised")
            else "it lacks `normalised`"
        )
        lacks.append(f"{own}: whether p integrates to 1")
    name = type(obj).__name__
    return (
        f"{name} has log_prob, but {' and '.join(lacks)}; add it, or pass as_density(obj, dim=..., "
        f"normalised=...)"
    )


def _as_it_is(
    density: Density, what: str, *, dim: int | None, kind: str, score: Any, sample: Any, normalised: bool
) -> Density:
    """`density` itself, where the caller's parameters do not contradict it."""
    if kind != "log_prob":
        raise InvalidParameter(f"kind='energy' is for callables and torch modules; {what} offers log p")
    if score is not None or sample is not None:
        raise InvalidParameter(
            f"score= and sample= are for callables and torch modules; for {what} pass its log p as a "
            f"callable with dim="
        )
    if not normalised and density.normalised:
        raise InvalidParameter(f"normalised=False contradicts {what}, which is normalised; leave it out")
    if dim is not None and dim != density.dim:
        raise InvalidParameter(f"dim={dim} contradicts {what}, which has {density.dim}; leave it out")
    return density


def _refuse_bound_method(method: Any) -> None:
    """The bound `score_samples` of a look-alike is no more a log-density than its owner. Raises
    NotADensityError.
    """
    if "sklearn" in sys.modules:
        from .scikit_learn import is_estimator, refuse_bound_method

        if is_estimator(getattr(method, "__self__", None)):
            refuse_bound_method(method.__self__)


def _why_not(obj: Any) -> str:
    name = type(obj).__name__
    if callable(getattr(obj, "score_samples", None)):
        return (
            f"{name} is not a known density; if its score_samples is a log-density, pass "
            f"as_density(obj.score_samples, dim=...)"
        )
    for method in ("logpdf", "log_density", "log_likelihood"):
        if callable(getattr(obj, method, None)):
            return f"{name} is not a known density; pass its method: as_density(obj.{method}, dim=...)"
    return f"{name} is not a density; {_ACCEPTED}"
