"""scikit-learn's rules for points, seeds, threads and what is fitted, as the estimator keeps them. Importing
it needs scikit-learn.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from numpy.typing import ArrayLike
from sklearn import config_context
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ..base.limited import limited_to
from ..base.threads import n_threads, using_threads
from ..checks import reals, seeded
from ..density.answers import lent
from ..errors import DataError, InvalidParameter, shown
from ..types import Points

__all__ = ["fitted_to", "seed_of", "settings", "validated"]


def validated(estimator: Any, X: ArrayLike, **options: Any) -> Points:
    """X as points, after scikit-learn's rules and the kit's. Raises DataError where a cast would change what
    X holds.
    """
    refused = None
    try:
        reals(X, "X", give="give an array of shape (n, d)")
    except DataError as err:
        # For complex numbers and foreign objects scikit-learn has words of its own, which its checks of an
        # estimator wait for.
        if type(X) is not np.ndarray or not (X.dtype.kind == "c" or "of type" in str(err)):
            raise
        refused = err
    # of numbers at the ends of float64, which scikit-learn sums and casts
    with np.errstate(over="ignore", invalid="ignore"):
        points: Points = validate_data(estimator, X, dtype=np.float64, **options)
    if refused is not None:
        raise refused
    return points


def seed_of(random_state: Any) -> int:
    """A seed: the number itself, or one drawn from a RandomState, NumPy's global one for None. Raises
    InvalidParameter.
    """
    if isinstance(random_state, (int, np.integer)):
        return seeded(int(random_state), "random_state")
    try:
        return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
    except (TypeError, ValueError) as err:
        raise InvalidParameter(
            f"random_state={shown(random_state)}: give a whole number, a RandomState, or None"
        ) from err


@contextmanager
def settings(n_jobs: Any) -> Iterator[None]:
    """As many threads as `n_jobs` says, and NumPy arrays whatever scikit-learn is set to. Raises
    InvalidParameter.
    """
    with ExitStack() as stack:
        stack.enter_context(config_context(array_api_dispatch=False))
        if n_jobs is not None:
            try:
                n = effective_n_jobs(operator.index(n_jobs))
            except (TypeError, ValueError, OverflowError) as err:
                raise InvalidParameter(
                    f"n_jobs={shown(n_jobs)}: give a number of threads, -1 for all cores, or None"
                ) from err
            stack.enter_context(using_threads(n))
            stack.enter_context(limited_to(n_threads()))
        yield


def fitted_to(points: Points, density: Any, seed: int) -> Any:
    """A copy of an unfitted scikit-learn density, fitted to the points, with `seed` where it has none of its
    own; anything else as it is.
    """
    if not isinstance(density, BaseEstimator) or _is_fitted(density):
        return density
    density = clone(density)
    if "random_state" in density.get_params() and density.get_params()["random_state"] is None:
        density.set_params(random_state=seed)
    density.fit(lent(points, density))
    return density


def _is_fitted(estimator: Any) -> bool:
    """Whether scikit-learn takes it for fitted."""
    try:
        check_is_fitted(estimator)
    except (NotFittedError, TypeError):
        return False
    return True
