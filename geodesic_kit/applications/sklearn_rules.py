"""scikit-learn's rules for seeds, threads and what is fitted, as the estimator keeps them. Importing it needs
scikit-learn.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from sklearn import config_context
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ..base.limited import limited_to
from ..base.threads import n_threads, using_threads
from ..checks import seeded
from ..errors import InvalidParameter, shown

__all__ = ["is_fitted", "seed_of", "settings"]


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


def is_fitted(estimator: Any) -> bool:
    """Whether scikit-learn takes it for fitted."""
    try:
        check_is_fitted(estimator)
    except (NotFittedError, TypeError):
        return False
    return True
