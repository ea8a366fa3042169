"""What a comparison of paths between pictures begins with, on digits, which need no network."""

from __future__ import annotations

import numpy as np
import pytest

import geodesic_kit as gk
from geodesic_kit.errors import InvalidParameter
from geodesic_kit.paper.experiments.picture_sets import (
    geodesics_with_warnings,
    joined_pairs,
    readable_pictures,
    refined_beside,
    trajectory_model,
)

pytest.importorskip("sklearn", reason="digits come with scikit-learn")


def test_the_reader_was_trained_on_the_other_pictures() -> None:
    data, reader = readable_pictures("digits", 10_000, seed=0)
    everything = gk.datasets.load("digits", seed=0)
    assert len(data.x) == len(everything.x) // 2
    np.testing.assert_array_equal(data.x, everything.x[: len(data.x)])
    assert data.image_shape == (8, 8)
    assert reader.accuracy(data.x, data.y) > 0.9
    fewer, _ = readable_pictures("digits", 300, seed=0)
    np.testing.assert_array_equal(fewer.y, data.y[:300])


def test_pairs_lie_in_the_largest_component_and_are_of_two_classes_first() -> None:
    x = np.array([0.0, 1.0, 100.0, 2.0, 3.0, 101.0])[:, None]
    graph = gk.epsilon_graph(x, 1.5)
    pairs = joined_pairs(graph, [0, 0, 0, 1, 1, 1], 3, 2, seed=0)
    assert pairs.shape == (5, 2)
    assert set(pairs.ravel()) <= {0, 1, 3, 4}
    y = np.array([0, 0, 0, 1, 1, 1])
    assert (y[pairs[:, 0]] == y[pairs[:, 1]]).tolist() == [False] * 3 + [True] * 2
    with pytest.raises(InvalidParameter, match="2 pairs of one class"):
        joined_pairs(graph, y, 3, 3, seed=0)


def test_paths_that_one_edge_rules_are_counted() -> None:
    x = np.array([[place, 0.0] for place in (0, 0.8, 1.6, 3.1, 3.9, 4.7)])  # a gap in the middle
    near = gk.densities["mog"](x, 0.06)
    for lam, expected in ((1e-6, 1), (1e3, 0)):
        graph = gk.epsilon_graph(x, 1.55).weigh(gk.GenerativeMetric(near, lam=lam, p0=lam / 2))
        paths, warned = geodesics_with_warnings(graph, [[0, 5], [0, 2]])
        assert [path.indices.tolist() for path in paths] == [[0, 1, 2, 3, 4, 5], [0, 1, 2]]
        assert warned == expected


def test_refinement_leaves_the_pictures_for_the_straight_line() -> None:
    x = np.array([[0.0, 0], [1, 1], [2, 0]])
    flat = gk.EuclideanMetric()
    graph = gk.epsilon_graph(x, 1.5).weigh(flat)
    row = refined_beside([gk.geodesic(graph, 0, 2)], x, flat, 65).iloc[0]
    lengths, away = row["metric length"], row["to the nearest image"]
    assert lengths["graph path"] == pytest.approx(2**1.5 / 2 * lengths["straight line"], rel=1e-3)
    assert lengths["refined"] == pytest.approx(lengths["straight line"], rel=1e-2)
    assert away["straight line"] == pytest.approx(0.5, abs=0.02)


def test_without_a_trajectory_model_one_line_says_why() -> None:
    model, told = trajectory_model("no such data set")
    assert model is None
    assert told.startswith("the comparison with a trajectory model is skipped: ")
