"""scikit-learn's real densities, exact where they are mixtures; every look-alike with `score_samples` is
refused by name.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA, FactorAnalysis
from sklearn.exceptions import NotFittedError
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ..errors import NotADensityError
from ..registry import densities
from ..types import Density, Ints, Points, Values
from .affine import pull_back
from .callables import from_callable
from .rims import NORMS, Rims
from .scalers import as_affine_step

__all__ = ["from_estimator", "is_estimator", "refuse_bound_method"]

_KNOWN = (GaussianMixture, BayesianGaussianMixture, KernelDensity, PCA, FactorAnalysis)
_THERE_ARE = (
    "there are GaussianMixture, BayesianGaussianMixture, KernelDensity, PCA, FactorAnalysis, pipelines and "
    "searches that end in one"
)


def is_estimator(obj: Any) -> bool:
    """True for an instance of a scikit-learn estimator, whether or not it is a density."""
    return isinstance(obj, BaseEstimator)


def from_estimator(estimator: Any) -> Density:
    """The density of a fitted estimator, a snapshot that later fits leave alone. Raises NotADensityError.

    log p agrees with `score_samples` (plus the log-Jacobian of a pipeline's scaling). GaussianMixture and the
    Gaussian KernelDensity become the exact `mog`. BayesianGaussianMixture's `score_samples` is a variational
    bound that integrates to less than 1 (0.93 to 0.95 on the data of our tests), so it is kept as it is and
    marked `normalised=False`; its point estimate, normalised, is `gk.densities["mog"](estimator.means_,
    estimator.covariances_, estimator.weights_)` for covariance_type="full". KernelDensity is not normalised
    for another distance than the Euclidean one, nor with its cosine kernel in an even number of dimensions.
    """
    if is_search(estimator):
        return from_estimator(_best(estimator))
    if isinstance(estimator, Pipeline):
        return _from_pipeline(estimator)
    refuse_look_alike(estimator)
    _check_fitted(estimator)
    estimator = snapshot(estimator)
    if isinstance(estimator, GaussianMixture):
        return _mixture(estimator)
    if isinstance(estimator, KernelDensity):
        return _kernels(estimator)
    if isinstance(estimator, (PCA, FactorAnalysis)):
        gaussian = _Gaussian(estimator, estimator.get_precision())
        return from_callable(
            estimator.score_samples,
            dim=estimator.n_features_in_,
            score=gaussian.score,
            sample=gaussian.sample,
        )
    return from_callable(estimator.score_samples, dim=estimator.n_features_in_, normalised=False)


def is_search(estimator: Any) -> bool:
    """True for GridSearchCV and its like, fitted or not."""
    return hasattr(estimator, "estimator") and (
        hasattr(estimator, "best_estimator_") or hasattr(estimator, "refit")
    )


def refuse_bound_method(estimator: Any) -> None:
    """Raises NotADensityError where `estimator.score_samples`, passed as a callable, is not the log-density
    it looks like.
    """
    if isinstance(estimator, Pipeline) or is_search(estimator):
        name = type(estimator).__name__
        raise NotADensityError(
            f"{name}.score_samples leaves out the Jacobian of the scaling; pass the "
            f"{name} itself to as_density"
        )
    refuse_look_alike(estimator)


def refuse_look_alike(estimator: Any) -> None:
    """Raises NotADensityError unless the estimator is one of the known densities."""
    if isinstance(estimator, _KNOWN):
        return
    name = type(estimator).__name__
    if name in ("IsolationForest", "OneClassSVM", "LocalOutlierFactor", "EllipticEnvelope") or hasattr(
        type(estimator), "score_samples"
    ):
        raise NotADensityError(
            f"{name} ranks points, but its score_samples is not a log-density; {_THERE_ARE}"
        )
    raise NotADensityError(f"{name} is not a density; {_THERE_ARE}")


def snapshot(estimator: Any) -> Any:
    """A copy that neither a later fit nor an in-place transform changes, and that takes and returns plain
    arrays.
    """
    own = copy.copy(estimator)
    for asks_for_frames in ("feature_names_in_", "_sklearn_output_config"):
        vars(own).pop(asks_for_frames, None)
    if hasattr(own, "copy"):
        own.copy = True
    return own


@dataclass(frozen=True, eq=False)
class _Gaussian:
    """Score and samples of the one Gaussian that PCA and FactorAnalysis are."""

    estimator: Any
    precision: NDArray[np.float64]

    def score(self, x: Points) -> Points:
        return -(x - self.estimator.mean_) @ self.precision

    def sample(self, n: int, *, seed: int) -> Points:
        rng = np.random.default_rng(seed)
        return rng.multivariate_normal(
            self.estimator.mean_, self.estimator.get_covariance(), size=n, method="eigh"
        )


def _mixture(estimator: Any) -> Density:
    means = np.asarray(estimator.means_, dtype=np.float64)
    covariances = np.asarray(estimator.covariances_, dtype=np.float64)
    if estimator.covariance_type == "tied":
        covariances = np.broadcast_to(covariances, (len(means), *covariances.shape))
    weights: Values = np.asarray(estimator.weights_, dtype=np.float64)
    return densities["mog"](means=means, covariances=covariances, weights=weights / weights.sum())


def _kernels(estimator: Any) -> Density:
    euclidean = estimator.metric in ("euclidean", "l2") or (
        estimator.metric == "minkowski" and (estimator.metric_params or {}) in ({}, {"p": 2})
    )
    if estimator.kernel == "gaussian" and euclidean:
        weights = estimator.tree_.sample_weight
        points = np.array(estimator.tree_.data)
        weights = None if weights is None else np.array(weights) / np.sum(weights)
        return densities["mog"](means=points, covariances=float(estimator.bandwidth_) ** 2, weights=weights)
    sample = _Drawn(estimator).sample if estimator.kernel == "tophat" and euclidean else None
    # scikit-learn normalises its kernels for the Euclidean distance only; its cosine kernel's integral loses
    # the last term of the integration by parts in even dimensions (1.9.1: the density integrates to 0.363 in
    # two dimensions and is NaN in four).
    normalised = euclidean and not (estimator.kernel == "cosine" and estimator.n_features_in_ % 2 == 0)
    return from_callable(
        estimator.score_samples,
        dim=estimator.n_features_in_,
        sample=sample,
        normalised=normalised,
        breaks=_breaks(estimator),
    )


def _breaks(estimator: Any) -> Callable[[Points, Points], tuple[Ints, Values]] | None:
    """Where a kernel that is 0 from its bandwidth on jumps or bends; None for other kernels, and where no
    closed form is known.
    """
    minkowski = estimator.metric == "minkowski"
    order: Any = (estimator.metric_params or {}).get("p", 2.0) if minkowski else NORMS.get(estimator.metric)
    if estimator.kernel not in ("tophat", "epanechnikov", "linear", "cosine") or order not in NORMS.values():
        return None
    return Rims(
        estimator.tree_, float(estimator.bandwidth_), float(order), jumps=estimator.kernel == "tophat"
    ).breaks


@dataclass(frozen=True, eq=False)
class _Drawn:
    estimator: Any

    def sample(self, n: int, *, seed: int) -> Points:
        return self.estimator.sample(n, random_state=seed)


def _from_pipeline(pipeline: Any) -> Density:
    """The final density, pulled back through each affine step with its log-Jacobian."""
    if not pipeline.steps:
        raise NotADensityError(f"the Pipeline has no steps; {_THERE_ARE}")
    final = pipeline.steps[-1][1]
    if final is None or final == "passthrough":
        raise NotADensityError(f"the Pipeline ends in 'passthrough', which is not a density; {_THERE_ARE}")
    density = from_estimator(final)
    for name, step in reversed(pipeline.steps[:-1]):
        if step is None or step == "passthrough":
            continue
        _check_fitted(step)
        density = pull_back(density, as_affine_step(snapshot(step), name))
    return density


def _best(search: Any) -> Any:
    name = type(search).__name__
    if hasattr(search, "best_estimator_"):
        return search.best_estimator_
    if search.refit is False:
        raise NotADensityError(
            f"{name} has refit=False, so it keeps no best estimator; fit it with refit=True"
        )
    _not_fitted(name)


def _check_fitted(estimator: Any) -> None:
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        _not_fitted(type(estimator).__name__)


def _not_fitted(name: str) -> NoReturn:
    raise NotADensityError(f"{name} is not fitted: call .fit(x) first")
