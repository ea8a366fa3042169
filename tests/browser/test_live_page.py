"""The live page in a real browser: its lengths are Python's wherever the sliders stand, keys and clicks reach
all of it, it fits a phone, and it loads nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import geodesic_kit as gk

pytestmark = [
    pytest.mark.browser,
    # the bridge between the moons rules the path, as it must; where the sliders end, c is flat
    pytest.mark.filterwarnings("ignore::geodesic_kit.errors.ContrastWarning"),
]

WIDTHS = [390, 1280]
N = 300


@pytest.fixture(scope="module")
def graph() -> gk.Graph:
    data = gk.datasets.load("two_moons", n=N, seed=0)
    density = gk.densities["mog"].fit(data.x, seed=0, n_components=12)
    metric = gk.GenerativeMetric.from_sample(density, data.x)
    return gk.knn_graph(data.x, k=8).bridged().weigh(metric)


@pytest.fixture(scope="module")
def address(graph: gk.Graph, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("live") / "live.html"
    return gk.plots.live_page(graph, path, title="Two moons").as_uri()


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Any, address: str) -> Iterator[Any]:
    """The page at that width; any complaint of the browser and any request but the page's own fails."""
    shown = browser.new_page(viewport={"width": request.param, "height": 900})
    told: list[str] = []
    shown.on("console", lambda message: told.append(message.text))
    shown.on("pageerror", lambda error: told.append(str(error)))
    shown.on("request", lambda asked: asked.url == address or told.append(asked.url))
    shown.goto(address)
    yield shown
    shown.close()
    assert told == []


def slide(page: Any, name: str, steps: int) -> None:
    page.evaluate(
        """([name, steps]) => {
          const slider = document.getElementById(name);
          slider.value = steps;
          slider.dispatchEvent(new Event("input", {bubbles: true}));
        }""",
        [name, steps],
    )


def length(page: Any, row: str = "geodesic") -> float:
    return float(page.locator(f"#{row}").get_attribute("data-length"))


def python_length(page: Any, graph: gk.Graph) -> float:
    """The geodesic's length at the page's parameters, the edges integrated by the kit itself."""
    asked = page.evaluate("live.parameters()")
    metric = gk.GenerativeMetric(
        graph.metric.density, log_lam=asked["logLam"], log_p0=asked["logP0"], power=asked["power"]
    )
    ends = page.evaluate("[live.state.source, live.state.target]")
    return gk.geodesic(graph.weigh(metric), *ends).length


@pytest.mark.parametrize("page", [1280], indirect=True)
@pytest.mark.parametrize("power", [-60, 0, 20])
@pytest.mark.parametrize("p0", [0, 40])
def test_lengths_are_those_of_python(page: Any, graph: gk.Graph, power: int, p0: int) -> None:
    slide(page, "p0", p0)
    slide(page, "power", power)
    for lam in (-60, -30, 0, 30, 60):
        slide(page, "lam", lam)
        assert length(page) == pytest.approx(python_length(page, graph), rel=1e-4)


def test_the_page_begins_with_the_graph_s_own_metric(page: Any, graph: gk.Graph) -> None:
    asked = page.evaluate("live.parameters()")
    assert asked["logLam"] == pytest.approx(graph.metric.log_lam, rel=1e-12)
    assert asked["logP0"] == pytest.approx(graph.metric.log_p0, rel=1e-12)
    assert asked["power"] == pytest.approx(graph.metric.power, rel=1e-12)
    ends = page.evaluate("[live.state.source, live.state.target]")
    assert ends == [int(graph.points[:, 0].argmin()), int(graph.points[:, 0].argmax())]
    assert length(page) == pytest.approx(gk.geodesic(graph, *ends).length, rel=1e-4)
    assert length(page) < length(page, "euclidean")


def test_two_clicks_choose_both_ends(page: Any, graph: gk.Graph) -> None:
    chosen = [int(graph.points[:, 1].argmax()), int(graph.points[:, 1].argmin())]
    for vertex in chosen:
        x, y = page.evaluate(f"at({vertex})")
        page.locator(".plane canvas").click(position={"x": x, "y": y})
    assert page.evaluate("[live.state.source, live.state.target]") == chosen
    assert length(page) == pytest.approx(gk.geodesic(graph, *chosen).length, rel=1e-4)


def test_keys_alone_reach_everything(page: Any, graph: gk.Graph, screens: Path) -> None:
    named = []
    for _ in range(7):
        page.keyboard.press("Tab")
        focus = page.evaluate(
            "[document.activeElement.id || document.activeElement.type,"
            " document.activeElement.getAttribute('aria-label') || "
            " (document.activeElement.labels?.[0] || document.activeElement).innerText.trim()]"
        )
        assert focus[1]
        named.append(focus[0])
        before = page.evaluate("[live.state.source, live.state.target, live.parameters().logLam]")
        page.keyboard.press("ArrowRight")
        after = page.evaluate("[live.state.source, live.state.target, live.parameters().logLam]")
        assert [a != b for a, b in zip(before, after, strict=True)] == [
            focus[0] == "A",
            False,  # B is the rightmost vertex
            focus[0] == "lam",
        ]
    assert named == ["A", "B", "lam", "p0", "power", "graph", "reset"]
    page.screenshot(path=screens / f"live-{page.viewport_size['width']}.png", full_page=True)
    page.keyboard.press("Enter")
    page.wait_for_function("Math.abs(live.parameters().logLam - data.sliders.lam.start) < 1e-12")
    assert page.evaluate("live.state.source") == int(graph.points[:, 0].argmin())


def test_it_fits_the_screen_and_shows_the_path(page: Any) -> None:
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [page.locator(what).bounding_box() for what in (".plane canvas", "#lam", "table")]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
    page.locator("#graph").check()
    vertices = page.evaluate("live.state.geodesic.vertices")
    middle = vertices[len(vertices) // 2]
    colour = page.evaluate(
        """v => { const sharp = devicePixelRatio, [x, y] = at(v);
          return [...canvas.getContext("2d").getImageData(x * sharp, y * sharp, 1, 1).data]; }""",
        middle,
    )
    asked = page.evaluate("data.colours.geodesic").lstrip("#")
    assert np.allclose(colour[:3], list(bytes.fromhex(asked)), atol=40)
