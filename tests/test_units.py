"""Columns whose units rule the distances are named; data in one unit, however lengthened, are not accused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets
from sklearn.decomposition import PCA
from sklearn.metrics import normalized_mutual_info_score
from sklearn.preprocessing import StandardScaler

import geodesic_kit as gk
from geodesic_kit.applications.diagnose import Finding

rng = np.random.default_rng(0)
MOONS = gk.datasets.load("two_moons", n=200, seed=0).x
GAUSSIAN = rng.normal(size=(200, 5))
EPOCH = 1.6e9 + rng.uniform(0, 3e7, 200)

RULED = {
    "wine": (datasets.load_wine().data, [12]),
    "breast cancer": (datasets.load_breast_cancer().data, [3, 23]),
    "moons and a time in seconds": (np.column_stack([MOONS, EPOCH]), [2]),
    "a time in seconds first": (np.column_stack([EPOCH, MOONS]), [0]),
    "one column in thousandths": (MOONS * [1, 1000], [1]),
    "huge": (MOONS * [1e150, 1e155], [1]),
    "tiny": (MOONS * [1e-155, 1e-150], [1]),
    "as penguins are": (rng.normal(size=(300, 4)) * [5.5, 2, 14, 800] + [44, 17, 200, 4200], [3]),
}
ONE_UNIT = {
    "moons": MOONS,
    "moons in micrometres": MOONS * 1e6,
    "circles": gk.datasets.load("two_circles", n=200, seed=0).x,
    "narrow Gaussians": gk.datasets.load("narrow_mog", n=200, seed=0).x,
    "iris": datasets.load_iris().data,
    "digits": datasets.load_digits().data,
    "principal axes of digits": PCA(random_state=0).fit_transform(datasets.load_digits().data),
    "a roll": datasets.make_swiss_roll(300, random_state=0)[0],
    **{f"Gaussian in {d}": rng.normal(size=(200, d)) for d in (1, 2, 5, 30)},
    "lengthened Gaussian": GAUSSIAN * [30, 1, 1, 1, 1],
    "lengthened, far from 0": GAUSSIAN * [30, 1, 1, 1, 1] + 1000,
    "a falling spectrum": rng.normal(size=(200, 20)) / np.arange(1, 21),
    "one stray": np.concatenate([MOONS, [[1e6, 0.0]]]),
    "a constant column": np.column_stack([MOONS, np.full(200, 1e9)]),
    "few points": MOONS[:5] * [1, 1000],
    **{
        f"{name}, scaled": StandardScaler().fit_transform(x)
        for name, (x, _) in RULED.items()
        if name not in ("huge", "tiny")
    },
}


def units(thing: Any) -> list[Finding]:
    return [finding for finding in gk.diagnose(thing) if finding.name == "units"]


@pytest.mark.parametrize("name", RULED)
def test_columns_that_rule_are_named(name: str) -> None:
    x, columns = RULED[name]
    (found,) = units(gk.Graph(x, np.array([[0, 1]])))
    word = "columns" if len(columns) > 1 else "column"
    assert found.measured.startswith(f"{word} {', '.join(map(str, columns))} of {x.shape[1]} make")
    assert "StandardScaler" in found.advice


@pytest.mark.parametrize("name", ONE_UNIT)
def test_one_unit_is_no_finding(name: str) -> None:
    assert units(gk.Graph(ONE_UNIT[name], np.array([[0, 1]]))) == []


def test_an_estimator_names_them_by_its_features_and_the_advice_helps() -> None:
    wine = datasets.load_wine(as_frame=True)

    def nmi(x: pd.DataFrame) -> tuple[float, gk.GenerativeGeodesics]:
        fitted = gk.GenerativeGeodesics(random_state=0).fit(x)
        labels = gk.cluster(fitted.fit_transform(x), n_clusters=3)
        return normalized_mutual_info_score(wine.target, labels), fitted

    before, fitted = nmi(wine.data)
    (found,) = units(fitted)
    assert "column 'proline' of 13 makes 99.7% of the squared distances" in found.measured
    after, fitted = nmi(StandardScaler().set_output(transform="pandas").fit_transform(wine.data))
    assert units(fitted) == []
    assert before < 0.5 < 0.8 < after
