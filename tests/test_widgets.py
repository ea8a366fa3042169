"""The explorer without a browser: what it draws, what it says, and that moving lam only re-weighs."""

from __future__ import annotations

import base64
import sys
from typing import Any

import numpy as np
import pytest
from scenes import scene

import geodesic_kit as gk
from geodesic_kit.errors import DataError, InvalidParameter, MissingPlugin, UnknownName
from geodesic_kit.plots.explorer.scene import draw, link

MOG = gk.densities["mog"](means=[[-1.0, 0.0], [1.0, 0.0]], covariances=0.2)
X = MOG.sample(80, seed=0)
PNG = b"\x89PNG\r\n"


def test_the_path_is_the_kits_own() -> None:
    shown = scene(X, MOG)
    linked = link(shown, eps=0.9)
    metric = gk.GenerativeMetric(MOG, lam=0.05, p0=0.2, power=shown.metric.power)
    view = draw(shown, linked, metric, ends=(3, 40))
    graph = gk.epsilon_graph(X, eps=0.9)
    exactly = graph.weigh(metric)
    assert linked.weigh(metric)[0].weights == pytest.approx(exactly.weights, rel=0.01)
    wanted = gk.geodesic(exactly, 3, 40)
    assert view.png.startswith(PNG)
    assert view.message == ""
    assert view.curves["geodesic"].indices is not None
    assert wanted.indices is not None
    assert view.curves["geodesic"].indices.tolist() == wanted.indices.tolist()
    exact = metric.edge_lengths(X, np.stack([wanted.indices[:-1], wanted.indices[1:]], axis=1)).sum()
    assert view.curves["geodesic"].length == pytest.approx(exact, rel=1e-9)
    assert view.curves["straight line"].euclidean_length == pytest.approx(np.linalg.norm(X[3] - X[40]))
    flat = gk.distances(graph.weigh(gk.EuclideanMetric()), sources=3)[0, 40]
    assert view.curves["shortest Euclidean path"].euclidean_length == pytest.approx(flat)


def test_a_large_lam_makes_the_geodesic_euclidean() -> None:
    shown = scene("two_moons", n=150)
    linked = link(shown)
    flat = gk.GenerativeMetric(shown.density, log_lam=12.0, log_p0=shown.metric.log_p0)
    view = draw(shown, linked, flat)
    assert np.array_equal(view.curves["geodesic"].points, view.curves["shortest Euclidean path"].points)
    near = draw(shown, linked)
    assert (
        near.curves["geodesic"].length
        < near.curves["shortest Euclidean path"].length
        < near.curves["straight line"].length
    )
    assert near.png != view.png
    assert "λ = 1.63e+05" in view.table
    assert near.table.count("<tr>") == 4


def test_nothing_is_evaluated_anew_for_another_lam(monkeypatch: pytest.MonkeyPatch) -> None:
    import geodesic_kit.plots.explorer.linked as room

    box = gk.widgets.explore(X, MOG)

    def refuse(*args: object) -> None:
        raise AssertionError("log p was evaluated on the graph again")

    monkeypatch.setattr(room._Memory, "_evaluated", refuse)
    before = box.lengths.value, bytes(box.image.value)
    box.lam.value = box.lam.max
    assert bytes(box.image.value) != before[1]
    assert box.lengths.value != before[0]
    before = box.lengths.value, bytes(box.image.value)
    box.p0.value += 0.3
    assert bytes(box.image.value) == before[1]  # p0 scales lengths and moves no curve
    assert box.lengths.value != before[0]


def test_a_click_does_not_start_a_fetch() -> None:
    offered = gk.widgets.explore("two_moons", n=30).data.options
    assert {"two_moons", "boxes", "digits"} <= set(offered)
    assert not {"mnist", "fashion_mnist"} & set(offered)


def test_a_disconnected_graph_is_said_not_raised() -> None:
    box = gk.widgets.explore("two_circles", n=100, eps=0.08)
    assert "no path joins vertex" in box.message.value
    assert "give a larger eps" in box.message.value
    assert list(box.view.curves) == ["straight line"]
    assert bytes(box.image.value).startswith(PNG)
    box.eps.max = 3.0
    box.eps.value = 1.0
    assert "mean degree" in box.message.value
    assert list(box.view.curves) == ["geodesic", "shortest Euclidean path", "straight line"]


def test_the_controls_do_what_they_say() -> None:
    box = gk.widgets.explore(X, MOG, lam=0.05, p0=1e-9, k=9, i=3, j=-1)
    assert (box.start.value, box.end.value, box.k.value, box.rule.value) == (3, 79, 9, "knn")
    assert box.lam.value == pytest.approx(np.log10(0.05))
    assert box.p0.value == pytest.approx(-9)
    assert (box.eps.layout.display, box.k.layout.display, box.lam.layout.display) == ("none", "", None)
    assert box.view.curves["geodesic"].points[0] == pytest.approx(X[3])
    assert box.view.curves["geodesic"].points[-1] == pytest.approx(X[79])
    box.end.value = 3
    assert "start and end are the same point, 3" in box.message.value
    box.rule.value = "epsilon"
    assert (box.eps.layout.display, box.k.layout.display) == ("", "none")
    box.rule.value = "adaptive"
    assert (box.eps.layout.display, box.k.layout.display) == ("", "")
    box.data.value = "mixture"
    assert repr(box) == "Explorer of mixture: 400 points in R^2"
    box.data.value = "your points"
    assert repr(box) == "Explorer of your points: 80 points in R^2"
    assert box.view.metric.density is MOG


