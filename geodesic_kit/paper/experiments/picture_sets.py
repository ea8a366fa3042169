"""What comparing paths between pictures begins with: pictures, a reader, pairs, paths, a trajectory model."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from ...applications.interpolation import pairs_of_one_class, pairs_of_two_classes
from ...checks import as_points, integer
from ...datasets import Dataset, load
from ...errors import ContrastWarning, MissingPlugin, UnknownName
from ...geodesics.between import geodesic
from ...geodesics.curve import Geodesic, measured
from ...geodesics.refine import refine
from ...graph.graph import Graph
from ...registry import densities
from ...types import Ints, Metric, Points
from .digit_classifier import Reader

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "geodesics_with_warnings",
    "joined_pairs",
    "readable_pictures",
    "refined_beside",
    "trajectory_model",
]


def readable_pictures(dataset: str, n: int, *, seed: int) -> tuple[Dataset, Reader]:
    """n pictures of `dataset`, and a classifier that was trained on others.

    For "mnist" they come from the test set, and the classifier is the shipped one; of another set they are
    at most half, and the rest trains a classifier. Raises as `gk.datasets.load` and `Reader.fit`.
    """
    if dataset == "mnist":
        return load(dataset, n=n, seed=seed, split="test"), Reader.pretrained(dataset)
    data = load(dataset, seed=seed)
    n = min(integer(n, "n", least=1), len(data.x) // 2)
    labels: Any = data.y
    reader = Reader.fit(data.x[n:], labels[n:], seed=seed)
    return dataclasses.replace(data, x=data.x[:n], y=labels[:n]), reader


def joined_pairs(graph: Graph, y: ArrayLike, n_two: int, n_one: int, *, seed: int) -> Ints:
    """Pairs in the largest component: `n_two` of two classes, then `n_one` of one, (n_two + n_one, 2).

    y (n,) are the classes. Raises InvalidParameter where there are fewer.
    """
    labels, parts = np.asarray(y), graph.components()
    inside = np.flatnonzero(parts == np.bincount(parts).argmax())
    of_two = pairs_of_two_classes(labels[inside], n_two, seed=seed)
    return np.asarray(inside[of_two + pairs_of_one_class(labels[inside], n_one, seed=seed)])


def geodesics_with_warnings(graph: Graph, pairs: ArrayLike) -> tuple[list[Geodesic], int]:
    """The geodesic of each pair (m, 2), and of how many the kit warns that one edge rules it."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ContrastWarning)
        paths = [geodesic(graph, int(i), int(j)) for i, j in np.asarray(pairs)]
    return paths, sum(issubclass(warning.category, ContrastWarning) for warning in told)


def refined_beside(paths: Sequence[Geodesic], x: Points, metric: Metric, n: int) -> DataFrame:
    """What refinement makes of graph paths over pictures x (m, d), beside the straight lines of their ends.

    One row a path; of each way its metric length, and the median distance of its n frames to the nearest of
    x, in pixels.
    """
    import pandas as pd

    pictures, t = as_points(x, name="x"), np.linspace(0, 1, integer(n, "n", least=2))
    rows = []
    for path in paths:
        line, smooth = measured(path.points[[0, -1]], metric), refine(path, n_points=33)
        ways = {
            "graph path": (path.length, path.at(t)),
            "refined": (smooth.length, smooth.at(t)),
            "straight line": (line.length, line.at(t, by="euclidean")),
        }
        lengths = {("metric length", way): length for way, (length, _) in ways.items()}
        away = {("to the nearest image", way): _away(curve, pictures) for way, (_, curve) in ways.items()}
        rows.append(lengths | away)
    table = pd.DataFrame(rows)
    return table.set_axis(pd.MultiIndex.from_tuples(table.columns), axis=1)


def _away(frames: NDArray[np.float64], pictures: Points) -> float:
    return float(np.median(cdist(frames, pictures).min(axis=1)))


def trajectory_model(dataset: str) -> tuple[Any, str]:
    """The shipped trajectory model of `dataset` with a line on what it is, or None with one that says why."""
    try:
        model = densities["ctm"].pretrained(dataset)
    except (MissingPlugin, UnknownName) as err:
        return None, f"the comparison with a trajectory model is skipped: {err}"
    trained = f"{model.facts['steps']} steps of training on {model.facts['points']} images"
    return model, f"{trained}; a latent point has {model.dim} coordinates, as an image has"
