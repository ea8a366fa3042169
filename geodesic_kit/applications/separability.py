"""Whether straight lines tell labelled points apart: the accuracy of a linear classifier on an embedding."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..base.extras import needing
from ..base.limited import small_work
from ..checks import as_labels, as_points, integer, seeded
from ..errors import DataError

__all__ = ["linear_separability"]

# inverse of the penalty: small enough a penalty that classes with a gap between them are told apart wholly
_LOOSE = 1e4


def linear_separability(z: ArrayLike, y: ArrayLike, folds: int = 5, seed: int = 0) -> float:
    """Accuracy of a linear classifier of labelled points, mean over the held-out parts of stratified folds.
    [GG] Fig 7.

    The classifier is a logistic regression on standardised coordinates, nearly without penalty; 1 means that
    straight lines separate the classes.

    Parameters
    ----------
    z : array (n, d)
        Points.
    y : array (n,)
        Labels, of two classes or more.
    folds : int, default 5
        From 2 to the size of the smallest class.
    seed : int, default 0
        Of the folds.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    DataError
        Where labels do not fit, there is one class, or a class has fewer members than folds.
    MissingPlugin
        Without scikit-learn.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal(size=(100, 2))
    >>> y = np.repeat([0, 1], 50)
    >>> gk.linear_separability(z + 9 * y[:, None], y)
    1.0
    """
    z = as_points(z, name="the embedding")
    folds, seed = integer(folds, "folds", least=2), seeded(seed)
    names, classes = as_labels(y, len(z))
    counts = np.bincount(classes)
    if len(names) < 2:
        raise DataError(
            f"all {len(z)} points are of class {names[0]}; there is nothing to tell apart, give "
            "labels of two classes or more"
        )
    if counts.min() < folds:
        rarest, count = names[counts.argmin()], counts.min()
        raise DataError(
            f"class {rarest} has {count} member(s), folds={folds} needs as many; give "
            f"folds={max(count, 2)} or drop the class"
        )
    with needing("linear_separability needs", "learn"):
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import StratifiedKFold, cross_val_score
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    # a power of two changes no digit, and variances neither overflow nor vanish
    z = np.ldexp(z, -np.frexp(np.abs(z).max(axis=0))[1])
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=_LOOSE, max_iter=10_000))
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed)
    with small_work(np.size(z)):
        return float(cross_val_score(classifier, z, classes, cv=parts).mean())