def test_pictures_are_shown_as_rows() -> None:
    digits = gk.datasets.load("digits", n=150, seed=0)
    shown = scene(digits)
    assert shown.image_shape == (8, 8)
    view = draw(shown, link(shown))
    assert view.png.startswith(PNG)
    assert view.curves["geodesic"].length <= view.curves["shortest Euclidean path"].length
    assert "power" in view.table
    assert 0 < shown.metric.power < 1
    assert scene(digits, power=0.02).metric.power == 0.02
    blank = draw(shown, link(shown, k=1), ends=(0, 0))
    assert blank.png.startswith(PNG)
    assert blank.curves == {}


def test_a_reader_without_a_kernel_sees_a_still_picture() -> None:
    box = gk.widgets.explore(X, MOG)
    bundle = box._repr_mimebundle_()
    assert bundle["text/plain"] == "Explorer of your points: 80 points in R^2"
    assert base64.b64decode(bundle["image/png"]) == bytes(box.image.value)
    assert "application/vnd.jupyter.widget-view+json" in bundle


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"dataset": "cats"}, UnknownName, "no data set named 'cats'"),
        ({"dataset": np.zeros((5, 3))}, DataError, "two or more points; of these 1 is distinct"),
        ({"dataset": np.zeros((1, 2))}, DataError, "two or more points"),
        ({"dataset": X, "density": "none"}, UnknownName, "no density named 'none'; there are"),
        ({"dataset": X, "density": "the true one"}, InvalidParameter, "density of your points is not known"),
        ({"dataset": X, "image_shape": (2, 2)}, InvalidParameter, "the number of columns, 2"),
        ({"dataset": X, "density": MOG, "metric": "none"}, InvalidParameter, "there are generative, Fermat"),
        ({"dataset": X, "density": MOG, "rule": "ball"}, InvalidParameter, "there are epsilon, knn, adapt"),
        ({"dataset": X, "density": MOG, "solver": "none"}, InvalidParameter, "there are auto, astar"),
        ({"dataset": X, "density": MOG, "lam": 1, "log_lam": 0}, InvalidParameter, "lam= or log_lam="),
        ({"dataset": X, "density": MOG, "columns": (0, 2)}, InvalidParameter, "columns=2"),
        ({"dataset": X, "density": MOG, "columns": (1, 1)}, InvalidParameter, "two columns that differ"),
        ({"dataset": X, "density": MOG, "columns": 1}, InvalidParameter, "columns=1: give two"),
        ({"dataset": X, "density": MOG, "projection": "fog"}, InvalidParameter, "there are columns, princ"),
        ({"dataset": X, "density": MOG, "i": 80}, InvalidParameter, "i=80 is not a vertex"),
        ({"dataset": X, "density": MOG, "lam": 0}, InvalidParameter, "lam=0: give a number above 0"),
        ({"dataset": X, "density": MOG, "eps": -1}, InvalidParameter, "eps=-1"),
        ({"dataset": X, "density": MOG, "k": 80}, InvalidParameter, "k=80: give a whole number from 1 to 79"),
        ({"n": 1}, InvalidParameter, "n=1"),
    ],
)
def test_bad_arguments_raise(options: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        gk.widgets.explore(**options)


def test_an_unnormalised_density_is_refused() -> None:
    energy = gk.as_density(lambda x: (x**2).sum(axis=1), dim=2, kind="energy", normalised=False)
    with pytest.raises(InvalidParameter, match="is not normalised, so the sliders"):
        gk.widgets.explore(X, energy)
    with pytest.raises(InvalidParameter, match="eps= or k=, and not both"):
        link(scene(X, MOG), eps=1.0, k=3)


def test_n_bounds_the_points() -> None:
    assert scene(X, MOG, n=30).points.shape == (30, 2)
    assert scene(X, MOG, n=300).points.shape == (80, 2)
    assert scene(X).density.dim == 2


def test_without_ipywidgets_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(
        MissingPlugin,
        match=r"explore needs ipywidgets: pip install "
        r"'geodesic-kit\[notebooks\]'",
    ):
        gk.widgets.explore()


def test_strips_show_the_chosen_pair() -> None:
    frames = np.linspace(0, 1, 2 * 5 * 16).reshape(2, 5, 16)
    box = gk.widgets.strips({"up": frames, "down": 1 - frames}, ["0 to 1", "3 to 4"], (4, 4), columns=3)
    first = bytes(box.image.value)
    assert first.startswith(PNG)
    box.pair.value = 1
    assert bytes(box.image.value) != first
    bundle = box._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]) == bytes(box.image.value)
    assert bundle["text/plain"] == "Strips of 2 pairs: up, down"


def test_strips_name_what_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        DataError,
        match=r"the frames of 'up' have shape \(2, 5, 16\); give \(m, n, d\) with "
        r"m = 3 names, d = 16 pixels",
    ):
        gk.widgets.strips({"up": np.zeros((2, 5, 16))}, ["a", "b", "c"], (4, 4))
    with pytest.raises(DataError, match="no way was given"):
        gk.widgets.strips({}, [], (4, 4))
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(
        MissingPlugin,
        match=r"strips needs ipywidgets: pip install "
        r"'geodesic-kit\[notebooks\]'",
    ):
        gk.widgets.strips({"up": np.zeros((1, 2, 4))}, ["a"], (2, 2))
