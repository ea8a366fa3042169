"""What notebook L2 measures: graphs over codes, what bounds save a search, turning chairs, moving figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from immersions import sphere
from PIL import Image

import geodesic_kit as gk
from geodesic_kit.datasets import Dataset
from geodesic_kit.errors import DataError, InvalidParameter
from geodesic_kit.geodesics.curve import measured
from geodesic_kit.paper.experiments import (
    chair_turns,
    latent_graph_figures,
    latent_graphs,
    latent_searches,
    stick_figures,
)
from geodesic_kit.paper.experiments.latent_sets import LatentSet
from geodesic_kit.paper.experiments.solver_comparison import reference

ON_SPHERE = gk.latent.PullbackMetric(sphere, dim=2)
FLAT = gk.latent.PullbackMetric(lambda z: torch.cat([3 * z, 0 * z[..., :1]], -1), dim=2)
CODES = np.random.default_rng(0).uniform(-1, 1, (300, 2))
PAIRS = np.array([[0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [10, 11]])


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def nested() -> latent_graphs.NestedGraphs:
    return latent_graphs.nested_graphs(CODES, ON_SPHERE, [5, 20, 10])


@pytest.fixture(scope="module")
def ways(nested: latent_graphs.NestedGraphs) -> latent_graphs.GraphWays:
    return latent_graphs.graph_ways(nested, ON_SPHERE, PAIRS, n_neural=2, rtol=1e-5, seed=0)


def test_graphs_of_codes_apart_are_joined_by_their_shortest_edge() -> None:
    codes = np.concatenate([CODES[:60] / 10 - 0.5, CODES[60:120] / 10 + 0.5])
    for k, graph in latent_graphs.nested_graphs(codes, FLAT, [4, 8]).graphs.items():
        assert gk.knn_graph(codes, k).components().max() > 0
        assert graph.components().max() == 0
        np.testing.assert_allclose(graph.weights, FLAT.edge_lengths(codes, graph.edges), rtol=1e-7)


def test_filled_keeps_the_codes_and_their_box() -> None:
    points = latent_graphs.filled(CODES, 50, seed=0)
    np.testing.assert_array_equal(points[:300], CODES)
    assert len(points) == 350
    assert (points.min(axis=0) == CODES.min(axis=0)).all()
    assert (points.max(axis=0) == CODES.max(axis=0)).all()


def test_a_smaller_k_has_the_lengths_that_weighing_it_gives(nested: latent_graphs.NestedGraphs) -> None:
    assert list(nested.graphs) == [5, 10, 20]
    assert nested.largest is nested.graphs[20]
    for k, graph in nested.graphs.items():
        own = gk.knn_graph(CODES, k).weigh(ON_SPHERE)
        np.testing.assert_array_equal(graph.edges, own.edges)
        np.testing.assert_allclose(graph.require_weights(), own.require_weights(), rtol=1e-12)
    with pytest.raises(InvalidParameter, match="one number of neighbours"):
        latent_graphs.nested_graphs(CODES, ON_SPHERE, [])


def test_long_edges_are_settled_where_eight_secants_are_not(nested: latent_graphs.NestedGraphs) -> None:
    plain, settled = latent_graphs.unsettled(nested.largest, secants=8, most=20)
    assert settled <= ON_SPHERE.rtol
    assert plain > 10 * settled
    with pytest.raises(InvalidParameter, match="secants"):
        latent_graphs.unsettled(gk.knn_graph(CODES, 5).weigh(gk.EuclideanMetric()), secants=8)


def test_with_every_edge_of_a_flat_space_the_path_is_the_straight_line() -> None:
    whole = latent_graphs.nested_graphs(CODES[:40], FLAT, [39])
    found = latent_graphs.graph_ways(whole, FLAT, PAIRS, n_neural=1, rtol=1e-5, seed=0)
    np.testing.assert_allclose(found.excess(found.graph), 0, atol=1e-9)
    np.testing.assert_allclose(latent_graphs.lengths(found.straight), latent_graphs.lengths(found.graph))
    assert found.excess(found.neural) == pytest.approx([0], abs=1e-3)


def test_the_paths_of_a_sphere_shrink_with_k_towards_great_circles(ways: latent_graphs.GraphWays) -> None:
    a, b = ON_SPHERE.image(CODES[PAIRS[:, 0]]), ON_SPHERE.image(CODES[PAIRS[:, 1]])
    arcs = np.arccos(np.clip((a * b).sum(axis=1), -1, 1))
    np.testing.assert_allclose(latent_graphs.lengths(ways.refined), arcs, rtol=1e-4)
    excesses = [ways.excess(paths) for paths in ways.by_k.values()]
    assert all((more >= less - 1e-12).all() for more, less in pairwise(excesses))
    assert (excesses[-1] >= -1e-4).all()
    assert ways.shorter(ways.refined) == 1
    table = latent_graphs.lengths_by_k({"sphere": ways})
    assert table.loc[("sphere", 20), "mean excess"] == pytest.approx(excesses[-1].mean())
    assert list(table.index) == [("sphere", k) for k in (5, 10, 20)]


def test_costs_tell_when_a_graph_pays(
    ways: latent_graphs.GraphWays, nested: latent_graphs.NestedGraphs
) -> None:
    row = latent_graphs.query_costs({"sphere": ways}, {"sphere": nested}).loc["sphere"]
    assert row["edges"] == nested.largest.m
    saved = (row["neural  [ms]"] - row["query  [ms]"]) / 1e3
    assert row["queries that pay, against neural"] * saved == pytest.approx(row["build  [s]"])


@pytest.mark.parametrize("bound", latent_searches.BOUNDS)
def test_a_bound_changes_what_is_expanded_and_no_length(
    nested: latent_graphs.NestedGraphs, bound: str
) -> None:
    graph = nested.largest
    guided, astar = latent_searches.guided(graph, bound), gk.solvers["astar"]()
    exact = reference(graph, PAIRS[:, 0])
    places = latent_searches.places_of(graph, bound)
    for row, (i, j) in zip(exact, PAIRS, strict=True):
        assert astar.search(guided, int(i), int(j)).length == pytest.approx(row[j], rel=1e-12)
        ratio = latent_searches.least_ratio(places, graph)
        found = latent_searches.reached(places, ratio, row, int(j))
        assert (found.expanded <= found.by_dijkstra).all()
        assert found.expanded[[i, j]].all()
        assert (found.promised >= found.distance).all()
        # consistent: no edge brings the promise down
        u, v = graph.edges.T
        left = found.promised - found.distance
        assert (np.abs(left[u] - left[v]) <= graph.require_weights() + 1e-12).all()


def test_without_a_bound_a_search_is_dijkstras(nested: latent_graphs.NestedGraphs) -> None:
    graph = nested.largest
    (row,) = reference(graph, [0])
    found = latent_searches.between(graph, 0, 1, "none")
    np.testing.assert_array_equal(found.promised, row)
    assert np.count_nonzero(found.by_dijkstra) == np.count_nonzero(row <= row[1])


def test_projected_images_are_what_the_solver_looks_at_by_itself(nested: latent_graphs.NestedGraphs) -> None:
    graph, astar = nested.largest, gk.solvers["astar"]()
    guided = latent_searches.guided(graph, "projected images")
    for i, j in PAIRS:
        own, other = (astar.search(of, int(i), int(j)) for of in (graph, guided))
        assert own.expanded == pytest.approx(other.expanded, abs=2)


def test_search_costs_hold_every_bound_against_scipy(nested: latent_graphs.NestedGraphs) -> None:
    table = latent_searches.search_costs(nested.largest, PAIRS, rounds=1)
    assert list(table.index) == list(latent_searches.BOUNDS)
    assert (table["off SciPy's"] <= 1e-12).all()
    assert table.loc["none", "expanded, one end"] == 1
    assert (table["expanded, one end"] <= 1).all()
    # images bound a sphere's arcs by their chords, which codes cannot
    assert table.loc["images", "expanded, one end"] < table.loc["latent", "expanded, one end"]
    with pytest.raises(InvalidParameter, match="no bound named 'best'"):
        latent_searches.places_of(nested.largest, "best")
    with pytest.raises(InvalidParameter, match="no images"):
        latent_searches.places_of(gk.knn_graph(CODES, 5).weigh(gk.EuclideanMetric()), "images")


def test_figures_of_graphs_show_every_k_and_every_search(
    ways: latent_graphs.GraphWays, nested: latent_graphs.NestedGraphs
) -> None:
    latent_graph_figures.draw_excess({"sphere": ways, "again": ways})
    axes = plt.gcf().axes
    assert [ax.get_title() for ax in axes] == ["sphere", "again"]
    assert [label.get_text() for label in axes[0].get_xticklabels()] == ["5", "10", "20"]
    graph = nested.largest
    searches = {bound: latent_searches.between(graph, 0, 1, bound) for bound in ("none", "images")}
    film = latent_graph_figures.moving_searches(
        CODES, searches, (0, 1), ways.graph[0].points, frames=6, inches=1.6
    )
    with Image.open(BytesIO(film)) as image:
        assert image.n_frames > 1
    with pytest.raises(DataError, match="a plane"):
        latent_graph_figures.moving_searches(np.zeros((3, 4)), searches, (0, 1), CODES[:2])


@dataclass(frozen=True)
class Turntable:
    """A decoder of one picture a degree: (r cos, r sin) -> itself and a constant that names the chair."""

    latent_dim: int = 2

    @staticmethod
    def decoder(z: Any) -> Any:
        return torch.cat([z, 0 * z[..., :1]], -1)

    def decode(self, z: Any) -> Any:
        return np.concatenate([z, 0 * z[:, :1]], axis=1)


@pytest.fixture(scope="module")
def chairs() -> LatentSet:
    """Two chairs at 72 angles; the second lies away from the first along a coordinate no code reaches."""
    angle, chair = np.tile(np.arange(0.0, 360.0, 5.0), 2), np.repeat([0, 1], 72)
    ring = np.stack([np.cos(np.radians(angle)), np.sin(np.radians(angle))], axis=1)
    x = np.concatenate([ring, chair[:, None].astype(float)], axis=1)
    data = Dataset("chairs", x, chair, "made here", factors={"chair": chair, "angle": angle})
    model = Turntable()
    return LatentSet("chairs", data, model, ring + 1e-6 * chair[:, None], gk.latent.PullbackMetric(model))


def arc(start: float, end: float, steps: int = 90) -> Any:
    t = np.radians(np.linspace(start, end, steps))
    return measured(np.stack([np.cos(t), np.sin(t)], axis=1), FLAT)


def test_pairs_are_of_one_chair_and_a_turn_apart(chairs: LatentSet) -> None:
    pairs = chair_turns.turning_pairs(chairs.data, 60, seed=0)
    angle, chair = chairs.data.factors["angle"], chairs.data.factors["chair"]
    apart = np.abs((angle[pairs[:, 1]] - angle[pairs[:, 0]] + 180) % 360 - 180)
    assert ((apart >= 30) & (apart <= 120)).all()
    assert (chair[pairs[:, 0]] == chair[pairs[:, 1]]).all()
    assert len(np.unique(pairs, axis=0)) == 60
    np.testing.assert_array_equal(pairs, chair_turns.turning_pairs(chairs.data, 60, seed=0))
    with pytest.raises(DataError, match="pairs of one chair"):
        chair_turns.turning_pairs(chairs.data, 10**6, seed=0)


@pytest.mark.parametrize(("i", "j"), [(0, 20), (20, 0), (70, 10), (3, 60)])
def test_along_the_ring_a_chair_turns_the_shorter_way(chairs: LatentSet, i: int, j: int) -> None:
    angle = chairs.data.factors["angle"]
    start, end = angle[i], angle[i] + (angle[j] - angle[i] + 180) % 360 - 180
    turn = chair_turns.turn_along(chairs, (i, j), arc(start, end))
    assert turn.monotone
    assert turn.whole == pytest.approx(abs(end - start))
    assert turn.angles[[0, -1]] == pytest.approx([0, turn.whole])
    assert turn.jump <= 10
    assert turn.own == 1


def test_the_longer_way_and_a_way_back_are_not_monotone(chairs: LatentSet) -> None:
    assert not chair_turns.turn_along(chairs, (0, 20), arc(0, 100 - 360)).monotone
    there_and_back = np.concatenate([arc(0, 160).points, arc(160, 100).points[1:]])
    assert not chair_turns.turn_along(chairs, (0, 20), measured(there_and_back, FLAT)).monotone


def test_a_straight_line_through_the_ring_jumps(chairs: LatentSet) -> None:
    straight = chair_turns.turn_along(chairs, (0, 34), measured(chairs.codes[[0, 34]], FLAT))
    assert straight.jump > 2 * chair_turns.turn_along(chairs, (0, 34), arc(0, 170)).jump


def test_the_table_of_turns_counts_what_is_certified(chairs: LatentSet) -> None:
    pairs = chair_turns.turning_pairs(chairs.data, 4, seed=0)
    walled = chairs.metric.with_variance(chairs.codes + 0.01, chairs.data.x)
    ways = chair_turns.chair_ways(chairs, pairs, k=6, n_refined=2, n_walled=1, rtol=1e-2, walled=walled)
    turns = {
        way: [chair_turns.turn_along(chairs, pair, path) for pair, path in zip(pairs, paths, strict=False)]
        for way, paths in ways.items()
    }
    table = chair_turns.turn_table(chairs, pairs, ways, turns)
    assert table["pairs"].to_dict() == {
        "straight": 4,
        "graph": 4,
        "refined": 2,
        "graph, (μ, σ)": 1,
        "refined, (μ, σ)": 1,
    }
    assert table.loc["straight", "length / straight"] == pytest.approx(1)
    assert table.loc["graph", "monotone"] == 1
    assert table.loc["refined", "certified"] == 1
    assert np.isnan(table.loc["graph", "certified"])
    chair_turns.draw_turns({way: found[0] for way, found in turns.items()})
    assert plt.gca().get_xlabel().startswith("fraction")


def posed(x: Any) -> Any:
    """A rod that turns: two joints, the second at the angle x."""
    places = np.zeros((len(x), 2, 3))
    places[:, 1, 0], places[:, 1, 1] = np.cos(x[:, 0]), np.sin(x[:, 0])
    return places


def test_moving_figures_go_there_and_back() -> None:
    skeleton: Any = SimpleNamespace(bones=np.array([[0, 1]]), positions=posed)
    x = np.linspace(0, 1, 12)[:, None] * np.ones((1, 2))
    data: Any = SimpleNamespace(name="rod", x=x, skeleton=skeleton)
    film = stick_figures.moving_figures(data, {"one": x[:5], "other": x[:5] / 2})
    with Image.open(BytesIO(film)) as image:
        assert image.n_frames == 8
    of: Any = SimpleNamespace(name="rod", data=data, model=SimpleNamespace(decode=lambda z: z))
    path = measured(x[[0, -1]], FLAT)
    table = stick_figures.motion_table(of, {"straight": [path], "same": [path]})
    assert table.loc["same", "length / straight"] == 1
    assert table.loc["straight", "to the nearest recorded pose  [rad]"] < 0.05
    step = 2 * np.sin(1 / 31 / 2)
    assert table.loc["straight", "largest step of a joint  [length]"] == pytest.approx(step, rel=1e-6)
    bare: Any = SimpleNamespace(name="arm", x=x, skeleton=None)
    with pytest.raises(DataError, match="no skeleton"):
        stick_figures.moving_figures(bare, {"one": x})
