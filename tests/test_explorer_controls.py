"""The explorer's controls: each changes what it says, errors stay in the panel, a click chooses an end."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ipywidgets as W
import numpy as np
import pytest
from scenes import scene

import geodesic_kit as gk
from geodesic_kit.plots.explorer.clicks import PLACE, clicks
from geodesic_kit.plots.explorer.linked import Kept
from geodesic_kit.plots.explorer.scene import link
from geodesic_kit.plots.explorer.spoken import BOX, STATUS

MOG = gk.densities["mog"](means=[[-1.0, 0.0], [1.0, 0.0]], covariances=0.2)
X = MOG.sample(80, seed=0)


def explorer(**options: Any) -> Any:
    return gk.widgets.explore(X, MOG, **options)


def test_the_default_graph_is_the_kits_own() -> None:
    box = gk.widgets.explore("two_circles", n=200)
    advice = gk.suggest_graph(box._scene.points)
    assert box.rule.value == advice.rule
    assert np.array_equal(box._linked.graph.edges, advice.build(box._scene.points).bridged().edges)
    assert "1 component" in box.message.value
    assert box.view.message == ""


def test_edges_are_measured_to_a_hundredth_by_what_is_kept() -> None:
    shown = scene("two_moons", n=200)
    linked = link(shown)
    assert 0 < len(linked.rough) < linked.graph.m
    for power, log_lam in ((1.0, shown.metric.log_lam), (0.3, shown.metric.log_lam + 2)):
        metric = gk.GenerativeMetric(shown.density, log_lam=log_lam, log_p0=0.0, power=power)
        graph, contrast = linked.weigh(metric)
        exactly = linked.graph.weigh(metric)
        assert graph.weights == pytest.approx(exactly.weights, rel=0.03)
        assert contrast == pytest.approx(exactly.report.contrast, rel=0.1)


def test_another_radius_evaluates_only_new_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    import geodesic_kit.plots.explorer.linked as room

    kept, asked, plain = Kept(MOG, X), [], room._Memory._evaluated

    def counting(memory: Any, edges: Any) -> Any:
        found = plain(memory, edges)
        asked.append((found.shape[1], len(edges)))
        return found

    monkeypatch.setattr(room._Memory, "_evaluated", counting)
    few, many = gk.epsilon_graph(X, 0.4).edges, gk.epsilon_graph(X, 0.5).edges
    first = kept(few)[0]
    assert asked[0] == (3, len(few))
    asked.clear()
    both = kept(many)[0]
    assert asked[0] == (3, len(many) - len(few))
    inside = {tuple(edge) for edge in few.tolist()}
    assert np.array_equal(both[[tuple(edge) in inside for edge in many.tolist()]], first)
    asked.clear()
    assert np.array_equal(kept(few)[0], first)
    assert asked == []


def test_every_registered_density_is_offered_and_an_outsiders_is_fitted() -> None:
    @gk.densities.register("wide")
    class Wide:
        @classmethod
        def fit(cls, x: Any, *, seed: int) -> Any:
            return gk.densities["mog"](means=[x.mean(axis=0)], covariances=4.0)

    @gk.densities.register("sulking")
    class Sulking:
        @classmethod
        def fit(cls, x: Any, *, seed: int) -> Any:
            raise RuntimeError("not today")

    try:
        box = explorer()
        assert box.density.options[0] == "the one given"
        assert {"mog", "realnvp", "ctm", "wide"} <= set(box.density.options)
        box.density.value = "wide"
        assert box.view.metric.density.log_prob(X)[0] == pytest.approx(
            Wide.fit(X, seed=0).log_prob(X)[0], rel=1e-12
        )
        assert "component" in box.message.value
        box.density.value = "sulking"
        assert "RuntimeError: not today" in box.message.value
        box.density.value = "the one given"
        assert box.view.metric.density is MOG
        gk.densities.register("bare")(lambda: MOG)
        with pytest.raises(gk.errors.InvalidParameter, match="has no fit; make one"):
            gk.widgets.explore(X, "bare")
    finally:
        for name in ("wide", "sulking", "bare"):
            gk.densities.unregister(name)


@pytest.mark.parametrize(
    ("name", "kind", "heeded"),
    [
        ("generative", gk.GenerativeMetric, (True, True, True)),
        ("Fermat", gk.FermatMetric, (False, False, True)),
        ("log-likelihood", gk.LogLikelihoodMetric, (True, True, False)),
        ("Euclidean", gk.EuclideanMetric, (False, False, False)),
    ],
)
def test_metrics_and_the_sliders_that_they_heed(name: str, kind: type, heeded: tuple[bool, ...]) -> None:
    box = explorer(lam=0.01, p0=0.2)
    box.metric.value = name
    assert type(box.view.metric) is kind
    assert tuple(not slider.disabled for slider in (box.lam, box.p0, box.power)) == heeded
    path = box.view.curves["geodesic"]
    exactly = gk.geodesic(box._linked.graph.weigh(box.view.metric), box.start.value, box.end.value)
    assert path.length == pytest.approx(exactly.length, rel=0.01)
    if name == "Euclidean":
        assert path.length == pytest.approx(path.euclidean_length)
        assert np.array_equal(path.indices, box.view.curves["shortest Euclidean path"].indices)


def test_power_solver_rule_and_look_do_what_they_say() -> None:
    box = explorer(power=0.5)
    assert box.view.metric.power == pytest.approx(0.5)
    before = box.view.png
    box.power.value = 1.0
    assert box.view.metric.power == 1.0
    length = box.view.curves["geodesic"].length
    for solver in ("scipy", "networkx"):
        box.solver.value = solver
        assert box.view.curves["geodesic"].length == pytest.approx(length)
    box.rule.value = "adaptive"
    wanted = gk.adaptive_graph(X, k=box.k.value, eps=box.eps.value).bridged()
    assert np.array_equal(box._linked.graph.edges, wanted.edges)
    before = box.view.png
    box.graph.value = True
    assert box.view.png != before
    box.bridged.value = False
    assert np.array_equal(
        box._linked.graph.edges, gk.adaptive_graph(X, k=box.k.value, eps=box.eps.value).edges
    )


def test_a_slider_that_does_not_apply_makes_no_new_graph() -> None:
    box = gk.widgets.explore(X, k=8, seed=0)
    before = box._linked
    box.eps.value *= 1.1
    assert box._linked is before
    box.rule.value = "epsilon"
    assert box._linked is not before


def test_an_absent_solver_is_told_in_the_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    box = explorer()

    def absent(name: str) -> Any:
        raise gk.errors.MissingPlugin("'far' needs a moon: pip install moon")

    gk.solvers.register("far")(lambda: absent("far"))
    try:
        box.solver.options = [*box.solver.options, "far"]
        box.solver.value = "far"
        assert "needs a moon: pip install moon" in box.message.value
        assert list(box.view.curves) == ["straight line"]
        box.solver.value = "auto"
        assert "component" in box.message.value
    finally:
        gk.solvers.unregister("far")


def test_number_and_seed_draw_other_points() -> None:
    box = gk.widgets.explore("two_moons", n=60)
    assert (box.n.value, box.seed.value) == (60, 0)
    first = box._scene.points
    box.seed.value = 1
    assert np.array_equal(box._scene.points, gk.datasets.load("two_moons", n=60, seed=1).x)
    assert not np.array_equal(box._scene.points, first)
    box.n.value = 40
    assert repr(box) == "Explorer of two_moons: 40 points in R^2"
    box.data.value = "mixture"
    assert repr(box) == "Explorer of mixture: 40 points in R^2"


def test_the_refined_geodesic_is_never_longer() -> None:
    box = explorer(refine=True)
    assert list(box.view.curves) == [
        "geodesic",
        "refined geodesic",
        "shortest Euclidean path",
        "straight line",
    ]
    found = box.view.curves
    assert found["refined geodesic"].length < found["geodesic"].length
    assert box.view.table.count("<tr>") == 5
    keyed = [text.get_text() for text in box.view.picture.ax.get_legend().get_texts()]
    assert keyed == list(found)
    box.refine.value = False
    assert "refined geodesic" not in box.view.curves


def test_in_a_kernel_the_refined_geodesic_waits_for_the_slider_to_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import geodesic_kit.plots.explorer.box as room

    monkeypatch.setattr(room, "_REST", 0.01)

    async def drag() -> list[list[str]]:
        box = explorer(refine=True)
        first = list(box.view.curves)
        box.lam.value += 0.1
        at_once = list(box.view.curves)
        await asyncio.sleep(0.2)
        return [first, at_once, list(box.view.curves)]

    with ThreadPoolExecutor(1) as thread:  # a browser's test may have left a loop running in this one
        first, at_once, later = thread.submit(asyncio.run, drag()).result()
    assert "refined geodesic" in first  # the still picture is whole
    assert "refined geodesic" not in at_once
    assert "refined geodesic" in later


def test_two_clicks_choose_both_ends() -> None:
    box = explorer()
    for count, vertex in enumerate((11, 42)):
        x, y = box.view.picture.place(vertex)
        box.place.value = f"{x:.5f} {y:.5f} {count}"
    assert (box.start.value, box.end.value) == (11, 42)
    assert box.view.curves["geodesic"].points[[0, -1]] == pytest.approx(X[[11, 42]])
    x, y = box.view.picture.place(5)
    box.place.value = f"{x:.5f} {y:.5f} 2"
    assert (box.start.value, box.end.value) == (5, 42)
    box.place.value = "0.001 0.001 3"  # outside the plane
    assert (box.start.value, box.end.value) == (5, 42)


def test_each_curve_has_its_own_colour_whatever_else_is_drawn() -> None:
    box = gk.widgets.explore("two_circles", n=60, eps=0.2)
    alone = re.findall(r"stroke='(#\w+)'.*?</svg> ([\w ]+)<", box.lengths.value)
    assert [name for _, name in alone] == ["straight line"]
    box = explorer(refine=True)
    every = {
        name: colour for colour, name in re.findall(r"stroke='(#\w+)'.*?</svg> ([\w ]+)<", box.lengths.value)
    }
    assert len(set(every.values())) == 4
    assert every["straight line"] == alone[0][0]


def test_numbers_and_seconds_are_told() -> None:
    box = explorer()
    for told in ("contrast", "1 component", "CPU graph", "curves"):
        assert told in box.message.value
    assert "lowest log p" in box.lengths.value
    curve = box.view.curves["straight line"]
    lowest = MOG.log_prob(curve.at(np.linspace(0, 1, 201), by="euclidean")).min()
    assert f"{lowest:.4g}" in box.lengths.value


def test_work_of_some_length_is_told_while_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    import geodesic_kit.plots.explorer.box as room

    def no_loop() -> None:
        raise RuntimeError("no running event loop")

    monkeypatch.setattr(room.asyncio, "get_running_loop", no_loop)
    box = explorer()
    told: list[str] = []
    box.message.observe(lambda change: told.append(change["new"]), names="value")
    box.lam.value += 0.1
    assert not any("aria-busy" in text for text in told)  # a drag does not flicker
    for control, value, busy in (
        (box.density, "mog", "fitting mog: a network may take half a minute"),
        (box.k, box.k.value - 1, "joining 80 points"),
        (box.plane, "t-SNE of the distances", "t-SNE of all distances: some seconds"),
        (box.refine, True, "refining"),
        (box.n, 70, "reading your points"),
    ):
        told.clear()
        control.value = value
        assert any("aria-busy" in text and busy in text for text in told), busy
        assert "aria-busy" not in told[-1]
    monkeypatch.setattr(room, "_SLOW", 0.0)
    box.refine.value = False
    told.clear()
    box.lam.value += 0.1
    assert "measuring the curves" in told[0]


def test_what_runs_in_the_browser_is_in_each_box() -> None:
    pendulum = gk.decoders["iwae"].pretrained("pendulum")
    for box, alt in (
        (explorer(), "Picture of the density with the curves between A and B"),
        (
            gk.widgets.explore_decoder(pendulum, "pendulum", n=20, k=3),
            "Picture of the codes with the curves between start and end",
        ),
        (gk.widgets.strips({"up": np.zeros((1, 5, 16))}, ["0"], (4, 4)), "Pictures along each way"),
    ):
        assert BOX in box._dom_classes
        scripts = [child.value for child in box.children[-1].children if isinstance(child, W.HTML)]
        assert f"image.alt = &quot;{alt}" in scripts[0]
        assert "setAttribute(&#x27;aria-label&#x27;, text)" in scripts[0]
        for script in scripts:
            assert '"' not in script.partition('onload="')[2].rstrip('">')
        clicked = hasattr(box, "place")
        assert scripts[1:] == ([clicks()] if clicked else [])
        assert not clicked or PLACE in box.place._dom_classes
        assert not hasattr(box, "message") or STATUS in box.message._dom_classes


def test_a_decoder_s_controls_tell_what_is_under_way_and_what_went_wrong() -> None:
    box = gk.widgets.explore_decoder(gk.decoders["iwae"].pretrained("pendulum"), "pendulum", n=20, k=3)
    told: list[str] = []
    box.message.observe(lambda change: told.append(change["new"]), names="value")
    box.k.value = 4
    assert "aria-busy" in told[0]
    assert "measuring the curves" in told[0]
    assert "aria-busy" not in told[-1]


def test_before_many_points_are_shown_a_bar_tells_what_is_under_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tqdm")
    monkeypatch.setattr("geodesic_kit.base.progress._watched", lambda: True)
    explorer()
    assert capsys.readouterr().err == ""  # a few are there at once, and a notebook's outputs stay as they are
    box = gk.widgets.explore(MOG.sample(2000, seed=0), MOG)
    told = capsys.readouterr().err
    for stage in ("preparing the density", "joining 2,000 points", "measuring the curves"):
        assert stage in told
    box.k.value += 1
    assert capsys.readouterr().err == ""  # from here on the panel tells it
    assert "component" in box.message.value
