"""Scores of distances: neighbours against scikit-learn's, few labels, the share of other classes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

import geodesic_kit as gk
from geodesic_kit.paper.experiments import scoring


def test_neighbour_accuracy_is_that_of_scikit_learn_leaving_one_out() -> None:
    from sklearn.model_selection import LeaveOneOut, cross_val_score
    from sklearn.neighbors import KNeighborsClassifier

    digits = gk.datasets.load("digits", 150, seed=0)
    D = cdist(digits.x, digits.x)
    theirs = cross_val_score(
        KNeighborsClassifier(5, metric="precomputed"), D, digits.y, cv=LeaveOneOut()
    ).mean()
    assert scoring.neighbour_accuracy(D, digits.y) == pytest.approx(theirs)


def test_few_labels_suffice_where_classes_lie_apart() -> None:
    y = np.repeat([0, 1, 2], 30)
    x = np.random.default_rng(0).normal(size=(90, 2)) + 100 * y[:, None]
    assert scoring.few_label_accuracy(cdist(x, x), y, labelled=1) == 1.0
    shuffled = np.random.default_rng(1).permutation(y)
    assert scoring.few_label_accuracy(cdist(x, x), shuffled, labelled=1) == pytest.approx(1 / 3, abs=0.1)


def test_the_share_of_other_classes_among_the_nearest() -> None:
    x, y = np.array([[0.0], [1.0], [2.1], [3.3]]), np.array([0, 0, 1, 1])
    # the third point's nearest is the second
    assert scoring.foreign_share(cdist(x, x), y, near=1) == pytest.approx(1 / 4)
    assert scoring.foreign_share(cdist(x, x), y, near=3) == pytest.approx(2 / 3)
